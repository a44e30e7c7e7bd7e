# SPDX-License-Identifier: Apache-2.0
"""The agent on a machine with a real systemd and a real podman, which pulls from a real registry."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from magnum_lite.agent.commands import PATH
from magnum_lite.agent.errors import HostFailed
from magnum_lite.agent.pace import Pace
from magnum_lite.agent.podman import by_digest
from magnum_lite.agent.systemd import SystemdHost
from magnum_lite.nodeconf import Binary, File, NodeDocument, Unit
from tests.agent.boxes import FOLDER, Box, box
from tests.agent.control_plane import ControlPlane
from tests.agent.downloads import Downloads
from tests.agent.nodes import Node, a_document
from tests.agent.registry import Registry, registry
from tests.servers import free_port, required

TOP = Path(__file__).parents[2]
UNITS = Path(__file__).parent / "units" / "box"
MIRROR = '[[registry]]\nlocation = "{}"\ninsecure = true\n'
MIRROR_FILE = "/etc/containers/registries.conf.d/50-mirror.conf"


@pytest.fixture(scope="module")
def images() -> Iterator[Registry]:
    with required(registry()) as found:
        yield found


@pytest.fixture(scope="module")
def etcd(images: Registry) -> str:
    return images.push("etcd", "/usr/bin/etcd")


@pytest.fixture
def machine() -> Iterator[Box]:
    with required(box()) as found:
        yield found


@pytest.fixture
def host(machine: Box, images: Registry) -> SystemdHost:
    """The machine as the agent sees it, which may pull from our registry."""
    machine.disk.write(MIRROR_FILE, MIRROR.format(images.address))
    return SystemdHost(machine.disk, Pace().wait, machine.commands)


@pytest.fixture
def downloads() -> Iterator[Downloads]:
    with Downloads().serving() as found:
        yield found


@pytest.fixture
def node(machine: Box, plane: ControlPlane, images: Registry, downloads: Downloads, etcd: str) -> Node:
    """A booted node that is such a machine, with a document for it."""
    node = Node(machine.disk.root, plane)
    node.make_host = lambda disk, wait: SystemdHost(disk, wait, machine.commands)
    node.boot(has_handle=False)
    source = downloads.offer("/nap", Path("/usr/bin/sleep").read_bytes())
    port = free_port()
    plane.document = a_document(
        plane,
        certificates=(),
        files=(
            File(MIRROR_FILE, MIRROR.format(images.address)),
            File("/etc/magnum-lite/env/keeper", f"IMAGE={etcd}\nPORT={port}\nPEER_PORT={free_port()}\n"),
        ),
        binaries=(Binary("nap", {"amd64": source, "arm64": source}, {"": "/usr/local/bin/nap"}),),
        units=(
            a_unit("setup.service", ready=None),
            a_unit("keeper.service", image=etcd, ready=f"http://127.0.0.1:{port}/health"),
            a_unit("nap.service"),
        ),
        versions={},
    )
    return node


def a_unit(name: str, *, image: str | None = None, ready: str | None = "active") -> Unit:
    return Unit(name, (UNITS / name).read_text(), image, ready)


def a_napping_unit() -> Unit:
    """Give a unit that runs a program which is there."""
    unit = a_unit("nap.service")
    return replace(unit, content=unit.content.replace("/usr/local/bin/nap", "/usr/bin/sleep"))


def with_image(document: NodeDocument, image: str) -> NodeDocument:
    """Give a newer document in which the container has another image."""
    keeper = document.files[1]
    files = (document.files[0], replace(keeper, content=f"IMAGE={image}\n{keeper.content.partition(chr(10))[2]}"))
    units = tuple(replace(unit, image=image) if unit.image else unit for unit in document.units)
    return replace(document, generation=document.generation + 1, files=files, units=units)


def test_a_real_machine_becomes_what_its_document_says(
    plane: ControlPlane, node: Node, machine: Box, etcd: str
) -> None:
    node.agent(ready_seconds=30).run(once=True)

    assert plane.reports[-1]["state"] == "ready", plane.reports[-1]
    assert machine.containers() == [by_digest(etcd)]
    assert machine.run("systemctl", "is-active", "keeper.service", "nap.service").split() == ["active", "active"]
    assert node.read("/run/setup") == "done\n"
    assert node.read("/etc/hostname") == "box\n"


def test_a_second_run_changes_nothing(plane: ControlPlane, node: Node, machine: Box) -> None:
    node.agent(ready_seconds=30).run(once=True)
    before = [machine.main_process(unit) for unit in ("keeper.service", "nap.service")]
    machine.commands.ran.clear()

    node.agent(ready_seconds=30).run(once=True)

    assert plane.states[-1] == "ready"
    assert machine.commands.changes() == []
    assert [machine.main_process(unit) for unit in ("keeper.service", "nap.service")] == before
    assert node.read("/run/setup") == "done\n"


def test_after_a_boot_the_units_come_by_themselves_and_the_agent_changes_nothing(
    plane: ControlPlane, node: Node, machine: Box
) -> None:
    node.agent(ready_seconds=30).run(once=True)
    machine.run("systemctl", "stop", "keeper.service", "nap.service")
    machine.run("systemctl", "start", "multi-user.target")
    machine.commands.ran.clear()

    node.agent(ready_seconds=30).run(once=True)

    assert plane.states[-1] == "ready"
    assert machine.commands.changes() == []


def test_the_agents_container_works_on_the_machine_around_it(
    plane: ControlPlane, node: Node, machine: Box, etcd: str
) -> None:
    agent = [sys.executable, "-m", "magnum_lite.agent.main", "--root=/host", "--host=systemd", "--once"]
    command = [*machine.commands.prefix, "unshare", "--mount", str(FOLDER / "container"), *agent]
    result = subprocess.run(
        command, env={"PATH": PATH, "PYTHONPATH": str(TOP)}, capture_output=True, text=True, timeout=60, check=False
    )

    assert (result.returncode, result.stderr) == (0, "")
    assert plane.states[-1] == "ready"
    assert machine.containers() == [by_digest(etcd)]
    assert machine.run("systemctl", "is-enabled", "nap.service") == "enabled"


def test_another_image_means_a_new_container_in_place_of_the_old(
    plane: ControlPlane, node: Node, machine: Box, images: Registry, etcd: str
) -> None:
    node.agent(ready_seconds=30).run(once=True)
    nap = machine.main_process("nap.service")
    newer = images.push("etcd", "/usr/bin/etcd", version="2")
    plane.document = with_image(plane.document, newer)

    node.agent(ready_seconds=30).run(once=True)

    assert plane.reports[-1]["state"] == "ready", plane.reports[-1]
    assert machine.containers() == [by_digest(newer)]
    assert machine.main_process("nap.service") == nap


def test_a_unit_that_left_the_document_is_gone_with_its_container(
    plane: ControlPlane, node: Node, machine: Box
) -> None:
    node.agent(ready_seconds=30).run(once=True)
    units = tuple(unit for unit in plane.document.units if unit.name != "keeper.service")
    plane.document = replace(plane.document, generation=2, units=units)

    node.agent(ready_seconds=30).run(once=True)

    assert plane.reports[-1]["state"] == "ready", plane.reports[-1]
    assert machine.containers() == []
    assert machine.run("systemctl", "show", "--property=LoadState", "--value", "keeper.service") == "not-found"
    assert not machine.disk.at("/etc/systemd/system/multi-user.target.wants/keeper.service").is_symlink()


def test_a_program_that_somebody_changed_is_replaced_and_its_unit_restarted(
    plane: ControlPlane, node: Node, machine: Box
) -> None:
    node.agent(ready_seconds=30).run(once=True)
    processes = [machine.main_process(unit) for unit in ("keeper.service", "nap.service")]
    place = machine.disk.at("/usr/local/bin/nap")
    place.unlink()
    place.write_bytes(Path("/usr/bin/true").read_bytes())
    place.chmod(0o755)

    node.agent(ready_seconds=30).run(once=True)

    assert plane.reports[-1]["state"] == "ready", plane.reports[-1]
    assert place.read_bytes() == Path("/usr/bin/sleep").read_bytes()
    assert machine.main_process("keeper.service") == processes[0]
    assert machine.main_process("nap.service") != processes[1]


def test_an_image_whose_content_was_tampered_with_is_refused(
    plane: ControlPlane, node: Node, machine: Box, images: Registry
) -> None:
    tampered = images.push("tampered", "/usr/bin/sleep")
    images.tamper(tampered)
    plane.document = with_image(plane.document, tampered)

    node.agent().run(once=True)

    assert plane.reports[-1]["state"] == "failed"
    assert plane.reports[-1]["message"].startswith(f"phase images failed: image {tampered} cannot be pulled: ")
    assert "did not match" in plane.reports[-1]["message"]
    assert machine.containers() == []


def test_an_image_whose_manifest_was_tampered_with_is_refused(host: SystemdHost, images: Registry) -> None:
    tampered = images.push("forged", "/usr/bin/sleep", version="3")
    images.tamper_manifest(tampered)

    with pytest.raises(HostFailed, match=f"image {tampered} cannot be pulled: ") as refusal:
        host.pull(tampered)

    assert refusal.value.is_final
    assert host.image_digest(tampered) is None


def test_a_digest_that_the_registry_does_not_have_is_refused(host: SystemdHost, etcd: str) -> None:
    wrong = f"{etcd.partition('@')[0]}@sha256:{'ab' * 32}"

    with pytest.raises(HostFailed, match=f"image {wrong} cannot be pulled: .*manifest unknown") as refusal:
        host.pull(wrong)

    assert refusal.value.is_final


def test_the_same_tag_with_another_digest_is_another_image(host: SystemdHost, etcd: str) -> None:
    host.pull(etcd)

    assert host.image_digest(etcd) == etcd.partition("@")[2]
    assert host.image_digest(f"{etcd.partition('@')[0]}@sha256:{'ab' * 32}") is None


def test_a_registry_that_does_not_listen_is_asked_again(host: SystemdHost) -> None:
    nowhere = f"127.0.0.1:{free_port()}/etcd:1@sha256:{'ab' * 32}"

    with pytest.raises(HostFailed, match="connection refused") as failure:
        host.pull(nowhere)

    assert not failure.value.is_final


def test_a_unit_that_fails_shows_the_end_of_its_log(host: SystemdHost) -> None:
    host.write_unit(a_unit("broken.service", ready=None))
    host.reload()

    with pytest.raises(HostFailed, match="failed: exit-code; its log ends with: the disk is made of cheese"):
        host.start("broken.service")


def test_a_unit_whose_dependency_is_missing_says_so(host: SystemdHost) -> None:
    unit = a_unit("nap.service")
    host.write_unit(replace(unit, content=f"[Unit]\nRequires=nowhere.mount\n{unit.content}"))
    host.reload()

    with pytest.raises(HostFailed, match=r"unit nap\.service failed: systemctl start nap\.service .*nowhere\.mount"):
        host.start("nap.service")


def test_a_unit_file_that_a_killed_agent_changed_is_read_by_the_next_one(machine: Box, host: SystemdHost) -> None:
    unit = a_napping_unit()
    host.write_unit(unit)
    host.reload()
    host.start(unit.name)
    host.write_unit(replace(unit, content=unit.content.replace("3600", "7200")))

    SystemdHost(machine.disk, Pace().wait, machine.commands).reload()

    assert "7200" in machine.run("systemctl", "show", "--property=ExecStart", unit.name)


def test_a_running_unit_cannot_be_removed(host: SystemdHost, machine: Box) -> None:
    unit = a_napping_unit()
    host.write_unit(unit)
    host.reload()
    host.start(unit.name)

    with pytest.raises(HostFailed, match="still runs"):
        host.remove_unit(unit.name)

    host.stop(unit.name)
    host.remove_unit(unit.name)
    assert host.units() == frozenset()
