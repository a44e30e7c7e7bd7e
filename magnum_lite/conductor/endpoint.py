# SPDX-License-Identifier: Apache-2.0
"""What a conductor answers to messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from magnum_lite.certs import authority, x509
from magnum_lite.certs.signee import Signee
from magnum_lite.conductor.deps import ConductorDeps
from magnum_lite.conductor.steps.certificates import node_secrets
from magnum_lite.errors import DocumentNotReady, InvalidCSR, NotFound
from magnum_lite.model import Cluster, Node
from magnum_lite.store import authorities, clusters, events


class ConductorEndpoint:
    """Takes nudges, signs certificates and writes node documents: see ``rpc.conductor.Conductor``."""

    def __init__(self, deps: ConductorDeps, nudge: Callable[[str], None]) -> None:
        self._deps = deps
        self._nudge = nudge

    def reconcile(self, cluster_uuid: str) -> None:
        self._nudge(cluster_uuid)

    def sign_for_user(self, cluster_uuid: str, kind: str, csr: str, signee: Signee) -> str:
        deps = self._deps
        days = deps.conf.certificates.leaf_days
        pem = authority.sign_for_user(deps.vault, cluster_uuid, kind, csr, signee, days=days)
        message = f"{x509.describe(pem)}, signed by the authority {kind} for user {signee.user_id}"
        self._note_issued(cluster_uuid, "user", f"{message} (request {signee.request_id})")
        return pem

    def sign_for_node(self, node_uuid: str, profile: str, csr: str) -> Mapping[str, str]:
        deps = self._deps
        cluster, node, pems = self._place(node_uuid)
        wanted = deps.drivers.get(cluster.driver).certificate_requests(cluster, node)
        request = next((one for one in wanted if one.profile == profile), None)
        if request is None:
            known = ", ".join(one.profile for one in wanted)
            raise InvalidCSR(f"Node {node.name} may not have a certificate {profile!r}; it may have: {known}")
        if request.authority not in pems:
            raise DocumentNotReady(f"Cluster {cluster.name} has no authority yet; ask again")
        days = deps.conf.certificates.leaf_days
        pem = authority.sign_for_node(deps.vault, cluster.uuid, request, csr, days=days)
        self._note_issued(cluster.uuid, node.name, f"{x509.describe(pem)}, profile {profile} of node {node.name}")
        return {"certificate": pem, "authority": pems[request.authority]}

    def node_document(self, node_uuid: str) -> str:
        cluster, node, pems = self._place(node_uuid)
        if set(pems) < set(authority.KINDS):
            raise DocumentNotReady(f"Cluster {cluster.name} has no authority yet; ask again")
        driver = self._deps.drivers.get(cluster.driver)
        secrets = node_secrets(self._deps, cluster, node.role, pems, driver.cloud_needs(cluster, node))
        return driver.node_document(cluster, node, secrets).to_json()

    def _place(self, node_uuid: str) -> tuple[Cluster, Node, dict[str, str]]:
        with self._deps.store.read() as session:
            cluster = clusters.get_of_node(session, node_uuid)
            pems = authorities.by_kind(session, cluster.uuid)
        node = next((one for one in cluster.nodes if one.uuid == node_uuid), None)
        if node is None:
            raise NotFound("Node", node_uuid)
        return cluster, node, pems

    def _note_issued(self, cluster_uuid: str, resource: str, message: str) -> None:
        with self._deps.store.write() as session:
            events.add(
                session,
                cluster_uuid,
                now=self._deps.now(),
                kind="certificate",
                resource=resource,
                reason="certificate-issued",
                message=message,
            )
