# SPDX-License-Identifier: Apache-2.0
"""What a Nova server is made of: its checked wishes, its record, its ports and volumes, and its states."""

import base64
import binascii
import dataclasses
from typing import TYPE_CHECKING, Any

from magnum_lite.pocketcloud import errors
from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.records import Record, clone, new_id, now
from magnum_lite.pocketcloud.scope import SYSTEM, Scope

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.compute import Compute

OWNER = "compute:nova"
OBJECTS = ("metadata", "os:scheduler_hints")
LISTS_OF_OBJECTS = ("networks", "security_groups", "block_device_mapping_v2")
STATES_FOR = {"stop": ("ACTIVE", "ERROR"), "start": ("SHUTOFF",), "reboot": ("ACTIVE", "SHUTOFF", "ERROR")}


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


def check_quota(compute: "Compute", project_id: str, flavor: Record) -> None:
    """Raise Nova's 403 when one more server of the flavor is too much."""
    own = [one for one in compute.servers if one["project_id"] == project_id]
    used = {
        "instances": len(own),
        "cores": sum(one["_flavor"]["vcpus"] for one in own),
        "ram": sum(one["_flavor"]["ram"] for one in own),
    }
    wanted = {"instances": 1, "cores": flavor["vcpus"], "ram": flavor["ram"]}
    limits = compute.quotas.of(project_id)
    over = [key for key in used if compute.quotas.exceeded(project_id, key, used[key], wanted[key])]
    if over:
        many = ", ".join(over)
        message = (
            f"Quota exceeded for {many}: Requested {', '.join(str(wanted[key]) for key in over)}, but already used "
            f"{', '.join(str(used[key]) for key in over)} of {', '.join(str(limits[key]) for key in over)} {many}"
        )
        raise errors.forbidden(message)


def equip(compute: "Compute", scope: Scope, record: Record, wanted: Wanted) -> None:
    """Give a new server its ports, its volumes and its place in a group; call it without the lock."""
    for one in wanted.networks:
        record["_ports"].append(_port(compute, scope, wanted, one, record["id"]))
    for one in wanted.volumes:
        record["_volumes"].append(_volume(compute, scope, one, record))
    if wanted.group:
        with compute.cloud.lock:
            compute.groups.get(wanted.group)["members"].append(record["id"])


def with_addresses(compute: "Compute", record: Record) -> Record:
    """Copy a record, with its addresses by network as its ports have them now."""
    copy: Record = clone(record)
    copy["addresses"] = {}
    network = compute.cloud.network
    floating = {
        one["fixed_ip_address"]: one for one in network.records["floatingip"] if one["port_id"] in _port_ids(record)
    }
    for ident in _port_ids(record):
        if ident not in network.records["port"]:
            continue
        port = network.records["port"].get(ident)
        name = network.records["network"].get(port["network_id"])["name"]
        listed = copy["addresses"].setdefault(name, [])
        for ip in port["fixed_ips"]:
            listed.append(_address(ip["ip_address"], port["mac_address"], "fixed"))
            if ip["ip_address"] in floating:
                listed.append(
                    _address(floating[ip["ip_address"]]["floating_ip_address"], port["mac_address"], "floating")
                )
    return copy


def let_go(compute: "Compute", record: Record) -> None:
    """Remove the ports and volumes made for a server, and free those that were given to it."""
    for port in record["_ports"]:
        if port["made"]:
            compute.cloud.network.drop_port(port["id"])
        else:
            compute.cloud.network.unbind(port["id"], record["id"])
    for volume in record["_volumes"]:
        compute.cloud.volume.detach(volume["id"])
        if volume["delete_on_termination"]:
            owner = dataclasses.replace(SYSTEM, project_id=record["project_id"])
            compute.cloud.volume.delete_volume(owner, volume["id"])


def active() -> Record:
    """Give what changes when a server has started."""
    return {
        "status": "ACTIVE",
        "OS-EXT-STS:vm_state": "active",
        "OS-EXT-STS:task_state": None,
        "OS-EXT-STS:power_state": 1,
        "OS-SRV-USG:launched_at": now(zone=False),
    }


def failed(message: str) -> Record:
    """Give what changes when a server could not be started."""
    fault = {"code": 500, "created": now(), "message": message}
    state = {"OS-EXT-STS:vm_state": "error", "OS-EXT-STS:task_state": None, "OS-EXT-STS:power_state": 0}
    return {"status": "ERROR", **state, "fault": fault}


def after(action: str) -> Record:
    """Give what changes when a server was stopped, started or rebooted."""
    if action == "stop":
        return {"status": "SHUTOFF", "OS-EXT-STS:vm_state": "stopped", "OS-EXT-STS:power_state": 4}
    return {"status": "ACTIVE", "OS-EXT-STS:vm_state": "active", "OS-EXT-STS:power_state": 1}


def check_action(record: Record, action: str) -> None:
    """Raise Nova's 409 when the server's state does not allow the action."""
    if record["status"] not in STATES_FOR[action] or record["OS-EXT-STS:task_state"]:
        message = f"Cannot '{action}' instance {record['id']} while it is in vm_state {record['OS-EXT-STS:vm_state']}"
        raise errors.conflict(message)


def blank(scope: Scope, wanted: Wanted) -> Record:
    """Make the record of a server that has no ports and volumes yet."""
    body, moment = wanted.body, now()
    groups = body.get("security_groups") or [{"name": "default"}]
    return {
        "id": new_id(),
        "name": body["name"],
        "status": "BUILD",
        "project_id": scope.project_id,
        "tenant_id": scope.project_id,
        "user_id": scope.user_id,
        "created": moment,
        "updated": moment,
        "image": {"id": wanted.image["id"], "links": []} if wanted.image else "",
        "key_name": body.get("key_name"),
        "metadata": {str(key): str(value) for key, value in (body.get("metadata") or {}).items()},
        "description": body.get("description"),
        "config_drive": "True" if str(body.get("config_drive")).lower() == "true" else "",
        "security_groups": [{"name": one.get("name")} for one in groups],
        "tags": body.get("tags") or [],
        "accessIPv4": "",
        "accessIPv6": "",
        "hostId": "",
        "locked": False,
        "progress": 0,
        "OS-DCF:diskConfig": "MANUAL",
        "OS-EXT-AZ:availability_zone": body.get("availability_zone") or "nova",
        "OS-EXT-STS:vm_state": "building",
        "OS-EXT-STS:task_state": "spawning",
        "OS-EXT-STS:power_state": 0,
        "OS-SRV-USG:launched_at": None,
        "OS-SRV-USG:terminated_at": None,
        "server_groups": [wanted.group] if wanted.group else [],
        "_flavor": wanted.flavor,
        "_user_data": body.get("user_data"),
        "_ports": [],
        "_volumes": [],
    }


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


def _port(compute: "Compute", scope: Scope, wanted: Wanted, one: Record, ident: str) -> Record:
    """Bind the port that is given, or make one on the network that is."""
    if one.get("port"):
        compute.cloud.network.bind(one["port"], {"device_id": ident, "device_owner": OWNER, "status": "DOWN"})
        return {"id": one["port"], "made": False}
    values: Record = {"network_id": one["uuid"], "device_id": ident, "device_owner": OWNER}
    named = [group["name"] for group in wanted.body.get("security_groups") or [] if group.get("name")]
    if named:
        values["security_groups"] = [compute.cloud.network.find("security_group", scope, name)["id"] for name in named]
    if one.get("fixed_ip"):
        values["fixed_ips"] = [{"ip_address": one["fixed_ip"]}]
    return {"id": compute.cloud.network.make_port(scope.project_id, values)["id"], "made": True}


def _check_shapes(body: Record) -> None:
    """Raise Nova's 400 for what is not the list or object it should be."""
    for name in OBJECTS:
        if not isinstance(body.get(name) or {}, dict):
            raise _invalid(name, body[name], "an object")
    for name in LISTS_OF_OBJECTS:
        value = body.get(name) or []
        if name == "networks" and value in ("auto", "none"):
            continue
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise _invalid(name, value, "a list of objects")
    if not isinstance(body.get("tags") or [], list):
        raise _invalid("tags", body["tags"], "a list")


def _invalid(name: str, value: Any, takes: str) -> CloudFault:
    return errors.bad_request(f"Invalid input for field/attribute {name}. Value: {value}. It takes {takes}")


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


def _volume(compute: "Compute", scope: Scope, wish: Record, server: Record) -> Record:
    """Attach the volume a mapping names, or make it first."""
    volume_id = wish.get("uuid")
    if wish["source_type"] != "volume":
        body = {
            "name": f"{server['name']}-{wish['boot_index']}",
            "size": wish.get("volume_size"),
            "volume_type": wish.get("volume_type"),
        }
        if wish["source_type"] == "image":
            body["imageRef"] = wish.get("uuid")
        volume_id = compute.cloud.volume.create_volume(scope, body)["id"]
    device = "/dev/vda" if wish["boot_index"] == 0 else "/dev/vdb"
    compute.cloud.volume.attach(scope, str(volume_id), server["id"], device)
    return {"id": volume_id, "delete_on_termination": bool(wish.get("delete_on_termination"))}


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


def _port_ids(record: Record) -> list[str]:
    return [port["id"] for port in record["_ports"]]


def _address(address: str, mac: str, kind: str) -> Record:
    return {"version": 4, "addr": address, "OS-EXT-IPS:type": kind, "OS-EXT-IPS-MAC:mac_addr": mac}
