# SPDX-License-Identifier: Apache-2.0
"""python-magnumclient as a library that names no microversion: Heat's OS::Magnum resources, rally's scenarios."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from magnumclient import client as magnum  # type: ignore[import-untyped]
from magnumclient import exceptions
from magnumclient.v1.client import Client  # type: ignore[import-untyped]

from tests.system.house import House
from tests.system.processes import wait_until

CREATING, UPDATING = {"CREATE_IN_PROGRESS"}, {"UPDATE_IN_PROGRESS", "CREATE_COMPLETE"}
WAIT_SECONDS = 60.0


class HeatResource:
    """What Heat does with one cluster of a stack, and which statuses it bears with meanwhile."""

    def __init__(self, client: Client, uuid: str) -> None:
        self._client = client
        self.uuid = uuid

    @classmethod
    def create(cls, client: Client, template: str, **properties: object) -> HeatResource:
        unset = dict.fromkeys(("name", "keypair", "discovery_url"))
        defaults = {"node_count": 1, "master_count": 1, "create_timeout": 60}
        resolved = client.cluster_templates.get(template).uuid
        made = client.clusters.create(**{**unset, **defaults, **properties}, cluster_template_id=resolved)
        return cls(client, made.uuid)

    def attribute(self, name: str) -> object:
        return getattr(self._client.clusters.get(self.uuid), name, None)

    def wait(self, target: str, waiting: set[str]) -> None:
        def is_there() -> bool:
            status = self._client.clusters.get(self.uuid).status
            assert status in {target, *waiting}, status
            return bool(status == target)

        wait_until(is_there, target, seconds=WAIT_SECONDS)

    def update(self, **properties: object) -> None:
        patch = [{"op": "replace", "path": f"/{name}", "value": value} for name, value in properties.items()]
        self._client.clusters.update(self.uuid, patch)

    def delete(self) -> None:
        self._client.clusters.delete(self.uuid)
        wait_until(_is_missing(lambda: self._client.clusters.get(self.uuid)), "gone", seconds=WAIT_SECONDS)


def _is_missing(get: Callable[[], object]) -> Callable[[], bool]:
    def is_missing() -> bool:
        try:
            get()
        except exceptions.NotFound:
            return True
        return False

    return is_missing


@pytest.fixture(scope="module")
def of_heat(house: House) -> Client:
    session = house.user().session
    return Client(session=session, service_type="container-infra", interface="public", region_name=house.cloud.region)


def test_heats_cluster_is_made_without_a_name_updated_and_deleted(of_heat: Client, noop_template: str) -> None:
    resource = HeatResource.create(of_heat, noop_template)
    resource.wait("CREATE_COMPLETE", CREATING)
    stack, name, address = (resource.attribute(one) for one in ("stack_id", "name", "api_address"))
    resource.update(node_count=2)
    resource.wait("UPDATE_COMPLETE", UPDATING)
    count = resource.attribute("node_count")
    resource.delete()

    assert stack
    assert name
    assert str(address).startswith("https://")
    assert count == 2


@pytest.mark.parametrize("change", [{"master_count": 3}, {"discovery_url": "http://127.0.0.1"}, {"create_timeout": 5}])
def test_what_heat_cannot_change_is_refused_by_name(
    of_heat: Client, noop_template: str, change: dict[str, object]
) -> None:
    resource = HeatResource.create(of_heat, noop_template, name="of-heat")
    resource.wait("CREATE_COMPLETE", CREATING)
    with pytest.raises(exceptions.BadRequest, match=f"Cannot change {next(iter(change))} of a cluster"):
        resource.update(**change)
    resource.delete()


def test_heats_template_is_made_of_what_is_set_and_deleted(of_heat: Client, noop_image: str) -> None:
    names = {
        "image_id": noop_image,
        "flavor_id": "m1.small",
        "keypair_id": "my_keypair",
        "external_network_id": "public",
    }
    flags = dict.fromkeys(("tls_disabled", "public", "registry_enabled", "master_lb_enabled"), False)

    made = of_heat.cluster_templates.create(
        name="of-heat", coe="kubernetes", server_type="vm", floating_ip_enabled=True, labels={"a": 1}, **names, **flags
    )
    shown = of_heat.cluster_templates.get("of-heat")
    of_heat.cluster_templates.delete(made.uuid)

    assert (shown.uuid, shown.labels, shown.floating_ip_enabled) == (made.uuid, {"a": "1"}, True)
    assert _is_missing(lambda: of_heat.cluster_templates.get(made.uuid))()


def test_rallys_scenarios(house: House, noop_image: str) -> None:
    session = house.user().session
    rally = magnum.Client("1", session=session, interface="public", magnum_url=house.api_url)
    template = rally.cluster_templates.create(
        name="s_rally_1", image_id=noop_image, coe="kubernetes", external_network_id="public", flavor_id="m1.small"
    )

    templates = [one.uuid for one in rally.cluster_templates.list()]
    made = rally.clusters.create(
        name="s_rally_2", cluster_template_id=template.uuid, node_count=1, keypair="my_keypair"
    )
    statuses = {"CREATE_FAILED", "ERROR", "CREATE_COMPLETE"}
    wait_until(lambda: rally.clusters.get(made.uuid).status in statuses, "made", seconds=WAIT_SECONDS)
    clusters = {one.uuid: one.status for one in rally.clusters.list()}
    rally.clusters.delete(made.uuid)
    wait_until(_is_missing(lambda: rally.clusters.get(made.uuid)), "gone", seconds=WAIT_SECONDS)
    rally.cluster_templates.delete(template.uuid)

    assert template.uuid in templates
    assert clusters[made.uuid] == "CREATE_COMPLETE"
