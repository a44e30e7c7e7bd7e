# SPDX-License-Identifier: Apache-2.0
"""The Keystone user a cluster acts as."""

from __future__ import annotations

import secrets

from magnum_lite.conductor.look import Look, user_name, user_secret

PASSWORD_BYTES = 32


def ensure_identity(look: Look) -> None:
    """Give the cluster a user of its own, with its roles on the project."""
    cluster, deps = look.cluster, look.deps
    if cluster.cluster_user_id is not None:
        return
    password = deps.vault.ensure(user_secret(cluster), cluster.uuid, _new_password).decode()
    user_id = deps.clouds.ensure_user(user_name(cluster), password)
    deps.clouds.grant(user_id, cluster.project_id, cluster.roles)
    cluster.cluster_user_id = user_id


def remove_identity(look: Look) -> None:
    """Make the cluster's user gone, and with it its roles."""
    cluster, deps = look.cluster, look.deps
    deps.clouds.forget(cluster.uuid)
    # Cut off right after the removal, the next run must not act as a user that is gone: it makes the user anew.
    cluster.cluster_user_id = None
    look.save()
    if deps.vault.find(user_secret(cluster)) is not None:
        deps.clouds.remove_user(user_name(cluster))


def _new_password() -> bytes:
    return secrets.token_urlsafe(PASSWORD_BYTES).encode()
