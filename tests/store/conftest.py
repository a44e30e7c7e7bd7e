# SPDX-License-Identifier: Apache-2.0
"""The same tests on every database: SQLite always, MariaDB and PostgreSQL as real servers."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy

from magnum_lite.store import schema
from magnum_lite.store.engine import Store

NUMBERS = itertools.count()


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("mariadb", marks=pytest.mark.xdist_group("servers")),
        pytest.param("postgresql", marks=pytest.mark.xdist_group("servers")),
    ]
)
def empty_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database with nothing in it, made for one test."""
    name = f"test_{next(NUMBERS)}"
    if request.param == "sqlite":
        url = sqlalchemy.make_url(f"sqlite:///{tmp_path}/{name}.sqlite")
    else:
        server = sqlalchemy.make_url(request.getfixturevalue(f"{request.param}_url"))
        _create(server, name)
        url = server.set(database=name)
    made = Store.connect(url.render_as_string(hide_password=False))
    yield made
    made.close()


@pytest.fixture
def store(empty_store: Store) -> Store:
    """A database with our tables."""
    schema.upgrade(empty_store)
    return empty_store


def _create(server: sqlalchemy.URL, name: str) -> None:
    engine = sqlalchemy.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text(f"CREATE DATABASE {name}"))
    engine.dispose()
