# SPDX-License-Identifier: Apache-2.0
"""What a node is told to be: its certificates, files and units, and nothing before its addresses are known."""

import json
import re

import pytest

from magnum_lite.agent.unit_file import variables
from magnum_lite.drivers.base import NodeSecrets
from magnum_lite.errors import DocumentNotReady
from magnum_lite.model import Cluster, Node
from magnum_lite.nodeconf import CertificateRequest, NodeDocument
from magnum_lite.releases.catalogue import DEFAULT
from tests.drivers import clusters

OF_ADDONS = {"metrics-server", "node-exporter", "prometheus"}
PROGRAMS = {"kubelet", "containerd"}
ENV = re.compile(r"^EnvironmentFile=(/\S+)$", re.MULTILINE)
ETC = re.compile(r"(?<![\w:])(/etc/(?:kubernetes|magnum-lite)/[\w./-]+\w)")
# Laid by Ignition, not by the document.
AT_BOOT = {"/etc/magnum-lite/proxy.env"}
# Written by the agent, which finds out what it must say.
FOUND_OUT = {"/etc/magnum-lite/env/etcd-membership": {"MEMBERS", "STATE"}}


def document(cluster: Cluster, role: str = "master", number: int = 0) -> NodeDocument:
    nodes = cluster.masters if role == "master" else cluster.workers
    return clusters.driver().node_document(cluster, nodes[number], clusters.secrets())


def file_of(found: NodeDocument, path: str) -> str:
    return next(one.content for one in found.files if one.path == path)


def certificates(cluster: Cluster, node: Node) -> dict[str, CertificateRequest]:
    """Give what a node may have but for what its addons serve with."""
    found = clusters.driver().certificate_requests(cluster, node)
    return {one.profile: one for one in found if one.profile not in OF_ADDONS}


def test_a_worker_may_have_two_certificates_and_no_other() -> None:
    cluster = clusters.a_built_cluster()
    worker = cluster.workers[0]

    found = certificates(cluster, worker)

    assert list(found) == ["kubelet", "kube-proxy"]
    assert {one.authority for one in found.values()} == {"kubernetes"}
    kubelet, proxy = found.values()
    assert (kubelet.common_name, kubelet.organization) == (f"system:node:{worker.name}", "system:nodes")
    assert (kubelet.dns, kubelet.ips) == ((worker.name,), (worker.address,))
    assert (proxy.common_name, proxy.organization, proxy.ips) == ("system:kube-proxy", None, ())


CONTROL_PLANE = [
    "kubelet",
    "kube-proxy",
    "apiserver",
    "etcd",
    "apiserver-kubelet-client",
    "apiserver-etcd-client",
    "front-proxy-client",
    "controller-manager",
    "scheduler",
    "keystone-auth",
]


def test_a_master_may_have_the_control_planes_certificates_but_no_administrators() -> None:
    cluster = clusters.a_built_cluster()

    found = certificates(cluster, cluster.masters[1])

    assert list(found) == CONTROL_PLANE
    assert {one.organization for one in found.values()} == {"system:nodes", None}


def test_only_the_first_master_may_give_the_cluster_its_addons() -> None:
    cluster = clusters.a_built_cluster()

    found = certificates(cluster, cluster.masters[0])

    assert list(found) == [*CONTROL_PLANE, "addons"]
    assert (found["addons"].common_name, found["addons"].organization) == ("magnum-lite-addons", "system:masters")
    assert file_of(document(cluster), "/etc/kubernetes/addons.kubeconfig")
    assert document(cluster).addons is not None
    assert document(cluster, number=1).addons is None
    assert not any(one.path.endswith("addons.kubeconfig") for one in document(cluster, number=1).files)


@pytest.mark.parametrize("profile", ["controller-manager", "scheduler"])
def test_what_is_probed_on_this_node_serves_with_a_certificate_for_it(profile: str) -> None:
    cluster = clusters.a_built_cluster()

    assert certificates(cluster, cluster.masters[0])[profile].ips == ("127.0.0.1",)


def test_the_api_server_is_known_by_all_its_names_and_addresses() -> None:
    cluster = clusters.a_built_cluster()
    cluster.api_address = "https://127.24.0.7:6443"
    master = cluster.masters[1]
    master.floating_address = "127.24.0.8"

    serving = next(one for one in clusters.driver().certificate_requests(cluster, master) if one.profile == "apiserver")

    assert serving.dns == (
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
        "localhost",
        master.name,
    )
    assert set(serving.ips) == {"127.0.0.1", master.address, "127.32.0.9", "127.24.0.7", "10.254.0.1", "127.24.0.8"}


def test_a_document_waits_for_the_nodes_own_address() -> None:
    cluster = clusters.a_built_cluster()
    cluster.workers[0].address = None

    with pytest.raises(DocumentNotReady, match=r"worker-0 has no address yet"):
        document(cluster, "worker")


def test_a_masters_document_waits_for_all_masters_addresses_and_a_workers_does_not() -> None:
    cluster = clusters.a_built_cluster()
    cluster.masters[2].address = None

    with pytest.raises(DocumentNotReady, match=r"master-2 has no address yet"):
        document(cluster)
    assert document(cluster, "worker").role == "worker"


@pytest.mark.parametrize("missing", ["internal_api_address", "api_address"])
def test_a_masters_document_waits_for_the_api_addresses(missing: str) -> None:
    cluster = clusters.a_built_cluster()
    setattr(cluster, missing, None)

    with pytest.raises(DocumentNotReady):
        document(cluster)


def test_a_document_waits_for_authorities_and_keys() -> None:
    cluster = clusters.a_built_cluster()
    driver, known = clusters.driver(), clusters.secrets().authorities

    with pytest.raises(DocumentNotReady, match="the keys of the control plane"):
        driver.node_document(cluster, cluster.masters[0], NodeSecrets(known))
    with pytest.raises(DocumentNotReady, match="the authority kubernetes"):
        driver.node_document(cluster, cluster.workers[0], NodeSecrets({}))


def test_etcd_is_told_of_all_masters_so_that_no_discovery_is_needed() -> None:
    cluster = clusters.a_built_cluster()
    own, others = cluster.masters[0], cluster.masters[1:]

    etcd = document(cluster).etcd

    assert etcd is not None
    assert etcd.name == own.name
    assert etcd.members == {one.name: f"https://{one.address}:2380" for one in cluster.masters}
    assert etcd.clients == {one.name: f"https://{one.address}:2379" for one in others}


@pytest.mark.parametrize(
    ("status", "may_begin"), [("CREATE_IN_PROGRESS", True), ("CREATE_COMPLETE", False), ("UPDATE_FAILED", False)]
)
def test_etcd_may_begin_only_while_its_cluster_is_made(status: str, may_begin: bool) -> None:
    cluster = clusters.a_built_cluster()
    cluster.status = status

    etcd = document(cluster).etcd

    assert etcd is not None
    assert etcd.may_begin is may_begin


@pytest.mark.parametrize(("size", "mount"), [("0", None), ("5", "/var/lib/etcd")])
def test_etcds_volume_must_be_mounted_where_there_is_one(size: str, mount: str | None) -> None:
    etcd = document(clusters.a_built_cluster({"labels": {"etcd_volume_size": size}})).etcd

    assert etcd is not None
    assert etcd.mount == mount


@pytest.mark.parametrize(("load_balanced", "server"), [(True, "127.32.0.9"), (False, "127.32.0.10")])
def test_a_worker_reaches_the_api_inside_the_cluster(load_balanced: bool, server: str) -> None:
    cluster = clusters.a_built_cluster({"master_lb_enabled": load_balanced})

    kubeconfig = json.loads(file_of(document(cluster, "worker"), "/etc/kubernetes/kubelet.kubeconfig"))

    assert kubeconfig["clusters"][0]["cluster"]["server"] == f"https://{server}:6443"


def test_a_masters_own_parts_reach_the_api_on_the_same_machine() -> None:
    kubeconfig = json.loads(file_of(document(clusters.a_built_cluster()), "/etc/kubernetes/scheduler.kubeconfig"))

    assert kubeconfig["clusters"][0]["cluster"]["server"] == "https://127.0.0.1:6443"


def test_parts_start_in_the_order_in_which_they_need_each_other() -> None:
    cluster = clusters.a_built_cluster()

    assert [unit.name for unit in document(cluster).units] == [
        "etcd.service",
        "kube-apiserver.service",
        "kube-controller-manager.service",
        "kube-scheduler.service",
        "containerd.service",
        "kubelet.service",
        "kube-proxy.service",
    ]
    workers = [unit.name for unit in document(cluster, "worker").units]
    assert workers == ["containerd.service", "kubelet.service", "kube-proxy.service"]


@pytest.mark.parametrize("role", ["master", "worker"])
def test_every_file_that_a_unit_reads_is_in_the_document(role: str) -> None:
    found = document(clusters.a_built_cluster(), role)
    keys = {f"{one.path}{end}" for one in found.certificates for end in (".key", ".crt")}
    there = {one.path for one in found.files} | keys | set(found.authority_paths.values()) | AT_BOOT
    folders = {path.rpartition("/")[0] for path in there}

    wanted = {path for unit in found.units for path in ETC.findall(unit.content)}
    wanted |= {path for one in found.files for path in ETC.findall(one.content)}

    assert wanted - there - folders - set(FOUND_OUT) == set()


@pytest.mark.parametrize("role", ["master", "worker"])
def test_every_variable_that_a_unit_uses_is_set(role: str) -> None:
    found = document(clusters.a_built_cluster(), role)
    for unit in found.units:
        files = [path for path in ENV.findall(unit.content) if path not in AT_BOOT]
        known = {name for path in files for name in FOUND_OUT.get(path) or variables(file_of(found, path))}

        assert set(re.findall(r"\$\{?(\w+)\}?", unit.content)) == known, unit.name


def test_images_are_pinned_and_are_the_ones_reported() -> None:
    found = document(clusters.a_built_cluster())

    for unit in found.units:
        name = unit.name.removesuffix(".service")
        assert unit.image == (None if name in PROGRAMS else found.versions[name])
        assert unit.image is None or re.search(r"@sha256:[0-9a-f]{64}$", unit.image)


def test_programs_are_fetched_for_every_machine_and_reported_by_their_version() -> None:
    found = document(clusters.a_built_cluster(), "worker")

    assert [one.name for one in found.binaries] == ["containerd", "runc", "cni-plugins", "kubelet"]
    for one in found.binaries:
        assert set(one.sources) == {"amd64", "arm64"}
        assert re.fullmatch(r"v\d+\.\d+\.\d+", found.versions[one.name])
    landing = [path for one in found.binaries for path in one.paths.values()]
    assert "/usr/local/bin/kubelet" in landing
    assert "/opt/cni/bin/loopback" in landing
    assert len(landing) == len(set(landing))


def test_programs_come_from_a_mirror_that_a_label_names() -> None:
    mirror = "https://mirror.example/"
    found = document(clusters.a_built_cluster({"labels": {"download_prefix": mirror}}), "worker")

    assert all(source.url.startswith(mirror) for one in found.binaries for source in one.sources.values())


def test_the_first_master_reports_the_images_of_the_addons() -> None:
    cluster = clusters.a_built_cluster()

    assert "coredns" in document(cluster).versions
    assert "coredns" not in document(cluster, number=1).versions


def test_a_node_of_another_release_is_told_of_that_one() -> None:
    cluster = clusters.a_built_cluster()
    cluster.workers[0].release = "v1.34.6"

    assert document(cluster, "worker").versions["kubelet"] == "v1.34.6"
    assert document(cluster).versions["kubelet"] == DEFAULT


def test_secrets_are_for_their_owner_only() -> None:
    found = document(clusters.a_built_cluster())
    private = {one.path for one in found.files if one.mode == 0o600}

    assert {"/etc/kubernetes/apiserver/encryption.json", "/etc/kubernetes/pki/service-account.key"} < private
    assert all("PLACEHOLDER key" not in one.content for one in found.files if one.path not in private)


def test_secrets_are_encrypted_with_the_clusters_key_first() -> None:
    found = json.loads(file_of(document(clusters.a_built_cluster()), "/etc/kubernetes/apiserver/encryption.json"))
    (resource,) = found["resources"]

    assert [next(iter(one)) for one in resource["providers"]] == ["secretbox", "identity"]


def test_a_worker_registers_with_its_nodegroups_labels_and_taints() -> None:
    cluster = clusters.a_built_cluster()
    taint = {"key": "gpu", "value": "yes", "effect": "NoSchedule"}
    cluster.default_workers.node_labels = {"example.org/tier": "front", "magnum.openstack.org/role": "other"}
    cluster.default_workers.node_taints = [taint]

    found = document(cluster, "worker")

    assert (
        'LABELS="example.org/tier=front,magnum.openstack.org/role=worker,magnum.openstack.org/nodegroup=default-worker"\n'
        in file_of(found, "/etc/magnum-lite/env/kubelet")
    )
    assert json.loads(file_of(found, "/etc/kubernetes/kubelet.json"))["registerWithTaints"] == [taint]


def test_a_document_changes_with_nothing_but_its_inputs() -> None:
    assert document(clusters.a_built_cluster()).etag() == document(clusters.a_built_cluster()).etag()
