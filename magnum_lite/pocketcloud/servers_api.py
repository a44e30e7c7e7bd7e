# SPDX-License-Identifier: Apache-2.0
"""Nova's routes for servers."""

from typing import Any

from magnum_lite.pocketcloud import errors
from magnum_lite.pocketcloud.catalog_versions import NOVA
from magnum_lite.pocketcloud.records import Record, paged, select
from magnum_lite.pocketcloud.versions import at_least
from magnum_lite.pocketcloud.web import Answer, Request, Route

FILTERS = ("status", "key_name", "availability_zone", "project_id", "tenant_id", "user_id")
ACTIONS = {"os-stop": "stop", "os-start": "start", "reboot": "reboot"}


def routes() -> list[Route]:
    """Give the routes below /compute/v2.1."""
    return [
        Route("GET", "/servers", list_servers),
        Route("GET", "/servers/detail", list_servers_detail),
        Route("POST", "/servers", create_server),
        Route("GET", "/servers/<ident>", get_server),
        Route("PUT", "/servers/<ident>", update_server),
        Route("DELETE", "/servers/<ident>", delete_server),
        Route("POST", "/servers/<ident>/action", act_on_server),
        Route("GET", "/servers/<ident>/metadata", get_metadata),
        Route("POST,PUT", "/servers/<ident>/metadata", update_metadata),
        Route("GET", "/servers/<ident>/ips", list_server_ips),
        Route("GET", "/servers/<ident>/os-interface", list_interfaces),
        Route("GET", "/servers/<ident>/os-security-groups", list_server_security_groups),
        Route("GET", "/servers/<ident>/os-volume_attachments", list_volume_attachments),
        Route("POST", "/servers/<ident>/os-volume_attachments", create_volume_attachment),
        Route("GET", "/servers/<ident>/os-volume_attachments/<volume>", get_volume_attachment),
        Route("DELETE", "/servers/<ident>/os-volume_attachments/<volume>", delete_volume_attachment),
    ]


def list_servers(request: Request) -> Answer:
    """List servers, names only."""
    found = [{"id": one["id"], "name": one["name"], "links": _links(request, one["id"])} for one in _page(request)]
    return Answer(200, {"servers": found})


def list_servers_detail(request: Request) -> Answer:
    """List servers."""
    return Answer(200, {"servers": [_shown(request, one) for one in _page(request)]})


def create_server(request: Request) -> Answer:
    """Make one server."""
    given = dict(request.body("server"))
    outside = request.json
    hints = outside.get("os:scheduler_hints") or outside.get("OS-SCH-HNT:scheduler_hints")
    if hints:
        given["os:scheduler_hints"] = hints
    for key in ("min_count", "max_count"):
        if given.get(key) not in (None, 1, "1"):
            raise errors.bad_request(
                f"Invalid input for field/attribute {key}. Value: {given[key]}. This cloud makes 1 server a request"
            )
    made = request.cloud.compute.create_server(request.scope, given)
    body = {"id": made["id"], "links": _links(request, made["id"]), "OS-DCF:diskConfig": "MANUAL", "adminPass": ""}
    return Answer(202, {"server": {**body, "security_groups": made["security_groups"]}}, _location(request, made))


def get_server(request: Request) -> Answer:
    """Show a server."""
    return Answer(200, {"server": _shown(request, _server(request))})


def update_server(request: Request) -> Answer:
    """Rename a server."""
    changed = request.cloud.compute.update_server(request.scope, request.args["ident"], request.body("server"))
    return Answer(200, {"server": _shown(request, changed)})


def delete_server(request: Request) -> Answer:
    """Remove a server."""
    request.cloud.compute.delete_server(request.scope, request.args["ident"])
    return Answer(204)


def act_on_server(request: Request) -> Answer:
    """Stop, start or reboot a server, or read what it said."""
    action, argument = (
        next(iter((request.json or {}).items()), ("", None)) if isinstance(request.json, dict) else ("", None)
    )
    if action == "os-getConsoleOutput":
        return Answer(200, {"output": request.cloud.nodes.console(_server(request)["id"], _lines(argument))})
    if action not in ACTIONS:
        known = ", ".join([*ACTIONS, "os-getConsoleOutput"])
        raise errors.bad_request(f"There is no such action: {action}. This cloud knows {known}")
    request.cloud.compute.act(request.scope, request.args["ident"], ACTIONS[action])
    return Answer(202)


def get_metadata(request: Request) -> Answer:
    """Show a server's metadata."""
    return Answer(200, {"metadata": _server(request)["metadata"]})


def update_metadata(request: Request) -> Answer:
    """Add to a server's metadata."""
    metadata = {**_server(request)["metadata"], **request.body("metadata")}
    request.cloud.compute.update_server(request.scope, request.args["ident"], {"metadata": metadata})
    return Answer(200, {"metadata": metadata})


def list_server_ips(request: Request) -> Answer:
    """Show a server's addresses."""
    return Answer(200, {"addresses": _server(request)["addresses"]})


def list_interfaces(request: Request) -> Answer:
    """List a server's ports."""
    network = request.cloud.network
    ports = network.list("port", request.scope, device_id=_server(request)["id"])
    found = [
        {
            "port_id": port["id"],
            "net_id": port["network_id"],
            "mac_addr": port["mac_address"],
            "port_state": port["status"],
            "fixed_ips": port["fixed_ips"],
        }
        for port in ports
    ]
    return Answer(200, {"interfaceAttachments": found})


def list_server_security_groups(request: Request) -> Answer:
    """List the security groups of a server's ports."""
    ports = request.cloud.network.list("port", request.scope, device_id=_server(request)["id"])
    ids = dict.fromkeys(ident for port in ports for ident in port["security_groups"])
    groups = [request.cloud.network.get("security_group", request.scope, ident) for ident in ids]
    found = [{"id": one["id"], "name": one["name"], "description": one["description"], "rules": []} for one in groups]
    return Answer(200, {"security_groups": found})


def list_volume_attachments(request: Request) -> Answer:
    """List a server's volumes."""
    return Answer(200, {"volumeAttachments": _attachments(_server(request))})


def create_volume_attachment(request: Request) -> Answer:
    """Give a server a volume."""
    volume = str(request.body("volumeAttachment").get("volumeId"))
    made = request.cloud.compute.attach_volume(request.scope, request.args["ident"], volume)
    return Answer(200, {"volumeAttachment": made})


def get_volume_attachment(request: Request) -> Answer:
    """Show one of a server's volumes."""
    for found in _attachments(_server(request)):
        if found["volumeId"] == request.args["volume"]:
            return Answer(200, {"volumeAttachment": found})
    raise errors.not_found(f"volume_id not found: {request.args['volume']}")


def delete_volume_attachment(request: Request) -> Answer:
    """Take a volume from a server."""
    request.cloud.compute.detach_volume(request.scope, request.args["ident"], request.args["volume"])
    return Answer(202)


def _server(request: Request) -> Record:
    return request.cloud.compute.get_server(request.scope, request.args["ident"])


def _page(request: Request) -> list[Record]:
    everything = request.first("all_tenants").lower() in ("1", "true")
    found = request.cloud.compute.list_servers(request.scope, all_projects=everything)
    filters = {key: request.query[key] for key in FILTERS if key in request.query}
    name, address = request.first("name"), request.first("ip")
    found = [one for one in select(found, filters) if name in one["name"]]
    found = [one for one in found if not address or address in _ips(one)]
    return paged(found, {key: value for key, value in request.query.items() if key in ("marker", "limit")})


def _ips(server: Record) -> list[str]:
    return [ip["addr"] for listed in server["addresses"].values() for ip in listed]


def _shown(request: Request, server: Record) -> Record:
    """Write a server as the wanted microversion does; its user data is for admins."""
    shown = {key: value for key, value in server.items() if not key.startswith("_") and key != "project_id"}
    shown["flavor"] = _flavor(request, server["_flavor"])
    shown["os-extended-volumes:volumes_attached"] = [
        {"id": one["id"], "delete_on_termination": one["delete_on_termination"]} for one in server["_volumes"]
    ]
    if request.scope.is_admin and at_least(request.headers, NOVA, "2.3"):
        shown["OS-EXT-SRV-ATTR:user_data"] = server["_user_data"]
        shown["OS-EXT-SRV-ATTR:instance_name"] = f"instance-{server['id'][:8]}"
        shown["OS-EXT-SRV-ATTR:host"] = shown["OS-EXT-SRV-ATTR:hypervisor_hostname"] = "pocket"
        shown["OS-EXT-SRV-ATTR:hostname"] = server["name"].lower()
    if not at_least(request.headers, NOVA, "2.71"):
        shown.pop("server_groups")
    return {**shown, "links": _links(request, server["id"])}


def _flavor(request: Request, flavor: Record) -> Record:
    if not at_least(request.headers, NOVA, "2.47"):
        return {"id": flavor["id"], "links": []}
    inside: Record = {key: flavor[key] for key in ("vcpus", "ram", "disk", "swap", "extra_specs")}
    return {**inside, "original_name": flavor["name"], "ephemeral": flavor["OS-FLV-EXT-DATA:ephemeral"]}


def _attachments(server: Record) -> list[Record]:
    ident = server["id"]
    return [
        {"id": one["id"], "volumeId": one["id"], "serverId": ident, "device": f"/dev/vd{chr(ord('a') + at)}"}
        for at, one in enumerate(server["_volumes"])
    ]


def _lines(argument: Any) -> int:
    length = argument.get("length") if isinstance(argument, dict) else None
    if length is None:
        return 1000
    if not str(length).isdigit():
        raise errors.bad_request(
            f"Invalid input for field/attribute length. Value: {length}. It takes a whole number of lines"
        )
    return int(length)


def _location(request: Request, server: Record) -> dict[str, str]:
    return {"Location": f"{request.base_url}/servers/{server['id']}"}


def _links(request: Request, ident: str) -> list[Record]:
    return [{"rel": "self", "href": f"{request.base_url}/servers/{ident}"}]
