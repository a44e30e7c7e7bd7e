# SPDX-License-Identifier: Apache-2.0
"""The database: nothing else opens a session."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import sqlalchemy as sa
from oslo_config import cfg
from oslo_db import api as db_api
from oslo_db import exception as db_exception
from oslo_db.sqlalchemy import engines
from sqlalchemy import event
from sqlalchemy.orm import Session

__all__ = ["Session", "Store"]

T = TypeVar("T")

SQLITE_BUSY_SECONDS = 60


class Store:
    """Sessions on one database.

    Rows stay usable after their session has ended; whatever was not loaded by then raises when it is touched.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self._turns = _Turns(engine) if engine.dialect.name == "sqlite" else None

    @classmethod
    def from_conf(cls, conf: cfg.ConfigOpts) -> Store:
        """Connect to ``[database] connection``."""
        return cls.connect(
            conf.database.connection,
            max_pool_size=conf.database.max_pool_size,
            max_overflow=conf.database.max_overflow,
            connection_recycle_time=conf.database.connection_recycle_time,
        )

    @classmethod
    def connect(cls, url: str, **pool: Any) -> Store:
        """Connect to the database at an SQLAlchemy URL; SQLite, MariaDB (``mysql+pymysql``) and PostgreSQL work."""
        engine = engines.create_engine(url, sqlite_fk=True, mysql_sql_mode="TRADITIONAL", thread_checkin=False, **pool)
        if engine.dialect.name == "sqlite":
            _serialise_writers(engine)
        else:
            engine = engine.execution_options(isolation_level="READ COMMITTED")
        return cls(engine)

    @contextlib.contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session for reading; what it changes is not kept."""
        with _session(self.engine) as session:
            yield session

    @contextlib.contextmanager
    def write(self) -> Iterator[Session]:
        """Open a session whose changes are committed at the end, or none of them when the block raises."""
        with self._turns or contextlib.nullcontext(), self.engine.connect() as connection:
            if self.engine.dialect.name == "sqlite":
                # oslo.db begins every SQLite transaction itself unless it finds this mark.
                connection.info["in_transaction"] = True
                connection = connection.execution_options(is_writer=True)
            with _session(connection) as session:
                yield session
                session.commit()

    def transact(self, work: Callable[[Session], T]) -> T:
        """Do the work in one transaction, anew when the database reports a deadlock or a lost race for a unique key.

        The work may therefore run more than once; it must act on nothing but its session.
        """

        @db_api.wrap_db_retry(  # type: ignore[untyped-decorator]
            max_retries=10,
            retry_interval=0.05,
            retry_on_deadlock=True,
            retry_on_disconnect=True,
            exception_checker=lambda error: isinstance(error, db_exception.DBDuplicateEntry),
        )
        def attempt() -> T:
            with self.write() as session:
                return work(session)

        result: T = attempt()
        return result

    def close(self) -> None:
        if self._turns is not None:
            self._turns.close()
        self.engine.dispose()


def _session(bind: sa.Engine | sa.Connection) -> Session:
    return Session(bind, expire_on_commit=False, autoflush=False)


class _Turns:
    """Lets the threads that write to one SQLite file go one by one; each ``with`` is one turn.

    SQLite knows no queue: whoever finds it locked sleeps and tries again. Its file also stays open between the turns,
    because whoever closes it as the last one brings it up to date on the disk.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._lock = threading.Lock()
        self._open = engine.raw_connection()

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=SQLITE_BUSY_SECONDS):
            raise db_exception.DBDeadlock("the database has been locked for too long")

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def close(self) -> None:
        self._open.close()


def _serialise_writers(engine: sa.Engine) -> None:
    """Let SQLite's readers go on beside one writer, and writers queue from their first statement.

    A transaction that reads first and writes later would fail at once when another one wrote in between.
    """

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA busy_timeout = {SQLITE_BUSY_SECONDS * 1000}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("is_writer"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
