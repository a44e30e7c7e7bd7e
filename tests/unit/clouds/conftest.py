# SPDX-License-Identifier: Apache-2.0
"""A stub cloud, and our configuration and session for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from oslo_config import cfg

from magnum_lite import conf as configuration
from magnum_lite.clouds.session import CloudSession, service_session
from tests.unit.clouds import stub as stubs
from tests.unit.clouds.stub import Stub


@pytest.fixture
def stub() -> Iterator[Stub]:
    with stubs.running() as stub:
        yield stub


@pytest.fixture
def conf(tmp_path: Path, stub: Stub) -> cfg.ConfigOpts:
    path = tmp_path / "magnum_lite.conf"
    options = {
        "auth_type": "password",
        "auth_url": f"{stub.url}/identity/v3",
        "username": "magnum",
        "password": "secret",
        "user_domain_id": "default",
        "project_name": "service",
        "project_domain_id": "default",
    }
    lines = [f"{name} = {value}" for name, value in options.items()]
    path.write_text("\n".join(["[service_auth]", *lines, "[clients]", "timeout = 5", "connect_retries = 0", ""]))
    return configuration.new([], [str(path)])


@pytest.fixture
def session(conf: cfg.ConfigOpts) -> CloudSession:
    return service_session(conf)
