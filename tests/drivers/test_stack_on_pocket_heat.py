# SPDX-License-Identifier: Apache-2.0
"""The templates we ship, parsed and built by a Heat: the pocket cloud's, over HTTP with the real client."""

from __future__ import annotations

import base64
import json

import pytest

from magnum_lite.drivers.base import InfrastructureStatus
from magnum_lite.errors import StackFailed
from magnum_lite.heat import ignition
from magnum_lite.heat.stacks import name_of
from tests.drivers import clusters
from tests.drivers.pocket import LABELS, Pocket, build, nothing_is_left, remove, until


def test_three_masters_and_three_workers_are_built_and_leave_nothing_behind(pocket: Pocket) -> None:
    cluster = clusters.a_cluster({"flavor_id": "m1.small", "master_flavor_id": "m1.medium"}, labels=LABELS)

    seen = build(pocket, cluster)

    made = pocket.made()
    assert (made["servers"], made["floatingips"], made["security_groups"], made["loadbalancers"]) == (6, 7, 3, 1)
    assert (made["networks"], made["routers"], made["server_groups"], made["volumes"]) == (1, 1, 2, 0)
    assert len({one.address for one in seen.nodes.values()}) == 6
    assert all(str(one.address).startswith("127.32.") for one in seen.nodes.values())
    assert str(seen.api_address).startswith("https://127.24.")
    assert str(seen.internal_api_address).startswith("https://127.32.")
    remove(pocket, cluster)
    assert nothing_is_left(pocket)


def test_other_software_finds_members_and_servers_as_it_does_with_magnum(pocket: Pocket) -> None:
    cluster = clusters.a_cluster({"flavor_id": "m1.small", "master_flavor_id": "m1.small"}, labels=LABELS)
    seen = build(pocket, cluster)

    workers = {str(node.index): seen.nodes[node.uuid].server_id for node in cluster.workers}
    assert pocket.members(f"{name_of('k8s', cluster.uuid)}/{seen.stack_id}") == workers
    assert sorted(workers) == ["0", "1", "2"]


def test_an_existing_network_is_used_and_stays(pocket: Pocket) -> None:
    template = {
        "fixed_network": "private",
        "fixed_subnet": "private-subnet",
        "flavor_id": "m1.small",
        "master_flavor_id": "m1.small",
        "master_lb_enabled": False,
        "floating_ip_enabled": False,
    }
    cluster = clusters.a_cluster(template, master_count=1, node_count=1)

    seen = build(pocket, cluster)

    made = pocket.made()
    assert (made["networks"], made["routers"], made["floatingips"], made["loadbalancers"]) == (0, 0, 0, 0)
    assert seen.api_address == seen.internal_api_address
    assert seen.api_address == f"https://{seen.nodes[cluster.masters[0].uuid].address}:6443"
    remove(pocket, cluster)
    assert nothing_is_left(pocket)


def test_volumes_are_made_of_the_type_that_is_asked_for_and_nodes_are_told(pocket: Pocket) -> None:
    template = {"flavor_id": "m1.small", "master_flavor_id": "m1.small", "docker_volume_size": 7}
    labels = {"boot_volume_size": "10", "boot_volume_type": "encrypted", "etcd_volume_size": "5"}
    cluster = clusters.a_cluster(template, master_count=1, node_count=1, labels={**LABELS, **labels})

    seen = build(pocket, cluster)

    volumes = pocket.get("block-storage", "/volumes/detail")["volumes"]
    assert sorted((one["size"], one["volume_type"]) for one in volumes if one["size"] == 10) == [(10, "encrypted")] * 2
    assert sorted(one["size"] for one in volumes) == [5, 7, 7, 10, 10]
    laid = {
        one["path"]: one["contents"]["source"]
        for one in pocket.user_data(seen.nodes[cluster.masters[0].uuid].server_id)["storage"]["files"]
    }
    etcd = next(one["id"] for one in volumes if one["size"] == 5)
    assert laid["/etc/magnum-lite/volumes/etcd"] == f"data:,{etcd}"
    remove(pocket, cluster)
    assert nothing_is_left(pocket)


def test_a_server_boots_with_json_that_holds_its_own_secrets_and_what_all_share(pocket: Pocket) -> None:
    cluster = clusters.a_cluster({"flavor_id": "m1.small", "master_flavor_id": "m1.small"}, labels=LABELS)
    seen = build(pocket, cluster)
    worker = cluster.workers[1]

    told = pocket.user_data(seen.nodes[worker.uuid].server_id)

    laid = {one["path"]: one["contents"]["source"] for one in told["storage"]["files"]}
    own = json.loads(base64.b64decode(laid["/etc/magnum-lite/node.json"].removeprefix(ignition.MEDIA)))
    assert own == {"node": worker.uuid, "name": worker.name, "token": f"token-of-{worker.name}"}
    assert "/etc/magnum-lite/signal/token" not in laid
    shared = ignition.unpacked(told["ignition"]["config"]["merge"][0]["source"])
    assert "/etc/magnum-lite/cluster.json" in str(shared)


def test_a_server_that_cannot_be_made_is_named_with_its_cause(pocket: Pocket) -> None:
    cluster = clusters.a_cluster({"flavor_id": "m1.small", "master_flavor_id": "m1.small"}, labels=LABELS)
    pocket.fault(
        service="nova",
        operation="create_server",
        kind="server-error",
        message="No valid host was found",
        count=1,
        match={"name": cluster.masters[1].name},
    )
    driver = clusters.driver()
    driver.ensure_infrastructure(cluster, pocket.material(cluster), pocket.stacks)

    until(lambda: driver.observe(cluster, pocket.stacks).status is InfrastructureStatus.FAILED)

    reason = driver.observe(cluster, pocket.stacks).reason
    assert "OS::Nova::Server kube_masters/1/kube-master failed: " in reason
    assert "No valid host was found" in reason
    remove(pocket, cluster)
    assert nothing_is_left(pocket)


def test_a_flavor_that_is_not_there_is_refused_at_once(pocket: Pocket) -> None:
    cluster = clusters.a_cluster({"flavor_id": "m1.none", "master_flavor_id": "m1.small"}, labels=LABELS)

    with pytest.raises(StackFailed, match=r"m1\.none"):
        clusters.driver().ensure_infrastructure(cluster, pocket.material(cluster), pocket.stacks)
    assert nothing_is_left(pocket)
