# SPDX-License-Identifier: Apache-2.0
"""Heat's routes for what it knows itself: resource types, template versions, build."""

from importlib import metadata

from magnum_lite.pocketcloud.heat import functions, refusals, template, views
from magnum_lite.pocketcloud.heat.resources import registry
from magnum_lite.pocketcloud.web import Answer, Request, Route


def routes() -> list[Route]:
    """Give the routes."""
    return [
        Route("GET", "/resource_types", list_resource_types),
        Route("GET", "/resource_types/<type_name>", show_resource_type),
        Route("GET", "/template_versions", list_template_versions),
        Route("GET", "/template_versions/<version>/functions", list_template_functions),
        Route("GET", "/build_info", show_build_info),
    ]


def list_resource_types(request: Request) -> Answer:
    """List the names of the resource types."""
    wanted = request.first("name")
    return Answer(200, {"resource_types": sorted(name for name in registry.TYPES if wanted in name)})


def show_resource_type(request: Request) -> Answer:
    """Show a resource type's properties and attributes."""
    return Answer(200, views.type_schema(registry.named(request.args["type_name"])))


def list_template_versions(request: Request) -> Answer:
    """List the versions of templates that are understood."""
    names = sorted([*template.VERSIONS, *template.RELEASES])
    listed = [{"version": f"heat_template_version.{name}", "type": "hot", "aliases": []} for name in names]
    return Answer(200, {"template_versions": listed})


def list_template_functions(request: Request) -> Answer:
    """List the functions that templates of a version have."""
    given = request.args["version"].removeprefix("heat_template_version.")
    version = template.RELEASES.get(given, given)
    if version not in template.VERSIONS:
        raise refusals.not_found("Template Version", request.args["version"])
    names = functions.names(version)
    return Answer(200, {"template_functions": [{"functions": name, "description": ""} for name in names]})


def show_build_info(request: Request) -> Answer:
    """Say which build this is."""
    revision = metadata.version("magnum-lite")
    return Answer(200, {"api": {"revision": revision}, "engine": {"revision": revision}})
