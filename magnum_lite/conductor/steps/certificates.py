# SPDX-License-Identifier: Apache-2.0
"""The authorities and the keys of a cluster."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
import secrets

from magnum_lite.certs import authority, x509
from magnum_lite.certs.vaults import Vault
from magnum_lite.conductor.deps import ConductorDeps
from magnum_lite.conductor.look import Look, user_secret
from magnum_lite.drivers.base import CloudNeeds, CloudNetworks, NodeSecrets
from magnum_lite.errors import DocumentNotReady
from magnum_lite.model import Cluster
from magnum_lite.model.nodegroup import MASTER
from magnum_lite.store import authorities

KEY_BYTES = 32


def ensure_certificates(look: Look) -> None:
    """Give the cluster its certificate authorities, and then every node the hash of its token."""
    cluster, deps = look.cluster, look.deps
    if all(node.token_hash for node in cluster.nodes):
        return
    pems = authority.ensure(deps.vault, cluster.uuid, cluster.name, days=deps.conf.certificates.ca_days)
    look.write(lambda session: authorities.put(session, cluster.uuid, pems, deps.now()))
    tokens = node_tokens(deps.vault, cluster)
    for node in cluster.nodes:
        node.token_hash = hashlib.sha256(tokens[node.uuid].encode()).hexdigest()


def remove_secrets(look: Look) -> None:
    """Make every secret of the cluster gone."""
    look.deps.vault.remove_cluster(look.cluster.uuid)


def node_tokens(vault: Vault, cluster: Cluster) -> dict[str, str]:
    """Give the token each node proves itself with, by the node's UUID.

    Tokens are derived from one secret of the cluster, so that a step that is run again writes the same user data.
    """
    secret = vault.ensure(f"{cluster.uuid}-node-tokens", cluster.uuid, _new_key)
    return {
        node.uuid: base64.urlsafe_b64encode(hmac.digest(secret, node.uuid.encode(), "sha256")).decode().rstrip("=")
        for node in cluster.nodes
    }


def node_secrets(
    deps: ConductorDeps, cluster: Cluster, role: str, pems: dict[str, str], needs: CloudNeeds
) -> NodeSecrets:
    """Give what a node document of this role may carry: only masters get keys, and only who needs it the cloud."""
    if role != MASTER:
        return NodeSecrets(authorities=pems)
    vault = deps.vault
    pair = vault.ensure(f"{cluster.uuid}-service-account", cluster.uuid, lambda: x509.new_rsa_key().encode())
    at_rest = vault.ensure(f"{cluster.uuid}-encryption-at-rest", cluster.uuid, _new_key)
    known = NodeSecrets(
        authorities=pems,
        service_account_key=pair.decode(),
        encryption_key=base64.b64encode(at_rest).decode(),
    )
    return _with_cloud(known, deps, cluster, needs) if needs else known


def _with_cloud(known: NodeSecrets, deps: ConductorDeps, cluster: Cluster, needs: CloudNeeds) -> NodeSecrets:
    if cluster.cluster_user_id is None:
        raise DocumentNotReady(f"Cluster {cluster.name} has no user in the cloud yet; ask again")
    clouds, password = deps.clouds, deps.vault.get(user_secret(cluster)).decode()
    return dataclasses.replace(
        known,
        cloud=clouds.access(cluster, password) if needs.cloud else None,
        networks=clouds.networks(cluster, password) if needs.networks else CloudNetworks(),
        volume_types=clouds.volume_types(cluster, password) if needs.volume_types else (),
    )


def _new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)
