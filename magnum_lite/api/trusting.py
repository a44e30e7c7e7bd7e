# SPDX-License-Identifier: Apache-2.0
"""The trust by which a new cluster acts for its requester, where ``[cluster_user] grant`` is ``trust``.

Only the requester's token can make it, and that lives no longer than the request: so it is made here, after the rows
that say that it is wanted and before a conductor is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from magnum_lite.api import removal
from magnum_lite.api.current import context, deps, environ
from magnum_lite.api.idempotency import Key
from magnum_lite.errors import Forbidden, MagnumLiteError
from magnum_lite.model import Cluster, Grant
from magnum_lite.store import clusters
from magnum_lite.store.engine import Session

TOKEN = "keystone.token_info"  # noqa: S105 - where keystonemiddleware puts what it knows of a token
TRUST = "OS-TRUST:trust"


def check() -> None:
    """Raise ``Forbidden`` for a requester who cannot make the trust that a new cluster needs."""
    if deps().conf.cluster_user.grant != Grant.TRUST:
        return
    credential = token_of(environ()).get("application_credential")
    if isinstance(credential, Mapping) and credential.get("restricted", True):
        raise Forbidden(
            "a cluster acts by a trust of its requester here, and the token was made with a restricted application "
            "credential, which cannot make one: log in with a password, or make the credential with --unrestricted"
        )


def make(cluster: Cluster, key: Key | None) -> None:
    """Make the trust of a new cluster that needs one; where that fails the cluster goes again, and the key with it."""
    if cluster.grant_kind != Grant.TRUST:
        return
    try:
        trust_id = deps().clouds.make_trust(context(), cluster.cluster_user_name, cluster.roles)
        deps().store.transact(lambda session: clusters.set_trust(session, cluster.uuid, trust_id))
    except MagnumLiteError as error:
        _take_back(cluster.uuid, key)
        if isinstance(error, Forbidden):
            raise Forbidden(f"the trust by which the cluster acts for its requester was refused: {error}") from error
        raise


def token_of(environment: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what Keystone says of the token of a request, which is empty where nobody asked Keystone."""
    token: Mapping[str, Any] = environment.get(TOKEN, {}).get("token", {})
    return token


def trustee_of(environment: Mapping[str, Any]) -> str | None:
    """Give the ID of the user who acts by a trust, or ``None``: the token's own user is the one who trusts."""
    trust = token_of(environment).get(TRUST)
    return None if trust is None else str(trust["trustee_user"]["id"])


def _take_back(uuid: str, key: Key | None) -> None:
    def work(session: Session) -> None:
        removal.begin(session, clusters.get_locked(session, None, uuid))
        if key is not None:
            key.forget(session)

    deps().store.transact(work)
    deps().conductor.nudge(uuid)
