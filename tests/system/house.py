# SPDX-License-Identifier: Apache-2.0
"""Our services as tests run them: real commands on free loopback ports, with a configuration of their own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa

from magnum_lite.cmd import all_in_one
from tests import pins
from tests.servers import HOST, free_port
from tests.system.cloud import Cloud
from tests.system.processes import Process, program
from tests.system.real_cloud import RealCloud
from tests.system.user import User

Overrides = Mapping[str, Mapping[str, object]]

CALL_SECONDS = 30.0
POCKET_ALONE = pytest.mark.parametrize("house", ["pocket"], indirect=True, scope="session")
"""For tests that switch faults on, which only the pocket cloud has."""
QUICK: Overrides = {
    "agent": {"poll_seconds": 1},
    "conductor": {"periodic_seconds": 0.3, "backoff_seconds": 0.1, "max_backoff_seconds": 0.5, "max_attempts": 5},
    "service_clients": {"timeout": 5},
}
"""What takes minutes in production takes seconds here."""


class House:
    """One configuration with its database, and whatever of our services runs on it."""

    def __init__(self, folder: Path, cloud: Cloud, *, api_port: int, database: str | None = None) -> None:
        self.folder = folder
        self.cloud = cloud
        self.api_port = api_port
        self.database = database or f"sqlite:///{folder / 'magnum_lite.sqlite'}"

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.api_port}"

    @property
    def api_url(self) -> str:
        return f"{self.url}/v1"

    @property
    def configuration(self) -> Path:
        return self.folder / "magnum_lite.conf"

    def user(self, name: str = "demo", project: str | None = None) -> User:
        return User(self.cloud, self.api_url, name, project)

    def is_healthy(self) -> bool:
        with contextlib.suppress(requests.ConnectionError):
            return requests.get(f"{self.url}/healthcheck", timeout=CALL_SECONDS).ok
        return False

    def health(self) -> dict[str, str]:
        """Give what ``/healthcheck?detailed`` says of each check."""
        answer = requests.get(f"{self.url}/healthcheck?detailed", timeout=CALL_SECONDS)
        checks: dict[str, str] = answer.json()["checks"]
        return checks

    def prepare(self, overrides: Overrides) -> None:
        """Write the configuration, with the overrides last, and make the vault's key and the database."""
        settings = all_in_one.settings_for(self.folder, api_port=self.api_port, cloud_url=self.cloud.url)
        settings["DEFAULT"] = {**settings["DEFAULT"], "use_stderr": True}
        del settings["DEFAULT"]["log_file"]
        own = {"database": {"connection": self.database}, "releases": {"directories": pins.directory()}}
        for changes in (QUICK, own, overrides):
            for group, options in changes.items():
                settings[group] = {**settings.get(group, {}), **options}
        all_in_one.prepare(self.folder, settings)

    @contextlib.contextmanager
    def service(self, name: str, log: str | None = None) -> Iterator[Process]:
        """Run one of our services until the end of the block; it may be ended before."""
        process = Process([program(name), "--config-file", str(self.configuration)], self.folder / f"{log or name}.txt")
        try:
            yield process
        finally:
            process.stop()

    @contextlib.contextmanager
    def api(self) -> Iterator[Process]:
        with self.service("magnum-lite-api") as process:
            process.wait_for(self.is_healthy)
            yield process

    @contextlib.contextmanager
    def conductor(self, log: str = "conductor") -> Iterator[Process]:
        with self.service("magnum-lite-conductor", log) as process:
            process.wait_for(lambda: " works" in process.text())
            yield process

    def query(self, statement: str, **values: Any) -> list[Any]:
        """Ask the database itself."""
        with self._connection() as connection:
            return list(connection.execute(sa.text(statement), values))

    def change(self, statement: str) -> None:
        """Change the database behind the services' back."""
        with self._connection() as connection:
            connection.execute(sa.text(statement))

    def rows_of(self, cluster: str) -> dict[str, int]:
        """Count the rows of a cluster in every table that has some."""
        with self._connection() as connection:
            tables = {
                name: sa.inspect(connection).get_columns(name) for name in sa.inspect(connection).get_table_names()
            }
            counts = {}
            for name, columns in tables.items():
                key = "cluster_uuid" if any(one["name"] == "cluster_uuid" for one in columns) else "uuid"
                if any(one["name"] == key for one in columns):
                    statement = sa.select(sa.func.count()).select_from(sa.table(name)).where(sa.column(key) == cluster)
                    counts[name] = connection.scalar(statement) or 0
        return {name: number for name, number in counts.items() if number}

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sa.Connection]:
        engine = sa.create_engine(self.database, poolclass=sa.NullPool)
        with engine.begin() as connection:
            yield connection


def house_of(cloud: RealCloud) -> House:
    """Give the services that are installed on devcloud."""
    database = f"{cloud.state['database']}/magnum_lite?charset=utf8mb4"
    folder = cloud.folder / "etc" / "magnum_lite"
    return House(folder, cloud, api_port=cloud.state["ports"]["magnum"], database=database)


@contextlib.contextmanager
def all_in_one_house(folder: Path, *options: str) -> Iterator[House]:
    """Run ``magnum-lite-all-in-one``, with further options if given, and with it a cloud of its own."""
    api_port, cloud_port = free_port(), free_port()
    house = House(folder, Cloud(f"http://{HOST}:{cloud_port}"), api_port=api_port)
    command = [program("magnum-lite-all-in-one"), "--state-dir", str(folder)]
    command += ["--api-port", str(api_port), "--cloud-port", str(cloud_port)]
    for group, settings in QUICK.items():
        for option, value in settings.items():
            command += ["--set", f"{group}.{option}={value}"]
    command += options
    process = Process(command, folder / "all-in-one.txt")
    try:
        process.wait_for(lambda: "\nready\n" in f"\n{process.text()}")
        yield house
    finally:
        process.stop()
