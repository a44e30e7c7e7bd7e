# SPDX-License-Identifier: Apache-2.0
"""Every call of gophercloud's containerinfra, with what it takes as good and how strictly it decodes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.system.go_client import ACCEPTED, MADE, GoClient, Refused
from tests.system.go_models import (
    Accepted,
    Certificate,
    Cluster,
    Clusters,
    ClusterTemplate,
    ClusterTemplates,
    NodeGroup,
    NodeGroups,
    Quota,
    decode,
)
from tests.system.house import House
from tests.system.signing import signing_request
from tests.system.user import GONE, User

VERSIONS = (None, "latest", "1.9")
CREATE = {"create_timeout": None, "master_count": 1, "node_count": 1, "labels": {"from": "go"}, "merge_labels": True}


@pytest.fixture(scope="module")
def user(house: House) -> User:
    return house.user()


@pytest.fixture(scope="module")
def clusters(user: User, noop_template: str) -> Iterator[list[str]]:
    """Three complete clusters, and what is made of each is counted."""
    made = [user.create(noop_template, f"go-{number}", node_count=number) for number in (1, 2, 3)]
    for uuid in made:
        user.wait_for(uuid, "CREATE_COMPLETE")
    yield made
    for uuid in made:
        user.remove(uuid)


@pytest.mark.parametrize("version", VERSIONS)
def test_templates(user: User, noop_image: str, version: str | None) -> None:
    client = GoClient(user.session, microversion=version)
    wish = {"name": "go", "coe": "kubernetes", "image_id": noop_image, "labels": {"number": "1", "flag": "true"}}
    more = {"public": False, "docker_volume_size": 5, "master_lb_enabled": True, "dns_nameserver": "127.0.0.53"}

    made = client.post(ClusterTemplate, "/clustertemplates", {**wish, **more}, MADE)
    shown = client.get(ClusterTemplate, f"/clustertemplates/{made.uuid}")
    listed = [
        one for page in client.pages(ClusterTemplates, "/clustertemplates?limit=1") for one in page.clustertemplates
    ]
    changes = [("replace", "/master_lb_enabled", "false"), ("replace", "/docker_volume_size", 10)]
    changed = client.patch(ClusterTemplate, f"/clustertemplates/{made.uuid}", [*changes, ("remove", "/dns_nameserver")])
    client.delete(f"/clustertemplates/{made.uuid}")

    assert (shown.labels, shown.docker_volume_size) == ({"number": "1", "flag": "true"}, 5)
    assert [one.uuid for one in listed].count(made.uuid) == 1
    assert (changed.master_lb_enabled, changed.docker_volume_size, changed.dns_nameserver) == (False, 10, "")


@pytest.mark.parametrize("version", VERSIONS)
def test_clusters_are_made_shown_and_deleted_twice(user: User, noop_template: str, version: str | None) -> None:
    client = GoClient(user.session, microversion=version)

    uuid = client.post(Accepted, "/clusters", {**CREATE, "name": "go", "cluster_template_id": noop_template}).uuid
    early = client.get(Cluster, f"/clusters/{uuid}")
    user.wait_for(uuid, "CREATE_COMPLETE")
    late = client.get(Cluster, "/clusters/go")
    client.delete(f"/clusters/{uuid}")
    _delete_again(client, uuid)
    user.wait_for(uuid, GONE)

    assert (early.status, early.created_at is None) == ("CREATE_IN_PROGRESS", False)
    assert (late.uuid, late.status, late.node_count) == (uuid, "CREATE_COMPLETE", 1)
    assert (late.labels, late.labels_added) == ({"kind": "noop", "from": "go"}, {"from": "go"})
    assert late.stack_id
    assert late.node_addresses == ["127.0.0.1"]


def _delete_again(client: GoClient, uuid: str) -> None:
    """Delete a cluster a second time; it may have gone meanwhile, which a helper of gophercloud takes as done."""
    try:
        client.delete(f"/clusters/{uuid}")
    except Refused as refused:
        assert refused.code == 404, refused.text


@pytest.mark.parametrize("path", ["/clusters", "/clusters/detail"])
@pytest.mark.parametrize("version", VERSIONS)
def test_the_pages_of_a_list_are_followed(user: User, clusters: list[str], path: str, version: str | None) -> None:
    client = GoClient(user.session, microversion=version)

    pages = list(client.pages(Clusters, f"{path}?limit=2&sort_key=created_at&sort_dir=desc"))

    found = [one.uuid for page in pages for one in page.clusters]
    assert [uuid for uuid in found if uuid in clusters] == clusters[::-1]
    assert len(found) == len(set(found))
    assert {len(page.clusters) for page in pages[:-1]} <= {2}


def test_clusters_are_updated_and_resized(user: User, clusters: list[str]) -> None:
    client, uuid = GoClient(user.session, microversion="latest"), clusters[1]

    updated = client.patch(Accepted, f"/clusters/{uuid}", [("replace", "/node_count", 4)])
    after = client.get(Cluster, f"/clusters/{uuid}")
    user.wait_for(uuid, "UPDATE_COMPLETE")
    resized = client.resize(uuid, 2, nodes_to_remove=["0", "3"], nodegroup="default-worker")
    with pytest.raises(Refused) as refused:
        client.resize(uuid, 2, nodegroup="nowhere")
    user.wait_for(uuid, "UPDATE_COMPLETE")

    assert updated.uuid == resized == uuid
    assert (after.node_count, after.updated_at is None) == (4, False)
    assert refused.value.code == 404
    assert client.get(Cluster, f"/clusters/{uuid}").node_count == 2


def test_an_upgrade_that_the_driver_does_not_do_is_refused(user: User, clusters: list[str], noop_template: str) -> None:
    client = GoClient(user.session, microversion="1.8")
    body = {"cluster_template": noop_template, "max_batch_size": 1}

    with pytest.raises(Refused, match="cannot be upgraded: its driver noop does not do that") as refused:
        client.post(Accepted, f"/clusters/{clusters[0]}/actions/upgrade", body)

    assert refused.value.code == 400


@pytest.mark.parametrize("version", ["1.9", "latest"])
def test_nodegroups(user: User, clusters: list[str], version: str) -> None:
    client, path = GoClient(user.session, microversion=version), f"/clusters/{clusters[0]}/nodegroups"
    wish = {"name": "go", "node_count": 1, "min_node_count": 1, "labels": {"a": "b"}, "merge_labels": True}

    made = client.post(NodeGroup, path, wish)
    user.wait_for(clusters[0], "UPDATE_COMPLETE")
    listed = [one for page in client.pages(NodeGroups, f"{path}?limit=1") for one in page.nodegroups]
    workers = [one.name for page in client.pages(NodeGroups, f"{path}?role=worker&limit=1") for one in page.nodegroups]
    changes = [("replace", "/max_node_count", 3), ("replace", "/min_node_count", 0)]
    changed = client.patch(NodeGroup, f"{path}/{made.uuid}", changes, ACCEPTED)
    user.wait_for(clusters[0], "UPDATE_COMPLETE")
    shown = client.get(NodeGroup, f"{path}/go")
    client.delete(f"{path}/{made.uuid}")
    user.wait_for(clusters[0], "UPDATE_COMPLETE")

    assert (made.max_node_count, changed.max_node_count, changed.min_node_count) == (None, 3, 0)
    assert [one.name for one in listed] == ["default-master", "default-worker", "go"]
    assert workers == ["default-worker", "go"]
    assert (shown.cluster_id, shown.labels) == (clusters[0], {"kind": "noop", "a": "b"})
    assert shown.stack_id


@pytest.mark.parametrize("version", VERSIONS)
def test_certificates(user: User, clusters: list[str], version: str | None) -> None:
    client, uuid = GoClient(user.session, microversion=version), clusters[0]
    csr = signing_request("admin", "system:masters")

    authority = client.get(Certificate, f"/certificates/{uuid}")
    signed = client.post(Certificate, "/certificates", {"cluster_uuid": uuid, "csr": csr}, MADE)
    with pytest.raises(Refused, match="cannot be given new certificate authorities") as refused:
        client.call("PATCH", f"/certificates/{uuid}", ACCEPTED)

    assert authority.cluster_uuid == signed.cluster_uuid == uuid
    assert authority.pem.startswith("-----BEGIN CERTIFICATE-----")
    assert (signed.csr, refused.value.code) == (csr, 400)


def test_quotas(house: House) -> None:
    project = house.user("reader", "demo").session.get_project_id()
    client = GoClient(house.user("admin").session)

    made = client.post(Quota, "/quotas", {"project_id": project, "resource": "Cluster", "hard_limit": 19}, MADE)
    shown = client.call("GET", f"/quotas/{project}/Cluster", (200,)).json()
    client.delete(f"/quotas/{project}/Cluster")

    assert (made.project_id, made.resource, made.hard_limit) == (project, "Cluster", 19)
    assert made.created_at is not None
    assert decode(Quota, shown) == made
