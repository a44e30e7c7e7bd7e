# SPDX-License-Identifier: Apache-2.0
"""Nova's key pairs, which belong to users."""

import base64
import binascii
import hashlib
import threading

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from magnum_lite.pocketcloud import errors
from magnum_lite.pocketcloud.records import Record, clone, now


class Keypairs:
    """Key pairs by user and name; the private half of a generated one is handed out once and not kept."""

    def __init__(self, lock: "threading.RLock") -> None:
        self._lock = lock
        self._pairs: dict[tuple[str, str], Record] = {}

    def create(self, user_id: str, name: str, public_key: str | None = None) -> Record:
        """Keep a public key, or generate a pair (the answer has the private key then); a taken name is a 409."""
        private = None
        if public_key is None:
            public_key, private = _generated()
        record: Record = {
            "id": len(self._pairs) + 1,
            "name": name,
            "type": "ssh",
            "public_key": public_key,
            "fingerprint": _fingerprint(public_key),
            "user_id": user_id,
            "created_at": now(zone=False),
            "deleted": False,
        }
        with self._lock:
            if (user_id, name) in self._pairs:
                raise errors.conflict(f"Key pair '{name}' already exists.")
            self._pairs[user_id, name] = record
        return clone(record) if private is None else {**record, "private_key": private}

    def get(self, user_id: str, name: str) -> Record:
        """Give the user's key pair of this name."""
        with self._lock:
            if (user_id, name) not in self._pairs:
                raise errors.not_found(f"Keypair {name} not found for user {user_id}")
            return clone(self._pairs[user_id, name])

    def list_(self, user_id: str) -> list[Record]:
        """List the user's key pairs."""
        with self._lock:
            return [clone(pair) for (owner, _), pair in self._pairs.items() if owner == user_id]

    def delete(self, user_id: str, name: str) -> None:
        """Forget a key pair."""
        self.get(user_id, name)
        with self._lock:
            self._pairs.pop((user_id, name), None)


def _generated() -> tuple[str, str]:
    key = ed25519.Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return public.decode(), private.decode()


def _fingerprint(public_key: object) -> str:
    parts = str(public_key).split()
    try:
        data = base64.b64decode(parts[1], validate=True)
    except (IndexError, binascii.Error) as error:
        raise errors.bad_request(
            f"Keypair data is invalid: {str(public_key)[:40]!r} is not an OpenSSH public key"
        ) from error
    digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))
