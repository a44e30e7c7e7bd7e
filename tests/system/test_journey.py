# SPDX-License-Identifier: Apache-2.0
"""One cluster from the customer's request to its end, seen with the clients people use."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from magnumclient.v1.client import Client  # type: ignore[import-untyped]

from tests.system.house import House
from tests.system.openstack import Shell, is_verified, openssl
from tests.system.processes import wait_until
from tests.system.user import User

REQUEST = json.loads((Path(__file__).parent / "customers_request.json").read_text())
AUTHORITIES = ("kubernetes", "etcd", "front-proxy")
# Certificates of masters that the API servers' authority does not sign.
SIGNED_BY = {"etcd": "etcd", "apiserver-etcd-client": "etcd", "front-proxy-client": "front-proxy"}
PKI = "etc/kubernetes/pki"


@dataclass(frozen=True)
class Journey:
    """The customer's cluster, what was answered when it was asked for, and what the cloud held before."""

    house: House
    user: User
    shell: Shell
    template: str
    uuid: str
    accepted: requests.Response
    straight_after: dict[str, Any]
    leftovers_before: dict[str, int]

    def disks(self) -> dict[str, Path]:
        """Give the roots of the nodes' simulated disks by the nodes' names."""
        agents = self.house.cloud.agents()
        return {name: agent.root for name, agent in agents.items() if name.startswith(f"k8s-{self.uuid[:8]}-")}

    def authority(self, kind: str) -> str:
        answer = self.user.call("GET", f"/certificates/{self.uuid}?ca_cert_type={kind}")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["pem"])


@pytest.fixture(scope="module")
def journey(house: House) -> Iterator[Journey]:
    shell, user = Shell(house.cloud), house.user()
    before = house.cloud.leftovers()
    made = shell.run(
        "coe cluster template create journey --coe kubernetes --image fedora-coreos --external-network public"
        " --keypair my_keypair --flavor m1.small --master-flavor m1.medium --master-lb-enabled"
        + "".join(f" --labels {name}={value}" for name, value in house.cloud.labels.items())
    )
    assert "Request to create cluster template journey accepted" in made
    template = str(shell.table("coe cluster template show journey")["uuid"])
    accepted = user.call("POST", "/clusters", {**REQUEST, "cluster_template_id": template})
    assert accepted.status_code == 202, accepted.text
    uuid = str(accepted.json()["uuid"])
    straight_after = user.show(uuid)
    user.wait_for(uuid, "CREATE_COMPLETE")
    yield Journey(house, user, shell, template, uuid, accepted, straight_after, before)


def test_the_customers_request_is_accepted_and_seen_at_once(journey: Journey) -> None:
    assert journey.accepted.json() == {"uuid": journey.uuid}
    assert journey.straight_after["status"] == "CREATE_IN_PROGRESS"
    assert (journey.straight_after["master_count"], journey.straight_after["node_count"]) == (3, 3)


def test_a_complete_cluster_says_where_it_is(journey: Journey) -> None:
    found = journey.user.show(journey.uuid)

    assert len(set(found["master_addresses"])) == len(set(found["node_addresses"])) == 3
    assert found["api_address"].startswith("https://127.")
    assert found["status_reason"] is None


def test_the_client_library_lists_and_shows_the_cluster(journey: Journey) -> None:
    client = Client(session=journey.user.session, endpoint_override=journey.house.api_url)

    (listed,) = [one for one in client.clusters.list() if one.uuid == journey.uuid]
    shown = client.clusters.get("k8s")

    assert (listed.name, listed.status) == ("k8s", "CREATE_COMPLETE")
    assert (shown.uuid, shown.cluster_template_id) == (journey.uuid, journey.template)


def test_the_command_line_shows_the_cluster(journey: Journey) -> None:
    (listed,) = [one for one in journey.shell.table("coe cluster list") if one["uuid"] == journey.uuid]
    shown = journey.shell.table("coe cluster show k8s")

    assert (listed["status"], listed["master_count"], listed["node_count"]) == ("CREATE_COMPLETE", 3, 3)
    assert (shown["uuid"], shown["status"]) == (journey.uuid, "CREATE_COMPLETE")
    assert journey.shell.table("token issue")["user_id"]


def test_the_command_line_shows_the_stack_its_resources_and_events(journey: Journey) -> None:
    stack = str(journey.user.show(journey.uuid)["stack_id"])

    (listed,) = [one for one in journey.shell.table("stack list") if one["ID"] == stack]
    resources = journey.shell.table(f"stack resource list -n 3 {stack}")
    events = journey.shell.table(f"stack event list {stack}")

    assert listed["Stack Status"] == "CREATE_COMPLETE"
    names = [one["resource_name"] for one in resources]
    assert (names.count("kube-master"), names.count("kube-minion")) == (3, 3)
    assert {"kube_masters", "kube_minions"} <= set(names)
    assert {one["resource_status"] for one in resources} == {"CREATE_COMPLETE"}
    assert events[-1]["resource_status"] == "CREATE_COMPLETE"


def test_the_command_line_shows_a_server_for_every_node(journey: Journey) -> None:
    servers = {one["Name"]: one["Status"] for one in journey.shell.table("server list")}

    assert servers.keys() >= journey.disks().keys()
    assert len(journey.disks()) == 6
    assert set(servers.values()) == {"ACTIVE"}


def test_an_admin_sees_the_conductor_at_work(journey: Journey) -> None:
    services = Shell(journey.house.cloud, "admin", "admin").table("coe service list")

    assert [(one["binary"], one["state"]) for one in services] == [("magnum-conductor", "up")]


def test_the_kubeconfig_holds_a_certificate_that_the_cluster_believes(journey: Journey, tmp_path: Path) -> None:
    said = journey.shell.run(f"coe cluster config k8s --force --output-certs --dir {tmp_path}")
    (tmp_path / "shown.pem").write_text(journey.shell.run("coe ca show k8s"))

    config = yaml.safe_load((tmp_path / "config").read_text())
    user, cluster = config["users"][0]["user"], config["clusters"][0]["cluster"]
    (tmp_path / "user.pem").write_bytes(_embedded(user, "client-certificate", tmp_path))
    key = _embedded(user, "client-key", tmp_path).decode()
    public = openssl("x509", "-in", str(tmp_path / "user.pem"), "-noout", "-pubkey").stdout

    assert f"KUBECONFIG={tmp_path}/config" in said
    assert cluster["server"] == journey.user.show(journey.uuid)["api_address"]
    assert is_verified(tmp_path / "user.pem", tmp_path / "shown.pem")
    assert openssl("pkey", "-pubout", text=key).stdout == public


def _embedded(where: dict[str, str], name: str, folder: Path) -> bytes:
    if f"{name}-data" in where:
        return base64.b64decode(where[f"{name}-data"])
    return (folder / where[name]).read_bytes()


def test_every_certificate_on_every_node_is_signed_by_its_authority_and_no_other(
    journey: Journey, tmp_path: Path
) -> None:
    paths = {kind: tmp_path / f"{kind}.pem" for kind in AUTHORITIES}
    for kind, path in paths.items():
        path.write_text(journey.authority(kind))
    signers = {}
    for node, root in journey.disks().items():
        for leaf in sorted((root / PKI).glob("*.crt")):
            if not leaf.stem.endswith("-ca"):
                signers[node, leaf.stem] = [kind for kind, path in paths.items() if is_verified(leaf, path)]

    assert signers == {(node, name): [SIGNED_BY.get(name, "kubernetes")] for node, name in signers}
    assert len([name for _, name in signers if name == "kubelet"]) == 6
    assert len([name for _, name in signers if name == "etcd"]) == 3


def test_the_keys_of_the_authorities_are_on_no_node(journey: Journey) -> None:
    on_disk = [path for root in journey.disks().values() for path in root.rglob("*-ca.key")]

    assert on_disk == []


def test_secrets_on_a_node_are_read_by_root_only(journey: Journey) -> None:
    secret = [path for root in journey.disks().values() for path in (root / PKI).glob("*.key")]
    secret += [root / "etc/magnum-lite/node.json" for root in journey.disks().values()]

    assert [path for path in secret if path.stat().st_mode & 0o077] == []


@pytest.mark.parametrize(
    ("name", "organization"),
    [
        ("system:node:{other}", "system:nodes"),
        ("system:node:{own}", "system:masters"),
        ("system:kube-controller-manager", "system:nodes"),
        ("admin", "system:masters"),
    ],
)
def test_a_workers_token_gets_no_other_subject(journey: Journey, name: str, organization: str) -> None:
    own, other = _worker(journey, 0), _worker(journey, 1)
    subject = name.format(own=own["name"], other=other["name"])

    answer = _ask(journey, own, "kubelet", subject, organization)

    assert (answer.status_code, answer.json()["errors"][0]["status"]) == (400, 400)


def test_a_workers_token_gets_its_own_subject_and_no_masters_profile(journey: Journey) -> None:
    own = _worker(journey, 0)
    subject = f"system:node:{own['name']}"

    answers = {one: _ask(journey, own, one, subject, "system:nodes") for one in ("kubelet", "apiserver", "etcd")}

    assert {one: answer.status_code for one, answer in answers.items()} == {
        "kubelet": 201,
        "apiserver": 400,
        "etcd": 400,
    }


def test_a_workers_token_reads_its_own_document_and_no_other(journey: Journey) -> None:
    own, other = _worker(journey, 0), _worker(journey, 1)
    headers = {"Authorization": f"Bearer {own['token']}"}
    url = f"{journey.house.api_url}/agent/nodes"

    statuses = [
        requests.get(f"{url}/{node}/document", headers=headers, timeout=30).status_code
        for node in (own["node"], other["node"])
    ]

    assert statuses == [200, 401]


def test_a_workers_document_holds_no_key(journey: Journey) -> None:
    own = _worker(journey, 0)
    headers = {"Authorization": f"Bearer {own['token']}"}

    text = requests.get(f"{journey.house.api_url}/agent/nodes/{own['node']}/document", headers=headers, timeout=30).text

    assert "BEGIN CERTIFICATE" in text
    assert "PRIVATE KEY" not in text


def _worker(journey: Journey, index: int) -> dict[str, str]:
    """Give what a worker knows of itself."""
    (root,) = [root for name, root in journey.disks().items() if name.endswith(f"-worker-{index}")]
    return dict(json.loads((root / "etc/magnum-lite/node.json").read_text()))


def _ask(journey: Journey, node: dict[str, str], profile: str, name: str, organization: str) -> requests.Response:
    """Ask for a certificate with a node's token."""
    document = requests.get(
        f"{journey.house.api_url}/agent/nodes/{node['node']}/document",
        headers={"Authorization": f"Bearer {node['token']}"},
        timeout=30,
    ).json()
    subject = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )
    return requests.post(
        f"{journey.house.api_url}/agent/nodes/{node['node']}/certificates",
        json={"profile": profile, "csr": _csr(subject, document)},
        headers={"Authorization": f"Bearer {node['token']}"},
        timeout=30,
    )


def _csr(subject: x509.Name, document: dict[str, Any]) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([x509.DNSName(document["name"])])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).add_extension(names, critical=False)
    return request.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def test_the_command_line_makes_changes_and_deletes_templates_and_clusters(house: House) -> None:
    shell = Shell(house.cloud)
    shell.run(
        "coe cluster template create short --coe kubernetes --image fedora-coreos --external-network public"
        " --keypair my_keypair --flavor m1.small --master-flavor m1.small"
    )
    shell.run("coe cluster template update short --master-flavor m1.large")
    assert shell.table("coe cluster template show short")["master_flavor_id"] == "m1.large"

    said = shell.run("coe cluster create short --cluster-template short --master-count 1 --node-count 0")
    refused = shell.attempt("coe cluster template delete short")
    uuid = said.split()[4]
    shell.run("coe cluster delete short")
    house.user().wait_for(uuid, "gone")
    shell.run("coe cluster template delete short")

    assert said.startswith("Request to create cluster ")
    assert "short" in refused.stdout + refused.stderr
    assert "short" not in [one["name"] for one in shell.table("coe cluster template list")]


def test_what_the_customer_deletes_leaves_nothing_behind(journey: Journey) -> None:
    house, user = journey.house, journey.user
    assert {"cluster", "nodegroup", "node", "operation", "event", "secret"} <= house.rows_of(journey.uuid).keys()

    deleted = user.call("DELETE", f"/clusters/{journey.uuid}")
    user.wait_for(journey.uuid, "gone")

    assert (deleted.status_code, deleted.text) == (204, "")
    assert house.rows_of(journey.uuid) == {}
    before = journey.leftovers_before
    wait_until(lambda: house.cloud.leftovers() == before, f"{house.cloud.leftovers()} as {before}", seconds=15)
    assert user.call("GET", f"/clusters/{journey.uuid}").json()["errors"][0]["status"] == 404
