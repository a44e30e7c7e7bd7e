# SPDX-License-Identifier: Apache-2.0
"""What a Nova server is made of: its record, its ports and volumes, and its states."""

import dataclasses
from typing import TYPE_CHECKING

from magnum_lite.pocketcloud import errors
from magnum_lite.pocketcloud.records import Record, clone, new_id, now
from magnum_lite.pocketcloud.scope import SYSTEM, Scope
from magnum_lite.pocketcloud.server_wishes import Wanted

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.compute import Compute

OWNER = "compute:nova"
STATES_FOR = {"stop": ("ACTIVE", "ERROR"), "start": ("SHUTOFF",), "reboot": ("ACTIVE", "SHUTOFF", "ERROR")}


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


def _port_ids(record: Record) -> list[str]:
    return [port["id"] for port in record["_ports"]]


def _address(address: str, mac: str, kind: str) -> Record:
    return {"version": 4, "addr": address, "OS-EXT-IPS:type": kind, "OS-EXT-IPS-MAC:mac_addr": mac}
