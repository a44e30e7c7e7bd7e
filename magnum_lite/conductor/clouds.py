# SPDX-License-Identifier: Apache-2.0
"""OpenStack as a conductor uses it: as the service itself for users, as each cluster's user for everything else."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from oslo_config import cfg

from magnum_lite.clouds import keystone, neutron
from magnum_lite.clouds.session import CloudSession, cluster_session
from magnum_lite.drivers.base import Material
from magnum_lite.errors import ConfigurationError
from magnum_lite.heat.stacks import Stacks
from magnum_lite.model import Cluster

API_SERVICE = "container-infra"
MOST_SESSIONS = 1000


class OpenStackClouds:
    """The ``Clouds`` of a conductor.

    One session per cluster is kept, so that a cluster's user logs in once and not at every look.
    """

    def __init__(self, conf: cfg.ConfigOpts, service: CloudSession) -> None:
        self._conf = conf
        self._service = service
        self._sessions: OrderedDict[str, CloudSession] = OrderedDict()
        self._lock = threading.Lock()

    def ensure_user(self, name: str, password: str) -> str:
        return keystone.ensure_user(self._service, self._conf.cluster_user.domain_name, name, password)

    def grant(self, user_id: str, project_id: str, roles: Sequence[str]) -> None:
        keystone.ensure_role(self._service, user_id, project_id, roles)

    def remove_user(self, name: str) -> None:
        keystone.remove_user(self._service, self._conf.cluster_user.domain_name, name)

    def stacks(self, cluster: Cluster, password: str) -> Stacks:
        clients = self._conf.clients
        return Stacks(self._session(cluster, password), region=clients.region_name, interface=clients.interface)

    def material(self, cluster: Cluster, password: str, node_tokens: dict[str, str]) -> Material:
        session = self._session(cluster, password)
        external = cluster.external_network_id
        network = cluster.fixed_network
        subnet = neutron.get_subnet(session, cluster.fixed_subnet) if cluster.fixed_subnet else None
        return Material(
            api_url=self._api_url(),
            api_ca=self._authorities("api_ca_file"),
            trusted_ca=self._authorities("trusted_ca_file"),
            node_tokens=node_tokens,
            external_network=neutron.get_network(session, external, external=True).id if external else None,
            fixed_network=(
                neutron.get_network(session, network, external=False, field="fixed_network").id if network else None
            ),
            fixed_subnet=subnet.id if subnet else None,
            fixed_subnet_cidr=subnet.cidr if subnet else None,
            region=self._conf.clients.region_name,
            poll_seconds=self._conf.agent.poll_seconds,
        )

    def forget(self, cluster_uuid: str) -> None:
        with self._lock:
            self._sessions.pop(cluster_uuid, None)

    def _session(self, cluster: Cluster, password: str) -> CloudSession:
        with self._lock:
            known = self._sessions.get(cluster.uuid)
            if known is not None:
                self._sessions.move_to_end(cluster.uuid)
                return known
        if cluster.cluster_user_id is None:
            raise ConfigurationError(f"cluster {cluster.uuid} has no user yet")
        made = cluster_session(
            self._conf,
            auth_url=keystone.auth_url(self._service),
            user_id=cluster.cluster_user_id,
            password=password,
            project_id=cluster.project_id,
        )
        with self._lock:
            self._sessions[cluster.uuid] = made
            while len(self._sessions) > MOST_SESSIONS:
                self._sessions.popitem(last=False)
        return made

    def _api_url(self) -> str:
        url = (self._conf.agent.api_url or keystone.endpoint_of(self._service, API_SERVICE)).rstrip("/")
        return url if url.endswith("/v1") else f"{url}/v1"

    def _authorities(self, option: str) -> str | None:
        path = self._conf.agent[option]
        if path is None:
            return None
        try:
            return Path(path).read_text(encoding="ascii")
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"[agent] {option} {path} cannot be read: {error}") from error
