# SPDX-License-Identifier: Apache-2.0
"""A stub cloud, and our configuration and session for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from oslo_config import cfg

from magnum_lite.clouds.session import CloudSession, service_session
from tests.unit.clouds import stub as stubs
from tests.unit.clouds.configuration import for_cloud
from tests.unit.clouds.stub import Stub


@pytest.fixture
def stub() -> Iterator[Stub]:
    with stubs.running() as stub:
        yield stub


@pytest.fixture
def conf(tmp_path: Path, stub: Stub) -> cfg.ConfigOpts:
    return for_cloud(stub.url, tmp_path, connect_retries="0")


@pytest.fixture
def session(conf: cfg.ConfigOpts) -> CloudSession:
    return service_session(conf)
