# SPDX-License-Identifier: Apache-2.0
"""The pocket cloud's Cinder: volume types and volumes; a volume is a record and holds no bytes."""

import functools
from typing import TYPE_CHECKING, Any

from magnum_lite.pocketcloud import errors
from magnum_lite.pocketcloud.quotas import Quotas
from magnum_lite.pocketcloud.records import Record, Records, clone, new_id, now, of_project
from magnum_lite.pocketcloud.scope import Scope

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.cloud import Cloud

DELETABLE = ("available", "error", "error_restoring", "error_extending", "error_managing")
CREATE_SECONDS = 0.05


class Volume:
    """Volume types and volumes."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud
        self._lock = cloud.lock
        self.types = Records("Volume type")
        self.volumes = Records("Volume")
        self.encryption: dict[str, Record] = {}
        self.quotas = Quotas(
            {"volumes": 100_000, "gigabytes": 10_000_000, "snapshots": 1000, "per_volume_gigabytes": -1}
        )

    def add_type(self, name: str, encryption: Record | None = None) -> Record:
        """Register a public volume type, encrypted when it is said how."""
        record: Record = {
            "id": new_id(),
            "name": name,
            "description": None,
            "is_public": True,
            "os-volume-type-access:is_public": True,
            "extra_specs": {},
            "qos_specs_id": None,
        }
        with self._lock:
            self.types.add(record)
            if encryption is not None:
                self.encryption[record["id"]] = {
                    "volume_type_id": record["id"],
                    "encryption_id": new_id(),
                    **encryption,
                }
            return clone(record)

    def find_type(self, scope: Scope, name_or_id: str) -> Record:
        """Give the volume type with this id, or else this name."""
        self._cloud.faults.check("cinder", "get_type", scope, name_or_id)
        with self._lock:
            return clone(self.types.find(name_or_id))

    def create_volume(self, scope: Scope, body: Record) -> Record:
        """Make a volume of body["size"] GiB; it is "creating", and "available" soon after.

        A full quota is Cinder's 413.
        """
        self._cloud.faults.check("cinder", "create_volume", scope, str(body.get("name") or ""))
        size = _size(body.get("size"))
        kind = self.find_type(scope, body.get("volume_type") or "standard")
        image = self._cloud.image.find(scope, body["imageRef"]) if body.get("imageRef") else None
        with self._lock:
            self._check_quota(scope.project_id, size)
            record = self.volumes.add(_volume(scope, body, size, kind, image))
            record["encrypted"] = kind["id"] in self.encryption
        failure = self._cloud.faults.take("server-error", "cinder", "create_volume", scope, record["name"])
        end = "available" if failure is None else "error"
        self._cloud.clock.later(CREATE_SECONDS, functools.partial(self._become, record["id"], "creating", end))
        return clone(record)

    def get_volume(self, scope: Scope, ident: str) -> Record:
        """Give the volume with this id."""
        self._cloud.faults.check("cinder", "get_volume", scope)
        with self._lock:
            return clone(self.volumes.get(ident, of_project(scope)))

    def list_volumes(self, scope: Scope) -> list[Record]:
        """List the project's volumes."""
        self._cloud.faults.check("cinder", "list_volumes", scope)
        with self._lock:
            return [clone(one) for one in self.volumes if one["project_id"] == scope.project_id]

    def update_volume(self, scope: Scope, ident: str, values: Record) -> Record:
        """Change a volume's name, description or metadata."""
        with self._lock:
            volume = self.volumes.get(ident, of_project(scope))
            volume.update({key: values[key] for key in ("name", "description", "metadata") if key in values})
            return clone(volume)

    def delete_volume(self, scope: Scope, ident: str) -> None:
        """Remove a volume; it is gone soon after. One in use is a 400."""
        self._cloud.faults.check("cinder", "delete_volume", scope)
        with self._lock:
            volume = self.volumes.get(ident, of_project(scope))
            if volume["status"] not in DELETABLE:
                message = (
                    f"Invalid volume: Volume status must be {' or '.join(DELETABLE)} and must not be migrating, "
                    "attached, belong to a group, have snapshots or be disassociated from "
                    "snapshots after volume transfer."
                )
                raise errors.bad_request(message)
            volume["status"] = "deleting"
        self._cloud.clock.later(CREATE_SECONDS, functools.partial(self._drop, ident))

    def attach(self, scope: Scope, ident: str, server_id: str, device: str) -> Record:
        """Note that a server has the volume; gives the attachment."""
        with self._lock:
            volume = self.volumes.get(ident, of_project(scope))
            if volume["status"] not in ("available", "creating"):
                message = (
                    f"Invalid volume: Volume {ident} status must be available or downloading to reserve, "
                    f"but the current status is {volume['status']}."
                )
                raise errors.bad_request(message)
            attachment = {
                "id": ident,
                "attachment_id": new_id(),
                "volume_id": ident,
                "server_id": server_id,
                "device": device,
                "attached_at": now(zone=False),
            }
            volume["attachments"] = [attachment]
            volume["status"] = "in-use"
            return clone(attachment)

    def detach(self, ident: str) -> None:
        """Note that no server has the volume any more; gone already is fine."""
        with self._lock:
            if ident in self.volumes:
                self.volumes.get(ident).update(status="available", attachments=[])

    def usage(self, project_id: str) -> dict[str, int]:
        """Count the project's volumes and their GiB."""
        with self._lock:
            own = [one for one in self.volumes if one["project_id"] == project_id]
            return {"volumes": len(own), "gigabytes": sum(one["size"] for one in own), "snapshots": 0}

    def _check_quota(self, project_id: str, size: int) -> None:
        used, limits = self.usage(project_id), self.quotas.of(project_id)
        if self.quotas.exceeded(project_id, "volumes", used["volumes"]):
            message = (
                f"VolumeLimitExceeded: Maximum number of volumes allowed ({limits['volumes']}) exceeded "
                f"for quota 'volumes'."
            )
            raise errors.CloudFault(413, message)
        if self.quotas.exceeded(project_id, "gigabytes", used["gigabytes"], size):
            message = (
                f"VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. "
                f"Requested {size}G, quota is {limits['gigabytes']}G and {used['gigabytes']}G has been consumed."
            )
            raise errors.CloudFault(413, message)

    def _become(self, ident: str, was: str, status: str) -> None:
        with self._lock:
            if ident in self.volumes and self.volumes.get(ident)["status"] == was:
                self.volumes.get(ident)["status"] = status

    def _drop(self, ident: str) -> None:
        with self._lock:
            if ident in self.volumes:
                self.volumes.remove(ident)


def _size(value: Any) -> int:
    if isinstance(value, bool) or not str(value).isdigit() or int(value) < 1:
        raise errors.bad_request(f"Invalid input received: Volume size '{value}' must be an integer and greater than 0")
    return int(value)


def _volume(scope: Scope, body: Record, size: int, kind: Record, image: Record | None) -> Record:
    record: Record = {
        "id": new_id(),
        "name": body.get("name") or "",
        "description": body.get("description"),
        "size": size,
        "status": "creating",
        "volume_type": kind["name"],
        "volume_type_id": kind["id"],
        "availability_zone": body.get("availability_zone") or "nova",
        "bootable": "true" if image else "false",
        "metadata": body.get("metadata") or {},
        "attachments": [],
        "multiattach": False,
        "snapshot_id": None,
        "source_volid": None,
        "consistencygroup_id": None,
        "replication_status": None,
        "user_id": scope.user_id,
        "project_id": scope.project_id,
        "os-vol-tenant-attr:tenant_id": scope.project_id,
        "created_at": now(zone=False),
        "updated_at": None,
    }
    if image:
        record["volume_image_metadata"] = {"image_id": image["id"], "image_name": image["name"]}
    return record
