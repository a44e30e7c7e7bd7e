# SPDX-License-Identifier: Apache-2.0
"""The pocket cloud's registry of images: whatever name and tag is asked for is there, and always the same.

An image is an index for two machines; each has a configuration that says name and tag, and one empty layer. Every
digest is the SHA-256 of the bytes that are served for it.
"""

import dataclasses
import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Mapping

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
MACHINES = ("amd64", "arm64")
LONG_AGO = "1970-01-01T00:00:00Z"


@dataclasses.dataclass(frozen=True)
class Content:
    """Bytes with their media type."""

    media: str
    data: bytes

    @property
    def digest(self) -> str:
        """Give the digest that they are asked for by."""
        return f"sha256:{hashlib.sha256(self.data).hexdigest()}"

    def described(self, **also: object) -> dict[str, object]:
        """Give what another manifest says of these bytes."""
        return {"mediaType": self.media, "digest": self.digest, "size": len(self.data), **also}


class Registry:
    """Makes images when somebody asks for their tag, and keeps their parts by digest."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Content] = {}
        self._indexes: dict[tuple[str, str], Content] = {}

    def image(self, name: str, tag: str) -> Content:
        """Give the index of a name and tag."""
        with self._lock:
            if (name, tag) not in self._indexes:
                self._indexes[(name, tag)] = self._made(name, tag)
            return self._indexes[(name, tag)]

    def find(self, digest: str) -> Content | None:
        """Give what has been made with this digest."""
        with self._lock:
            return self._known.get(digest)

    def _made(self, name: str, tag: str) -> Content:
        listed = [
            self._manifest(name, tag, machine).described(platform={"architecture": machine, "os": "linux"})
            for machine in MACHINES
        ]
        return self._keep(INDEX, {"schemaVersion": 2, "mediaType": INDEX, "manifests": listed})

    def _manifest(self, name: str, tag: str, machine: str) -> Content:
        layer = self._keep_bytes(LAYER, _empty_layer())
        config = {
            "architecture": machine,
            "os": "linux",
            "created": LONG_AGO,
            "config": {"Labels": {"image": f"{name}:{tag}"}},
            "rootfs": {"type": "layers", "diff_ids": [layer.digest]},
        }
        body = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self._keep(CONFIG, config).described(),
            "layers": [layer.described()],
        }
        return self._keep(MANIFEST, body)

    def _keep(self, media: str, body: Mapping[str, object]) -> Content:
        return self._keep_bytes(media, json.dumps(body, sort_keys=True, separators=(",", ":")).encode())

    def _keep_bytes(self, media: str, data: bytes) -> Content:
        content = Content(media, data)
        self._known[content.digest] = content
        return content


def _empty_layer() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w"):
        pass
    return packed.getvalue()
