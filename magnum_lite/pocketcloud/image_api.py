# SPDX-License-Identifier: Apache-2.0
"""Glance's routes."""

from urllib.parse import urlencode

from magnum_lite.pocketcloud import errors
from magnum_lite.pocketcloud.records import Record, paged, select
from magnum_lite.pocketcloud.web import Answer, Request, Route

PAGING = {"limit", "marker", "sort_key", "sort_dir", "sort", "member_status"}
FIXED = {
    "id",
    "created_at",
    "updated_at",
    "owner",
    "self",
    "file",
    "schema",
    "size",
    "checksum",
    "status",
    "project_id",
}


def routes() -> list[Route]:
    """Give the routes below /image/v2."""
    return [
        Route("GET", "/images", list_images),
        Route("POST", "/images", create_image),
        Route("GET", "/images/<ident>", get_image),
        Route("PATCH", "/images/<ident>", update_image),
        Route("DELETE", "/images/<ident>", delete_image),
        Route("GET", "/schemas/<any(image,images):name>", get_schema),
    ]


def list_images(request: Request) -> Answer:
    """List images by name, visibility, status, owner or any property."""
    filters = {key: values for key, values in request.query.items() if key not in PAGING}
    names = [
        name.removeprefix("in:").split(",") if name.startswith("in:") else [name] for name in filters.pop("name", [])
    ]
    found = select(request.cloud.image.list_(request.scope), filters)
    found = [image for image in found if all(image["name"] in some for some in names)]
    page = paged(found, {"sort": ["created_at:desc"], **request.query})
    body: Record = {"images": [_shown(image) for image in page], "first": "/v2/images", "schema": "/v2/schemas/images"}
    if page and len(page) < len(found) and request.first("limit"):
        body["next"] = "/v2/images?" + urlencode({**request.query, "marker": page[-1]["id"]}, doseq=True)
    return Answer(200, body)


def create_image(request: Request) -> Answer:
    """Register an image; there is nowhere to upload its bytes."""
    given = request.json if isinstance(request.json, dict) else {}
    name = given.get("name")
    if not isinstance(name, str) or not name:
        raise errors.bad_request(f"name: {name!r} is not text of 1 character or more")
    properties = {key: value for key, value in given.items() if key not in FIXED | {"name"}}
    made = request.cloud.image.add(name, request.scope.project_id, {"visibility": "shared", **properties})
    return Answer(201, _shown(made))


def get_image(request: Request) -> Answer:
    """Show an image."""
    return Answer(200, _shown(request.cloud.image.get(request.scope, request.args["ident"])))


def update_image(request: Request) -> Answer:
    """Add, replace or remove properties by a JSON patch."""
    values: Record = {}
    drop: list[str] = []
    for operation in request.json if isinstance(request.json, list) else []:
        key = str(operation.get("path", "")).strip("/")
        if key in FIXED:
            raise errors.forbidden(f"Attribute '{key}' is read-only.")
        if operation.get("op") == "remove":
            drop.append(key)
        else:
            values[key] = operation.get("value")
    return Answer(200, _shown(request.cloud.image.update(request.scope, request.args["ident"], values, tuple(drop))))


def delete_image(request: Request) -> Answer:
    """Remove an image."""
    request.cloud.image.delete(request.scope, request.args["ident"])
    return Answer(204)


def get_schema(request: Request) -> Answer:
    """Give the least of a schema: an image has a name, an id and any other text."""
    image = {"name": "image", "properties": {"id": {"type": "string"}, "name": {"type": ["null", "string"]}}}
    if request.args["name"] == "image":
        return Answer(200, {**image, "additionalProperties": {"type": "string"}})
    return Answer(200, {"name": "images", "properties": {"images": {"type": "array", "items": image}}})


def _shown(image: Record) -> Record:
    return {key: value for key, value in image.items() if key != "project_id"}
