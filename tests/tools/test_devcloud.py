# SPDX-License-Identifier: Apache-2.0
"""What of devcloud needs no cloud: the guide it follows, the configuration it writes, the processes it finds again."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from magnum_lite.pocketcloud import furnish as pocket
from tests import lacking
from tests.servers import HOST

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools/devcloud.d"
UNITS = sorted((ROOT / "etc/systemd").glob("*.service"))


def ask(code: str, *words: str) -> Any:
    """Run a line in devcloud's own folder, with ``layout`` of a cloud in a folder that is not there; give its JSON."""
    program = (
        "import json, sys; from pathlib import Path; import layout as l\n"
        "layout = l.Layout(Path('/nowhere'), Path('/venv'), Path('/own'), l.ports_from(21000))\n"
        f"{code}"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=TOOL,
        env={**os.environ, "PYTHONPATH": str(TOOL), "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_service_has_a_port_of_its_own() -> None:
    usual, moved = ask("print(json.dumps([l.ports_from(None), l.ports_from(21000)]))")

    assert len(set(usual.values())) == len(usual)
    assert sorted(moved.values()) == list(range(21000, 21000 + len(usual)))
    assert usual["keystone"] == 5000
    assert usual["magnum"] == 9511


def test_every_name_in_the_services_configuration_has_a_value() -> None:
    known = set(ask("print(json.dumps(layout.values()))"))
    used = {
        name
        for path in (TOOL / "etc").rglob("*")
        if path.is_file()
        for name in re.findall(r"\$\{(\w+)\}", path.read_text())
    }

    assert used - known == set()


def test_the_guides_blocks_are_found_in_order_with_their_lines() -> None:
    found = ask(
        "import guide; print(json.dumps([[b.name, b.line, b.text] for b in guide.blocks(guide.GUIDE.read_text())]))"
    )
    names = [name for name, _, _ in found]
    lines = (ROOT / "doc/source/install.rst").read_text().splitlines()

    assert names[0] == "settings"
    assert names.index("database") < names.index("configuration") < names.index("schema") < names.index("started")
    assert [lines[line - 1].strip() for _, line, _ in found] == [text.splitlines()[0] for _, _, text in found]


def test_devcloud_has_a_value_for_each_setting_of_the_guide() -> None:
    wanted, given = ask(
        "import guide\n"
        "block = next(guide.blocks(guide.GUIDE.read_text()))\n"
        "guide._check_settings(block, guide.settings(layout))\n"
        "print(json.dumps([sorted(guide._SETTING.findall(block.text)), sorted(guide.settings(layout))]))"
    )

    assert wanted == given


def test_our_services_are_started_by_the_commands_of_their_units() -> None:
    commands = ask("import guide; print(json.dumps(guide.commands_of_units(layout)))")

    assert commands["magnum-lite-conductor"] == [
        "/own/bin/magnum-lite-conductor",
        "--config-file",
        "/nowhere/etc/magnum_lite/magnum_lite.conf",
    ]
    assert set(commands) == {unit.stem for unit in UNITS}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_takes_the_units(unit: Path, tmp_path: Path) -> None:
    program = lacking.program("systemd-analyze")
    # The programs are where the guide puts them, which is not here.
    text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text(), flags=re.MULTILINE)
    copy = tmp_path / unit.name
    copy.write_text(text.replace("User=magnum_lite", "User=root"))

    done = subprocess.run([program, "verify", str(copy)], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_it_has_the_users_roles_and_flavors_of_the_pocket_cloud() -> None:
    users, roles, projects, flavors = ask(
        "import furnish as f; print(json.dumps([sorted(f.GRANTS), f.ROLES, f.PROJECTS, f.FLAVORS]))"
    )

    assert {*users, "magnum"} == pocket.GRANTS.keys()
    assert set(roles) - set(pocket.ROLES) == {"creator", "heat_stack_user"}
    assert set(roles) >= set(pocket.ROLES)
    assert projects == list(pocket.PROJECTS)
    assert flavors == {name: list(sizes) for name, sizes in pocket.FLAVORS.items()}


def test_a_number_that_the_system_gave_to_another_process_is_not_ours(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / "mine.json").write_text(json.dumps({"pid": os.getpid(), "began": 1}))
    found = ask(
        "import processes\n"
        "layout = l.Layout(Path(sys.argv[1]), Path('/venv'), Path('/own'), l.ports_from(21000))\n"
        "processes._remember(layout, 'own', 1)\n"
        "print(json.dumps([processes.find_pid(layout, 'mine'), processes.find_pid(layout, 'own')]))",
        str(tmp_path),
    )

    assert found == [None, 1]


def test_a_missing_debian_package_is_named_with_the_line_that_installs_it(tmp_path: Path) -> None:
    for name in ("dirname", "env", "bash"):
        (tmp_path / name).symlink_to(lacking.program(name))

    done = subprocess.run(
        [lacking.program("bash"), str(ROOT / "tools/devcloud"), "up"],
        env={"PATH": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "memcached" in done.stderr
    assert "apt-get install --no-install-recommends" in done.stderr


def test_who_has_a_port_that_is_taken_is_named() -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        said = ask("import processes; print(json.dumps(processes._holder_of(int(sys.argv[1]))))", str(port))

    assert said.startswith(f"process {os.getpid()} (")
