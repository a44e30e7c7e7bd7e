# SPDX-License-Identifier: Apache-2.0
"""Nova's routes for flavors, key pairs, server groups, quotas and limits; servers are in servers_api."""

from typing import Any

from magnum_lite.pocketcloud import errors, servers_api
from magnum_lite.pocketcloud.catalog_versions import NOVA
from magnum_lite.pocketcloud.records import Record, clone, paged
from magnum_lite.pocketcloud.versions import at_least
from magnum_lite.pocketcloud.web import Answer, Request, Route


def routes() -> list[Route]:
    """Give the routes below /compute/v2.1."""
    return [
        Route("GET", "/flavors", list_flavors),
        Route("GET", "/flavors/detail", list_flavors_detail),
        Route("POST", "/flavors", create_flavor),
        Route("GET", "/flavors/<ident>", get_flavor),
        Route("DELETE", "/flavors/<ident>", delete_flavor),
        Route("GET", "/flavors/<ident>/os-extra_specs", get_flavor_extra_specs),
        Route("GET", "/os-keypairs", list_keypairs),
        Route("POST", "/os-keypairs", create_keypair),
        Route("GET", "/os-keypairs/<path:name>", get_keypair),
        Route("DELETE", "/os-keypairs/<path:name>", delete_keypair),
        Route("GET", "/os-server-groups", list_server_groups),
        Route("POST", "/os-server-groups", create_server_group),
        Route("GET", "/os-server-groups/<ident>", get_server_group),
        Route("DELETE", "/os-server-groups/<ident>", delete_server_group),
        Route("GET", "/os-availability-zone", list_availability_zones),
        Route("GET", "/os-availability-zone/detail", list_availability_zones),
        Route("GET", "/limits", get_limits),
        Route("GET", "/os-quota-sets/<project>", get_quota),
        Route("GET", "/os-quota-sets/<project>/detail", get_quota_detail),
        Route("GET", "/os-quota-sets/<project>/defaults", get_default_quota),
        Route("PUT", "/os-quota-sets/<project>", update_quota),
        Route("DELETE", "/os-quota-sets/<project>", delete_quota),
        *servers_api.routes(),
    ]


def list_flavors(request: Request) -> Answer:
    """List the flavors, names only."""
    found = [{"id": one["id"], "name": one["name"], "description": None} for one in _flavors(request)]
    return Answer(200, {"flavors": [{**one, "links": _links(request, f"flavors/{one['id']}")} for one in found]})


def list_flavors_detail(request: Request) -> Answer:
    """List the flavors."""
    return Answer(200, {"flavors": [_flavor(request, one) for one in _flavors(request)]})


def get_flavor(request: Request) -> Answer:
    """Show the flavor with this id; a name is a 404, as in Nova."""
    with request.cloud.lock:
        return Answer(200, {"flavor": _flavor(request, request.cloud.compute.flavors.get(request.args["ident"]))})


def create_flavor(request: Request) -> Answer:
    """Make a flavor that everybody may use, for admins."""
    _check_admin(request, "os-flavor-manage:create")
    given = request.body("flavor")
    sizes: dict[str, Any] = {key: given.get(key) for key in ("vcpus", "ram", "disk")}
    for key, value in sizes.items():
        if not isinstance(value, int) or value < (0 if key == "disk" else 1):
            raise errors.bad_request(f"Invalid input for field/attribute {key}. Value: {value}. It is too small")
    if not isinstance(given.get("name"), str):
        raise errors.bad_request("Invalid input for field/attribute flavor. 'name' is a required property")
    with request.cloud.lock:
        if any(one["name"] == given["name"] for one in request.cloud.compute.flavors):
            raise errors.conflict(f"Flavor with name {given['name']} already exists.")
        made = request.cloud.compute.add_flavor(given["name"], **sizes)
    return Answer(200, {"flavor": _flavor(request, made)})


def delete_flavor(request: Request) -> Answer:
    """Remove a flavor, for admins; servers that have it keep it."""
    _check_admin(request, "os-flavor-manage:delete")
    with request.cloud.lock:
        flavor = request.cloud.compute.flavors.get(request.args["ident"])
        request.cloud.compute.flavors.remove(flavor["id"])
    return Answer(202)


def get_flavor_extra_specs(request: Request) -> Answer:
    """Show a flavor's extra specs."""
    with request.cloud.lock:
        return Answer(
            200, {"extra_specs": clone(request.cloud.compute.flavors.get(request.args["ident"])["extra_specs"])}
        )


def list_keypairs(request: Request) -> Answer:
    """List the caller's key pairs."""
    pairs = request.cloud.compute.keypairs.list_(request.scope.user_id)
    return Answer(200, {"keypairs": [{"keypair": _public(pair)} for pair in paged(pairs, {})]})


def create_keypair(request: Request) -> Answer:
    """Keep a public key, or generate a pair."""
    given = request.body("keypair")
    name = given.get("name")
    if not isinstance(name, str) or not 1 <= len(name) <= 255:
        raise errors.bad_request(
            f"Invalid input for field/attribute name. Value: {name}. It takes text of 1 to 255 characters"
        )
    made = request.cloud.compute.keypairs.create(request.scope.user_id, name, given.get("public_key"))
    status = 201 if at_least(request.headers, NOVA, "2.2") else 200
    return Answer(status, {"keypair": made})


def get_keypair(request: Request) -> Answer:
    """Show one of the caller's key pairs; an admin may name another user."""
    user = request.first("user_id") if request.scope.is_admin else ""
    pair = request.cloud.compute.keypairs.get(user or request.scope.user_id, request.args["name"])
    return Answer(200, {"keypair": pair})


def delete_keypair(request: Request) -> Answer:
    """Forget one of the caller's key pairs."""
    request.cloud.compute.keypairs.delete(request.scope.user_id, request.args["name"])
    return Answer(204 if at_least(request.headers, NOVA, "2.2") else 202)


def list_server_groups(request: Request) -> Answer:
    """List the project's server groups."""
    everything = request.scope.is_admin and "all_projects" in request.query
    with request.cloud.lock:
        groups = [
            one for one in request.cloud.compute.groups if everything or one["project_id"] == request.scope.project_id
        ]
        return Answer(200, {"server_groups": [_group(request, one) for one in groups]})


def create_server_group(request: Request) -> Answer:
    """Make a server group."""
    made = request.cloud.compute.create_server_group(request.scope, request.body("server_group"))
    return Answer(200, {"server_group": _group(request, made)})


def get_server_group(request: Request) -> Answer:
    """Show a server group."""
    found = request.cloud.compute.get_server_group(request.scope, request.args["ident"])
    return Answer(200, {"server_group": _group(request, found)})


def delete_server_group(request: Request) -> Answer:
    """Remove a server group."""
    request.cloud.compute.delete_server_group(request.scope, request.args["ident"])
    return Answer(204)


def list_availability_zones(request: Request) -> Answer:
    """List the one zone."""
    return Answer(
        200, {"availabilityZoneInfo": [{"zoneName": "nova", "zoneState": {"available": True}, "hosts": None}]}
    )


def get_limits(request: Request) -> Answer:
    """Show what the project may have, and has."""
    project = request.first("tenant_id") if request.scope.is_admin else ""
    project = project or request.scope.project_id
    limits, used = request.cloud.compute.quotas.of(project), _used(request, project)
    absolute = {
        "maxTotalInstances": limits["instances"],
        "maxTotalCores": limits["cores"],
        "maxTotalRAMSize": limits["ram"],
        "maxServerMeta": limits["metadata_items"],
        "maxTotalKeypairs": limits["key_pairs"],
        "maxServerGroups": limits["server_groups"],
        "maxServerGroupMembers": limits["server_group_members"],
        "totalInstancesUsed": used["instances"],
        "totalCoresUsed": used["cores"],
        "totalRAMUsed": used["ram"],
        "totalServerGroupsUsed": used["server_groups"],
    }
    return Answer(200, {"limits": {"rate": [], "absolute": absolute}})


def get_quota(request: Request) -> Answer:
    """Show a project's limits."""
    project = _project(request)
    return Answer(200, {"quota_set": {"id": project, **request.cloud.compute.quotas.of(project)}})


def get_quota_detail(request: Request) -> Answer:
    """Show a project's limits and what is used of them."""
    project = _project(request)
    used = _used(request, project)
    limits = request.cloud.compute.quotas.of(project)
    detail = {key: {"limit": limit, "in_use": used.get(key, 0), "reserved": 0} for key, limit in limits.items()}
    return Answer(200, {"quota_set": {"id": project, **detail}})


def get_default_quota(request: Request) -> Answer:
    """Show the limits a new project has."""
    return Answer(200, {"quota_set": {"id": request.args["project"], **request.cloud.compute.quotas.defaults}})


def update_quota(request: Request) -> Answer:
    """Change a project's limits, for admins."""
    _check_admin(request)
    with request.cloud.lock:
        request.cloud.compute.quotas.change(request.args["project"], request.body("quota_set"))
    return Answer(200, {"quota_set": request.cloud.compute.quotas.of(request.args["project"])})


def delete_quota(request: Request) -> Answer:
    """Give a project the default limits again, for admins."""
    _check_admin(request)
    with request.cloud.lock:
        request.cloud.compute.quotas.reset(request.args["project"])
    return Answer(202)


def _flavors(request: Request) -> list[Record]:
    with request.cloud.lock:
        return paged([clone(one) for one in request.cloud.compute.flavors], request.query)


def _flavor(request: Request, flavor: Record) -> Record:
    hidden = () if at_least(request.headers, NOVA, "2.61") else ("extra_specs", "description")
    shown = {key: value for key, value in flavor.items() if key not in hidden}
    return {**shown, "links": _links(request, f"flavors/{flavor['id']}")}


def _group(request: Request, group: Record) -> Record:
    hidden = ("policies", "metadata") if at_least(request.headers, NOVA, "2.64") else ("policy", "rules")
    return {key: clone(value) for key, value in group.items() if key not in hidden}


def _public(pair: Record) -> Record:
    return {key: pair[key] for key in ("name", "type", "public_key", "fingerprint")}


def _used(request: Request, project: str) -> dict[str, int]:
    with request.cloud.lock:
        own = [one["_flavor"] for one in request.cloud.compute.servers if one["project_id"] == project]
        return {
            "instances": len(own),
            "cores": sum(one["vcpus"] for one in own),
            "ram": sum(one["ram"] for one in own),
            "server_groups": request.cloud.compute.groups.count(project),
        }


def _links(request: Request, path: str) -> list[Record]:
    return [{"rel": "self", "href": f"{request.base_url}/{path}"}]


def _project(request: Request) -> str:
    project = request.args["project"]
    if not request.scope.sees(project):
        raise errors.forbidden("Policy doesn't allow os_compute_api:os-quota-sets:show to be performed.")
    return project


def _check_admin(request: Request, rule: str = "os-quota-sets:update") -> None:
    if not request.scope.is_admin:
        raise errors.forbidden(f"Policy doesn't allow os_compute_api:{rule} to be performed.")
