# SPDX-License-Identifier: Apache-2.0
"""A cluster with all that a cloud gives, from its create to nothing left, and what a cloud refuses; on every cloud."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from magnum_lite.drivers.base import Wish
from magnum_lite.drivers.k8s_fcos import all_labels, stack_size
from tests.system.house import House
from tests.system.openstack import Shell
from tests.system.processes import wait_until
from tests.system.user import GONE, User

SETTLE_SECONDS = 60.0
VOLUMES = {"boot_volume_size": "10", "etcd_volume_size": "5"}


@dataclass(frozen=True)
class Grown:
    """A cluster of 3+3 with load balancer, floating IPs and volumes, and what there was before it."""

    house: House
    user: User
    uuid: str
    before: dict[str, int]

    def made(self) -> Counter[str]:
        """Count what there is now beyond what there was."""
        return Counter(self.house.cloud.leftovers()) - Counter(self.before)

    def resize(self, count: int, **more: Any) -> None:
        self.call("POST", "actions/resize", {"node_count": count, **more})

    def call(self, method: str, path: str, body: Any = None) -> None:
        """Ask for a change and wait until it is made."""
        answer = self.user.call(method, f"/clusters/{self.uuid}/{path}", body)
        assert answer.status_code in (201, 202, 204), answer.text
        self.user.wait_for(self.uuid, "UPDATE_COMPLETE")

    def workers(self) -> list[str]:
        """Give the IDs of the workers' servers."""
        nodes = self.user.call("GET", f"/clusters/{self.uuid}/nodes").json()["nodes"]
        return [one["server_id"] for one in nodes if one["role"] == "worker"]


@pytest.fixture(scope="module")
def grown(house: House) -> Iterator[Grown]:
    user, before = house.user(), house.cloud.leftovers()
    template = user.template(
        "grown",
        master_lb_enabled=True,
        floating_ip_enabled=True,
        docker_volume_size=5,
        labels={**house.cloud.labels, **VOLUMES},
    )
    uuid = user.create(template, "grown", master_count=3, node_count=3)
    user.wait_for(uuid, "CREATE_COMPLETE")
    yield Grown(house, user, uuid, before)
    if user.status(uuid) != GONE:
        user.remove(uuid)


def test_servers_volumes_addresses_and_the_load_balancer_are_there(grown: Grown) -> None:
    made, shown = grown.made(), grown.user.show(grown.uuid)

    assert (made["server"], made["volume"], made["loadbalancer"], made["floatingip"]) == (6, 15, 1, 7)
    assert made["node"] == len(grown.house.cloud.agents())
    prefix, addresses = grown.house.cloud.public_prefix, shown["master_addresses"] + shown["node_addresses"]
    assert shown["api_address"].startswith(f"https://{prefix}")
    assert len([one for one in addresses if one.startswith(prefix)]) == 6


def test_the_tenant_sees_everything_in_the_order_it_was_made(grown: Grown) -> None:
    shell, stack = Shell(grown.house.cloud), grown.user.show(grown.uuid)["stack_id"]
    resources = shell.table(f"stack resource list -n 3 {stack}")
    events = shell.table(f"stack event list --nested-depth 3 {stack}")
    done = [one["resource_name"] for one in events if one["resource_status"] == "CREATE_COMPLETE"]
    first = {name: done.index(name) for name in reversed(done)}
    last = {name: place for place, name in enumerate(done)}

    assert {one["resource_status"] for one in resources} == {"CREATE_COMPLETE"}
    assert {one["resource_name"] for one in resources} <= set(done)
    assert first["network"] < first["subnet"] < first["router_interface"]
    assert last["port"] < last["kube-minion"] < last["kube_minions"]
    assert first["boot_volume"] < first["kube-master"] < first["etcd_attachment"]
    assert last["kube-master"] < last["kube_masters"]


def test_heat_has_as_many_resources_as_were_counted_before(grown: Grown) -> None:
    shown = grown.user.show(grown.uuid)
    listed = Shell(grown.house.cloud).table(f"stack resource list -n 5 {shown['stack_id']}")
    labels = {name: text for name, text in shown["labels"].items() if name in VOLUMES}
    wish = Wish(master_count=3, node_count=3, master_lb_enabled=True, docker_volume_size=5, labels=labels)

    assert len(listed) == stack_size.resources(stack_size.Shape.of(wish, all_labels.LABELS.parse(labels)))


def test_it_grows_and_shrinks_by_the_named_worker(grown: Grown) -> None:
    before = grown.workers()
    grown.resize(4)
    more = grown.workers()
    grown.resize(3, nodes_to_remove=[before[1]])

    assert len(more) == 4
    assert sorted(grown.workers()) == sorted(one for one in more if one != before[1])


def test_a_nodegroup_comes_changes_and_goes(grown: Grown) -> None:
    counts = []
    grown.call("POST", "nodegroups", {"name": "more", "node_count": 1, "flavor_id": "m1.large"})
    counts.append(grown.made()["server"])
    grown.resize(2, nodegroup="more")
    counts.append(grown.made()["server"])
    grown.call("DELETE", "nodegroups/more")
    wait_until(lambda: grown.made()["server"] == 6, "the nodegroup's servers are gone", seconds=SETTLE_SECONDS)

    assert counts == [7, 8]


def test_nothing_is_left_when_it_is_deleted(grown: Grown) -> None:
    house = grown.house
    grown.user.remove(grown.uuid)

    assert house.rows_of(grown.uuid) == {}
    wait_until(
        lambda: house.cloud.leftovers() == grown.before,
        f"{house.cloud.leftovers()} as {grown.before}",
        seconds=SETTLE_SECONDS,
    )


def test_an_image_that_does_not_say_what_it_is_is_refused(house: House) -> None:
    answer = house.user().call(
        "POST",
        "/clustertemplates",
        {"coe": "kubernetes", "image_id": "plain", "external_network_id": "public", "flavor_id": "m1.small"},
    )

    assert answer.status_code == 400, answer.text
    assert "Invalid value 'plain' for image_id: the image must have the property os_distro" in answer.text


def test_a_flavor_that_is_gone_since_the_template_was_made_is_named(house: House) -> None:
    admin, user, name = house.user("admin"), house.user(), f"gone-{secrets.token_hex(4)}"
    flavor = admin.flavor(name)
    template = user.template("flavor-gone", flavor_id=name)
    admin.session.delete(f"/flavors/{flavor}", endpoint_filter={"service_type": "compute"})

    answer = user.call("POST", "/clusters", {"name": "never", "cluster_template_id": template, "keypair": "my_keypair"})

    assert answer.status_code == 400, answer.text
    assert f"'{name}' for flavor_id" in answer.text


QUOTAS = {
    "nova": ("compute", "/os-quota-sets/{project}", "quota_set", {"instances": 1}, {"instances": 100}),
    "neutron": ("network", "/v2.0/quotas/{project}", "quota", {"port": 1}, {"port": 500}),
    "cinder": ("block-storage", "/os-quota-sets/{project}", "quota_set", {"volumes": 1}, {"volumes": 100}),
}
SAYS = {"nova": "instances", "neutron": "port", "cinder": "volumes"}


@pytest.mark.parametrize("service", QUOTAS)
def test_a_quota_that_is_too_small_is_named(house: House, service: str) -> None:
    admin, user, before = house.user("admin"), house.user("other"), house.cloud.leftovers()
    kind, path, key, small, usual = QUOTAS[service]
    where = path.format(project=user.session.get_project_id())
    template = user.template(f"small-{service}", keypair_id=user.keypair("others"), docker_volume_size=1)
    admin.session.put(where, json={key: small}, endpoint_filter={"service_type": kind})
    try:
        cluster = user.create(template, f"small-{service}")
        user.wait_for(cluster, "CREATE_FAILED")
        reason = str(user.show(cluster)["status_reason"])
    finally:
        admin.session.put(where, json={key: usual}, endpoint_filter={"service_type": kind})

    assert "quota" in reason.lower()
    assert SAYS[service] in reason.lower()
    user.remove(cluster)
    wait_until(lambda: house.cloud.leftovers() == before, f"{house.cloud.leftovers()} as {before}", seconds=60)


MOMENTS: dict[str, dict[str, int]] = {
    "at once": {},
    "with its user made": {"user": 1},
    "with its stack begun": {"stack": 1},
    "with its servers there": {"server": 2},
    "with its nodes there": {"node": 2},
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_cluster_can_be_deleted_while_it_is_made(house: House, moment: str) -> None:
    if unseen := MOMENTS[moment].keys() & house.cloud.unseen:
        pytest.skip(f"nobody sees there when a {unseen.pop()} comes")
    user, before = house.user(), Counter(house.cloud.leftovers())
    cluster = user.create(user.template("changed-my-mind"), "changed-my-mind")

    def has_come() -> bool:
        made = Counter(house.cloud.leftovers()) - before
        return all(made[kind] >= number for kind, number in MOMENTS[moment].items())

    wait_until(has_come, moment, seconds=house.cloud.build_seconds)

    user.delete(cluster)

    assert user.status(cluster) in ("DELETE_IN_PROGRESS", GONE)
    user.wait_for(cluster, GONE)
    assert house.rows_of(cluster) == {}
    wait_until(lambda: Counter(house.cloud.leftovers()) == before, "nothing left", seconds=SETTLE_SECONDS)
