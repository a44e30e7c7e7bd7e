# SPDX-License-Identifier: Apache-2.0
"""One master gives the cluster its addons, repairs what is missing, and removes what has to go."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from magnum_lite.agent.disk import Disk
from magnum_lite.agent.errors import AgentError, CallFailed
from magnum_lite.agent.phases import addons
from magnum_lite.nodeconf import Addon
from tests.agent.addons import IMAGE, MANIFEST, NAMES, NETWORK, RIGHTS, SOURCE, UPSTREAM, Master, an_object
from tests.agent.authority import Authority
from tests.agent.fake_kubernetes import FakeKubernetes
from tests.agent.nodes import Node

ALL = (RIGHTS, NETWORK, NAMES)
OURS = {"app.kubernetes.io/managed-by": "magnum-lite", "magnum.openstack.org/addon": "names"}
INVENTORY = ("v1", "configmaps", "kube-system", "magnum-lite-addons")


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("kubernetes-ca")


@pytest.fixture
def fake(authority: Authority, tmp_path: Path) -> Iterator[FakeKubernetes]:
    fake = FakeKubernetes()
    fake.kinds["apps/v1"]["daemonsets"] = ("DaemonSet", True)
    fake.kinds["batch/v1"] = {"cronjobs": ("CronJob", True)}
    with fake.serving(authority, tmp_path):
        yield fake


@pytest.fixture
def master(fake: FakeKubernetes, authority: Authority, tmp_path: Path) -> Master:
    disk = Disk(tmp_path / "root")
    fake.kubeconfig(disk, authority, authority)
    return Master(fake, disk)


def patched(calls: list[str]) -> list[str]:
    """The objects that were applied, in their order, without the inventory."""
    names = [one.rpartition("/")[2] for one in calls if one.startswith("PATCH")]
    return [name for name in names if name != "magnum-lite-addons"]


def test_a_new_cluster_gets_all_addons(master: Master) -> None:
    master.run(*ALL)

    assert master.objects() == {
        "ClusterRoleBinding rights",
        "ConfigMap pool",
        "ConfigMap settings",
        "ConfigMap names",
        "CronJob sweep",
        "CustomResourceDefinition pools.network.example",
        "DaemonSet network",
        "Deployment names",
    }


def test_every_object_says_whose_it_is(master: Master) -> None:
    labelled = an_object("ConfigMap", "names")
    labelled["metadata"]["labels"] = {"k8s-app": "names"}
    master.run(Addon("names", (labelled,)))

    assert master.fake.objects["v1", "configmaps", "kube-system", "names"]["metadata"]["labels"] == {
        "k8s-app": "names",
        **OURS,
    }


def test_a_manifest_of_others_is_applied_as_adjusted(master: Master) -> None:
    master.run(NETWORK)

    pod = master.fake.objects["apps/v1", "daemonsets", "kube-system", "network"]["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"] == IMAGE
    assert {"name": "POOL", "value": "10.100.0.0/16"} in pod["containers"][0]["env"]


def test_what_others_rest_on_comes_first(master: Master) -> None:
    kinds = ("Deployment", "Service", "ConfigMap", "ClusterRoleBinding", "Namespace")

    calls = master.run(Addon("mixed", tuple(an_object(kind, kind.lower()) for kind in kinds)))

    assert patched(calls) == ["namespace", "configmap", "clusterrolebinding", "service", "deployment"]


def test_addons_are_applied_in_the_document_s_order(master: Master) -> None:
    assert patched(master.run(NAMES, RIGHTS)) == ["names", "names", "rights"]


def test_nothing_is_applied_before_the_kinds_it_is_of_are_established(master: Master) -> None:
    master.fake.looks_until_established = 3

    calls = master.run(NETWORK)

    definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/pools.network.example"
    looks = [number for number, one in enumerate(calls) if one == f"GET {definitions}"]
    assert (len(looks), master.waits) == (4, 3)
    assert patched(calls[: looks[-1]]) == ["pools.network.example"]


def test_a_kind_that_is_never_established_is_told(master: Master) -> None:
    master.fake.looks_until_established = 1000

    with pytest.raises(AgentError, match=r"addon network: .*pools\.network\.example is not established") as failed:
        master.run(NETWORK)

    assert not failed.value.is_final


def test_a_second_run_looks_and_changes_nothing(master: Master) -> None:
    master.run(*ALL)
    before = master.downloaded

    calls = master.run(*ALL)

    # The inventory, and one list for each of six kinds, the four ConfigMaps on two pages.
    assert sorted(calls) == sorted(
        [
            "GET /api/v1/namespaces/kube-system/configmaps/magnum-lite-addons",
            *["GET /api/v1/configmaps"] * 2,
            "GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            "GET /apis/apps/v1/daemonsets",
            "GET /apis/apps/v1/deployments",
            "GET /apis/batch/v1/cronjobs",
            "GET /apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
        ]
    )
    assert master.downloaded == before


def test_a_removed_object_comes_back_alone(master: Master) -> None:
    master.run(*ALL)
    del master.fake.objects["apps/v1", "daemonsets", "kube-system", "network"]

    assert patched(master.run(*ALL)) == ["network"]
    assert patched(master.run(*ALL)) == []


def test_a_changed_addon_is_applied_anew_and_no_other(master: Master) -> None:
    master.run(*ALL)
    changed = dataclasses.replace(NAMES, objects=(*NAMES.objects[:1], an_object("ConfigMap", "names", data={"a": "c"})))

    assert patched(master.run(RIGHTS, NETWORK, changed)) == ["names", "names"]
    assert master.fake.objects["v1", "configmaps", "kube-system", "names"]["data"] == {"a": "c"}


def test_what_an_addon_is_not_made_of_any_more_is_removed(master: Master) -> None:
    master.run(*ALL)

    master.run(RIGHTS, NETWORK, dataclasses.replace(NAMES, objects=NAMES.objects[:1]))

    assert "ConfigMap names" not in master.objects()
    assert "Deployment names" in master.objects()


def test_an_addon_that_is_switched_off_is_removed_in_the_other_order(master: Master) -> None:
    master.run(*ALL)

    calls = master.run(RIGHTS, NETWORK)

    assert [one for one in calls if one.startswith("DELETE")] == [
        "DELETE /apis/apps/v1/namespaces/kube-system/deployments/names",
        "DELETE /api/v1/namespaces/kube-system/configmaps/names",
    ]
    assert patched(master.run(RIGHTS, NETWORK)) == []


def test_what_holds_users_data_stays(master: Master) -> None:
    master.run(*ALL, Addon("space", (an_object("Namespace", "theirs"),)))

    master.run()

    assert master.objects() == {"CustomResourceDefinition pools.network.example", "Namespace theirs"}


def test_an_object_that_somebody_took_over_stays(master: Master) -> None:
    master.run(*ALL)
    master.fake.objects["v1", "configmaps", "kube-system", "names"]["metadata"]["labels"] = {"owner": "somebody"}

    master.run(RIGHTS, NETWORK)

    assert "ConfigMap names" in master.objects()


def test_an_object_that_moves_to_another_addon_stays(master: Master) -> None:
    master.run(NAMES)

    master.run(dataclasses.replace(NAMES, objects=NAMES.objects[:1]), Addon("other", NAMES.objects[1:]))

    assert master.objects() == {"Deployment names", "ConfigMap names"}


def test_one_addon_s_refusal_keeps_no_other_from_the_cluster(master: Master) -> None:
    broken = dataclasses.replace(NETWORK, upstream=(dataclasses.replace(UPSTREAM, images={}),))

    with pytest.raises(AgentError, match=r"^addon network: .* runs the image quay\S+, which is not pinned") as failed:
        master.run(RIGHTS, broken, NAMES)

    assert {"ClusterRoleBinding rights", "Deployment names"} <= master.objects()
    assert failed.value.is_final


def test_nothing_is_removed_while_an_addon_fails(master: Master) -> None:
    master.run(*ALL)
    broken = dataclasses.replace(NETWORK, upstream=(dataclasses.replace(UPSTREAM, images={}),))

    with pytest.raises(AgentError):
        master.run(broken)

    assert "Deployment names" in master.objects()
    master.run(NETWORK)
    assert "Deployment names" not in master.objects()


def test_a_refusal_that_may_pass_is_worth_another_attempt(master: Master) -> None:
    master.downloads = {}

    with pytest.raises(AgentError, match=f"addon network: {SOURCE.url} does not answer") as failed:
        master.run(*ALL)

    assert not failed.value.is_final
    master.downloads = {SOURCE.url: MANIFEST}
    assert "DaemonSet network" not in master.objects()
    master.run(*ALL)
    assert "DaemonSet network" in master.objects()


def test_a_server_that_is_not_well_is_told_of_and_asked_again(master: Master) -> None:
    master.fake.refusals.append((503, "etcdserver: leader changed"))

    with pytest.raises(CallFailed, match="leader changed") as failed:
        master.run(*ALL)

    assert not failed.value.is_final
    master.run(*ALL)
    assert len(master.objects()) == 8


@pytest.mark.parametrize("is_answer_lost", [False, True])
@pytest.mark.parametrize("calls", range(1, 18))
def test_a_run_that_is_cut_anywhere_leaves_nothing_that_a_later_one_does_not_find(
    master: Master, calls: int, is_answer_lost: bool
) -> None:
    more = Addon("more", (an_object("ConfigMap", "one"), an_object("Service", "two")))
    master.run(NAMES)
    master.fake.fail_after(calls, is_answer_lost=is_answer_lost)
    with contextlib.suppress(AgentError):
        master.run(more, RIGHTS)
    master.fake.recover()

    master.run(RIGHTS)

    assert master.objects() == {"ClusterRoleBinding rights"}


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("ClusterRoleBinding", "roleRef: Invalid value: cannot change roleRef"),
        ("Deployment", "spec.selector: Invalid value: field is immutable"),
        ("Deployment", f"spec.template: Invalid value: {'x' * 2000}: field is immutable"),
        ("Secret", "type: Invalid value: field is immutable"),
        ("Service", "spec.clusterIPs[0]: Invalid value: may not change once set"),
    ],
)
def test_an_object_that_cannot_be_changed_is_made_anew(master: Master, kind: str, message: str) -> None:
    addon = Addon("one", (an_object(kind, "one"),))
    master.fake.refuse_next_apply_of = ("one", 422, message)

    calls = master.run(addon)

    own = [one.partition(" ")[0] for one in calls if one.endswith("/one")]
    assert own == ["PATCH", "DELETE", "PATCH"]


def test_an_object_that_is_refused_for_another_reason_is_left(master: Master) -> None:
    master.fake.refuse_next_apply_of = ("names", 422, "spec.replicas: Invalid value: -1")

    with pytest.raises(AgentError, match=r"addon names: .*spec\.replicas"):
        master.run(NAMES)

    assert not any(one.startswith("DELETE") for one in master.acts())


@pytest.mark.parametrize("text", ["no JSON", "{}", '{"digest": "a", "objects": [["v1"]], "leaving": []}'])
def test_an_inventory_that_somebody_broke_is_written_anew(master: Master, text: str) -> None:
    master.run(*ALL)
    master.fake.objects[INVENTORY]["data"]["names"] = text

    master.run(*ALL)

    assert json.loads(master.fake.objects[INVENTORY]["data"]["names"])["digest"]


def test_an_inventory_that_is_gone_is_written_anew(master: Master) -> None:
    master.run(*ALL)
    del master.fake.objects[INVENTORY]

    master.run(*ALL)

    assert INVENTORY in master.fake.objects


def test_another_first_master_goes_on_with_what_the_cluster_knows(
    master: Master, authority: Authority, tmp_path: Path
) -> None:
    master.run(*ALL)
    disk = Disk(tmp_path / "replaced")
    master.fake.kubeconfig(disk, authority, authority)
    replaced = Master(master.fake, disk)

    assert patched(replaced.run(RIGHTS, NETWORK)) == []
    assert "Deployment names" not in master.objects()


def test_other_nodes_leave_addons_alone(master: Master) -> None:
    addons.run(master.course(None))

    assert master.fake.calls == []


def test_a_node_becomes_ready_with_its_addons(node: Node) -> None:
    node.plane.document = dataclasses.replace(_document(node), addons=(RIGHTS, NAMES))

    node.agent().run(once=True)

    place = node.root / "var/lib/simulated-host/kubernetes/apps%2Fv1/Deployment/kube-system/names.json"
    assert json.loads(place.read_text())["metadata"]["labels"] == OURS
    assert node.plane.states[-1] == "ready"


def test_a_refused_addon_is_what_the_node_says(node: Node) -> None:
    node.plane.document = dataclasses.replace(_document(node), addons=(RIGHTS, NAMES))
    node.trouble(fail_apply="Deployment kube-system/names")

    node.agent().run(once=True)

    assert node.plane.reports[-1]["message"] == (
        "phase addons failed: addon names: Kubernetes refuses Deployment kube-system/names (422): it is simulated so"
    )


def _document(node: Node) -> Any:
    return node.plane.document
