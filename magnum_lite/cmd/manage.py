# SPDX-License-Identifier: Apache-2.0
"""The command ``magnum-lite-manage``."""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Sequence

from oslo_config import cfg

from magnum_lite import conf as configuration
from magnum_lite.certs import vaults
from magnum_lite.cmd import encryption, labels, releases
from magnum_lite.cmd.failures import explained
from magnum_lite.store import clusters, schema, services
from magnum_lite.store.engine import Store


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        "magnum-lite-manage", description="Look after magnum_lite's database, secrets and releases."
    )
    top.add_argument("--config-file", action="append", help="a configuration file (default: the usual places)")
    groups = top.add_subparsers(dest="group", required=True, metavar="GROUP")
    database = groups.add_parser("db", help="the database's schema").add_subparsers(dest="action", required=True)
    database.add_parser("upgrade", help="bring the schema to what this program needs")
    database.add_parser("version", help="print the schema's revision")
    service = groups.add_parser("service", help="conductors").add_subparsers(dest="action", required=True)
    service.add_parser("list", help="print which conductors live")
    vault = groups.add_parser("vault", help="secrets of clusters").add_subparsers(dest="action", required=True)
    vault.add_parser("new-key", help="put a new first key into [vault] key_file, which is made if need be")
    vault.add_parser("rotate", help="encrypt every secret anew with the first key")
    move = vault.add_parser("move", help="move secrets to another backend; services may run meanwhile")
    move.add_argument("--to", required=True, metavar="BACKEND", help="database or barbican")
    move.add_argument("cluster", nargs="*", help="UUID or name of a cluster (default: all)")
    encryption.add_parser(groups)
    releases.add_parser(groups)
    table = groups.add_parser("labels", help="print every label that clusters can have")
    table.add_argument("--driver", help="only the labels of this driver")
    table.add_argument("--format", choices=sorted(labels.FORMATS), default="text", help="how to write them (text)")
    return top


def db_upgrade(conf: cfg.ConfigOpts) -> None:
    store = Store.from_conf(conf)
    before = schema.current(store)
    schema.upgrade(store)
    print(f"schema: {before or 'empty'} -> {schema.current(store)}")


def db_version(conf: cfg.ConfigOpts) -> None:
    print(schema.current(Store.from_conf(conf)) or "empty")


def service_list(conf: cfg.ConfigOpts) -> None:
    now = datetime.datetime.now(datetime.UTC)
    with Store.from_conf(conf).read() as session:
        for row in services.list_(session):
            state = "up" if row.is_up(now, conf.api.service_down_seconds) else "down"
            print(f"{row.binary} {row.host} {state} last seen {row.last_seen_up:%Y-%m-%dT%H:%M:%SZ}")


def vault_new_key(conf: cfg.ConfigOpts) -> None:
    print(vaults.new_key(conf))


def vault_rotate(conf: cfg.ConfigOpts) -> None:
    print(f"{vaults.load(conf, Store.from_conf(conf)).rotate()} secret(s) encrypted anew")


def vault_move(conf: cfg.ConfigOpts, to: str, idents: Sequence[str]) -> None:
    store = Store.from_conf(conf)
    vault = vaults.load(conf, store)
    with store.read() as session:
        uuids = [clusters.get(session, None, ident).uuid for ident in idents]
    if not idents:
        print(f"all clusters: {vault.move(to)} secret(s) moved to {to}")
    for uuid in uuids:
        print(f"cluster {uuid}: {vault.move(to, uuid)} secret(s) moved to {to}")


COMMANDS = {
    ("db", "upgrade"): db_upgrade,
    ("db", "version"): db_version,
    ("service", "list"): service_list,
    ("vault", "new-key"): vault_new_key,
    ("vault", "rotate"): vault_rotate,
}


def run(args: Sequence[str]) -> int:
    """Run one command line (without the program's name)."""
    given = parser().parse_args(list(args))
    conf = configuration.new((), given.config_file)
    if given.group == "release":
        return releases.run(conf, given)
    if given.group == "encryption":
        return encryption.check(conf)
    if given.group == "labels":
        print(labels.FORMATS[given.format](labels.table(conf, given.driver)), end="")
    elif given.action == "move":
        vault_move(conf, given.to, given.cluster)
    else:
        COMMANDS[(given.group, given.action)](conf)
    return 0


@explained
def main() -> int:
    return run(sys.argv[1:])
