# SPDX-License-Identifier: Apache-2.0
"""The Keystone user a cluster acts as."""

from __future__ import annotations

import secrets

from magnum_lite.conductor.look import Happening, Look, user_secret
from magnum_lite.drivers.base import NotYet
from magnum_lite.errors import TrustLost
from magnum_lite.model import Grant

PASSWORD_BYTES = 32
# An API makes the trust right after it has written the rows. One that has not after this long never will.
TRUST_SECONDS = 60.0
FORGETTING_SECONDS = 2.0


def ensure_identity(look: Look) -> None:
    """Give the cluster a user of its own that can act on the project: by roles, or by the requester's trust."""
    cluster, deps = look.cluster, look.deps
    if cluster.cluster_user_id is not None:
        return
    if cluster.grant_kind == Grant.TRUST:
        _await_trust(look)
    password = deps.vault.ensure(user_secret(cluster), cluster.uuid, _new_password).decode()
    user = deps.clouds.ensure_user(cluster.cluster_user_name, password)
    if cluster.grant_kind == Grant.ROLE:
        deps.clouds.grant(user.id, cluster.project_id, cluster.roles)
    cluster.cluster_user_id = user.id
    if user.is_changed:
        look.save()
        raise NotYet("Keystone is ending the tokens of the cluster's user", after=FORGETTING_SECONDS)


def act_by_roles(look: Look) -> None:
    """Give the user of a cluster whose trust holds no more the same roles itself, so that the cluster can go."""
    cluster = look.cluster
    cluster.grant_kind, cluster.trust_id, cluster.cluster_user_id = Grant.ROLE.value, None, None
    look.deps.clouds.forget(cluster.uuid)
    sentence = f"the trust of user {cluster.user_id} does not hold any more: the removal goes on by roles"
    look.save(Happening("cluster", cluster.name, "trust-lost", sentence))
    ensure_identity(look)


def check_trust(look: Look) -> None:
    """Raise ``TrustLost`` when the cluster acts by a trust that is not there any more."""
    cluster = look.cluster
    if cluster.trust_id is not None and not look.deps.clouds.has_trust(cluster.trust_id):
        raise TrustLost(
            f"the trust by which cluster {cluster.name} acts is gone, as it ends with user {cluster.user_id}, who "
            "asked for the cluster: it goes on as it is and can be deleted, but not changed any more"
        )


def remove_identity(look: Look) -> None:
    """Make the cluster's user gone, and with it its roles and the trust in it."""
    cluster, deps = look.cluster, look.deps
    deps.clouds.forget(cluster.uuid)
    # Cut off right after the removal, the next run must not act as a user that is gone: it makes the user anew.
    cluster.cluster_user_id = None
    look.save()
    if cluster.grant_kind == Grant.TRUST or deps.vault.find(user_secret(cluster)) is not None:
        deps.clouds.remove_user(cluster.cluster_user_name)


def _await_trust(look: Look) -> None:
    if look.cluster.trust_id is not None:
        return
    if look.age < TRUST_SECONDS:
        raise NotYet("the trust of the requester is being made", after=1.0)
    raise TrustLost(
        "the API was cut off before it made the requester's trust, without which nothing can be made: "
        "delete this cluster and ask for it again"
    )


def _new_password() -> bytes:
    return secrets.token_urlsafe(PASSWORD_BYTES).encode()
