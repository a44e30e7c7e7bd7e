# SPDX-License-Identifier: Apache-2.0
"""The pocket cloud's Glance: what images there are; none has any bytes."""

from typing import TYPE_CHECKING

from magnum_lite.pocketcloud.records import Record, Records, clone, new_id, now
from magnum_lite.pocketcloud.scope import Scope

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.cloud import Cloud


class Image:
    """The images."""

    def __init__(self, cloud: "Cloud") -> None:
        self._lock = cloud.lock
        self._faults = cloud.faults
        self.images = Records("image", sentence="No image found with ID {ident}")

    def add(self, name: str, project_id: str, properties: Record) -> Record:
        """Register a public image that is ready for use."""
        moment = now()
        image = {
            "id": new_id(),
            "name": name,
            "status": "active",
            "visibility": "public",
            "owner": project_id,
            "project_id": project_id,
            "container_format": "bare",
            "disk_format": "qcow2",
            "min_disk": 0,
            "min_ram": 0,
            "size": 1024**3,
            "virtual_size": 10 * 1024**3,
            "protected": False,
            "os_hidden": False,
            "checksum": None,
            "tags": [],
            "created_at": moment,
            "updated_at": moment,
            "schema": "/v2/schemas/image",
            **properties,
        }
        with self._lock:
            return clone(
                self.images.add(
                    {**image, "self": f"/v2/images/{image['id']}", "file": f"/v2/images/{image['id']}/file"}
                )
            )

    def get(self, scope: Scope, ident: str) -> Record:
        """Give the image with this id."""
        self._faults.check("glance", "get_image", scope)
        with self._lock:
            return clone(self.images.get(ident, lambda image: _sees(scope, image)))

    def find(self, scope: Scope, name_or_id: str) -> Record:
        """Give the image with this id, or else this name."""
        self._faults.check("glance", "get_image", scope, name_or_id)
        with self._lock:
            return clone(self.images.find(name_or_id, lambda image: _sees(scope, image)))

    def list_(self, scope: Scope) -> list[Record]:
        """List the images the caller sees."""
        self._faults.check("glance", "list_images", scope)
        with self._lock:
            return [clone(image) for image in self.images if _sees(scope, image)]

    def update(self, scope: Scope, ident: str, values: Record, drop: tuple[str, ...] = ()) -> Record:
        """Change properties of an image that the caller owns."""
        with self._lock:
            image = self._owned(scope, ident)
            image.update(values, updated_at=now())
            for key in drop:
                image.pop(key, None)
            return clone(image)

    def delete(self, scope: Scope, ident: str) -> None:
        """Remove an image that the caller owns."""
        with self._lock:
            self._owned(scope, ident)
            self.images.remove(ident)

    def _owned(self, scope: Scope, ident: str) -> Record:
        return self.images.get(ident, lambda image: scope.sees(image["owner"]))


def _sees(scope: Scope, image: Record) -> bool:
    return image["visibility"] in ("public", "community") or scope.sees(image["owner"])
