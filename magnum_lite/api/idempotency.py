# SPDX-License-Identifier: Apache-2.0
"""The header ``Idempotency-Key``: a request that is sent twice is carried out once."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from magnum_lite import errors
from magnum_lite.api import body as bodies
from magnum_lite.api.current import context, deps, environ
from magnum_lite.model import IdempotencyKey
from magnum_lite.store import idempotency
from magnum_lite.store.engine import Session

HEADER = "Idempotency-Key"
LONGEST = 255


class KeyReused(errors.MagnumLiteError):
    """One key came with two different requests."""

    code = 422
    slug = "idempotency-key-reused"


@dataclass(frozen=True)
class Key:
    """A key as it was sent, its digest, and the fingerprint of the request that carries it."""

    text: str
    digest: str
    fingerprint: str

    def find(self, session: Session) -> str | None:
        """Give the UUID that was answered before; raise ``KeyReused`` when the key stood for another request."""
        asker = context()
        row = idempotency.find(session, str(asker.project_id), str(asker.user_id), self.digest, deps().clock())
        if row is None:
            return None
        if row.fingerprint != self.fingerprint:
            raise KeyReused(f"{HEADER} {self.text!r} came with another request before: a new request needs a new key")
        return row.made_uuid

    def keep(self, session: Session, uuid: str) -> None:
        """Keep what is answered; call it in the transaction that makes it."""
        asker, now = context(), deps().clock()
        row = IdempotencyKey(
            project_id=str(asker.project_id),
            user_id=str(asker.user_id),
            key=self.digest,
            fingerprint=self.fingerprint,
            made_uuid=uuid,
            created_at=now,
        )
        idempotency.add(session, row, now)

    def forget(self, session: Session) -> None:
        """Let the key be used again: what was made for it is taken back."""
        asker = context()
        idempotency.remove(session, str(asker.project_id), str(asker.user_id), self.digest)


def of_request() -> Key | None:
    """Give the key of the current request, or ``None``; raise ``InvalidField`` for one that is none."""
    text = environ().get("HTTP_IDEMPOTENCY_KEY")
    if text is None:
        return None
    if not 1 <= len(text) <= LONGEST or not (text.isascii() and text.isprintable()):
        raise errors.InvalidField(f"the header {HEADER}", text, f"it takes 1 to {LONGEST} printable ASCII characters")
    asked = json.dumps(bodies.parse(environ()[bodies.BODY]), sort_keys=True)
    return Key(text, _digest(text), _digest(asked))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def find(key: Key | None) -> str | None:
    """Give the UUID that a key was answered with before, or ``None``: one statement, and none without a key."""
    if key is None:
        return None
    with deps().store.read() as session:
        return key.find(session)
