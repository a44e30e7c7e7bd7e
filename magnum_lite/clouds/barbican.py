# SPDX-License-Identifier: Apache-2.0
"""Barbican: secrets of the service's own project."""

from __future__ import annotations

import base64

from magnum_lite.clouds.naming import quoted
from magnum_lite.clouds.session import CloudSession, Service, adapter, get_json
from magnum_lite.clouds.translation import translated
from magnum_lite.errors import CloudNotFound

BARBICAN = Service("key-manager", "barbican", "1")
BYTES = "application/octet-stream"
# Barbican gives 10 unless asked for more, and at most 100.
PAGE = 100


def create_secret(session: CloudSession, name: str, payload: bytes) -> str:
    """Keep bytes under a name, which others may have too; give the ID."""
    secret = {
        "name": name,
        "secret_type": "opaque",
        "payload": base64.b64encode(payload).decode(),
        "payload_content_type": BYTES,
        "payload_content_encoding": "base64",
    }
    with translated(BARBICAN.name):
        # Not logged, as the body carries the secret.
        answer = adapter(session, BARBICAN).post("/secrets", json=secret, log=False)
        return _id(answer.json()["secret_ref"])


def get_payload(session: CloudSession, ident: str) -> bytes:
    """Give the bytes of a secret; raise ``CloudNotFound``."""
    path, headers = f"/secrets/{quoted(ident)}/payload", {"Accept": BYTES}
    with translated(BARBICAN.name):
        answer = adapter(session, BARBICAN).get(path, headers=headers, log=False, connect_retries=session.get_retries)
        return bytes(answer.content)


def list_secrets(session: CloudSession, name: str) -> list[str]:
    """Give the IDs of the secrets of this name, the oldest first; not more than a page of them."""
    body = get_json(session, BARBICAN, "/secrets", {"name": name, "limit": PAGE, "sort": "created:asc"})
    with translated(BARBICAN.name):
        # It takes the name for a pattern.
        return [_id(row["secret_ref"]) for row in body["secrets"] if row["name"] == name]


def delete_secret(session: CloudSession, ident: str) -> None:
    """Make a secret gone; it may be gone already."""
    try:
        with translated(BARBICAN.name):
            adapter(session, BARBICAN).delete(f"/secrets/{quoted(ident)}")
    except CloudNotFound:
        return


def _id(reference: str) -> str:
    return reference.rstrip("/").rpartition("/")[2]
