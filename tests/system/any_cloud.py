# SPDX-License-Identifier: Apache-2.0
"""Somebody's cloud with our services on it, as ``clouds.yaml`` names it: what its users can see is all there is."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from keystoneauth1.plugin import BaseAuthPlugin

from tests.system.cloud import Agent, Cloud
from tests.system.house import House
from tests.system.real_cloud import kinds, quiet_sdk
from tests.system.user import User

if TYPE_CHECKING:
    from openstack.connection import Connection

SYSTEM_CLOUD = "SYSTEM_CLOUD"
"""The variable that names the cloud of an ordinary user; tox takes it from ``OS_CLOUD``."""
OTHERS = "SYSTEM_CLOUD_{user}"
"""The variables that name the clouds of further users, ``SYSTEM_CLOUD_ADMIN`` say; tests that need one are skipped."""
TEMPLATE = "SYSTEM_TEMPLATE"
"""The variable that has, as JSON, the fields of a template that this cloud wants otherwise, ``image_id`` say."""
SECONDS = "SYSTEM_BUILD_SECONDS"
"""The variable that says how long a cluster may take; half an hour unless set."""
ANYWHERE = ("test_real_world", "test_heat_takes_templates", "test_clients_command_line", "test_clients_sdk")
"""The modules of which a cloud of somebody's needs nothing but its users."""


@dataclasses.dataclass(frozen=True)
class AnyCloud(Cloud):
    """A cloud of which only users are known: by the name that tests call them, the name in ``clouds.yaml``."""

    names: Mapping[str, str] = dataclasses.field(default_factory=dict, hash=False)

    @classmethod
    def of_environment(cls) -> AnyCloud:
        names = {"demo": os.environ[SYSTEM_CLOUD]}
        for user in ("admin", "other", "reader"):
            if found := os.environ.get(OTHERS.format(user=user.upper())):
                names[user] = found
        region = _region(names["demo"])
        return cls(str(region.auth["auth_url"]), "", region.region_name, names)

    @property
    def auth_url(self) -> str:
        return self.url

    @property
    def identity_url(self) -> str:
        return self.url

    @property
    def labels(self) -> dict[str, str]:
        return {}

    @property
    def template(self) -> dict[str, str]:
        return dict(json.loads(os.environ.get(TEMPLATE) or "{}"))

    @property
    def unseen(self) -> frozenset[str]:
        return frozenset({"user", "node", "secret"})

    @property
    def public_prefix(self) -> str:
        return ""

    @property
    def build_seconds(self) -> float:
        return float(os.environ.get(SECONDS) or 1800)

    def auth(self, user: str, project: str) -> BaseAuthPlugin:
        auth: BaseAuthPlugin = _region(self._name(user)).get_session().auth
        return auth

    def environment(self, user: str, project: str) -> dict[str, str]:
        kept = ("OS_CLIENT_CONFIG_FILE", "OS_CACERT")
        return {"OS_CLOUD": self._name(user), **{name: os.environ[name] for name in kept if name in os.environ}}

    def is_healthy(self) -> bool:
        return True

    def leftovers(self) -> dict[str, int]:
        """Count by kind what the ordinary user's project has."""
        with quiet_sdk():
            found = kinds(_connection(self._name("demo")), everywhere=False)
            return dict(Counter(kind for kind, rows in found.items() for _ in rows))

    def agents(self) -> dict[str, Agent]:
        return {}

    def _name(self, user: str) -> str:
        if user not in self.names:
            pytest.skip(f"{OTHERS.format(user=user.upper())} names no cloud of the user {user}")
        return self.names[user]


class AnyHouse(House):
    """Our services on somebody's cloud: nobody looks into their database or stops them."""

    def __init__(self, cloud: AnyCloud) -> None:
        super().__init__(Path(os.devnull), cloud, api_port=0, database="none://")
        self._users: list[User] = []
        endpoint = self.user().session.get_endpoint(service_type="container-infra", region_name=cloud.region)
        self._api_url = str(endpoint).rstrip("/")

    @property
    def url(self) -> str:
        return self._api_url.removesuffix("/v1")

    def user(self, name: str = "demo", project: str | None = None) -> User:
        user = User(self.cloud, getattr(self, "_api_url", ""), name, project)
        self._users.append(user)
        return user

    def tidy(self) -> None:
        """Delete what the tests made beside clusters, for it is somebody's cloud."""
        for user in self._users:
            user.tidy()

    def query(self, statement: str, **values: Any) -> list[Any]:
        pytest.skip("somebody's cloud lets no test look into its database")

    def rows_of(self, cluster: str) -> dict[str, int]:
        """Give what the API tells: the cluster itself."""
        return {} if self.user().call("GET", f"/clusters/{cluster}").status_code == 404 else {"cluster": 1}


@functools.cache
def _region(name: str) -> Any:
    import openstack

    with quiet_sdk():
        return openstack.config.OpenStackConfig().get_one(cloud=name)


@functools.cache
def _connection(name: str) -> Connection:
    import openstack

    return openstack.connect(cloud=name)
