# SPDX-License-Identifier: Apache-2.0
"""Heat's API over HTTP, mostly through the unmodified client."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from heatclient import exc
from heatclient.client import Client
from keystoneauth1.identity.v3 import Password
from keystoneauth1.session import Session

from magnum_lite.pocketcloud.cloud import Settings
from magnum_lite.pocketcloud.heat import template
from magnum_lite.pocketcloud.server import PocketCloud, free_port
from tests.unit.pocketcloud_heat.heat import hot
from tests.unit.pocketcloud_heat.templates import GROUPED, NETWORK, NODE_FILES

PATIENCE = 20.0
WAITING = """
resources:
  handle: {type: OS::Heat::WaitConditionHandle, metadata: {team: blue}}
  wait: {type: OS::Heat::WaitCondition, properties: {handle: {get_resource: handle}, timeout: 600}}
outputs:
  endpoint: {value: {get_attr: [handle, endpoint]}}
  token: {value: {get_attr: [handle, token]}}
"""
PARAMETERS = """
parameters:
  shown: {type: string, default: plain, description: Something., constraints: [{allowed_values: [plain, fancy]}]}
  secret: {type: string, hidden: true}
resources: {it: {type: OS::Heat::Value, properties: {value: {get_param: secret}}}}
"""


@pytest.fixture(scope="module")
def pocket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PocketCloud]:
    """Give a cloud that listens."""
    port = free_port()
    settings = Settings(
        url=f"http://127.0.0.1:{port}",
        state_dir=tmp_path_factory.mktemp("cloud"),
        server_seconds=0.02,
        load_balancer_seconds=0.02,
        run_agents=False,
    )
    made = PocketCloud(settings, port)
    yield made
    made.stop()


@pytest.fixture
def client_of(pocket: PocketCloud) -> Iterator[Callable[[str], Client]]:
    """Give a function that gives the client of a user in the project demo."""
    sessions: list[Session] = []

    def client_of(user: str, project: str = "demo") -> Client:
        place = {"user_domain_id": "default", "project_domain_id": "default"}
        auth = Password(
            pocket.cloud.settings.url + "/identity/v3", username=user, password="secret", project_name=project, **place
        )
        sessions.append(Session(auth, session=requests.Session()))
        return Client("1", session=sessions[-1])

    yield client_of
    for session in sessions:
        session.session.close()


@pytest.fixture
def heat(client_of: Callable[[str], Client]) -> Iterator[Client]:
    """Give the client of demo; all its stacks are gone afterwards."""
    client = client_of("demo")
    yield client
    for stack in client.stacks.list():
        client.stacks.delete(stack.id)
    _until(lambda: not list(client.stacks.list()))


def test_a_stack_is_made_shown_and_deleted(heat: Client) -> None:
    ident = _create(heat, NETWORK, parameters={"name": "seen"})

    shown = _done(heat, ident)
    heat.stacks.delete("k8s")
    _until(lambda: heat.stacks.get(ident).stack_status == "DELETE_COMPLETE")

    outputs = {one["output_key"]: one["output_value"] for one in shown.outputs}
    assert (shown.stack_name, shown.stack_status) == ("k8s", "CREATE_COMPLETE")
    assert shown.parameters["name"] == "seen"
    assert shown.parameters["OS::stack_id"] == ident
    assert outputs["inner"].startswith("127.40.0.")
    with pytest.raises(exc.HTTPNotFound, match=r"The Stack \(k8s\) could not be found\."):
        heat.stacks.get("k8s")


def test_a_stack_is_found_by_name_and_by_id_alone(heat: Client) -> None:
    ident = _create(heat, WAITING)

    assert heat.stacks.get("k8s").id == heat.stacks.get(ident).id == heat.stacks.get(f"k8s/{ident}").id
    assert [one.resource_name for one in heat.resources.list("k8s", filters={"name": "wait"})] == ["wait"]


def test_nested_resources_and_events_tell_where_they_belong(heat: Client) -> None:
    ident = _create(heat, GROUPED, files=NODE_FILES)
    _done(heat, ident)

    resources = heat.resources.list(ident, nested_depth=2)
    events = heat.events.list(ident, nested_depth=2)

    servers = [one for one in resources if one.resource_type == "OS::Nova::Server"]
    assert len(servers) == 2
    assert {link["rel"] for link in servers[0].links} == {"self", "stack"}
    assert servers[0].parent_resource in ("0", "1")
    assert {"nested"} <= {link["rel"] for one in resources for link in one.links if one.resource_name == "nodes"}
    assert len(heat.resources.list(ident)) == 1
    assert "root_stack" in {link["rel"] for link in events[0].links}
    assert {"k8s", "nodes", "0", "kube-minion"} <= {one.resource_name for one in events}
    assert events[0].resource_name == "k8s"
    assert events[-1].resource_status == "CREATE_COMPLETE"


def test_events_are_filtered_sorted_and_paged(heat: Client) -> None:
    ident = _create(heat, NETWORK)
    _done(heat, ident)

    everything = heat.events.list(ident)
    newest = heat.events.list(ident, sort_dir="desc", limit=1)
    after = heat.events.list(ident, marker=everything[2].id, limit=2)
    of_net = heat.events.list(ident, resource_name="net")
    started = heat.events.list(ident, filters={"resource_status": "IN_PROGRESS", "resource_type": "OS::Neutron::Port"})

    assert newest[0].id == everything[-1].id
    assert [one.id for one in after] == [one.id for one in everything[3:5]]
    assert [one.resource_status for one in of_net] == ["CREATE_IN_PROGRESS", "CREATE_COMPLETE"]
    assert [one.resource_name for one in started] == ["port"]
    assert heat.events.get(ident, "net", of_net[0].id).resource_type == "OS::Neutron::Net"


def test_a_resource_is_shown_with_its_attributes(heat: Client) -> None:
    ident = _create(heat, NETWORK)
    _done(heat, ident)

    net = heat.resources.get(ident, "net")
    by_id = heat.resources.get(ident, net.physical_resource_id)

    assert net.attributes["status"] == "ACTIVE"
    assert net.required_by == ["port", "subnet"]
    assert by_id.resource_name == "net"
    with pytest.raises(exc.HTTPNotFound, match=r"The Resource \(nothing\) could not be found in Stack k8s\."):
        heat.resources.get(ident, "nothing")


def test_a_node_signals_with_the_handles_token_alone(heat: Client) -> None:
    ident = _create(heat, WAITING)
    endpoint = _until(lambda: heat.stacks.output_show(ident, "endpoint")["output"]["output_value"])
    token = heat.stacks.output_show(ident, "token")["output"]["output_value"]

    refused = _post(endpoint, "wrong")
    taken = _post(endpoint, token)

    assert (refused, taken) == (401, 200)
    assert _done(heat, ident).stack_status == "CREATE_COMPLETE"
    assert heat.resources.metadata(ident, "handle") == {"team": "blue"}


def test_a_user_signals_with_an_own_token(heat: Client) -> None:
    ident = _create(heat, WAITING)
    _until(lambda: heat.stacks.output_show(ident, "token")["output"]["output_value"])

    heat.resources.signal(ident, "handle", {"status": "FAILURE", "reason": "no luck"})

    assert _done(heat, ident).stack_status_reason.endswith("WaitConditionFailure: resources.wait: no luck")


def test_a_stack_is_updated_in_part_and_as_a_whole(heat: Client) -> None:
    ident = _create(heat, NETWORK, parameters={"name": "one"})
    _done(heat, ident)

    heat.stacks.update(ident, existing=True, tags="a,b")
    tagged = _done(heat, ident)
    heat.stacks.update(ident, template=template.load(hot(NETWORK)), parameters={"cidr": "127.40.0.0/24"})
    whole = _done(heat, ident)

    assert (tagged.parameters["name"], tagged.tags) == ("one", ["a", "b"])
    assert (whole.stack_status, whole.parameters["name"]) == ("UPDATE_COMPLETE", "inside")


def test_a_resource_marked_unhealthy_is_replaced_by_an_empty_update(heat: Client) -> None:
    ident = _create(heat, GROUPED, files=NODE_FILES)
    before = {one["output_key"]: one["output_value"] for one in _done(heat, ident).outputs}["refs_map"]
    server = next(one for one in heat.resources.list(ident, nested_depth=2) if one.physical_resource_id == before["0"])
    nested = next(link["href"] for link in server.links if link["rel"] == "stack").split("/stacks/")[1]

    heat.resources.mark_unhealthy(nested, before["0"], True, "gone")
    heat.stacks.update(ident, existing=True)
    after = {one["output_key"]: one["output_value"] for one in _done(heat, ident).outputs}["refs_map"]

    assert (after["0"] == before["0"], after["1"] == before["1"]) == (False, True)


def test_previews_show_what_would_be_and_change_nothing(heat: Client) -> None:
    body = {"stack_name": "k8s", "template": template.load(hot(GROUPED)), "files": NODE_FILES}

    preview = heat.stacks.preview(**body)
    ident = _create(heat, NETWORK)
    _done(heat, ident)
    changes = heat.stacks.preview_update(ident, existing=True, parameters={"name": "other"})["resource_changes"]

    assert [one["resource_name"] for one in preview.resources[0]["nested_resources"]] == ["0", "1"]
    assert [one["resource_name"] for one in changes["updated"]] == ["net"]
    assert changes["replaced"] == changes["added"] == changes["deleted"] == []
    assert heat.stacks.get(ident).stack_status == "CREATE_COMPLETE"


def test_a_template_is_validated_and_given_back(heat: Client) -> None:
    said = heat.stacks.validate(template=template.load(hot(PARAMETERS)))
    ident = _create(heat, PARAMETERS, parameters={"secret": "hush"}, files={"a": "b"})

    shown = _done(heat, ident)

    assert said["Parameters"]["shown"]["AllowedValues"] == ["plain", "fancy"]
    assert said["Parameters"]["secret"]["NoEcho"] == "true"
    assert shown.parameters["secret"] == "******"
    assert heat.stacks.template(ident) == template.load(hot(PARAMETERS))
    assert heat.stacks.files(ident) == {"a": "b"}
    assert heat.stacks.environment(ident)["parameters"] == {"secret": "hush"}
    assert heat.stacks.output_list(ident) == {"outputs": []}


def test_stacks_are_listed_filtered_and_paged(heat: Client) -> None:
    for name in ("one", "two", "three"):
        _create(heat, "resources: {}", name=name, tags=name)
    _until(lambda: all(one.stack_status == "CREATE_COMPLETE" for one in heat.stacks.list()))

    names = [one.stack_name for one in heat.stacks.list()]

    assert names == ["three", "two", "one"]
    assert [one.stack_name for one in heat.stacks.list(limit=2)] == ["three", "two"]
    assert [one.stack_name for one in heat.stacks.list(sort_keys="name", sort_dir="asc")] == ["one", "three", "two"]
    assert [one.stack_name for one in heat.stacks.list(filters={"name": "two"})] == ["two"]
    assert [one.stack_name for one in heat.stacks.list(tags="one")] == ["one"]
    assert list(heat.stacks.list(filters={"status": "FAILED"})) == []


def test_others_of_the_project_see_a_stack_and_readers_change_nothing(
    heat: Client, client_of: Callable[..., Client]
) -> None:
    ident = _create(heat, WAITING)
    reader, stranger = client_of("reader"), client_of("other", "other")

    assert reader.stacks.get(ident).id == ident
    with pytest.raises(exc.HTTPForbidden):
        reader.stacks.delete(f"k8s/{ident}")
    with pytest.raises(exc.HTTPNotFound):
        stranger.stacks.get(ident)
    assert list(stranger.stacks.list()) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"stack_name": "7up"}, "Invalid stack name 7up must contain only alphanumeric"),
        ({"template": None}, "No template specified"),
        ({"template": []}, "not a JSON object or YAML mapping"),
        ({"timeout_mins": "soon"}, "timeout_mins: 'soon'"),
        ({"disable_rollback": "perhaps"}, 'disable_rollback: Unrecognized value "perhaps"'),
        ({"files": {"a": 1}}, "Unexpected type of file a: int"),
        ({"parameters": [1]}, "Unexpected type of parameters: list"),
        ({"environment_files": "a"}, "Unexpected type of environment_files: str"),
        ({"environment_files": ["a"]}, 'No content found in the "files" section for environment file: a'),
        ({"tags": 7}, "Invalid tags: 7"),
    ],
)
def test_a_bad_request_is_refused_with_field_and_value(heat: Client, change: dict[str, Any], said: str) -> None:
    body = {"stack_name": "k8s", "template": {"heat_template_version": "wallaby"}, **change}

    with pytest.raises(exc.HTTPBadRequest) as raised:
        heat.stacks.create(**body)

    assert said in str(raised.value)
    assert list(heat.stacks.list()) == []


@pytest.mark.parametrize("query", ["nested_depth=deep", "limit=few", "marker=nobody"])
def test_a_bad_query_is_a_400(heat: Client, query: str) -> None:
    _create(heat, "resources: {}")

    with pytest.raises(exc.HTTPBadRequest):
        heat.events.list("k8s", **dict([query.split("=")]))


def test_a_second_stack_of_the_name_and_a_second_action_are_conflicts(heat: Client) -> None:
    ident = _create(heat, WAITING)

    with pytest.raises(exc.HTTPConflict, match="already exists"):
        _create(heat, WAITING)
    with pytest.raises(exc.HTTPConflict, match="already has an action"):
        heat.stacks.update(ident, existing=True)


def test_heat_tells_what_it_knows(heat: Client) -> None:
    types = [one.resource_type for one in heat.resource_types.list()]
    versions = [one.version for one in heat.template_versions.list()]

    assert {"OS::Nova::Server", "OS::Neutron::Port", "OS::Heat::ResourceGroup"} <= set(types)
    assert heat.resource_types.get("OS::Neutron::Net")["attributes"]["status"] == {"type": "string"}
    assert "heat_template_version.wallaby" in versions
    assert "list_concat" in [one.functions for one in heat.template_versions.get("heat_template_version.pike")]
    assert heat.build_info.build_info()["api"]["revision"]
    with pytest.raises(exc.HTTPNotFound):
        heat.resource_types.get("OS::Nothing::Here")


def test_twenty_stacks_at_once_are_made_and_deleted(heat: Client) -> None:
    started = [_create(heat, GROUPED, name=f"k8s-{n}", files=NODE_FILES) for n in range(20)]

    states = [_done(heat, ident).stack_status for ident in started]

    assert set(states) == {"CREATE_COMPLETE"}


def _create(heat: Client, text: str, name: str = "k8s", **body: Any) -> str:
    ident: str = heat.stacks.create(stack_name=name, template=template.load(hot(text)), **body)["stack"]["id"]
    return ident


def _done(heat: Client, ident: str) -> Any:
    return _until(lambda: stack if "IN_PROGRESS" not in (stack := heat.stacks.get(ident)).stack_status else None)


def _until(reached: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE
    while not (found := reached()):
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.02)
    return found


def _post(endpoint: str, token: str) -> int:
    answer = requests.post(endpoint, json={"status": "SUCCESS"}, headers={"X-Auth-Token": token}, timeout=10)
    return answer.status_code
