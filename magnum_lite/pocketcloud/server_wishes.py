# SPDX-License-Identifier: Apache-2.0
"""A request for a Nova server: checked, and with everything it names looked up."""

import base64
import binascii
import dataclasses
from typing import TYPE_CHECKING, Any

from magnum_lite.pocketcloud import errors
from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.records import Record
from magnum_lite.pocketcloud.scope import Scope

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.compute import Compute

OBJECTS = ("metadata", "os:scheduler_hints")
LISTS_OF_OBJECTS = ("networks", "security_groups", "block_device_mapping_v2")


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A request for a server whose references have been found."""

    body: Record
    flavor: Record
    image: Record | None
    group: str | None
    networks: list[Record]
    volumes: list[Record]


def checked(compute: "Compute", scope: Scope, body: Record) -> Wanted:
    """Look up everything a request for a server names; Nova's 400 for what is not there."""
    name = body.get("name")
    if not isinstance(name, str) or not 1 <= len(name) <= 255:
        raise errors.bad_request(
            f"Invalid input for field/attribute name. Value: {name}. It takes text of 1 to 255 characters"
        )
    _check_shapes(body)
    flavor = _found(lambda: compute.find_flavor(scope, str(body.get("flavorRef"))))
    volumes = _volume_wishes(body.get("block_device_mapping_v2"))
    image = None
    if body.get("imageRef"):
        image = _found(lambda: compute.cloud.image.get(scope, str(body["imageRef"])), "Can not find requested image")
    elif not any(one["boot_index"] == 0 for one in volumes):
        raise errors.bad_request("Invalid imageRef provided.")
    if body.get("key_name"):
        _found(lambda: compute.find_keypair(scope, str(body["key_name"])), "Invalid key_name provided.")
    hints = body.get("os:scheduler_hints") or {}
    if hints.get("group"):
        _found(lambda: compute.get_server_group(scope, str(hints["group"])))
    _check_user_data(body.get("user_data"))
    return Wanted(body, flavor, image, hints.get("group"), _networks(compute, scope, body.get("networks")), volumes)


def _check_shapes(body: Record) -> None:
    """Raise Nova's 400 for what is not the list or object it should be."""
    given = {name: value for name, value in body.items() if value is not None}
    for name in OBJECTS:
        if not isinstance(given.get(name, {}), dict):
            raise _invalid(name, given[name], "an object")
    for name in LISTS_OF_OBJECTS:
        value = given.get(name, [])
        if name == "networks" and value in ("auto", "none"):
            continue
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise _invalid(name, value, "a list of objects")
    if not isinstance(given.get("tags", []), list):
        raise _invalid("tags", given["tags"], "a list")


def _invalid(name: str, value: Any, takes: str) -> CloudFault:
    return errors.bad_request(f"Invalid input for field/attribute {name}. Value: {value}. It takes {takes}")


def _networks(compute: "Compute", scope: Scope, wanted: Any) -> list[Record]:
    """Read the wanted networks; without a wish it is the project's only network, if there is just one."""
    if wanted == "none":
        return []
    if wanted in (None, [], "auto"):
        own = [one for one in compute.cloud.network.list("network", scope) if one["project_id"] == scope.project_id]
        if len(own) > 1:
            raise errors.conflict("Multiple possible networks found, use a Network ID to be more specific.")
        return [{"uuid": one["id"]} for one in own]
    for one in wanted:
        if one.get("port"):
            port = _found(lambda one=one: compute.cloud.network.get("port", scope, one["port"]))
            if port["device_id"]:
                raise errors.conflict(f"Port {port['id']} is still in use.")
        elif one.get("uuid"):
            _found(lambda one=one: compute.cloud.network.get("network", scope, one["uuid"]))
        else:
            raise errors.bad_request(f"Invalid input for field/attribute networks. Value: {one}. It takes uuid or port")
    return list(wanted)


def _volume_wishes(mappings: Any) -> list[Record]:
    """Read a block device mapping; disks on the server's own host are no volumes and are left out."""
    wishes = [_volume_wish(one) for one in mappings or []]
    return [one for one in wishes if one["source_type"] == "volume" or one.get("destination_type") == "volume"]


def _volume_wish(mapping: Any) -> Record:
    if not isinstance(mapping, dict) or mapping.get("source_type") not in ("volume", "image", "blank"):
        raise errors.bad_request(
            f"Block Device Mapping is Invalid: {mapping} has no source_type of volume, image or blank"
        )
    return {**mapping, "boot_index": int(mapping["boot_index"]) if mapping.get("boot_index") is not None else -1}


def _check_user_data(value: Any) -> None:
    if value is None:
        return
    try:
        base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise errors.bad_request("Userdata content needs to be valid base 64.") from error
    if len(value) > 65535:
        raise errors.bad_request(f"Userdata content too large: {len(value)} bytes of base64, at most 65535 are taken.")


def _found(look: Any, message: str = "") -> Record:
    """Turn what is not found into Nova's 400 for a reference."""
    try:
        found: Record = look()
    except CloudFault as fault:
        if fault.status != 404:
            raise
        raise errors.bad_request(message or fault.message) from fault
    return found
