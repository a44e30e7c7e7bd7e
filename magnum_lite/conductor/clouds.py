# SPDX-License-Identifier: Apache-2.0
"""OpenStack as a conductor uses it: as the service itself for users, as each cluster's user for everything else."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from oslo_config import cfg

from magnum_lite.clouds import cinder, keystone, neutron, nova
from magnum_lite.clouds.session import KEYSTONE, CloudSession, cluster_session
from magnum_lite.conductor.remembered import Remembered, Terms
from magnum_lite.drivers.base import CloudAccess, CloudNetworks, Material, Strays
from magnum_lite.errors import CloudError, ConfigurationError, InvalidField, NotFound
from magnum_lite.heat.stacks import Stacks
from magnum_lite.model import Cluster

API_SERVICE = "container-infra"
MOST_SESSIONS = 1000
ENDPOINTS = Terms(seconds=300)
VOLUME_TYPES = Terms(seconds=300)
NETWORKS = Terms(seconds=3600)
# A node waits for its document meanwhile, and can do without what the cloud does not tell in time.
PATIENCE = 5.0


class OpenStackClouds:
    """The ``Clouds`` of a conductor.

    One session per cluster is kept, so that a cluster's user logs in once and not at every look.
    """

    def __init__(self, conf: cfg.ConfigOpts, service: CloudSession) -> None:
        self._conf = conf
        self._service = service
        self._sessions: OrderedDict[str, CloudSession] = OrderedDict()
        self._lock = threading.Lock()
        self._endpoints = Remembered[str]("the endpoint", ENDPOINTS)
        self._networks = Remembered[CloudNetworks]("the networks", NETWORKS)
        self._volume_types = Remembered[tuple[str, ...]]("the volume types", VOLUME_TYPES)

    def ensure_user(self, name: str, password: str) -> keystone.User:
        return keystone.ensure_user(self._service, self._conf.cluster_user.domain_name, name, password)

    def grant(self, user_id: str, project_id: str, roles: Sequence[str]) -> None:
        keystone.ensure_role(self._service, user_id, project_id, roles)

    def has_trust(self, trust_id: str) -> bool:
        return keystone.has_trust(self._service, trust_id)

    def has_project(self, project_id: str) -> bool:
        try:
            keystone.get_project(self._service, project_id)
        except NotFound:
            return False
        return True

    def remove_user(self, name: str) -> None:
        keystone.remove_user(self._service, self._conf.cluster_user.domain_name, name)

    def stacks(self, cluster: Cluster, password: str) -> Stacks:
        session = self._session(cluster, password)
        most_bytes = self._conf.heat.max_json_body_size
        return Stacks(session, region=session.region_name, interface=session.interface, most_bytes=most_bytes)

    def remove_strays(self, cluster: Cluster, password: str, strays: Strays) -> list[str]:
        session, found = self._session(cluster, password), []
        for port in [one for network in strays.networks for one in neutron.list_ports(session, network)]:
            if port.is_of_router and port.device in strays.routers:
                neutron.remove_router_interface(session, port.device, port.id)
            elif port.name not in strays.names:
                # Somebody else's, on the cluster's network.
                continue
            elif port.is_of_server:
                nova.delete_server(session, port.device)
            else:
                neutron.delete_port(session, port.id)
            found.append(f"port {port.id} of {port.owner or 'nobody'} {port.device}".rstrip())
        return found

    def material(self, cluster: Cluster, password: str, node_tokens: dict[str, str]) -> Material:
        session = self._session(cluster, password)
        external = cluster.external_network_id
        network = cluster.fixed_network
        subnet = neutron.get_subnet(session, cluster.fixed_subnet) if cluster.fixed_subnet else None
        return Material(
            api_url=self._api_url(),
            api_ca=self._api_ca(),
            trusted_ca=_pem("[agent] trusted_ca_file", self._conf.agent.trusted_ca_file),
            node_tokens=node_tokens,
            external_network=neutron.get_network(session, external, external=True).id if external else None,
            fixed_network=(
                neutron.get_network(session, network, external=False, field="fixed_network").id if network else None
            ),
            fixed_subnet=subnet.id if subnet else None,
            fixed_subnet_cidr=subnet.cidr if subnet else None,
            region=self._conf.service_clients.region_name,
            poll_seconds=self._conf.agent.poll_seconds,
        )

    def access(self, cluster: Cluster, password: str) -> CloudAccess:
        return CloudAccess(
            auth_url=self._endpoints.get(KEYSTONE.type, lambda: keystone.public_url(self._service)),
            user_id=_user_of(cluster),
            password=password,
            project_id=cluster.project_id,
            magnum_url=self._api_url(),
            region=self._conf.service_clients.region_name,
            trust_id=cluster.trust_id,
            ca=self._cloud_ca(),
        )

    def networks(self, cluster: Cluster, password: str) -> CloudNetworks:
        master = cluster.masters[0].server_id
        if master is None:
            return CloudNetworks()

        def look() -> CloudNetworks:
            session, external = self._session(cluster, password), cluster.external_network_id
            return CloudNetworks(
                neutron.get_network(session, external, external=True).id if external else None,
                neutron.find_subnet_of(session, master, most_seconds=PATIENCE),
            )

        try:
            return self._networks.get(cluster.uuid, look)
        except (CloudError, InvalidField):
            return CloudNetworks()

    def volume_types(self, cluster: Cluster, password: str) -> tuple[str, ...]:
        def look() -> tuple[str, ...]:
            found = cinder.list_volume_types(self._session(cluster, password), most_seconds=PATIENCE)
            return tuple(sorted(one.name for one in found if one.is_public))

        try:
            return self._volume_types.get(cluster.project_id, look)
        except CloudError:
            return ()

    def forget(self, cluster_uuid: str) -> None:
        with self._lock:
            self._sessions.pop(cluster_uuid, None)

    def _session(self, cluster: Cluster, password: str) -> CloudSession:
        with self._lock:
            known = self._sessions.get(cluster.uuid)
            if known is not None:
                self._sessions.move_to_end(cluster.uuid)
                return known
        made = cluster_session(
            self._conf,
            auth_url=keystone.auth_url(self._service),
            user_id=_user_of(cluster),
            password=password,
            # A trust says itself which project it is about, and Keystone takes only one of them.
            project_id=None if cluster.trust_id else cluster.project_id,
            trust_id=cluster.trust_id,
        )
        with self._lock:
            self._sessions[cluster.uuid] = made
            while len(self._sessions) > MOST_SESSIONS:
                self._sessions.popitem(last=False)
        return made

    def _api_url(self) -> str:
        known = self._conf.agent.api_url
        url = known or self._endpoints.get(API_SERVICE, lambda: keystone.endpoint_of(self._service, API_SERVICE))
        return url.rstrip("/") if url.rstrip("/").endswith("/v1") else f"{url.rstrip('/')}/v1"

    def _api_ca(self) -> str | None:
        return _pem("[agent] api_ca_file", self._conf.agent.api_ca_file)

    def _cloud_ca(self) -> str | None:
        """Give the CA of the cloud's endpoints with that of our own, as one file must do for both."""
        cloud = _pem("[service_clients] cafile", self._conf.service_clients.cafile)
        own = self._api_ca()
        return cloud if cloud is None or own in (None, cloud) else f"{cloud.rstrip()}\n{own}"


def _user_of(cluster: Cluster) -> str:
    if cluster.cluster_user_id is None:
        raise ConfigurationError(f"cluster {cluster.uuid} has no user yet")
    return cluster.cluster_user_id


def _pem(option: str, path: str | None) -> str | None:
    if path is None:
        return None
    try:
        return Path(path).read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{option} {path} cannot be read: {error}") from error
