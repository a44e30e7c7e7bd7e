# SPDX-License-Identifier: Apache-2.0
"""Sessions: whose they are, which endpoints they call, and what they do again."""

import pytest
from oslo_config import cfg

from magnum_lite import conf as configuration
from magnum_lite.clouds import keystone, neutron
from magnum_lite.clouds.session import NEUTRON, CloudSession, cluster_session, get_json, service_session
from magnum_lite.errors import CloudError, ConfigurationError
from tests.unit.clouds.stub import Answer, Stub

NETWORKS = "/network/v2.0/networks"
NONE = Answer(200, {"networks": []})


def test_every_call_says_who_calls(stub: Stub, session: CloudSession) -> None:
    stub.give("GET", NETWORKS, NONE)

    get_json(session, NEUTRON, "/networks")

    last = stub.seen[-1]
    assert (last.headers["X-Auth-Token"], last.headers["User-Agent"].split()[0]) == ("a-token", "magnum-lite")


def test_the_services_own_identity_logs_in_once_for_many_calls(stub: Stub, session: CloudSession) -> None:
    stub.give("GET", NETWORKS, NONE)

    for _ in range(3):
        get_json(session, NEUTRON, "/networks")

    assert [seen.method for seen in stub.seen].count("POST") == 1


def test_an_expired_token_is_renewed_within_the_call(stub: Stub, session: CloudSession) -> None:
    stub.give("GET", NETWORKS, Answer(401, {}), NONE)

    assert get_json(session, NEUTRON, "/networks") == {"networks": []}


def test_a_cluster_logs_in_as_its_own_user_on_its_project(stub: Stub, conf: cfg.ConfigOpts) -> None:
    stub.give("GET", NETWORKS, NONE)
    session = cluster_session(
        conf, auth_url=f"{stub.url}/identity/v3", user_id="user-1", password="of the cluster", project_id="project-1"
    )

    get_json(session, NEUTRON, "/networks")

    auth = next(seen.body["auth"] for seen in stub.seen if seen.method == "POST")
    assert auth["identity"]["password"]["user"] == {"id": "user-1", "password": "of the cluster"}
    assert auth["scope"] == {"project": {"id": "project-1"}}


def test_the_chosen_interface_and_region_are_called(stub: Stub, conf: cfg.ConfigOpts) -> None:
    conf.set_override("valid_interfaces", ["admin"], "service_clients")
    conf.set_override("region_name", "RegionTwo", "service_clients")

    with pytest.raises(CloudError, match="admin endpoint for network service in RegionTwo region not found"):
        neutron.get_network(service_session(conf), "public", external=True)


@pytest.mark.parametrize(
    ("option", "value"), [("timeout", 0), ("connect_retries", -1), ("valid_interfaces", ["private"])]
)
def test_a_value_that_could_not_work_is_refused(conf: cfg.ConfigOpts, option: str, value: object) -> None:
    with pytest.raises(ValueError):
        conf.set_override(option, value, "service_clients")


def test_a_read_that_finds_no_connection_is_tried_again(stub: Stub, conf: cfg.ConfigOpts) -> None:
    conf.set_override("connect_retries", 1, "service_clients")
    stub.give("GET", NETWORKS, Answer(hang_up=True), NONE)

    assert get_json(service_session(conf), NEUTRON, "/networks") == {"networks": []}


def test_a_change_that_finds_no_connection_is_not_tried_again(stub: Stub, conf: cfg.ConfigOpts) -> None:
    conf.set_override("connect_retries", 3, "service_clients")
    stub.give("GET", "/identity/v3/domains", Answer(200, {"domains": [{"id": "d", "name": "magnum"}]}))
    stub.give("GET", "/identity/v3/users", Answer(200, {"users": []}))
    stub.give("POST", "/identity/v3/users", Answer(hang_up=True))

    with pytest.raises(CloudError):
        keystone.ensure_user(service_session(conf), "magnum", "a", "secret")

    assert stub.calls(service="identity/v3/users").count(("POST", "/identity/v3/users")) == 1


def test_the_versions_of_a_service_are_asked_for_once_by_many_sessions(stub: Stub, conf: cfg.ConfigOpts) -> None:
    stub.sign_in_to(network=f"{stub.url}/network")
    links = [{"rel": "self", "href": f"{stub.url}/network/v2.0/"}]
    stub.give("GET", "/network", Answer(200, {"versions": [{"id": "v2.0", "status": "CURRENT", "links": links}]}))
    stub.give("GET", NETWORKS, NONE)

    for _ in range(3):
        get_json(service_session(conf), NEUTRON, "/networks")

    assert stub.calls(service="network") == [("GET", "/network"), *[("GET", NETWORKS)] * 3]


def test_an_endpoint_is_found_in_the_catalog(stub: Stub, session: CloudSession) -> None:
    assert keystone.endpoint_of(session, "image") == f"{stub.url}/image/v2"


def test_an_endpoint_that_the_catalog_lacks_is_named(session: CloudSession) -> None:
    with pytest.raises(CloudError, match="keystone: public endpoint for orchestration service not found"):
        keystone.endpoint_of(session, "orchestration")


def test_clusters_log_in_where_the_service_does(stub: Stub, session: CloudSession) -> None:
    assert keystone.auth_url(session).rstrip("/") == f"{stub.url}/identity/v3"


def test_without_an_identity_nothing_starts() -> None:
    with pytest.raises(ConfigurationError, match=r"\[service_auth\] auth_type is not set"):
        service_session(configuration.new([], []))


def test_an_identity_of_an_unknown_kind_is_refused(conf: cfg.ConfigOpts) -> None:
    conf.set_override("auth_type", "handshake", "service_auth")

    with pytest.raises(ConfigurationError, match=r"\[service_auth\] cannot be used: .*handshake"):
        service_session(conf)
