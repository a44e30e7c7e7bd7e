# SPDX-License-Identifier: Apache-2.0
"""The command ``magnum-lite-status upgrade check``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from oslo_config import cfg
from oslo_db.exception import DBError
from oslo_upgradecheck import upgradecheck

from magnum_lite import conf as configuration
from magnum_lite.certs import vaults
from magnum_lite.errors import MagnumLiteError
from magnum_lite.releases.catalogue import CALICO
from magnum_lite.releases.installed import Releases
from magnum_lite.store import schema
from magnum_lite.store.engine import Store


class Checks(upgradecheck.UpgradeCommands):
    """What has to be right before the services of this release are started."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._conf = conf

    def _check_schema(self) -> Any:
        try:
            found = schema.current(Store.from_conf(self._conf))
        except DBError as error:
            return _failure(f"[database] connection cannot be used: {error.__cause__ or error}")
        wanted = schema.newest()
        if found != wanted:
            return _failure(
                f"The schema is at {found or 'nothing'}, not at {wanted}: run magnum-lite-manage db upgrade"
            )
        return upgradecheck.Result(upgradecheck.Code.SUCCESS)

    def _check_vault(self) -> Any:
        try:
            vaults.load(self._conf, Store.from_conf(self._conf))
        except (MagnumLiteError, DBError, OSError) as error:
            return _failure(str(error))
        return upgradecheck.Result(upgradecheck.Code.SUCCESS)

    def _check_releases(self) -> Any:
        try:
            releases = Releases.load(self._conf.releases.directories)
        except MagnumLiteError as error:
            return _failure(str(error))
        release = releases.find(releases.default)
        missing = [name for name in CALICO if release is None or name not in release.images]
        if not missing:
            return upgradecheck.Result(upgradecheck.Code.SUCCESS)
        return upgradecheck.Result(
            upgradecheck.Code.WARNING,
            f"No cluster can be made of release {releases.default} as long as {', '.join(missing)} are not pinned: "
            f"run magnum-lite-manage release pin {releases.default} --all",
        )

    _upgrade_checks = (
        ("database schema", _check_schema),
        ("vault", _check_vault),
        ("releases", _check_releases),
    )


def _failure(text: str) -> Any:
    return upgradecheck.Result(upgradecheck.Code.FAILURE, text)


def run(args: Sequence[str]) -> int:
    """Run one command line (without the program's name); 0 is well, 1 a warning, 2 a failure."""
    conf = configuration.unread()
    return int(upgradecheck.main(conf, "magnum_lite", Checks(conf), argv=list(args)))


def main() -> int:
    return run(sys.argv[1:])
