# SPDX-License-Identifier: Apache-2.0
"""Cinder's routes."""

from magnum_lite.pocketcloud import errors
from magnum_lite.pocketcloud.records import Record, clone, paged, select
from magnum_lite.pocketcloud.web import Answer, Request, Route

NOT_FILTERS = {"limit", "marker", "sort", "sort_key", "sort_dir", "all_tenants", "with_count", "offset"}


def routes() -> list[Route]:
    """Give the routes below /volume/v3/<project id>."""
    return [
        Route("GET", "/types", list_types),
        Route("GET", "/types/<ident>", get_type),
        Route("GET", "/types/<ident>/encryption", get_type_encryption),
        Route("GET", "/volumes", list_volumes),
        Route("GET", "/volumes/detail", list_volumes_detail),
        Route("POST", "/volumes", create_volume),
        Route("GET", "/volumes/<ident>", get_volume),
        Route("PUT", "/volumes/<ident>", update_volume),
        Route("DELETE", "/volumes/<ident>", delete_volume),
        Route("GET", "/limits", get_limits),
        Route("GET", "/os-quota-sets/<project>", get_quota),
        Route("PUT", "/os-quota-sets/<project>", update_quota),
        Route("GET", "/os-availability-zone", list_availability_zones),
    ]


def list_types(request: Request) -> Answer:
    """List the volume types."""
    with request.cloud.lock:
        found = [clone(one) for one in request.cloud.volume.types]
    return Answer(200, {"volume_types": paged(found, request.query)})


def get_type(request: Request) -> Answer:
    """Show a volume type by id, or the default one."""
    ident = request.args["ident"]
    with request.cloud.lock:
        types = request.cloud.volume.types
        found = types.find("standard") if ident == "default" else types.get(ident)
        return Answer(200, {"volume_type": clone(found)})


def get_type_encryption(request: Request) -> Answer:
    """Show how a type's volumes are encrypted; {} when they are not."""
    with request.cloud.lock:
        request.cloud.volume.types.get(request.args["ident"])
        return Answer(200, clone(request.cloud.volume.encryption.get(request.args["ident"], {})))


def list_volumes(request: Request) -> Answer:
    """List the project's volumes, names only."""
    return Answer(200, {"volumes": [{"id": one["id"], "name": one["name"], "links": []} for one in _found(request)]})


def list_volumes_detail(request: Request) -> Answer:
    """List the project's volumes."""
    return Answer(200, {"volumes": [_shown(one) for one in _found(request)]})


def create_volume(request: Request) -> Answer:
    """Make a volume."""
    made = request.cloud.volume.create_volume(request.scope, request.body("volume"))
    return Answer(202, {"volume": _shown(made)})


def get_volume(request: Request) -> Answer:
    """Show a volume."""
    return Answer(200, {"volume": _shown(request.cloud.volume.get_volume(request.scope, request.args["ident"]))})


def update_volume(request: Request) -> Answer:
    """Change a volume's name, description or metadata."""
    changed = request.cloud.volume.update_volume(request.scope, request.args["ident"], request.body("volume"))
    return Answer(200, {"volume": _shown(changed)})


def delete_volume(request: Request) -> Answer:
    """Remove a volume."""
    request.cloud.volume.delete_volume(request.scope, request.args["ident"])
    return Answer(202)


def get_limits(request: Request) -> Answer:
    """Show what the project may have, and has."""
    limits = request.cloud.volume.quotas.of(request.scope.project_id)
    used = request.cloud.volume.usage(request.scope.project_id)
    absolute = {
        "maxTotalVolumes": limits["volumes"],
        "maxTotalVolumeGigabytes": limits["gigabytes"],
        "maxTotalSnapshots": limits["snapshots"],
        "totalVolumesUsed": used["volumes"],
        "totalGigabytesUsed": used["gigabytes"],
        "totalSnapshotsUsed": 0,
    }
    return Answer(200, {"limits": {"rate": [], "absolute": absolute}})


def get_quota(request: Request) -> Answer:
    """Show a project's limits, with what is used of them when asked."""
    project = request.args["project"]
    if not request.scope.sees(project):
        raise errors.forbidden("Policy doesn't allow volume_extension:quotas:show to be performed.")
    limits = request.cloud.volume.quotas.of(project)
    if request.first("usage").lower() != "true":
        return Answer(200, {"quota_set": {"id": project, **limits}})
    used = request.cloud.volume.usage(project)
    detail = {key: {"limit": limit, "in_use": used.get(key, 0), "reserved": 0} for key, limit in limits.items()}
    return Answer(200, {"quota_set": {"id": project, **detail}})


def update_quota(request: Request) -> Answer:
    """Change a project's limits, for admins."""
    if not request.scope.is_admin:
        raise errors.forbidden("Policy doesn't allow volume_extension:quotas:update to be performed.")
    with request.cloud.lock:
        request.cloud.volume.quotas.change(request.args["project"], request.body("quota_set"))
    return Answer(200, {"quota_set": request.cloud.volume.quotas.of(request.args["project"])})


def list_availability_zones(request: Request) -> Answer:
    """List the one zone."""
    return Answer(200, {"availabilityZoneInfo": [{"zoneName": "nova", "zoneState": {"available": True}}]})


def _found(request: Request) -> list[Record]:
    filters = {key: values for key, values in request.query.items() if key not in NOT_FILTERS}
    return paged(select(request.cloud.volume.list_volumes(request.scope), filters), request.query)


def _shown(volume: Record) -> Record:
    hidden = ("project_id", "volume_type_id")
    return {key: value for key, value in volume.items() if key not in hidden} | {"links": []}
