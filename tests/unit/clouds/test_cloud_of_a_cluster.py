# SPDX-License-Identifier: Apache-2.0
"""What the conductor finds out for a cluster's addons: right, and seldom asked for; no document waits for it long."""

from pathlib import Path

import pytest
from oslo_config import cfg

from magnum_lite.clouds.session import CloudSession
from magnum_lite.conductor.clouds import OpenStackClouds
from magnum_lite.drivers.base import CloudNetworks
from magnum_lite.errors import ConfigurationError
from magnum_lite.model import Cluster
from tests.builders import a_cluster, a_template
from tests.unit.clouds.stub import Answer, Stub

TYPES = "/volume/v3/types"
PORTS = "/network/v2.0/ports"
NETWORKS = "/network/v2.0/networks"
AWAY = Answer(503, {"error": {"message": "Service Unavailable"}})


@pytest.fixture
def clouds(conf: cfg.ConfigOpts, session: CloudSession) -> OpenStackClouds:
    conf.set_override("api_url", "https://magnum.example/", "agent")
    return OpenStackClouds(conf, session)


@pytest.fixture
def cluster() -> Cluster:
    found = a_cluster(template=a_template(external_network_id="public"))
    found.cluster_user_id, found.masters[0].server_id = "user-1", "server-1"
    return found


def named(*names: str, **more: object) -> list[dict[str, object]]:
    return [{"id": f"id-of-{name}", "name": name, **more} for name in names]


def test_a_cluster_logs_in_at_the_public_keystone_as_itself(
    clouds: OpenStackClouds, cluster: Cluster, conf: cfg.ConfigOpts, stub: Stub
) -> None:
    conf.set_override("region_name", "RegionOne", "service_clients")
    found = clouds.access(cluster, "of the cluster")

    assert (found.user_id, found.password, found.project_id) == ("user-1", "of the cluster", cluster.project_id)
    assert (found.auth_url, found.region) == (f"{stub.url}/identity/v3", "RegionOne")
    assert (found.magnum_url, found.ca) == ("https://magnum.example/v1", None)


def test_nodes_are_told_of_our_authority_and_of_those_the_operator_names(
    clouds: OpenStackClouds, cluster: Cluster, conf: cfg.ConfigOpts, tmp_path: Path
) -> None:
    cluster.external_network_id = None
    for option in ("api_ca_file", "trusted_ca_file"):
        (tmp_path / option).write_text(f"PEM of {option}")
        conf.set_override(option, str(tmp_path / option), "agent")

    found = clouds.material(cluster, "of the cluster", {})

    assert (found.api_ca, found.trusted_ca) == ("PEM of api_ca_file", "PEM of trusted_ca_file")


def test_an_authority_that_cannot_be_read_is_named(
    clouds: OpenStackClouds, cluster: Cluster, conf: cfg.ConfigOpts, tmp_path: Path
) -> None:
    cluster.external_network_id = None
    conf.set_override("trusted_ca_file", str(tmp_path / "missing.pem"), "agent")

    with pytest.raises(ConfigurationError, match=r"\[agent\] trusted_ca_file .*missing\.pem cannot be read"):
        clouds.material(cluster, "of the cluster", {})


def test_the_public_keystone_is_told_whichever_endpoints_we_call_ourselves(
    conf: cfg.ConfigOpts, session: CloudSession, cluster: Cluster, stub: Stub
) -> None:
    stub.sign_in_to(identity="http://127.0.0.7/identity/")
    session.interface = "internal"
    conf.set_override("api_url", "https://magnum.example/v1", "agent")

    assert OpenStackClouds(conf, session).access(cluster, "p").auth_url == "http://127.0.0.7/identity/v3"


def test_a_cloud_with_an_authority_of_its_own_is_trusted_by_it_and_so_is_our_api(
    conf: cfg.ConfigOpts, clouds: OpenStackClouds, cluster: Cluster, tmp_path: Path
) -> None:
    (tmp_path / "cloud.pem").write_text("the cloud's\n")
    (tmp_path / "api.pem").write_text("our own\n")
    clouds.access(cluster, "p")
    conf.set_override("cafile", str(tmp_path / "cloud.pem"), "service_clients")
    conf.set_override("api_ca_file", str(tmp_path / "api.pem"), "agent")

    assert clouds.access(cluster, "p").ca == "the cloud's\nour own\n"


def test_a_ca_file_that_is_not_there_is_named_with_its_option(
    conf: cfg.ConfigOpts, clouds: OpenStackClouds, cluster: Cluster
) -> None:
    conf.set_override("cafile", "/nowhere/ca.pem", "service_clients")

    with pytest.raises(ConfigurationError, match=r"\[service_clients\] cafile /nowhere/ca.pem cannot be read"):
        clouds.access(cluster, "p")


def test_documents_in_a_row_ask_keystone_for_nothing(clouds: OpenStackClouds, cluster: Cluster, stub: Stub) -> None:
    clouds.access(cluster, "p")
    before = len(stub.seen)

    assert [clouds.access(cluster, "p").auth_url for _ in range(5)] == [f"{stub.url}/identity/v3"] * 5
    assert len(stub.seen) == before


def test_volume_types_are_those_that_everybody_may_use(clouds: OpenStackClouds, cluster: Cluster, stub: Stub) -> None:
    body = [
        *named("slow", is_public=True),
        *named("private", is_public=False),
        *named("hidden", **{"os-volume-type-access:is_public": False}),
        *named("fast"),
    ]
    stub.give("GET", TYPES, Answer(200, {"volume_types": body}))

    assert clouds.volume_types(cluster, "p") == ("fast", "slow")


def test_the_clusters_of_a_project_ask_for_volume_types_once(
    clouds: OpenStackClouds, cluster: Cluster, stub: Stub
) -> None:
    stub.give("GET", TYPES, Answer(200, {"volume_types": named("fast")}))
    other = a_cluster()
    other.cluster_user_id = "user-2"

    assert [clouds.volume_types(one, "p") for one in (cluster, other, cluster)] == [("fast",)] * 3
    assert stub.calls(service="volume/v3/types") == [("GET", TYPES)]


def test_a_cinder_that_is_away_leaves_no_types_and_is_not_asked_again_at_once(
    clouds: OpenStackClouds, cluster: Cluster, stub: Stub
) -> None:
    stub.give("GET", TYPES, AWAY)

    assert [clouds.volume_types(cluster, "p") for _ in range(3)] == [()] * 3
    assert len(stub.calls(service="volume/v3/types")) == 1


def test_load_balancers_belong_to_the_external_network_and_the_nodes_subnet(
    clouds: OpenStackClouds, cluster: Cluster, stub: Stub
) -> None:
    stub.give("GET", NETWORKS, Answer(200, {"networks": named("public", **{"router:external": True})}))
    stub.give("GET", PORTS, Answer(200, {"ports": [{"fixed_ips": [{"subnet_id": "s1"}, {"subnet_id": "s2"}]}]}))

    assert clouds.networks(cluster, "p") == CloudNetworks("id-of-public", "s1")
    before = len(stub.calls())
    assert clouds.networks(cluster, "p") == CloudNetworks("id-of-public", "s1")
    assert len(stub.calls()) == before


def test_a_neutron_that_is_away_leaves_networks_unknown(clouds: OpenStackClouds, cluster: Cluster, stub: Stub) -> None:
    stub.give("GET", NETWORKS, AWAY)

    assert clouds.networks(cluster, "p") == CloudNetworks()


def test_a_cluster_without_servers_has_no_networks_yet(clouds: OpenStackClouds, cluster: Cluster, stub: Stub) -> None:
    cluster.masters[0].server_id = None

    assert (clouds.networks(cluster, "p"), stub.calls()) == (CloudNetworks(), [])
