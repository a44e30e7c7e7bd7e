# SPDX-License-Identifier: Apache-2.0
"""The services' databases: made once, and brought to what the installed packages need."""

from __future__ import annotations

import concurrent.futures
import grp
import hashlib
import os
import pwd
import subprocess
from pathlib import Path

import pymysql
from cloud_service import Service, environment_of
from layout import HERE, HOST, PASSWORD, REGION, Layout
from processes import Failed

NAMES = (
    "keystone", "glance", "placement", "nova_api", "nova", "nova_cell0", "neutron", "heat", "cinder", "octavia",
    "barbican", "magnum_lite",
)  # fmt: skip
AT_ONCE = 3
# What a command that is not made to be run again says when it has been.
IS_THERE = {"create_cell": 2}
SYNC_SECONDS = 300.0


def prepare_mariadb(layout: Layout) -> None:
    """Lay out MariaDB's own files, unless they are there."""
    data = layout.folder / "data" / "mariadb"
    if (data / "mysql").is_dir():
        return
    data.mkdir(parents=True, exist_ok=True)
    user = ["--user=root"] if os.geteuid() == 0 else []
    _run(
        layout,
        "mariadb",
        ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal", *user],
    )


def create(layout: Layout) -> None:
    """Make the databases that are not there."""
    connection = pymysql.connect(host=HOST, port=layout.ports["mariadb"], user="root")
    with connection, connection.cursor() as cursor:
        for name in NAMES:
            cursor.execute(f"CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb4")


def sync(layout: Layout) -> None:
    """Bring every schema to what the installed packages need; several at once, the slowest first."""
    commands = _commands(layout)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for done in [pool.submit(_sync_one, layout, name, lines) for name, lines in commands.items()]:
            done.result()


def _sync_one(layout: Layout, name: str, lines: list[list[str]]) -> None:
    marker = layout.folder / "data" / f"{name}.synced"
    version = hashlib.sha256((HERE / "requirements.txt").read_bytes()).hexdigest()
    if marker.exists() and marker.read_text() == version:
        return
    for line in lines:
        _run(layout, f"{name}-setup", [layout.program(line[0]), *line[1:]])
    marker.write_text(version)


def _commands(layout: Layout) -> dict[str, list[list[str]]]:
    """Give by service what has to be run before its first start, as its own install guide says."""

    def manage(program: str, service: str, *words: str) -> list[str]:
        file = {"glance": "glance-api.conf"}.get(service, f"{service}.conf")
        return [program, "--config-file", str(layout.folder / "etc" / service / file), *words]

    def nova(*words: str) -> list[str]:
        return manage("nova-manage", "nova", "--config-file", f"{layout.folder}/etc/nova/databases.conf", *words)

    def keystone(*words: str) -> list[str]:
        return manage("keystone-manage", "keystone", *words)

    url = f"{layout.url('keystone')}/v3"
    bootstrap = ["--bootstrap-password", PASSWORD, "--bootstrap-region-id", REGION]
    for interface in ("public", "internal", "admin"):
        bootstrap += [f"--bootstrap-{interface}-url", url]
    owner = ["--keystone-user", pwd.getpwuid(os.geteuid()).pw_name]
    owner += ["--keystone-group", grp.getgrgid(os.getegid()).gr_name]
    cell0 = f"{layout.database}/nova_cell0?charset=utf8mb4"
    return {
        "nova": [
            nova("api_db", "sync"),
            nova("cell_v2", "map_cell0", "--database_connection", cell0),
            nova("db", "sync"),
            nova("cell_v2", "create_cell", "--name", "cell1"),
        ],
        "keystone": [
            keystone("db_sync"),
            keystone("fernet_setup", *owner),
            keystone("credential_setup", *owner),
            keystone("bootstrap", *bootstrap),
        ],
        "neutron": [manage("neutron-db-manage", "neutron", "upgrade", "heads")],
        "heat": [manage("heat-manage", "heat", "db_sync")],
        "cinder": [manage("cinder-manage", "cinder", "db", "sync")],
        "placement": [manage("placement-manage", "placement", "db", "sync")],
        "glance": [manage("glance-manage", "glance", "db_sync")],
        "octavia": [manage("octavia-db-manage", "octavia", "upgrade", "head")],
        "barbican": [["barbican-manage", "db", "upgrade"]],
    }


def _run(layout: Layout, log: str, command: list[str]) -> None:
    """Run a command to its end as a service would run it; raise ``Failed`` with where its words are."""
    path: Path = layout.log(log)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as output:
        done = subprocess.run(
            command,
            cwd=layout.folder,
            env=environment_of(layout, Service(log, ())),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=SYNC_SECONDS,
            check=False,
        )
    if done.returncode != 0 and IS_THERE.get(command[-3]) != done.returncode:
        last = path.read_text(errors="replace")[-2000:]
        raise Failed(f"{' '.join(command[:6])} ended with {done.returncode}; the end of {path}:\n{last}")
