# SPDX-License-Identifier: Apache-2.0
"""The requests of terraform-provider-openstack in their order, with the statuses it waits for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes

from tests.system.go_client import ACCEPTED, MADE, GoClient, Refused
from tests.system.go_models import Accepted, Certificate, Cluster, ClusterTemplate, NodeGroup, NodeGroups
from tests.system.house import House
from tests.system.openstack import is_verified
from tests.system.processes import wait_until
from tests.system.signing import signing_request
from tests.system.user import User

PLAIN, UPGRADE, NODEGROUPS, NODELESS = None, "1.8", "1.9", "1.10"
FAILED = {"CREATE_FAILED", "UPDATE_FAILED", "DELETE_FAILED", "RESUME_FAILED", "ROLLBACK_FAILED"}
DELETED = "DELETE_COMPLETE"
WAIT_SECONDS = 60.0


class Provider:
    """What the provider does for one user, each thing at the microversion it does it at."""

    def __init__(self, user: User) -> None:
        self._user = user

    def at(self, microversion: str | None) -> GoClient:
        return GoClient(self._user.session, microversion=microversion)

    def wait(self, read: Callable[[], str], target: str, pending: Collection[str] = ()) -> None:
        """Look until the target status is there; any status but the pending ones, if they are named, is an error."""

        def is_there() -> bool:
            status = _status(read)
            assert status not in FAILED, status
            assert status == target or not pending or status in pending, f"{status} instead of {pending} or {target}"
            return status == target

        wait_until(is_there, target, seconds=WAIT_SECONDS)

    def wait_for_cluster(self, uuid: str, target: str, pending: Collection[str] = ()) -> None:
        client = self.at(PLAIN)
        self.wait(lambda: client.get(Cluster, f"/clusters/{uuid}").status, target, pending)

    def wait_for_group(self, path: str, target: str, pending: Collection[str]) -> None:
        client = self.at(NODEGROUPS)
        self.wait(lambda: client.get(NodeGroup, path).status, target, pending)

    def create(self, template: str, name: str, count: int) -> str:
        wish = {"cluster_template_id": template, "create_timeout": 60, "labels": {"a": "b"}, "name": name}
        more = {"master_count": 1, "node_count": count, "merge_labels": True, "keypair": "my_keypair"}
        uuid = self.at(NODELESS if count == 0 else PLAIN).post(Accepted, "/clusters", {**wish, **more}).uuid
        self.wait_for_cluster(uuid, "CREATE_COMPLETE", ["CREATE_IN_PROGRESS"])
        return uuid

    def worker_count(self, uuid: str) -> int:
        """Count the default workers, as it does whenever it reads a cluster."""
        pages = self.at(NODEGROUPS).pages(NodeGroups, f"/clusters/{uuid}/nodegroups")
        groups = [one for page in pages for one in page.nodegroups]
        return next(one.node_count for one in groups if one.is_default and one.role != "master")

    def destroy(self, uuid: str) -> None:
        self.at(PLAIN).delete(f"/clusters/{uuid}")
        self.wait_for_cluster(uuid, DELETED)


def _status(read: Callable[[], str]) -> str:
    try:
        return read()
    except Refused as refused:
        assert refused.code == 404, refused.text
        return DELETED


@pytest.fixture(scope="module")
def provider(house: House) -> Provider:
    return Provider(house.user())


@pytest.fixture(scope="module")
def cluster(provider: Provider, noop_template: str) -> Iterator[str]:
    uuid = provider.create(noop_template, "terraform", 1)
    yield uuid
    provider.destroy(uuid)


def test_a_cluster_is_read_with_a_kubeconfig_of_its_own_key(provider: Provider, cluster: str, tmp_path: Path) -> None:
    csr = signing_request("admin", "system:masters", unit="terraform", bits=4096, algorithm=hashes.SHA512())

    read = provider.at(PLAIN).get(Cluster, f"/clusters/{cluster}")
    authority = provider.at(NODEGROUPS).get(Certificate, f"/certificates/{cluster}")
    body = {"cluster_uuid": cluster, "csr": csr}
    signed = provider.at(NODEGROUPS).post(Certificate, "/certificates", body, MADE)
    (tmp_path / "ca.pem").write_text(authority.pem)
    (tmp_path / "cert.pem").write_text(signed.pem)

    assert (read.create_timeout, read.keypair, read.master_count) == (60, "my_keypair", 1)
    assert read.api_address.startswith("https://")
    assert {**read.labels_added, **read.labels_skipped} == {"a": "b"}
    assert is_verified(tmp_path / "cert.pem", tmp_path / "ca.pem")


def test_the_number_of_workers_is_changed_by_a_patch(provider: Provider, cluster: str) -> None:
    counts = []
    for count in (3, 0, 2):
        client = provider.at(NODELESS if count == 0 else PLAIN)
        client.patch(Accepted, f"/clusters/{cluster}", [("replace", "/node_count", count)])
        provider.wait_for_cluster(cluster, "UPDATE_COMPLETE")
        counts.append(provider.worker_count(cluster))

    assert counts == [3, 0, 2]


def test_a_cluster_without_workers_is_made_at_the_version_that_allows_one(
    provider: Provider, noop_template: str
) -> None:
    uuid = provider.create(noop_template, "terraform-0", 0)
    count = provider.worker_count(uuid)
    provider.destroy(uuid)

    assert count == 0


def test_another_template_is_an_upgrade(provider: Provider, cluster: str, noop_template: str) -> None:
    body = {"cluster_template": noop_template, "max_batch_size": 1}

    with pytest.raises(Refused, match="its driver noop does not do that") as refused:
        provider.at(UPGRADE).post(Accepted, f"/clusters/{cluster}/actions/upgrade", body)

    assert refused.value.code == 400


def test_a_nodegroup_is_made_bounded_resized_and_removed(provider: Provider, cluster: str) -> None:
    client, path = provider.at(NODEGROUPS), f"/clusters/{cluster}/nodegroups"
    wish = {"name": "tf", "role": "worker", "min_node_count": 1, "max_node_count": 2, "node_count": 1}
    made = client.post(NodeGroup, path, {**wish, "labels": {"c": "d"}, "merge_labels": True})
    own = f"{path}/{made.uuid}"
    provider.wait_for_group(own, "CREATE_COMPLETE", ["CREATE_IN_PROGRESS"])

    read = client.get(NodeGroup, own)
    client.patch(NodeGroup, own, [("replace", "/min_node_count", 0), ("remove", "/max_node_count")], ACCEPTED)
    sizes = []
    for count in (3, 0):
        provider.at(NODELESS if count == 0 else NODEGROUPS).resize(cluster, count, nodegroup=made.uuid)
        provider.wait_for_group(own, "UPDATE_COMPLETE", ["UPDATE_IN_PROGRESS"])
        sizes.append(client.get(NodeGroup, own).node_count)
    bounds = client.get(NodeGroup, own)
    client.delete(own)
    provider.wait_for_group(own, DELETED, ["DELETE_IN_PROGRESS"])

    assert (read.node_count, read.max_node_count, read.role) == (1, 2, "worker")
    assert {**read.labels_added, **read.labels_skipped} == {"c": "d"}
    assert (bounds.min_node_count, bounds.max_node_count, sizes) == (0, None, [3, 0])


def test_a_template_is_changed_with_values_as_text_and_emptied_values_removed(
    provider: Provider, noop_image: str
) -> None:
    client = provider.at(PLAIN)
    flags = ("floating_ip_enabled", "master_lb_enabled", "public", "registry_enabled", "tls_disabled", "hidden")
    wish = {"name": "tf", "coe": "kubernetes", "image_id": noop_image, "labels": {"a": "b"}, "no_proxy": "127.0.0.1"}
    made = client.post(ClusterTemplate, "/clustertemplates", {**wish, **dict.fromkeys(flags, False)}, MADE)
    path = f"/clustertemplates/{made.uuid}"

    changes = [("replace", f"/{flag}", "true") for flag in ("floating_ip_enabled", "master_lb_enabled")]
    changes += [("replace", "/labels", "{'a':'c','d':'e'}"), ("replace", "/docker_volume_size", 5)]
    changes += [("replace", "/flavor_id", "m1.small"), ("replace", "/public", "false"), ("remove", "/no_proxy")]
    client.patch(ClusterTemplate, path, changes)
    changed = client.get(ClusterTemplate, path)
    client.patch(ClusterTemplate, path, [("replace", "/labels", "{}"), ("remove", "/flavor_id")])
    emptied = client.get(ClusterTemplate, path)
    client.delete(path)

    assert (changed.floating_ip_enabled, changed.master_lb_enabled, changed.public) == (True, True, False)
    assert (changed.labels, changed.docker_volume_size) == ({"a": "c", "d": "e"}, 5)
    assert (changed.flavor_id, changed.no_proxy) == ("m1.small", "")
    assert (emptied.labels, emptied.flavor_id) == ({}, "")
    provider.wait(lambda: client.get(ClusterTemplate, path).uuid, DELETED)
