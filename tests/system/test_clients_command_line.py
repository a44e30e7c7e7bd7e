# SPDX-License-Identifier: Apache-2.0
"""Every command that python-magnumclient adds to the openstack command, with its main options."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.system.commands import COMMANDS, Shells, runs
from tests.system.conversation import Conversation
from tests.system.house import House
from tests.system.openstack import LongShell, converse, is_verified, openssl
from tests.system.user import GONE, User

NOBODYS = "0" * 32


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Conversation]]:
    # The command keeps the client of whoever runs it first.
    folder = tmp_path_factory.mktemp("openstack")
    loaded = {user: converse(folder / f"{user}.txt") for user in ("demo", "admin")}
    yield loaded
    for one in loaded.values():
        one.end()


@pytest.fixture
def shells(request: pytest.FixtureRequest, house: House, loaded: dict[str, Conversation]) -> Iterator[Shells]:
    shells = Shells(*(LongShell(house.cloud, name, name, lines=loaded[name]) for name in ("demo", "admin")))
    yield shells
    assert shells.commands() == request.function.commands


@pytest.fixture(scope="module")
def user(house: House) -> User:
    return house.user()


@pytest.fixture(scope="module")
def cluster(user: User, noop_template: str) -> Iterator[str]:
    """A cluster ``line`` of one master and two workers, complete."""
    uuid = user.create(noop_template, "line", node_count=2, labels={"own": "yes"}, merge_labels=True)
    user.wait_for(uuid, "CREATE_COMPLETE")
    yield uuid
    user.remove(uuid)


@pytest.fixture
def published(house: House) -> Iterator[str]:
    """A name that no template has, for one that all projects may see and that ends with the test."""
    name = f"published-{secrets.token_hex(4)}"
    yield name
    house.user("admin").call("DELETE", f"/clustertemplates/{name}")


def test_every_command_of_the_installed_client_is_run_by_a_test() -> None:
    run = {one for name, test in globals().items() if name.startswith("test_") for one in getattr(test, "commands", ())}

    assert run == COMMANDS
    assert len(COMMANDS) == 29


@runs(
    "coe cluster template create",
    "coe cluster template show",
    "coe cluster template list",
    "coe cluster template update",
    "coe cluster template delete",
)
def test_templates_are_made_shown_listed_changed_and_deleted(shells: Shells, noop_image: str) -> None:
    made = shells.demo.run(
        f"coe cluster template create first --coe kubernetes --image {noop_image} --external-network public"
        " --keypair my_keypair --flavor m1.small --master-flavor m1.medium --labels a=b --labels c=d --labels e=f"
        " --tags one --tags two,three --docker-volume-size 5 --docker-storage-driver overlay2"
        " --fixed-network private --fixed-subnet private-subnet --network-driver calico --volume-driver cinder"
        " --dns-nameserver 127.0.0.53,127.0.0.54 --http-proxy http://127.0.0.1:3128"
        " --https-proxy http://127.0.0.1:3128 --no-proxy 127.0.0.0/8 --registry-enabled"
        " --insecure-registry 127.0.0.1:5000 --master-lb-enabled --floating-ip-disabled --server-type vm"
    )
    shown = shells.demo.table("coe cluster template show first")
    newest = shells.demo.table(
        "coe cluster template list --limit 1 --sort-key created_at --sort-dir desc --fields coe,image_id"
    )
    changed = shells.demo.table(
        "coe cluster template update first --name second --label g=h --no-label a --tag four --docker-volume-size 6"
        " --flavor m1.large --floating-ip-enabled --master-lb-disabled --registry-disabled --dns-nameserver 127.0.0.9"
    )
    deleted = shells.demo.run("coe cluster template delete second nowhere")

    assert "Request to create cluster template first accepted" in made
    assert shown["labels"] == {"a": "b", "c": "d", "e": "f"}
    assert (shown["master_lb_enabled"], shown["floating_ip_enabled"], shown["registry_enabled"]) == (True, False, True)
    assert (shown["docker_volume_size"], shown["fixed_subnet"]) == (5, "private-subnet")
    assert [(one["name"], one["coe"], one["image_id"]) for one in newest] == [("first", "kubernetes", noop_image)]
    assert set(newest[0]["tags"].split(",")) == {"one", "two", "three"}
    assert (changed["uuid"], changed["name"], changed["flavor_id"]) == (shown["uuid"], "second", "m1.large")
    assert (changed["labels"], changed["tags"]) == ({"c": "d", "e": "f", "g": "h"}, "four")
    assert (changed["master_lb_enabled"], changed["docker_volume_size"]) == (False, 6)
    assert "Request to delete cluster template second has been accepted." in deleted
    assert "Delete for cluster template nowhere failed: ClusterTemplate nowhere could not be found" in deleted


@runs(
    "coe cluster template create",
    "coe cluster template show",
    "coe cluster template update",
    "coe cluster template list",
)
def test_an_admin_publishes_and_hides_templates(shells: Shells, published: str, noop_image: str) -> None:
    line = f"coe cluster template create {published} --coe kubernetes --image {noop_image} --external-network public"
    refused = shells.demo.attempt(f"{line} --public")
    shells.admin.run(f"{line} --public --tls-disabled --visible")
    made = shells.admin.table(f"coe cluster template show {published}")["uuid"]
    seen = [one["uuid"] for one in shells.demo.table("coe cluster template list")]
    shells.admin.run(f"coe cluster template update {published} --hidden")
    seen_hidden = [one["uuid"] for one in shells.demo.table("coe cluster template list")]

    assert refused.returncode == 1
    assert "policy does not allow clustertemplate:publish for this token (HTTP 403)" in refused.stderr
    assert made in seen
    assert made not in seen_hidden


@runs("coe cluster create", "coe cluster show", "coe cluster list", "coe cluster delete")
def test_a_cluster_is_made_as_asked_shown_listed_and_deleted(
    shells: Shells, user: User, cluster: str, noop_template: str
) -> None:
    template = user.call("GET", f"/clustertemplates/{noop_template}").json()["name"]
    said = shells.demo.run(
        f"coe cluster create asked --cluster-template {template} --master-count 1 --node-count 2 --timeout 30"
        " --keypair my_keypair --labels own=yes --labels other=no --merge-labels --docker-volume-size 7"
        " --flavor m1.medium --master-flavor m1.large --fixed-network private --fixed-subnet private-subnet"
        " --floating-ip-enabled --master-lb-enabled"
    )
    uuid = said.split()[4]
    user.wait_for(uuid, "CREATE_COMPLETE")
    shown = shells.demo.table("coe cluster show asked")
    listed = shells.demo.table("coe cluster list --limit 2 --sort-key created_at --sort-dir desc")
    gone = shells.demo.run(f"coe cluster delete {uuid}")
    user.wait_for(uuid, GONE)

    assert said == f"Request to create cluster {uuid} accepted\n"
    assert (shown["uuid"], shown["status"], shown["create_timeout"]) == (uuid, "CREATE_COMPLETE", 30)
    assert (shown["labels"], shown["labels_added"]) == (
        {"kind": "noop", "own": "yes", "other": "no"},
        {"own": "yes", "other": "no"},
    )
    assert (shown["master_count"], shown["node_count"], shown["docker_volume_size"]) == (1, 2, 7)
    assert (shown["flavor_id"], shown["master_flavor_id"]) == ("m1.medium", "m1.large")
    assert (shown["floating_ip_enabled"], shown["master_lb_enabled"]) == (True, True)
    assert len(listed) == 2
    assert (listed[0]["uuid"], listed[0]["name"], listed[0]["keypair"]) == (uuid, "asked", "my_keypair")
    assert gone == f"Request to delete cluster {uuid} has been accepted.\n"


@runs("coe cluster update", "coe cluster resize", "coe cluster show")
def test_the_number_of_workers_is_changed_in_both_ways(shells: Shells, user: User, cluster: str) -> None:
    updated = shells.demo.run("coe cluster update line --node-count 4")
    user.wait_for(cluster, "UPDATE_COMPLETE")
    after_update = shells.demo.table("coe cluster show line")
    resized = shells.demo.run(
        "coe cluster resize line 2 --nodegroup default-worker --nodes-to-remove 0 --nodes-to-remove 2"
    )
    user.wait_for(cluster, "UPDATE_COMPLETE")
    after_resize = shells.demo.table("coe cluster show line")

    assert updated == "Request to update cluster line has been accepted.\n"
    assert (after_update["node_count"], len(after_update["node_addresses"])) == (4, 4)
    assert resized == "Request to resize cluster line has been accepted.\n"
    assert (after_resize["node_count"], len(after_resize["node_addresses"])) == (2, 2)


@runs("coe cluster update", "coe cluster upgrade", "coe ca rotate", "coe credential rotate")
def test_what_cannot_be_done_is_refused_in_a_sentence(
    shells: Shells, user: User, cluster: str, noop_template: str
) -> None:
    before = user.show(cluster)
    refused = {
        "coe cluster update line --name other": "Cannot change name of a cluster",
        "coe cluster update line --master-count 3": "Cannot change master_count of a cluster",
        "coe cluster update line --label kind=other": "Cannot change labels of a cluster",
        "coe cluster update line --no-label own": "Cannot change labels of a cluster",
        "coe cluster update line --node-count 3 --rollback": "rollback true is not done",
        f"coe cluster upgrade line {noop_template} --max-batch-size 2 --nodegroup default-worker": (
            "Cluster line cannot be upgraded: its driver noop does not do that"
        ),
        "coe ca rotate line": "Cluster line cannot be given new certificate authorities",
    }
    done = {line: shells.demo.attempt(line) for line in refused}
    rotated = shells.demo.run("coe credential rotate line")

    assert {line: one.returncode for line, one in done.items()} == dict.fromkeys(refused, 1)
    assert [line for line, said in refused.items() if said not in done[line].stderr] == []
    assert [line for line in refused if "(HTTP 400)" not in done[line].stderr] == []
    assert rotated.startswith("Credential rotation failed: Cluster line cannot be given new credentials")
    assert user.show(cluster) == before


@runs(
    "coe nodegroup create",
    "coe nodegroup list",
    "coe nodegroup show",
    "coe nodegroup update",
    "coe nodegroup delete",
    "coe cluster resize",
)
def test_nodegroups_are_made_listed_shown_changed_resized_and_deleted(
    shells: Shells, user: User, cluster: str, noop_image: str
) -> None:
    made = shells.demo.run(
        "coe nodegroup create line more --node-count 2 --min-nodes 1 --max-nodes 3 --role ingress --flavor m1.small"
        f" --image {noop_image} --docker-volume-size 8 --labels k=l --merge-labels --node-labels tier=front"
        " --node-taints only=front:NoSchedule"
    )
    user.wait_for(cluster, "UPDATE_COMPLETE")
    listed = shells.demo.table("coe nodegroup list line --role ingress --limit 5 --sort-key name --sort-dir asc")
    shown = shells.demo.table("coe nodegroup show line more")
    shells.demo.run(
        "coe nodegroup update line more --min-nodes 0 --max-nodes 5 --node-labels tier=back"
        " --node-taints gone:NoExecute"
    )
    user.wait_for(cluster, "UPDATE_COMPLETE")
    shells.demo.run("coe cluster resize line 4 --nodegroup more")
    user.wait_for(cluster, "UPDATE_COMPLETE")
    changed = shells.demo.table("coe nodegroup show line more")
    shells.demo.run("coe nodegroup delete line more")
    user.wait_for(cluster, "UPDATE_COMPLETE")

    assert re.fullmatch(r"Request to create nodegroup [0-9a-f-]{36} accepted\n", made)
    assert [(one["name"], one["role"], one["status"]) for one in listed] == [("more", "ingress", "CREATE_COMPLETE")]
    assert (shown["node_count"], shown["min_node_count"], shown["max_node_count"]) == (2, 1, 3)
    assert (shown["labels"], shown["docker_volume_size"]) == ({"kind": "noop", "own": "yes", "k": "l"}, 8)
    assert shown["node_labels"] == {"tier": "front"}
    assert [(one["key"], one["value"], one["effect"]) for one in shown["node_taints"]] == [
        ("only", "front", "NoSchedule")
    ]
    assert (changed["node_count"], changed["min_node_count"], changed["max_node_count"]) == (4, 0, 5)
    assert (changed["node_labels"], changed["node_taints"][0]["key"]) == ({"tier": "back"}, "gone")
    assert [one["name"] for one in shells.demo.table("coe nodegroup list line")] == ["default-master", "default-worker"]


@runs("coe ca show", "coe ca sign", "coe cluster config")
def test_certificates_are_shown_signed_and_put_into_a_kubeconfig(shells: Shells, cluster: str, tmp_path: Path) -> None:
    request = ["req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", str(tmp_path / "own.key")]
    openssl(*request, "-subj", "/O=system:masters/CN=admin", "-out", str(tmp_path / "own.csr"))
    (tmp_path / "shown.pem").write_text(shells.demo.run("coe ca show line"))
    (tmp_path / "signed.pem").write_text(shells.demo.run("coe ca sign line", str(tmp_path / "own.csr")))
    said = shells.demo.run(f"coe cluster config line --force --output-certs --dir {tmp_path}")
    config = yaml.safe_load((tmp_path / "config").read_text())
    keystone = tmp_path / "keystone"
    keystone.mkdir()
    shells.demo.run(f"coe cluster config line --use-keystone --dir {keystone}")
    of_keystone = yaml.safe_load((keystone / "config").read_text())

    assert is_verified(tmp_path / "signed.pem", tmp_path / "shown.pem")
    assert is_verified(tmp_path / "cert.pem", tmp_path / "ca.pem")
    assert (tmp_path / "ca.pem").read_text().strip() == (tmp_path / "shown.pem").read_text().strip()
    assert f"KUBECONFIG={tmp_path}/config" in said
    assert config["clusters"][0]["cluster"]["server"] == "https://127.0.0.1:6443"
    assert of_keystone["clusters"][0]["cluster"]["server"] == "https://127.0.0.1:6443"
    assert "exec" in of_keystone["users"][0]["user"]


@runs("coe service list")
def test_services_are_listed_for_an_admin_only(shells: Shells) -> None:
    services = shells.admin.table("coe service list")
    refused = shells.demo.attempt("coe service list")

    assert [(one["binary"], one["state"], one["disabled"]) for one in services] == [("magnum-conductor", "up", False)]
    assert "policy does not allow magnum-service:get_all for this token (HTTP 403)" in refused.stderr


@runs("coe stats list")
def test_statistics_are_counted_for_a_project(shells: Shells, user: User, cluster: str) -> None:
    project = user.show(cluster)["project_id"]
    everything = user.call("GET", "/clusters/detail").json()["clusters"]

    own = _rows(shells.demo.run(f"coe stats list {project}"))
    refused = shells.demo.attempt(f"coe stats list {NOBODYS}")
    nobodys = _rows(shells.admin.run(f"coe stats list {NOBODYS}"))

    nodes = sum(one["node_count"] + one["master_count"] for one in everything)
    assert own == {"clusters": str(len(everything)), "nodes": str(nodes)}
    assert "(HTTP 403)" in refused.stderr
    assert nobodys == {"clusters": "0", "nodes": "0"}


@runs(
    "coe quotas create",
    "coe quotas list",
    "coe quotas show",
    "coe quotas update",
    "coe quotas delete",
)
def test_quotas_are_made_listed_shown_changed_and_deleted(shells: Shells, house: House) -> None:
    other = house.user("other")
    project = other.session.get_project_id()
    which = f"--project-id {project} --resource Cluster"
    made = _rows(shells.admin.run(f"coe quotas create {which} --hard-limit 5"))
    again = shells.admin.run(f"coe quotas create {which} --hard-limit 6")
    listed = shells.admin.run("coe quotas list --all-tenants --limit 100 --sort-key project_id --sort-dir asc")
    changed = _rows(shells.admin.run(f"coe quotas update {which} --hard-limit 7"))
    shown = _rows(shells.admin.run(f"coe quotas show {which}"))
    refused = shells.demo.run(f"coe quotas create {which} --hard-limit 9")
    deleted = shells.admin.run(f"coe quotas delete {which}")
    again_deleted = shells.admin.run(f"coe quotas delete {which}")

    assert (made["project_id"], made["resource"], made["hard_limit"]) == (project, "Cluster", "5")
    assert (changed["hard_limit"], shown["hard_limit"]) == ("7", "7")
    assert re.search(rf"\| {project} *\| Cluster *\| 5 *\|", listed)
    assert f"Create quota for project_id {project} resource Cluster failed:" in again
    assert "(HTTP 409)" in again
    assert "(HTTP 403)" in refused
    assert deleted == f"Request to delete quota for project id {project} and resource Cluster has been accepted.\n"
    assert "(HTTP 404)" in again_deleted


def _rows(printed: str) -> dict[str, str]:
    """Read a table of two columns, which is printed in one form only."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in printed.splitlines() if line[0] == "|"]
    return {name: value for name, value in cells if name != "Property"}
