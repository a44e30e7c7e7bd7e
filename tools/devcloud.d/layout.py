# SPDX-License-Identifier: Apache-2.0
"""Where a devcloud has its files, which ports it takes and what its services' configuration is filled with."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

HOST = "127.0.0.1"
PASSWORD = "secret"  # noqa: S105 - everybody may know it; the cloud is on loopback only
REGION = "RegionOne"
HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

PORTS = {
    "mariadb": 3306,
    "rabbitmq": 5672,
    "rabbitmq_distribution": 25672,
    "epmd": 4369,
    "memcached": 11211,
    "keystone": 5000,
    "glance": 9292,
    "placement": 8778,
    "nova": 8774,
    "neutron": 9696,
    "heat": 8004,
    "heat_cfn": 8000,
    "cinder": 8776,
    "octavia": 9876,
    "octavia_health": 5555,
    "barbican": 9311,
    "magnum": 9511,
    "registry": 5099,
}
"""The port each service usually has; the last two are ours."""


@dataclasses.dataclass(frozen=True)
class Layout:
    """One devcloud: its folder, the environments of OpenStack and of magnum_lite, and its ports."""

    folder: Path
    venv: Path
    own: Path
    ports: Mapping[str, int]
    is_convergent: bool = True

    @property
    def broker(self) -> str:
        return f"rabbit://guest:guest@{HOST}:{self.ports['rabbitmq']}/"

    @property
    def database(self) -> str:
        return f"mysql+pymysql://root@{HOST}:{self.ports['mariadb']}"

    @property
    def broker_names(self) -> dict[str, str]:
        """Give the variables by which RabbitMQ's server and its commands name and find each other."""
        return {
            "RABBITMQ_NODENAME": f"devcloud_{self.ports['rabbitmq']}@localhost",
            "ERL_EPMD_ADDRESS": HOST,
            "ERL_EPMD_PORT": str(self.ports["epmd"]),
        }

    def url(self, service: str) -> str:
        return f"http://{HOST}:{self.ports[service]}"

    def log(self, service: str) -> Path:
        return self.folder / "logs" / f"{service}.log"

    def program(self, name: str) -> str:
        return str(self.venv / "bin" / name)

    def values(self) -> dict[str, str]:
        """Give what ``${name}`` stands for in the services' configuration."""
        return {
            "folder": str(self.folder),
            "etc_of_packages": str(self.venv / "etc"),
            "host": HOST,
            "password": PASSWORD,
            "broker": self.broker,
            "database": self.database,
            "convergence": str(self.is_convergent).lower(),
            **{f"port_{name}": str(port) for name, port in self.ports.items()},
            **{f"url_{name}": self.url(name) for name in self.ports},
        }


def ports_from(first: int | None) -> dict[str, int]:
    """Give every service its usual port, or all ports from the first one upwards."""
    if first is None:
        return dict(PORTS)
    return {name: first + offset for offset, name in enumerate(PORTS)}
