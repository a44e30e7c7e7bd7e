# SPDX-License-Identifier: Apache-2.0
"""What a user writes reaches a node as it was written, or not at all: it is never read as anything else.

The worst texts go in below the API, are laid on disk by the real Ignition engine and agent, and are looked for there.
"""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from magnum_lite.drivers.k8s_fcos import all_labels, boot
from magnum_lite.drivers.k8s_fcos.registries import Mirror
from magnum_lite.errors import InvalidField, InvalidLabel, InvalidNodegroup
from tests.agent.control_plane import ControlPlane
from tests.drivers import clusters, hostile, texts, told
from tests.drivers.machine import Machine, new_machine, read_by_systemd

# A text made harmless, such as a node's name made from a cluster's, may hold what the nasty one has of letters.
HARMLESS = re.compile(r"[A-Za-z0-9._/:=,@-]*")
ROLES = ("master", "worker")


@dataclass(frozen=True)
class Booted:
    told: told.Told
    machine: Machine
    log: str
    plane: ControlPlane


@pytest.fixture(scope="module", params=ROLES)
def booted(request: pytest.FixtureRequest) -> Iterator[Booted]:
    """A node of a cluster with a nasty text in every place, after its agent has ended."""
    plane, cluster = ControlPlane(), hostile.a_cluster()
    node = (cluster.masters if request.param == "master" else cluster.workers)[0]
    with plane.serving(), new_machine() as machine:
        node_told = told.what(cluster, node, plane, hostile.label_values(), volume_types=hostile.VOLUME_TYPES)
        machine.boot(node_told.user_data)
        yield Booted(node_told, machine, machine.look_after().stdout, plane)


@pytest.mark.parametrize("table", ["cluster", "nodegroup", "node"])
def test_of_every_column_it_is_known_whose_text_it_holds(table: str) -> None:
    sorted_ones = hostile.OURS[table] | hostile.WORDS[table] | hostile.REFUSED_COLUMNS[table]

    assert sorted_ones - hostile.texts(table) == set()
    assert hostile.of_users(table) == OF_USERS[table]


OF_USERS = {
    "cluster": {
        "name", "keypair", "ssh_public_key", "labels", "template_labels", "discovery_url", "flavor_id",
        "master_flavor_id", "external_network_id", "fixed_network", "fixed_subnet", "dns_nameserver", "http_proxy",
        "https_proxy", "no_proxy",
    },
    "nodegroup": {"name", "flavor_id", "image_id", "labels"},
    "node": {"nodegroup_name", "image_id"},
}  # fmt: skip


def test_of_every_kind_of_label_it_is_known_what_it_reads() -> None:
    kinds = {label.kind.name for label in all_labels.LABELS.declared}

    assert kinds - hostile.TEXT_KINDS - hostile.LIST_KINDS - hostile.TYPED_KINDS == set()


def test_the_agent_makes_such_a_node_ready(booted: Booted) -> None:
    assert booted.plane.states[-1:] == ["ready"], booted.log


def test_such_a_node_has_no_file_too_many(booted: Booted) -> None:
    assert booted.machine.files() == told.every_path(booted.told)


def test_systemd_finds_nothing_wrong_with_such_a_nodes_units(booted: Booted) -> None:
    booted.machine.check_units()


def test_every_text_is_on_disk_as_it_was_written_or_not_at_all(booted: Booted) -> None:
    written, changed = hostile.written(), []
    for path in booted.machine.all_files():
        for text in _texts(path, booted.machine.read(path)):
            changed += [(path, word) for word in written if word in text and not _is_whole(text, written[word])]

    assert changed == []


def _texts(path: str, content: str) -> Iterator[str]:
    """Give the texts of a file that a user's may be among: all of JSON, and of any other that has one in clear."""
    if path.endswith("/authorized_keys.d/ignition"):
        # Every line is a text of its own, which another test looks at.
        return iter([])
    return texts.of_file(path, content) if path.endswith(".json") or "zzZZ" in content else iter([])


def _is_whole(text: str, written: str) -> bool:
    # What is never asked of a proxy is a list, which is completed.
    is_listed = text.startswith(f"{written},") and HARMLESS.fullmatch(text.removeprefix(written))
    return text == written or bool(is_listed or HARMLESS.fullmatch(text))


def test_every_line_of_a_public_key_stays_a_line_of_its_own(booted: Booted) -> None:
    lines = [line.strip() for line in hostile.nasty("cluster", "ssh_public_key").splitlines()]
    wanted = list(dict.fromkeys(line for line in lines if line))
    found = booted.machine.read("/home/core/.ssh/authorized_keys.d/ignition").splitlines()

    assert [line for line in found if line] == wanted


def test_systemd_reads_every_variable_as_it_was_written(booted: Booted) -> None:
    paths = [path for path in booted.machine.files() if path.endswith(".env") or "/magnum-lite/env/" in path]

    assert len(paths) > 2
    for path in paths:
        content = booted.machine.read(path)
        wanted = texts.variables(content)
        with tempfile.TemporaryDirectory() as folder:
            assert read_by_systemd(content, wanted, Path(folder)) == wanted


def test_the_agents_image_is_named_as_it_was_written(booted: Booted) -> None:
    found = texts.variables(booted.machine.read("/etc/magnum-lite/agent.env"))

    assert found == {"AGENT_IMAGE": hostile.nasty("label", "agent_image")}


def test_the_proxies_of_a_template_are_among_the_variables(booted: Booted) -> None:
    found = texts.variables(booted.machine.read("/etc/magnum-lite/proxy.env"))

    assert found["HTTP_PROXY"] == hostile.nasty("cluster", "http_proxy") == found["http_proxy"]
    assert found["HTTPS_PROXY"] == hostile.nasty("cluster", "https_proxy") == found["https_proxy"]


REFUSED = [
    ("ntp_servers", (hostile.NASTY,)),
    ("ntp_servers", ("time.example\nuser root",)),
    ("registry_mirrors", (Mirror(hostile.NASTY, "https://mirror.example"),)),
    ("registry_mirrors", (Mirror("../../../etc", "https://mirror.example"),)),
    ("registry_mirrors", (Mirror("..", "https://mirror.example"),)),
    ("registry_mirrors", (Mirror("quay.io", hostile.NASTY),)),
    ("registry_mirrors", (Mirror("quay.io", f"https://mirror.example/{hostile.NASTY}"),)),
]


def test_every_label_that_becomes_a_path_or_a_line_is_tried() -> None:
    assert {label for label, _ in REFUSED} == hostile.REFUSED_LABELS


@pytest.mark.parametrize(("label", "value"), REFUSED)
def test_what_would_become_another_path_or_line_is_not_written(label: str, value: object) -> None:
    cluster = clusters.a_built_cluster()

    with pytest.raises(ValueError, match=r"is no registry|is neither a host"):
        boot.config(cluster, hostile.label_values(**{label: value}), clusters.material(cluster))


@pytest.mark.parametrize(
    "marks",
    [
        {"node_labels": {"tier": "front,node-role.kubernetes.io/control-plane="}},
        {"node_labels": {"tier=front,other": "value"}},
        {"node_labels": {hostile.NASTY: hostile.NASTY}},
        {"node_taints": [{"key": hostile.NASTY, "value": hostile.NASTY, "effect": hostile.NASTY}]},
    ],
)
def test_what_would_become_another_label_or_taint_of_a_node_is_not_written(
    marks: dict[str, Any], plane: ControlPlane
) -> None:
    cluster = clusters.a_built_cluster()
    for name, value in marks.items():
        setattr(cluster.default_workers, name, value)

    with pytest.raises(InvalidNodegroup, match=f"{next(iter(marks))} of nodegroup default-worker"):
        told.what(cluster, cluster.workers[0], plane)


@pytest.mark.parametrize("label", sorted(hostile.REFUSED_LABELS))
def test_users_are_told_what_such_a_label_takes(label: str) -> None:
    with pytest.raises(InvalidLabel, match=f"for label {label}: it takes"):
        all_labels.LABELS.parse({label: hostile.NASTY})


@pytest.mark.parametrize("host", [hostile.NASTY, "../../etc", "a/b", "a b", "ftp://a"])
def test_users_are_told_what_an_insecure_registry_is(host: str) -> None:
    cluster = clusters.a_built_cluster({"insecure_registry": host})

    with pytest.raises(InvalidField, match="for insecure_registry: it takes the host of a registry"):
        clusters.rendered(cluster)


@pytest.mark.parametrize(
    ("label", "reason"),
    [("container_infra_prefix", "it must be pinned by a digest"), ("download_prefix", "it must be an HTTPS URL")],
)
def test_what_cannot_be_verified_is_refused_by_the_agent(
    label: str, reason: str, machine: Machine, plane: ControlPlane
) -> None:
    cluster = clusters.a_built_cluster()
    values = hostile.label_values(**{label: hostile.NASTY})
    machine.boot(told.what(cluster, cluster.workers[0], plane, values).user_data)

    machine.look_after()

    assert plane.states[-1:] == ["failed"]
    assert reason in plane.reports[-1]["message"]
