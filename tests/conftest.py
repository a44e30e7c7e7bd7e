# SPDX-License-Identifier: Apache-2.0
"""What holds for all tests: nobody dials out, and tests that use one server share one worker."""

import os
from pathlib import Path

import pytest

from tests.devcloud import devcloud, is_on_devcloud
from tests.guard import loopback_only
from tests.servers import mariadb_url, postgresql_url, rabbitmq_url

__all__ = ["devcloud", "mariadb_url", "postgresql_url", "rabbitmq_url"]

GUARD = str(Path(__file__).parent / "guard")
SERVERS = {"mariadb_url", "postgresql_url", "rabbitmq_url"}


def pytest_configure() -> None:
    """Guard this process, and through the environment every Python process that a test starts.

    Whoever names a cloud of theirs wants it dialled.
    """
    if os.environ.get("SYSTEM_CLOUD"):
        return
    loopback_only.install()
    inherited = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if GUARD not in inherited:
        os.environ["PYTHONPATH"] = os.pathsep.join([GUARD, *filter(None, inherited)])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Send the tests of one server to one worker, so that each server is started once."""
    for item in items:
        if not isinstance(item, pytest.Function):
            continue
        if is_on_devcloud(item):
            item.add_marker(pytest.mark.xdist_group("devcloud"))
        elif SERVERS.intersection(item.fixturenames):
            item.add_marker(pytest.mark.xdist_group("servers"))
