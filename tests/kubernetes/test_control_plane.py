# SPDX-License-Identifier: Apache-2.0
"""The agent starts a real control plane with the very flags of its units, and it does what it is there for."""

from __future__ import annotations

import base64
import json
import ssl
import urllib.error
import urllib.request

import pytest

from magnum_lite.agent.rooms.course import ACTIVE
from tests.kubernetes.real import PKI, Client, RealCluster

CONTROL_PLANE = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
WORD = "only-for-the-initiated"
SECONDS = 30


def asked(cluster: RealCluster, path: str) -> int:
    """Give the code that somebody without a name is answered."""
    context = ssl.create_default_context(cafile=str(cluster.authority))
    try:
        with urllib.request.urlopen(f"{cluster.server}{path}", timeout=SECONDS, context=context) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def in_etcd(cluster: RealCluster, key: str) -> bytes:
    """Give what etcd keeps for a key, read with the API server's own certificate."""
    pki = cluster.root / PKI
    context = ssl.create_default_context(cafile=str(pki / "etcd-ca.crt"))
    context.load_cert_chain(pki / "apiserver-etcd-client.crt", pki / "apiserver-etcd-client.key")
    body = json.dumps({"key": base64.b64encode(key.encode()).decode()}).encode()
    request = urllib.request.Request("https://127.0.0.1:2379/v3/kv/range", body)
    with urllib.request.urlopen(request, timeout=SECONDS, context=context) as answer:  # noqa: S310
        (found,) = json.load(answer)["kvs"]
    return base64.b64decode(found["value"])


@pytest.mark.parametrize("name", CONTROL_PLANE)
def test_every_part_of_the_control_plane_runs_as_its_unit_says(cluster: RealCluster, name: str) -> None:
    assert cluster.units()[f"{name}.service"].state == ACTIVE
    assert f"unit {name}.service runs as a process: {name} --" in cluster.log()


def test_the_api_server_says_that_it_is_ready(cluster: RealCluster, admin: Client) -> None:
    assert admin.run("get", "--raw", "/readyz") == "ok"


def test_the_kubeconfig_of_the_openstack_client_opens_the_cluster(admin: Client) -> None:
    assert "namespace/kube-system\n" in admin.run("get", "namespaces", "--output=name")
    assert admin.run("get", "nodes", "--output=name") == ""


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/healthz"])
def test_whoever_has_no_name_hears_of_its_health(cluster: RealCluster, path: str) -> None:
    assert asked(cluster, path) == 200


@pytest.mark.parametrize("path", ["/version", "/api", "/api/v1/namespaces", "/metrics", "/openapi/v2"])
def test_whoever_has_no_name_hears_of_nothing_else(cluster: RealCluster, path: str) -> None:
    assert asked(cluster, path) == 401


def test_secrets_are_encrypted_where_they_are_kept(cluster: RealCluster, admin: Client) -> None:
    admin.run("create", "secret", "generic", "at-rest", f"--from-literal=word={WORD}")

    kept = in_etcd(cluster, "/registry/secrets/default/at-rest")

    assert kept.startswith(b"k8s:enc:secretbox:v1:")
    assert WORD.encode() not in kept


def test_who_did_what_is_written_down_without_what_is_secret(cluster: RealCluster, admin: Client) -> None:
    admin.run("create", "secret", "generic", "audited", f"--from-literal=word={WORD}")

    log = (cluster.root / "var/log/kubernetes/audit.log").read_text()
    entries = [json.loads(line) for line in log.splitlines() if '"audited"' in line]

    assert any(entry["verb"] == "create" and entry["user"]["username"] == "admin" for entry in entries)
    assert WORD not in log
    assert base64.b64encode(WORD.encode()).decode() not in log


def test_the_controllers_work(admin: Client) -> None:
    """What is made for a namespace, the controller manager makes."""
    admin.run("create", "namespace", "watched")
    admin.run("wait", "--for=create", "serviceaccount/default", "--namespace=watched", "--timeout=30s")
    admin.run("wait", "--for=create", "configmap/kube-root-ca.crt", "--namespace=watched", "--timeout=30s")


def test_the_scheduler_works(admin: Client) -> None:
    admin.run("wait", "--for=create", "serviceaccount/default", "--timeout=30s")
    admin.run("run", "waiting", "--image=registry.example/none:1")
    reason = "jsonpath={.status.conditions[?(@.type=='PodScheduled')].reason}=Unschedulable"

    admin.run("wait", f"--for={reason}", "pod/waiting", "--timeout=30s")


def test_a_node_says_of_itself_what_it_may_not_say_of_another(cluster: RealCluster, admin: Client) -> None:
    apply = ("apply", "--server-side", "--force-conflicts", "--filename=-")
    for name in (cluster.master, "another"):
        admin.run(*apply, text=a_node(name))
    node = cluster.node()

    allowed = node.attempt(*apply, text=a_node(cluster.master, shown="yes"))
    refused = node.attempt(*apply, text=a_node("another", shown="yes"))
    admin.run("delete", "node", cluster.master, "another")

    assert allowed.returncode == 0, allowed.stderr
    assert "is not allowed to modify node" in refused.stderr


def a_node(name: str, **labels: str) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}})
