# SPDX-License-Identifier: Apache-2.0
"""Real RabbitMQ, MariaDB and PostgreSQL servers for tests: free loopback ports, temporary folders, gone at the end.

``python tests/servers.py mariadb`` prints the URL of one and lets it run until standard input is closed.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import pytest
import sqlalchemy

from tests import lacking

Thing = TypeVar("Thing")
HOST = "127.0.0.1"
START_SECONDS = 60.0
STOP_SECONDS = 15.0


class ServerUnavailable(Exception):
    """The server cannot run here: the sentence says what is missing or what it printed."""


def free_port() -> int:
    """Give a TCP port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def accepts_connections(port: int) -> bool:
    """Tell whether something on the loopback address takes connections to this port."""
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


@contextlib.contextmanager
def rabbitmq(*, port: int | None = None) -> Iterator[str]:
    """Run a broker without plug-ins and give its oslo.messaging transport URL.

    A given port lets a test bring "the same" broker back after it was away; its queues are new then.
    """
    server = executable("rabbitmq-server", "/usr/lib/rabbitmq/bin")
    epmd = executable("epmd", "/usr/lib/erlang/bin")
    port = port or free_port()
    with _folder(owner=None) as folder:
        environment = _rabbitmq_environment(folder, port)
        names_port = int(environment["ERL_EPMD_PORT"])
        with (
            running([epmd], folder / "epmd.log", ready=lambda: accepts_connections(names_port), env=environment),
            running([server], folder / "rabbitmq.log", ready=lambda: accepts_connections(port), env=environment),
        ):
            yield f"rabbit://guest:guest@{HOST}:{port}/"


def _rabbitmq_environment(folder: Path, port: int) -> dict[str, str]:
    plugins = folder / "enabled_plugins"
    plugins.write_text("[].\n")
    return {
        **os.environ,
        "HOME": str(folder),
        "ERL_EPMD_ADDRESS": HOST,
        "ERL_EPMD_PORT": str(free_port()),
        "RABBITMQ_NODENAME": f"magnum_lite_{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": HOST,
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
        "RABBITMQ_CONFIG_FILE": str(folder / "no-configuration"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "no-environment"),
        # One scheduler is enough for a test; the distribution port must not leave the loopback address either.
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +S 1:1",
    }


@contextlib.contextmanager
def mariadb() -> Iterator[str]:
    """Run a MariaDB server with an empty database and give its SQLAlchemy URL."""
    server = executable("mariadbd", "/usr/sbin")
    installer = executable("mariadb-install-db", "/usr/bin")
    port = free_port()
    with _folder(owner="mysql") as folder:
        owner = _owner("mysql")
        data = f"--datadir={folder / 'data'}"
        _finish([installer, "--no-defaults", data, "--auth-root-authentication-method=normal"], folder, owner)
        command = [server, "--no-defaults", data, f"--socket={folder / 'socket'}", f"--bind-address={HOST}"]
        command += [f"--port={port}", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M"]
        with running(command, folder / "mariadb.log", ready=lambda: accepts_connections(port), user=owner):
            _create_mariadb_database(port)
            yield f"mysql+pymysql://root@{HOST}:{port}/magnum_lite?charset=utf8mb4"


def _create_mariadb_database(port: int) -> None:
    engine = sqlalchemy.create_engine(f"mysql+pymysql://root@{HOST}:{port}/")
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("CREATE DATABASE magnum_lite CHARACTER SET utf8mb4"))
    engine.dispose()


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """Run a PostgreSQL server with an empty database and give its SQLAlchemy URL."""
    newest = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    server = executable("postgres", *newest)
    initdb = executable("initdb", *newest)
    port = free_port()
    with _folder(owner="postgres") as folder:
        owner = _owner("postgres")
        data = str(folder / "data")
        url = f"postgresql+psycopg2://magnum_lite@{HOST}:{port}/postgres"
        _finish([initdb, "-D", data, "-U", "magnum_lite", "--auth=trust", "-E", "UTF8", "-N"], folder, owner)
        command = [server, "-D", data, "-h", HOST, "-p", str(port), "-k", str(folder), "-F"]
        with running(
            command,
            folder / "postgresql.log",
            ready=lambda: _takes_sessions(url),
            user=owner,
            stop=signal.SIGINT,
        ):
            yield url


def _takes_sessions(url: str) -> bool:
    """A port is open while recovery still runs, so only a session tells that a database is up."""
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    with contextlib.suppress(sqlalchemy.exc.OperationalError), engine.connect():
        return True
    return False


def executable(name: str, *folders: str) -> str:
    found = shutil.which(name, path=os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)]))
    if found is None:
        raise ServerUnavailable(f"{name} is not installed")
    return found


def _owner(name: str) -> str | None:
    """Database servers refuse to run as root; anybody else runs them as themselves."""
    return name if os.geteuid() == 0 else None


@contextlib.contextmanager
def _folder(*, owner: str | None) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="magnum-lite-server-"))
    try:
        if owner is not None and os.geteuid() == 0:
            try:
                account = pwd.getpwnam(owner)
            except KeyError:
                raise ServerUnavailable(f"there is no system user {owner} to run the server as") from None
            os.chown(folder, account.pw_uid, account.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _finish(command: Sequence[str], folder: Path, user: str | None) -> None:
    """Run a preparing command to its end."""
    done = subprocess.run(
        command,
        cwd=folder,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=START_SECONDS,
    )
    if done.returncode != 0:
        raise ServerUnavailable(f"{command[0]} failed: {done.stdout[-1000:]}")


@contextlib.contextmanager
def running(
    command: Sequence[str],
    log: Path,
    *,
    ready: Callable[[], bool],
    env: Mapping[str, str] | None = None,
    user: str | None = None,
    stop: signal.Signals = signal.SIGTERM,
) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=log.parent,
            env=env,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _await_ready(process, log, ready)
        yield
    finally:
        _stop(process, stop)


def _await_ready(process: subprocess.Popen[bytes], log: Path, ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.1)
            raise ServerUnavailable(f"{process.args!r} ended with {process.returncode}: {_tail(log)}")
        if time.monotonic() > deadline:
            raise ServerUnavailable(f"{process.args!r} did not start in {START_SECONDS:.0f} seconds: {_tail(log)}")


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-1000:]


def _stop(process: subprocess.Popen[bytes], first: signal.Signals) -> None:
    """End the session that the server leads: its own children with it."""
    for signum in (first, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signum)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=STOP_SECONDS)
            return


@contextlib.contextmanager
def required(server: contextlib.AbstractContextManager[Thing]) -> Iterator[Thing]:
    """Give the server, mostly its URL; where it cannot run, skip with the reason, or fail when REQUIRE_ALL=1."""
    with contextlib.ExitStack() as stack:
        try:
            url = stack.enter_context(server)
        except ServerUnavailable as error:
            lacking.lack(str(error))
        yield url


@pytest.fixture(scope="session")
def rabbitmq_url() -> Iterator[str]:
    """A RabbitMQ broker of this test run."""
    with required(rabbitmq()) as url:
        yield url


@pytest.fixture(scope="session")
def mariadb_url() -> Iterator[str]:
    """A MariaDB database of this test run, empty at its start."""
    with required(mariadb()) as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A PostgreSQL database of this test run, empty at its start."""
    with required(postgresql()) as url:
        yield url


def main() -> int:
    """Run the server that the command line names."""
    servers = {"mariadb": mariadb, "postgresql": postgresql, "rabbitmq": rabbitmq}
    if len(sys.argv) != 2 or sys.argv[1] not in servers:
        sys.stderr.write(f"usage: {sys.argv[0]} {'|'.join(servers)}\n")
        return 2
    # An exception lets the server end too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        with servers[sys.argv[1]]() as url:
            sys.stdout.write(f"{url}\n")
            sys.stdout.flush()
            sys.stdin.read()
    except ServerUnavailable as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
