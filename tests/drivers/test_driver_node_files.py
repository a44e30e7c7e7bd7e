# SPDX-License-Identifier: Apache-2.0
"""The files of a node pass the tools that judge such files: ignition-validate, systemd-analyze, shellcheck."""

import json
import re
import shutil
import tomllib
from pathlib import Path

import pytest

from magnum_lite.drivers.k8s_fcos import boot, container_runtime
from tests import lacking
from tests.drivers import parts
from tests.drivers.machine import IMAGE_PROGRAMS, OURS, TARGETS, check

SCRIPTS = sorted(path for path in boot.NODE.rglob("*") if path.is_file() and path.read_bytes()[:2] == b"#!")
UNITS = sorted(boot.NODE.glob("units/*/*.service"))
# The folders below which a file lies where it lands.
ROOTS = [boot.NODE / "rootfs", *boot.NODE.glob("choices/*/*"), *boot.NODE.glob("files/*")]


@pytest.mark.parametrize("name", list(parts.VARIANTS))
def test_ignition_takes_every_configuration(name: str, tmp_path: Path) -> None:
    program, path = lacking.program("ignition-validate"), tmp_path / "config.ign"
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
    check(lacking.program("shellcheck"), str(script))


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    units = tmp_path / "etc" / "systemd" / "system"
    units.mkdir(parents=True)
    for unit in UNITS:
        shutil.copy(unit, units)
    for program in [*IMAGE_PROGRAMS, *OURS, *(str(path.relative_to(_root(path))) for path in SCRIPTS)]:
        path = tmp_path / program
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
        path.chmod(0o755)
    for target in TARGETS:
        (units / f"{target}.target").write_text("[Unit]\nDescription=there\n")

    check(lacking.program("systemd-analyze"), "verify", f"--root={tmp_path}", *(unit.name for unit in UNITS))


def _root(script: Path) -> Path:
    return next(root for root in ROOTS if root in script.parents)


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


@pytest.mark.parametrize("name", list(parts.VARIANTS))
def test_containerd_keeps_the_pinned_image_of_sandboxes(name: str) -> None:
    document = json.loads(parts.rendered(name)["document/worker.json"])
    text = next(one["content"] for one in document["files"] if one["path"] == container_runtime.PATH)

    found = tomllib.loads(text)

    assert found["version"] == 3
    # With a tag beside the digest containerd would not know the image for the one that must stay.
    image = found["plugins"]["io.containerd.cri.v1.images"]["pinned_images"]["sandbox"]
    assert re.fullmatch(r"[^@]+/pause@sha256:[0-9a-f]{64}", image)
    assert found["plugins"]["io.containerd.cri.v1.runtime"]["enable_selinux"] is True


CONFIGURATIONS = sorted(path for root in ROOTS for path in root.glob("etc/**/*.conf"))


@pytest.mark.parametrize("path", CONFIGURATIONS, ids=lambda path: path.name)
def test_a_file_of_settings_says_why(path: Path) -> None:
    comments = [line for line in path.read_text().splitlines() if line.startswith("# ")]

    assert len(comments) > 1


def test_a_setting_of_the_kernel_is_said_once() -> None:
    lines = [line for path in boot.NODE.rglob("sysctl.d/*.conf") for line in path.read_text().splitlines()]
    names = [line.partition("=")[0].strip() for line in lines if line and not line.startswith("#")]

    assert sorted(set(names)) == sorted(names)
    assert all(re.fullmatch(r"[a-z0-9_./-]+ = \S+", line) for line in lines if line and not line.startswith("#"))


def test_nobody_logs_in_with_a_password_or_as_root() -> None:
    lines = (boot.NODE / "rootfs/etc/ssh/sshd_config.d/10-magnum-lite.conf").read_text().splitlines()

    wanted = {"PasswordAuthentication no", "PermitRootLogin no", "AuthenticationMethods publickey", "AllowUsers core"}
    assert wanted <= set(lines)


def test_the_documentation_says_of_every_file_why_it_is_there() -> None:
    page = (Path(__file__).parents[2] / "doc" / "source" / "nodes.rst").read_text()
    laid = [path for root in ROOTS if "files" not in root.parts for path in root.rglob("*") if path.is_file()]
    names = {f"/{path.relative_to(_root(path))}" for path in laid} | {path.name for path in boot.UNITS.iterdir()}

    assert {name for name in names if f"``{name}``" not in page} == set()
    assert {name for name in boot.MASKED if not name.endswith(".timer") and f"``{name}``" not in page} == set()
