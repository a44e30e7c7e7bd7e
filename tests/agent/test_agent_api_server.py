# SPDX-License-Identifier: Apache-2.0
"""The agent's calls to an API server: by certificate, bounded, and each refusal a clear sentence."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from magnum_lite.agent.api_server import APIServer
from magnum_lite.agent.disk import Disk
from magnum_lite.agent.errors import AgentError, CallFailed, HostFailed
from magnum_lite.agent.kubernetes import MANAGED_BY, MANAGER, Reference
from tests.agent.authority import Authority
from tests.agent.fake_kubernetes import KUBECONFIG, FakeKubernetes

OURS = {MANAGED_BY: MANAGER}


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("kubernetes-ca")


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "root")


@pytest.fixture
def fake(authority: Authority, tmp_path: Path, disk: Disk) -> Iterator[FakeKubernetes]:
    fake = FakeKubernetes()
    with fake.serving(authority, tmp_path):
        fake.kubeconfig(disk, authority, authority)
        yield fake


@pytest.fixture
def server(fake: FakeKubernetes, disk: Disk) -> APIServer:
    return APIServer(disk, KUBECONFIG, call_seconds=5)


def an_object(
    name: str = "settings", *, kind: str = "ConfigMap", version: str = "v1", space: str = "kube-system", **rest: Any
) -> dict[str, Any]:
    metadata = {"name": name, "labels": OURS, **({"namespace": space} if space else {})}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **rest}


def test_an_object_is_applied_under_our_name_and_found(server: APIServer, fake: FakeKubernetes) -> None:
    item = an_object(data={"a": "b"})

    server.apply(item)

    assert server.find(Reference.of(item)) == item
    assert fake.managers == {"magnum-lite"}
    assert "PATCH /api/v1/namespaces/kube-system/configmaps/settings" in fake.calls


def test_an_object_of_the_whole_cluster_has_no_namespace_in_its_path(server: APIServer, fake: FakeKubernetes) -> None:
    version = "rbac.authorization.k8s.io/v1"

    server.apply(an_object("magnum-lite:a", kind="ClusterRoleBinding", version=version, space=""))

    assert fake.calls[-1] == f"PATCH /apis/{version}/clusterrolebindings/magnum-lite:a"


def test_a_name_cannot_leave_its_place_in_the_path(server: APIServer, fake: FakeKubernetes) -> None:
    server.apply(an_object("../secrets/token?x=y"))

    assert list(fake.objects) == [("v1", "configmaps", "kube-system", "../secrets/token?x=y")]


def test_kinds_are_asked_for_once(server: APIServer, fake: FakeKubernetes) -> None:
    for name in ("a", "b", "c"):
        server.apply(an_object(name))

    assert fake.calls.count("GET /api/v1") == 1


def test_a_kind_that_is_new_is_found_as_soon_as_it_is_there(server: APIServer, fake: FakeKubernetes) -> None:
    item = an_object(kind="Pool", version="crd.example/v1", space="")
    with pytest.raises(CallFailed, match=r"knows no kind Pool in crd\.example/v1") as refused:
        server.apply(item)
    fake.kinds["crd.example/v1"] = {"pools": ("Pool", False)}

    server.apply(item)

    assert not refused.value.is_final
    assert ("crd.example/v1", "pools", "", "settings") in fake.objects


def test_a_kind_that_is_not_there_has_no_objects(server: APIServer) -> None:
    reference = Reference("crd.example/v1", "Pool", "a")

    server.remove(reference)

    assert server.find(reference) is None
    assert server.existing([reference]) == frozenset()


@pytest.mark.parametrize(
    ("code", "is_final"),
    [(400, True), (403, True), (404, False), (409, False), (422, True), (429, False), (500, False)],
)
def test_a_refusal_names_the_object_and_the_reason(
    server: APIServer, fake: FakeKubernetes, code: int, is_final: bool
) -> None:
    fake.refusals.append((code, "spec.replicas: Invalid value"))

    with pytest.raises(CallFailed, match=r"ConfigMap kube-system/settings.*spec\.replicas: Invalid value") as refused:
        server.apply(an_object())

    assert refused.value.is_final is is_final


def test_of_a_long_reason_begin_and_end_are_told(server: APIServer, fake: FakeKubernetes) -> None:
    fake.refusals.append((400, f"spec.replicas: {'x' * 5000}: not a number"))

    with pytest.raises(CallFailed, match=r"spec\.replicas: x+ \.\.\. x+: not a number$") as refused:
        server.apply(an_object())

    assert len(refused.value.message) < 500


def test_what_is_said_of_a_secret_is_not_repeated(server: APIServer, fake: FakeKubernetes) -> None:
    fake.refusals.append((422, "data[password]: Invalid value: hunter2"))

    with pytest.raises(CallFailed) as refused:
        server.apply(an_object(kind="Secret"))

    assert refused.value.message == "Kubernetes refuses Secret kube-system/settings (422): Reason422"


def test_an_object_without_its_namespace_is_refused_before_it_is_sent(server: APIServer, fake: FakeKubernetes) -> None:
    with pytest.raises(HostFailed, match="ConfigMap settings names no namespace"):
        server.apply(an_object(space=""))

    assert fake.objects == {}


def test_an_object_that_is_gone_can_be_removed_again(server: APIServer, fake: FakeKubernetes) -> None:
    item = an_object()
    server.apply(item)

    server.remove(Reference.of(item))
    server.remove(Reference.of(item))

    assert fake.objects == {}


@pytest.mark.parametrize("action", ["find", "remove", "existing"])
def test_a_server_that_is_not_well_says_so(server: APIServer, fake: FakeKubernetes, action: str) -> None:
    fake.refusals.append((500, "etcdserver: no leader"))
    reference = Reference("v1", "ConfigMap", "a", "kube-system")

    with pytest.raises(CallFailed, match="etcdserver: no leader"):
        getattr(server, action)([reference] if action == "existing" else reference)


def test_what_exists_is_told_by_a_list_for_each_kind_page_by_page(server: APIServer, fake: FakeKubernetes) -> None:
    wanted = [an_object(name) for name in "abcde"]
    for item in (*wanted, an_object("f", kind="Service")):
        server.apply(item)
    fake.calls.clear()
    absent = Reference("v1", "ConfigMap", "absent", "kube-system")

    found = server.existing([*(Reference.of(item) for item in wanted), absent])

    assert found == {Reference.of(item) for item in wanted}
    assert fake.calls == ["GET /api/v1/configmaps"] * 3


def test_an_object_that_lost_our_mark_does_not_exist_for_us(server: APIServer, fake: FakeKubernetes) -> None:
    item = an_object()
    server.apply(item)
    fake.objects["v1", "configmaps", "kube-system", "settings"]["metadata"]["labels"] = {}

    assert server.existing([Reference.of(item)]) == frozenset()


@pytest.mark.parametrize(("status", "is_ready"), [("True", True), ("False", False), ("Unknown", False)])
def test_a_node_is_ready_when_kubernetes_says_so(
    server: APIServer, fake: FakeKubernetes, status: str, is_ready: bool
) -> None:
    conditions = [{"type": "MemoryPressure", "status": "True"}, {"type": "Ready", "status": status}]
    server.apply(an_object("k8s-master-0", kind="Node", space="", status={"conditions": conditions}))

    assert server.node_is_ready("k8s-master-0") is is_ready


def test_a_node_that_nobody_knows_is_not_ready(server: APIServer) -> None:
    assert not server.node_is_ready("k8s-master-0")


def test_a_connection_that_the_server_closed_is_made_anew(server: APIServer, fake: FakeKubernetes) -> None:
    fake.hang_up = True
    for name in ("a", "b"):
        server.apply(an_object(name))

    assert len(fake.objects) == 2


def test_a_server_with_another_authority_is_told_nothing(
    fake: FakeKubernetes, disk: Disk, authority: Authority, server: APIServer
) -> None:
    fake.kubeconfig(disk, Authority("another-ca"), authority)

    with pytest.raises(CallFailed, match="certificate verify failed"):
        server.apply(an_object(kind="Secret"))

    assert fake.calls == []


def test_who_has_no_certificate_of_the_cluster_learns_nothing(
    fake: FakeKubernetes, disk: Disk, authority: Authority, server: APIServer
) -> None:
    fake.kubeconfig(disk, authority, Authority("another-ca"))

    with pytest.raises(CallFailed, match="the API server does not answer"):
        server.find(Reference("v1", "Secret", "a", "kube-system"))

    assert fake.calls == []


def test_a_proxy_of_the_environment_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, server: APIServer, fake: FakeKubernetes
) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    server.apply(an_object())

    assert len(fake.objects) == 1


def test_a_server_that_says_nothing_is_given_up(disk: Disk, authority: Authority) -> None:
    fake = FakeKubernetes()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        fake.port = silent.getsockname()[1]
        fake.kubeconfig(disk, authority, authority)

        with pytest.raises(CallFailed, match=r"does not answer: .*timed out"):
            APIServer(disk, KUBECONFIG, call_seconds=0.2).node_is_ready("a")


@pytest.mark.parametrize("text", [None, "no JSON", "{}", '{"clusters": [], "users": []}'])
def test_a_kubeconfig_that_cannot_be_used_is_named(disk: Disk, text: str | None) -> None:
    if text is not None:
        disk.write(KUBECONFIG, text)

    with pytest.raises(AgentError, match=f"kubeconfig {KUBECONFIG} cannot be used"):
        APIServer(disk, KUBECONFIG).node_is_ready("a")


@pytest.mark.parametrize(
    "item", [{}, {"kind": "ConfigMap"}, {"apiVersion": "v1", "kind": "X", "metadata": {}}, [], "a"]
)
def test_what_is_no_object_is_refused(server: APIServer, item: Any) -> None:
    with pytest.raises(AgentError, match=r"must have apiVersion, kind and metadata\.name"):
        server.apply(item)
