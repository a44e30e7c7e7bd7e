# SPDX-License-Identifier: Apache-2.0
"""Follows the install guide: runs the blocks of doc/source/install.rst that have a name, as an operator would."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import shlex
import subprocess
import textwrap
from collections.abc import Iterator, Mapping

from cloud_service import Service, environment_of
from clouds_file import variables
from layout import HOST, PASSWORD, REGION, ROOT, Layout
from processes import Failed

GUIDE = ROOT / "doc" / "source" / "install.rst"
UNITS = ROOT / "etc" / "systemd"
SETTINGS = "settings"
SECONDS = 300.0
# What is done before the services run, and what needs them.
AFTER_START = ("started", "template")
RELEASES = ("v1.34.7", "v1.35.4")

_BLOCK = re.compile(
    r"^\.\. code-block:: bash\n   :name: (?P<name>[a-z-]+)\n\n(?P<text>(?:(?:   .*)?\n)+)", re.MULTILINE
)
_SETTING = re.compile(r"^export (\w+)=", re.MULTILINE)
_COMMAND = re.compile(r"^ExecStart=(.*)$", re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Block:
    """One block of the guide: its name, its shell lines and the line of the file it begins at."""

    name: str
    text: str
    line: int


def blocks(text: str) -> Iterator[Block]:
    """Give the blocks that have a name, in their order."""
    for found in _BLOCK.finditer(text):
        line = text.count("\n", 0, found.start("text")) + 1
        yield Block(found["name"], textwrap.dedent(found["text"]), line)


def follow(layout: Layout, *, is_started: bool) -> None:
    """Run the blocks that come before the services' start, or after it; once for each state of the guide."""
    text = GUIDE.read_text()
    marker = layout.folder / "data" / f"guide-{'after' if is_started else 'before'}.followed"
    state = hashlib.sha256(f"{text}{settings(layout)}".encode()).hexdigest()
    if marker.exists() and marker.read_text() == state:
        return
    for block in blocks(text):
        if block.name == SETTINGS:
            _check_settings(block, settings(layout))
        elif (block.name in AFTER_START) == is_started:
            _run(layout, block)
    marker.write_text(state)


def settings(layout: Layout) -> dict[str, str]:
    """Give this cloud's values of what the guide's first block sets."""
    return {
        "SERVICE_HOME": str(layout.own),
        "CONF_DIR": str(layout.folder / "etc" / "magnum_lite"),
        "SERVICE_USER": "",
        "SERVICE_PASSWORD": PASSWORD,
        "DATABASE_PASSWORD": PASSWORD,
        "QUEUE_PASSWORD": PASSWORD,
        "DATABASE": f"{HOST}:{layout.ports['mariadb']}",
        "QUEUE": f"{HOST}:{layout.ports['rabbitmq']}",
        "AUTH_URL": f"{layout.url('keystone')}/v3",
        "MEMCACHED": f"{HOST}:{layout.ports['memcached']}",
        "API_HOST": HOST,
        "API_PORT": str(layout.ports["magnum"]),
        "API_URL": f"{layout.url('magnum')}/v1",
        "REGION": REGION,
        "RELEASES": " ".join(RELEASES),
        "PIN_OPTIONS": f"--registry {layout.url('registry')}",
        "EXTERNAL_NETWORK": "public",
    }


def commands_of_units(layout: Layout) -> dict[str, tuple[str, ...]]:
    """Give by service the command that its systemd unit starts, with this cloud's folders in place of the usual."""
    here = settings(layout)
    places = {"/opt/magnum_lite": here["SERVICE_HOME"], "/etc/magnum_lite": here["CONF_DIR"]}
    commands = {}
    for unit in sorted(UNITS.glob("*.service")):
        found = _COMMAND.search(unit.read_text())
        if found is None:
            raise Failed(f"{unit} has no ExecStart")
        line = found[1]
        for usual, place in places.items():
            line = line.replace(usual, place)
        commands[unit.stem] = tuple(shlex.split(line))
    return commands


def _check_settings(block: Block, values: Mapping[str, str]) -> None:
    wanted = set(_SETTING.findall(block.text))
    if wanted != values.keys():
        raise Failed(f"{GUIDE}:{block.line}: devcloud has no value for, or too many of: {wanted ^ values.keys()}")


def _run(layout: Layout, block: Block) -> None:
    """Run a block to its end; raise ``Failed`` with its place in the guide and its last words."""
    (layout.folder / "etc" / "magnum_lite").mkdir(parents=True, exist_ok=True)
    log = layout.log("guide")
    with log.open("ab") as output:
        output.write(f"== {GUIDE.name}:{block.line} {block.name}\n".encode())
        output.flush()
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block.text],
            cwd=ROOT,
            env=_environment(layout),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
            check=False,
        )
    if done.returncode != 0:
        last = log.read_text(errors="replace")[-1500:]
        raise Failed(f"{GUIDE}:{block.line}: the block {block.name!r} ended with {done.returncode}:\n{last}")


def _environment(layout: Layout) -> dict[str, str]:
    """Give an administrator's shell on the machine of all servers."""
    service = environment_of(layout, Service("guide", (), layout.broker_names))
    administrator = variables(layout, "admin", "admin")
    # RabbitMQ's commands outside of this folder change to a user who may not read here.
    path = os.pathsep.join(["/usr/lib/rabbitmq/bin", str(layout.own / "bin"), service["PATH"]])
    return {**service, **administrator, **settings(layout), "PATH": path}
