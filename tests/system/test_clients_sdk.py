# SPDX-License-Identifier: Apache-2.0
"""openstacksdk: its proxy and its cloud layer, which name no microversion."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from openstack import exceptions
from openstack.connection import Connection

from tests.system.house import House
from tests.system.openstack import is_verified
from tests.system.signing import signing_request

# The SDK warns of what its own parts call of each other.
pytestmark = [
    pytest.mark.filterwarnings(f"ignore::openstack.warnings.RemovedInSDK{number}Warning") for number in (50, 60)
]

LOOK_SECONDS = 0.2
BUILD_SECONDS = 60


@pytest.fixture(scope="module")
def connection(house: House) -> Iterator[Connection]:
    with Connection(session=house.user().session, region_name=house.cloud.region) as connection:
        yield connection


@pytest.fixture(scope="module")
def cluster(connection: Connection, noop_template: str) -> Iterator[str]:
    """A cluster ``sdk``, made by the proxy and waited for as it waits."""
    proxy = connection.container_infrastructure_management
    wish = {"keypair": "my_keypair", "labels": {"a": "b"}, "node_count": 2}
    made = proxy.create_cluster(name="sdk", cluster_template_id=noop_template, **wish)
    proxy.wait_for_status(made, "CREATE_COMPLETE", ["CREATE_FAILED"], interval=LOOK_SECONDS, wait=BUILD_SECONDS)
    yield made.id
    proxy.delete_cluster(made)
    proxy.wait_for_delete(made, interval=LOOK_SECONDS, wait=BUILD_SECONDS)


def test_no_microversion_is_the_first_one(connection: Connection) -> None:
    answer = connection.container_infrastructure_management.get("/clusters")

    assert "OpenStack-API-Version" not in answer.request.headers
    assert answer.headers["OpenStack-API-Version"] == "container-infrastructure-management 1.1"


def test_the_proxy_gets_finds_and_lists_clusters_page_by_page(
    connection: Connection, cluster: str, noop_template: str
) -> None:
    proxy = connection.container_infrastructure_management
    other = proxy.create_cluster(name="sdk-other", cluster_template_id=noop_template)

    shown = proxy.get_cluster(cluster)
    found = [proxy.find_cluster(name) for name in ("sdk", cluster, "nowhere")]
    listed = [one.id for one in proxy.clusters(limit=1, sort_key="created_at", sort_dir="asc")]
    proxy.delete_cluster(other.id)
    proxy.wait_for_delete(other, interval=LOOK_SECONDS, wait=BUILD_SECONDS)

    assert (shown.name, shown.status, shown.node_count) == ("sdk", "CREATE_COMPLETE", 2)
    assert (shown.labels, shown.keypair, shown.stack_id is None) == ({"a": "b"}, "my_keypair", False)
    assert [one.uuid if one else None for one in found] == [cluster, cluster, None]
    assert [one for one in listed if one in (cluster, other.id)] == [cluster, other.id]
    with pytest.raises(exceptions.NotFoundException):
        proxy.get_cluster(other.id)
    with pytest.raises(exceptions.NotFoundException):
        proxy.delete_cluster(other.id, ignore_missing=False)


def test_the_proxy_updates_a_cluster(connection: Connection, cluster: str) -> None:
    proxy = connection.container_infrastructure_management
    before = proxy.get_cluster(cluster)

    changed = proxy.update_cluster(before, node_count=3)
    proxy.wait_for_status(changed, "UPDATE_COMPLETE", ["UPDATE_FAILED"], interval=LOOK_SECONDS, wait=BUILD_SECONDS)

    assert changed.id == cluster
    assert proxy.get_cluster(cluster).node_count == 3


def test_the_proxy_makes_lists_changes_and_deletes_templates(connection: Connection, noop_image: str) -> None:
    proxy = connection.container_infrastructure_management
    made = proxy.create_cluster_template(name="sdk", coe="kubernetes", image_id=noop_image, labels={"a": "b"})
    listed = [one.id for one in proxy.cluster_templates(limit=1)]
    found = proxy.find_cluster_template("sdk")
    changed = proxy.update_cluster_template(found, tls_disabled=True, docker_volume_size=5, labels={"c": "d"})
    shown = proxy.get_cluster_template(made.id)
    proxy.delete_cluster_template(made.id)

    assert listed.count(made.id) == 1
    assert (changed.uuid, changed.name) == (made.id, "sdk")
    assert (shown.is_tls_disabled, shown.docker_volume_size, shown.labels) == (True, 5, {"c": "d"})
    assert proxy.find_cluster_template("sdk") is None


def test_services_are_for_an_admin(connection: Connection, house: House) -> None:
    with Connection(session=house.user("admin").session, region_name=house.cloud.region) as admin:
        by_proxy = list(admin.container_infrastructure_management.services())
        by_cloud = admin.list_magnum_services()

    assert [(one.binary, one.state) for one in by_proxy] == [("magnum-conductor", "up")]
    assert [one.id for one in by_cloud] == [one.id for one in by_proxy]
    with pytest.raises(exceptions.ForbiddenException):
        connection.list_magnum_services()


def test_the_cloud_layer_makes_gets_searches_changes_and_deletes_clusters(
    connection: Connection, cluster: str, noop_template: str
) -> None:
    proxy = connection.container_infrastructure_management
    made = connection.create_coe_cluster("sdk-cloud", noop_template, node_count=1, create_timeout=180)
    proxy.wait_for_status(made, "CREATE_COMPLETE", ["CREATE_FAILED"], interval=LOOK_SECONDS, wait=BUILD_SECONDS)

    listed = {one.id for one in connection.list_coe_clusters()}
    searched = connection.search_coe_clusters("sdk-cloud", {"status": "CREATE_COMPLETE"})
    got = [connection.get_coe_cluster(name) for name in ("sdk-cloud", made.id, "nowhere")]
    connection.update_coe_cluster("sdk-cloud", node_count=2)
    proxy.wait_for_status(made, "UPDATE_COMPLETE", ["UPDATE_FAILED"], interval=LOOK_SECONDS, wait=BUILD_SECONDS)
    changed = connection.get_coe_cluster("sdk-cloud")
    deleted = [connection.delete_coe_cluster(name) for name in ("sdk-cloud", "nowhere")]
    proxy.wait_for_delete(made, interval=LOOK_SECONDS, wait=BUILD_SECONDS)

    assert listed >= {cluster, made.id}
    assert [one.id for one in searched] == [made.id]
    assert [one.uuid if one else None for one in got] == [made.id, made.id, None]
    assert (changed.node_count, deleted) == (2, [True, False])


def test_the_cloud_layer_makes_gets_searches_changes_and_deletes_templates(
    connection: Connection, noop_image: str
) -> None:
    made = connection.create_cluster_template("sdk-cloud", noop_image, "my_keypair", "kubernetes")

    listed = [one.id for one in connection.list_cluster_templates(detail=True)]
    searched = connection.search_cluster_templates("sdk-cloud")
    got = [connection.get_cluster_template(name) for name in ("sdk-cloud", made.id, "nowhere")]
    changed = connection.update_cluster_template("sdk-cloud", name="sdk-renamed", docker_volume_size=7)
    deleted = [connection.delete_cluster_template(name) for name in ("sdk-renamed", "sdk-cloud")]

    assert made.id in listed
    assert [one.id for one in searched] == [made.id]
    assert [one.uuid if one else None for one in got] == [made.id, made.id, None]
    assert (changed.uuid, changed.name, changed.docker_volume_size) == (made.id, "sdk-renamed", 7)
    assert deleted == [True, False]


def test_certificates_are_got_and_signed_in_both_layers(connection: Connection, cluster: str, tmp_path: Path) -> None:
    proxy, csr = connection.container_infrastructure_management, signing_request("admin", "system:masters")
    authorities = [proxy.get_cluster_certificate(cluster), connection.get_coe_cluster_certificate(cluster)]
    signed = [
        proxy.create_cluster_certificate(cluster_uuid=cluster, csr=csr),
        connection.sign_coe_cluster_certificate(cluster, csr),
    ]
    (tmp_path / "ca.pem").write_text(authorities[0].pem)
    for number, one in enumerate(signed):
        (tmp_path / f"{number}.pem").write_text(one.pem)

    assert authorities[0].pem == authorities[1].pem
    assert [is_verified(tmp_path / f"{number}.pem", tmp_path / "ca.pem") for number in (0, 1)] == [True, True]
