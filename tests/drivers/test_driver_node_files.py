# SPDX-License-Identifier: Apache-2.0
"""The files of a node pass the tools that judge such files: ignition-validate, systemd-analyze, shellcheck."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from magnum_lite.drivers.k8s_fcos import boot, components
from tests.drivers import parts

SCRIPTS = sorted(path for path in components.NODE.rglob("*") if path.is_file() and path.read_bytes()[:2] == b"#!")
UNITS = sorted(components.NODE.glob("units/*/*.service"))
# What the units start on a real node, so that systemd-analyze finds it.
PROGRAMS = ("usr/bin/podman", "usr/bin/install", "usr/bin/touch", "usr/local/bin/kubelet")


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        reason = f"{name} is not installed"
        if os.environ.get("REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def check(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("name", list(parts.VARIANTS))
def test_ignition_takes_every_configuration(name: str, tmp_path: Path) -> None:
    program, path = tool("ignition-validate"), tmp_path / "config.ign"
    configurations = [text for part, text in parts.rendered(name).items() if part.startswith("ignition/")]

    assert len(configurations) >= 3
    for text in configurations:
        path.write_text(text)
        check(program, str(path))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_shellcheck_finds_nothing_and_scripts_stop_at_the_first_error(script: Path) -> None:
    text = script.read_text()

    assert "\nset -eu\n" in text
    assert len(text.splitlines()) < 60
    check(tool("shellcheck"), str(script))


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    units = tmp_path / "etc" / "systemd" / "system"
    units.mkdir(parents=True)
    for unit in UNITS:
        shutil.copy(unit, units)
    for program in [*PROGRAMS, *(str(path.relative_to(_root(path))) for path in SCRIPTS)]:
        path = tmp_path / program
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
        path.chmod(0o755)
    for target in ("network-online", "multi-user", "sysinit", "basic", "shutdown"):
        (units / f"{target}.target").write_text("[Unit]\nDescription=there\n")
    shutil.copy(units / "kube-proxy.service", units / "containerd.service")

    check(tool("systemd-analyze"), "verify", f"--root={tmp_path}", *(unit.name for unit in UNITS))


def _root(script: Path) -> Path:
    roots = [boot.ROOTFS, *(components.NODE / "files").iterdir()]
    return next(root for root in roots if root in script.parents)


CONTAINERS = [unit for unit in UNITS if "podman run" in unit.read_text()]
# These two work on the host itself.
PRIVILEGED = {"kube-proxy", "magnum-lite-agent"}


def test_only_two_containers_are_privileged() -> None:
    assert {unit.stem for unit in CONTAINERS if "--privileged" in unit.read_text()} == PRIVILEGED


@pytest.mark.parametrize("unit", [one for one in CONTAINERS if one.stem not in PRIVILEGED], ids=lambda path: path.name)
def test_a_container_has_no_more_rights_than_it_needs(unit: Path) -> None:
    text = unit.read_text()

    for flag in ("--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", "${IMAGE}"):
        assert flag in text


def test_nothing_secret_is_on_every_nodes_disk() -> None:
    assert "PLACEHOLDER-token" not in parts.rendered("three-and-three")["ignition/every-node.json"]
