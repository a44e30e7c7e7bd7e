# SPDX-License-Identifier: Apache-2.0
"""A database, and a configuration for both of the vault's backends: the other one is a pocket cloud's Barbican."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from oslo_config import cfg

from magnum_lite.model import Base
from magnum_lite.pocketcloud.cloud import Settings
from magnum_lite.pocketcloud.server import PocketCloud, free_port
from magnum_lite.store.engine import Store
from magnum_lite.vaults import keys
from tests.unit.clouds.configuration import for_cloud


@pytest.fixture(scope="session")
def pocket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PocketCloud]:
    port = free_port()
    settings = Settings(url=f"http://127.0.0.1:{port}", state_dir=tmp_path_factory.mktemp("pocket"), run_agents=False)
    running = PocketCloud(settings, port)
    yield running
    running.stop()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.connect(f"sqlite:///{tmp_path / 'database.sqlite'}")
    Base.metadata.create_all(store.engine)
    yield store
    store.close()


@pytest.fixture
def conf(tmp_path: Path, pocket: PocketCloud) -> cfg.ConfigOpts:
    conf = for_cloud(pocket.cloud.settings.url, tmp_path)
    conf.set_override("key_file", str(tmp_path / "vault.keys"), "vault")
    keys.make(tmp_path / "vault.keys")
    return conf
