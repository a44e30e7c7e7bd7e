# SPDX-License-Identifier: Apache-2.0
"""The services of a devcloud: what each is started with, and how to tell that it works."""

from __future__ import annotations

import os
from collections.abc import Mapping

import clouds_file
import guide
from cloud_service import Service
from layout import HOST, Layout


def servers(layout: Layout) -> tuple[Service, ...]:
    """Give the servers of Debian's that all others need."""
    return (_mariadb(layout), _epmd(layout), _rabbitmq(layout), _memcached(layout))


def keystone(layout: Layout) -> Service:
    """Give Keystone, which all others ask for tokens as they start."""
    environment = {"OS_KEYSTONE_CONFIG_DIR": _etc(layout, "keystone")}
    return _wsgi(layout, "keystone", "keystone", "keystone.wsgi.api", environment, path="/v3", processes=2)


def others(layout: Layout) -> tuple[Service, ...]:
    """Give all the rest of OpenStack; the order does not matter."""
    # The first file is its pipeline.
    files = f"{layout.venv}/etc/nova/api-paste.ini;nova.conf;databases.conf"
    nova = {**_config("NOVA", layout), "OS_NOVA_CONFIG_FILES": files}
    heat = ["--config-file", _etc(layout, "heat", "heat.conf")]
    cinder = ["--config-file", _etc(layout, "cinder", "cinder.conf")]
    noop = {"DEVCLOUD_NOOP_DATABASE": f"sqlite:///{layout.folder}/data/octavia-noop.sqlite"}
    return (
        _wsgi(layout, "glance", "glance", "glance.wsgi.api", {"OS_GLANCE_CONFIG_DIR": _etc(layout, "glance")}),
        _wsgi(layout, "placement", "placement", "placement.wsgi.api", _config("PLACEMENT", layout)),
        _wsgi(layout, "neutron", "neutron", "neutron.wsgi.api", _neutron(layout)),
        _wsgi(layout, "nova-api", "nova", "nova.wsgi.osapi_compute", nova),
        *(_nova(layout, name) for name in ("conductor", "scheduler", "compute")),
        _wsgi(layout, "heat-api", "heat", "heat.wsgi.api", {}),
        _wsgi(layout, "heat-api-cfn", "heat_cfn", "heat.wsgi.cfn", {}),
        Service("heat-engine", (layout.program("heat-engine"), *heat)),
        _wsgi(layout, "cinder-api", "cinder", "cinder.wsgi.api", {}),
        *(Service(name, (layout.program(name), *cinder)) for name in ("cinder-scheduler", "cinder-volume")),
        _wsgi(layout, "octavia-api", "octavia", "octavia.wsgi.api", noop),
        Service("octavia-worker", (layout.program("octavia-worker"), *_file("octavia", layout)), noop),
        _wsgi(layout, "barbican", "barbican", "devcloud_plugins.barbican_api", _barbican(layout)),
    )


def registry(layout: Layout) -> Service:
    """Give the registry that nodes' images are pinned from: the one of the pocket cloud, which needs no network."""
    command = [str(layout.own / "bin" / "magnum-lite-pocketcloud"), "--port", str(layout.ports["registry"])]
    command += ["--state-dir", str(layout.folder / "data" / "registry")]
    return Service("registry", tuple(command), port="registry", path="/v2/")


def ours(layout: Layout) -> tuple[Service, ...]:
    """Give magnum_lite's services, as their systemd units start them, and what stands in for booting servers."""
    units = guide.commands_of_units(layout)
    runner = (str(layout.own / "bin" / "magnum-lite-noderunner"), "--state-dir", str(layout.folder / "nodes"))
    return (
        Service("magnum-lite-api", units["magnum-lite-api"], port="magnum", path="/healthcheck"),
        Service("magnum-lite-conductor", units["magnum-lite-conductor"]),
        Service("node-runner", runner, clouds_file.variables(layout, "admin", "admin")),
    )


def _wsgi(
    layout: Layout,
    name: str,
    port: str,
    module: str,
    environment: Mapping[str, str],
    *,
    path: str = "/healthcheck",
    processes: int = 1,
) -> Service:
    """Have uWSGI serve a module; each process loads it after the fork, so that no connection is shared."""
    command = [layout.program("uwsgi"), "--http-socket", f"{HOST}:{layout.ports[port]}"]
    command += ["--module", f"{module}:application", "--processes", str(processes), "--threads", "4"]
    command += ["--master", "--lazy-apps", "--enable-threads", "--need-app", "--die-on-term", "--thunder-lock"]
    command += ["--buffer-size", "65535", "--http-chunked-input", "--log-format", LOG_FORMAT]
    # uWSGI closes each connection, and clients that are not told would use it again.
    command += ["--add-header", "Connection: close"]
    return Service(name, tuple(command), environment, port, path)


LOG_FORMAT = '%(ctime) %(method) %(uri) %(status) %(size)B %(msecs)ms "%(uagent)"'


def _mariadb(layout: Layout) -> Service:
    data = layout.folder / "data" / "mariadb"
    command = ["mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={layout.folder}/mariadb.socket"]
    command += [f"--bind-address={HOST}", f"--port={layout.ports['mariadb']}", "--max-connections=1000"]
    # What was committed is with the system, so that a killed server has lost nothing of it.
    command += ["--innodb-flush-log-at-trx-commit=2", "--innodb-buffer-pool-size=128M", "--skip-name-resolve"]
    if os.geteuid() == 0:
        command += ["--user=root"]
    return Service("mariadb", tuple(command), port="mariadb")


def _epmd(layout: Layout) -> Service:
    return Service("epmd", ("epmd",), layout.broker_names, "epmd")


def _rabbitmq(layout: Layout) -> Service:
    base, port = layout.folder / "data" / "rabbitmq", layout.ports["rabbitmq"]
    environment = {
        **layout.broker_names,
        "RABBITMQ_NODE_IP_ADDRESS": HOST,
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(layout.ports["rabbitmq_distribution"]),
        "RABBITMQ_MNESIA_BASE": str(base),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(base / "enabled_plugins"),
        "RABBITMQ_CONFIG_FILE": str(base / "no-configuration"),
        "RABBITMQ_CONF_ENV_FILE": str(base / "no-environment"),
        # The distribution port must not leave the loopback address either.
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +S 1:1",
    }
    # The command in /usr/sbin changes to a user of its own, who may not write here.
    return Service("rabbitmq", ("/usr/lib/rabbitmq/bin/rabbitmq-server",), environment, "rabbitmq")


def _memcached(layout: Layout) -> Service:
    command = ["memcached", "-l", HOST, "-p", str(layout.ports["memcached"]), "-U", "0", "-m", "64"]
    if os.geteuid() == 0:
        command += ["-u", "root"]
    return Service("memcached", tuple(command), port="memcached")


def _nova(layout: Layout, name: str) -> Service:
    command = [layout.program(f"nova-{name}"), *_file("nova", layout)]
    # Nova refuses to run a compute service that could reach the databases.
    more = () if name == "compute" else ("--config-file", _etc(layout, "nova", "databases.conf"))
    return Service(f"nova-{name}", (*command, *more))


def _neutron(layout: Layout) -> dict[str, str]:
    return {**_config("NEUTRON", layout), "OS_NEUTRON_CONFIG_FILES": "neutron.conf"}


def _barbican(layout: Layout) -> dict[str, str]:
    return {"BARBICAN_PASTE": str(layout.venv / "etc" / "barbican" / "barbican-api-paste.ini")}


def _config(name: str, layout: Layout) -> dict[str, str]:
    return {f"OS_{name}_CONFIG_DIR": _etc(layout, name.lower())}


def _file(name: str, layout: Layout) -> tuple[str, str]:
    return "--config-file", _etc(layout, name, f"{name}.conf")


def _etc(layout: Layout, *path: str) -> str:
    return str(layout.folder.joinpath("etc", *path))
