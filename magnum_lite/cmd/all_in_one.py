# SPDX-License-Identifier: Apache-2.0
"""The command ``magnum-lite-all-in-one``: everything on one machine, with a small cloud of its own, to try out."""

from __future__ import annotations

import argparse
import configparser
import http.client
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from oslo_config import cfg
from oslo_log import log

from magnum_lite import conf as configuration
from magnum_lite.certs import vaults
from magnum_lite.cmd import api, conductor, pocket_pins
from magnum_lite.cmd.failures import explained
from magnum_lite.errors import ConfigurationError
from magnum_lite.rpc import transport
from magnum_lite.store import schema
from magnum_lite.store.engine import Store

LOG = log.getLogger(__name__)

ADDRESS = "127.0.0.1"
START_SECONDS = 30.0
STOP_SECONDS = 10.0
HOST = "all-in-one"
PINS = "releases"

Settings = Mapping[str, Mapping[str, object]]


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        "magnum-lite-all-in-one", description="Run API, conductor and a small OpenStack, all on 127.0.0.1."
    )
    top.add_argument("--state-dir", type=Path, required=True, help="where database, keys, logs and servers are kept")
    top.add_argument("--api-port", type=int, default=9511, help="the port of our API (9511)")
    top.add_argument("--cloud-port", type=int, default=9500, help="the port of the small OpenStack (9500)")
    top.add_argument(
        "--programs", type=Path, action="append", default=[], help="run programs of this folder on the servers"
    )
    top.add_argument("--downloads", type=Path, help="a folder with what the servers would download")
    top.add_argument("--set", action="append", default=[], metavar="GROUP.OPTION=VALUE", help="set an option")
    return top


def settings_for(state: Path, *, api_port: int, cloud_url: str) -> dict[str, dict[str, object]]:
    """Give the configuration of a service that uses the small cloud: groups with their options."""
    identity: dict[str, object] = {
        "auth_type": "password",
        "auth_url": f"{cloud_url}/identity/v3",
        "username": "magnum",
        "password": "secret",
        "project_name": "service",
        "user_domain_id": "default",
        "project_domain_id": "default",
    }
    return {
        "DEFAULT": {"transport_url": "fake://", "log_file": state / "magnum_lite.log", "use_stderr": False},
        "api": {"host": ADDRESS, "port": api_port},
        "agent": {"api_url": f"http://{ADDRESS}:{api_port}/v1", "poll_seconds": 5},
        "conductor": {"periodic_seconds": 2},
        "database": {"connection": f"sqlite:///{state / 'magnum_lite.sqlite'}"},
        "heat": {"poll_seconds": 1},
        "releases": {"directories": state / PINS},
        "keystone_authtoken": {**identity, "www_authenticate_uri": f"{cloud_url}/identity"},
        "service_auth": identity,
        "vault": {"key_file": state / "vault.keys"},
    }


def write_configuration(path: Path, settings: Settings) -> None:
    """Write an oslo.config file that only its owner may read."""
    # oslo.config reads $ as a reference to another option.
    text = {group: {k: str(v).replace("$", "$$") for k, v in options.items()} for group, options in settings.items()}
    file = configparser.RawConfigParser(default_section="")
    file.read_dict(text)
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8") as out:
        file.write(out)


def write_openrc(path: Path, cloud_url: str) -> None:
    """Write what a shell has to source for the openstack client to work as the user ``demo``."""
    values = {
        "OS_AUTH_URL": f"{cloud_url}/identity/v3",
        "OS_USERNAME": "demo",
        "OS_PASSWORD": "secret",
        "OS_PROJECT_NAME": "demo",
        "OS_USER_DOMAIN_NAME": "Default",
        "OS_PROJECT_DOMAIN_NAME": "Default",
        "OS_REGION_NAME": "RegionOne",
        "OS_IDENTITY_API_VERSION": "3",
    }
    path.touch(mode=0o600)
    path.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items()))


def start_cloud(state: Path, *, port: int, magnum_url: str, options: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    """Start the small cloud as a process that ends with this one, and wait until it answers."""
    _check_free(port)
    command = [sys.executable, "-m", "magnum_lite.cmd.pocketcloud", "--end-with-stdin"]
    command += ["--port", str(port), "--state-dir", str(state / "cloud"), "--magnum-url", magnum_url, *options]
    with (state / "pocketcloud.log").open("ab") as out:
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + START_SECONDS
    while not _answers(port):
        if child.poll() is not None or time.monotonic() > deadline:
            child.kill()
            raise ConfigurationError(f"the small cloud did not start: see {state / 'pocketcloud.log'}")
    return child


def _of_servers(programs: Sequence[Path], downloads: Path | None) -> list[str]:
    """Give the small cloud's options that say what its servers run and where it comes from."""
    found = [f"--programs={folder.resolve()}" for folder in programs]
    return found if downloads is None else [*found, f"--downloads={downloads.resolve()}"]


def _answers(port: int) -> bool:
    """Say whether the small cloud is healthy, after at most a fifth of a second."""
    connection = http.client.HTTPConnection(ADDRESS, port, timeout=2)
    try:
        connection.request("GET", "/pocket/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        time.sleep(0.05)
        return False
    finally:
        connection.close()


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError as error:
            raise ConfigurationError(f"port {port} on {ADDRESS} cannot be used: {error.strerror}") from error


def prepare(state: Path, settings: Settings) -> cfg.ConfigOpts:
    """Write the configuration and the vault's key, and bring the database to its newest schema."""
    path = state / "magnum_lite.conf"
    write_configuration(path, settings)
    (state / PINS).mkdir(exist_ok=True)
    conf = configuration.new([], [str(path)])
    vaults.new_key(conf, only_first=True)
    store = Store.from_conf(conf)
    schema.upgrade(store)
    store.close()
    return conf


def overridden(settings: Settings, given: Sequence[str]) -> dict[str, dict[str, object]]:
    """Give the settings with those of the command line, ``GROUP.OPTION=VALUE`` each."""
    merged = {group: dict(options) for group, options in settings.items()}
    for one in given:
        name, equals, value = one.partition("=")
        group, dot, option = name.partition(".")
        if not (equals and dot and group and option):
            raise ConfigurationError(f"--set {one}: it takes GROUP.OPTION=VALUE, such as heat.poll_seconds=1")
        merged.setdefault(group, {})[option] = value
    return merged


def serve(conf: cfg.ConfigOpts, stopping: threading.Event) -> None:
    """Run API and conductor until told to stop."""
    store, wire = Store.from_conf(conf), transport.new(conf)
    service = conductor.build(conf, store, HOST)
    server = api.Server(api.build(conf, store=store, wire=wire), conf)
    conductor.start(service, wire, HOST)
    server.start()
    print("ready", flush=True)
    stopping.wait()
    server.stop()
    service.stop()


def _follow(child: subprocess.Popen[bytes], stopping: threading.Event) -> None:
    """Stop when the small cloud has ended: nothing works without it."""
    child.wait()
    stopping.set()


@explained
def main() -> int:
    options = parser().parse_args()
    state: Path = options.state_dir.resolve()
    state.mkdir(parents=True, exist_ok=True)
    _check_free(options.api_port)
    cloud_url = f"http://{ADDRESS}:{options.cloud_port}"
    settings = settings_for(state, api_port=options.api_port, cloud_url=cloud_url)
    conf = prepare(state, overridden(settings, options.set))
    log.setup(conf, "magnum_lite")
    write_openrc(state / "openrc", cloud_url)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    cloud = start_cloud(
        state,
        port=options.cloud_port,
        magnum_url=f"http://{ADDRESS}:{options.api_port}/v1",
        options=_of_servers(options.programs, options.downloads),
    )
    threading.Thread(target=_follow, args=(cloud, stopping), name="cloud", daemon=True).start()
    try:
        pocket_pins.write(state / PINS, cloud_url)
        serve(conf, stopping)
    finally:
        cloud.terminate()
        cloud.wait(STOP_SECONDS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
