# SPDX-License-Identifier: Apache-2.0
"""The pocket cloud's Barbican: secrets of projects, in memory and in clear."""

import base64
import binascii
from typing import TYPE_CHECKING

from magnum_lite.pocketcloud import errors
from magnum_lite.pocketcloud.records import Record, Records, clone, new_id, now, of_project
from magnum_lite.pocketcloud.scope import Scope

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.cloud import Cloud

BYTES = "application/octet-stream"
MOST_BYTES = 20_000


class KeyManager:
    """Secrets: their names are free, and several may have the same."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud
        self._lock = cloud.lock
        self.secrets = Records("Secret", sentence="Not Found. Sorry but your {label} is in another castle.")
        self._payloads: dict[str, bytes] = {}

    def create(self, scope: Scope, body: Record) -> Record:
        """Keep a payload that comes base64 encoded."""
        payload = _payload(body)
        record: Record = {
            "id": new_id(),
            "project_id": scope.project_id,
            "creator_id": scope.user_id,
            "name": body.get("name"),
            "secret_type": body.get("secret_type") or "opaque",
            "status": "ACTIVE",
            "created": now(zone=False),
            "updated": now(zone=False),
            "expiration": None,
            "algorithm": None,
            "bit_length": None,
            "mode": None,
            "content_types": {"default": BYTES},
        }
        with self._lock:
            self._payloads[record["id"]] = payload
            return clone(self.secrets.add(record))

    def list_(self, scope: Scope, name: str) -> list[Record]:
        """List the project's secrets, or those of a name."""
        with self._lock:
            own = [one for one in self.secrets if one["project_id"] == scope.project_id]
            return [clone(one) for one in own if name in ("", one["name"])]

    def get(self, scope: Scope, ident: str) -> Record:
        """Give what is known of a secret."""
        with self._lock:
            return clone(self.secrets.get(ident, of_project(scope)))

    def payload(self, scope: Scope, ident: str) -> bytes:
        """Give the secret itself."""
        with self._lock:
            return self._payloads[self.secrets.get(ident, of_project(scope))["id"]]

    def delete(self, scope: Scope, ident: str) -> None:
        """Remove a secret."""
        with self._lock:
            self.secrets.get(ident, of_project(scope))
            self.secrets.remove(ident)
            del self._payloads[ident]


def _payload(body: Record) -> bytes:
    if body.get("payload_content_type") != BYTES or body.get("payload_content_encoding") != "base64":
        raise errors.bad_request(f"payload_content_type: only {BYTES} is taken here, encoded as base64")
    try:
        payload = base64.b64decode(str(body.get("payload")), validate=True)
    except binascii.Error as error:
        raise errors.bad_request("payload: it is not base64") from error
    if not 0 < len(payload) <= MOST_BYTES:
        raise errors.CloudFault(413, f"Provided information too large to process: at most {MOST_BYTES} bytes")
    return payload
