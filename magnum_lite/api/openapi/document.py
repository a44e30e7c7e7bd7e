# SPDX-License-Identifier: Apache-2.0
"""The whole document, in OpenAPI 3.1."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from magnum_lite.api.openapi.names import tag_of, tag_sentence
from magnum_lite.api.openapi.operations import operation
from magnum_lite.api.openapi.schemas import Schemas
from magnum_lite.api.openapi.security import SCHEMES
from magnum_lite.api.routes import Route
from magnum_lite.api.versions import HISTORY, MAXIMUM, MINIMUM, SERVICES

ABOUT = """Magnum's API for Kubernetes clusters on OpenStack.

Bodies are JSON, whatever the `Content-Type` and `Accept` of a request say. In requests null is "not given", and numbers
and booleans may be written as texts; in answers null is "none" or "not known". A slash at the end of a path, and a
missing `/v1`, do no harm. The body of a `PATCH` is a JSON patch (RFC 6902): a list of operations. Every error has the
shape `Errors`; every answer, error or not, carries `x-openstack-request-id` and says which microversion it is in.

Microversions:

"""
TEXT = {"type": "string"}
ERROR = {
    "type": "object",
    "description": "What went wrong; `code` is a stable slug, `title` a sentence for people.",
    "properties": {
        "request_id": {**TEXT, "description": "As in `x-openstack-request-id` and in the service's log."},
        "code": TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "title": TEXT,
        "detail": TEXT,
        "links": {"type": "array", "items": {"type": "object"}},
        "min_version": {**TEXT, "description": "With 406: the first microversion there is."},
        "max_version": {**TEXT, "description": "With 406: the last microversion there is."},
    },
    "required": ["request_id", "code", "status", "title", "detail", "links"],
}
ERRORS = {
    "type": "object",
    "properties": {
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Error"}, "minItems": 1, "maxItems": 1}
    },
    "required": ["errors"],
    "examples": [
        {
            "errors": [
                {
                    "request_id": "req-5c2a1f0e-7f0c-4b9e-9d7e-0d3b0a6f0a01",
                    "code": "invalid-field",
                    "status": 400,
                    "title": "Invalid value -1 for node_count: it takes a whole number from 0 to 5000",
                    "detail": "Invalid value -1 for node_count: it takes a whole number from 0 to 5000",
                    "links": [],
                }
            ]
        }
    ],
}
VERSION = {
    "name": "OpenStack-API-Version",
    "in": "header",
    "required": False,
    "description": (
        f"Service and microversion, {MINIMUM} to {MAXIMUM} or `latest`; {MINIMUM} where none is asked for. "
        f"The service is one of {', '.join(f'`{name}`' for name in SERVICES)}."
    ),
    "schema": {
        "type": "string",
        "pattern": f"^({'|'.join(SERVICES)}) ({'|'.join(re.escape(str(one)) for one in HISTORY)}|latest)$",
    },
    "example": f"container-infra {MAXIMUM}",
}


def document(routes: Iterable[Route]) -> dict[str, Any]:
    """Give the OpenAPI Object for these routes; raise for a route that does not say what the document needs."""
    schemas = Schemas()
    paths: dict[str, dict[str, Any]] = {}
    tags: dict[str, str] = {}
    for route in routes:
        tags.setdefault(tag_of(route), tag_sentence(route))
        paths.setdefault(route.path, {})[route.method.lower()] = operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "magnum_lite",
            "version": str(MAXIMUM),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "description": ABOUT + "\n".join(f"- {version}: {sentence}" for version, sentence in HISTORY.items()),
        },
        # The document is served below /v1 of wherever the service is found.
        "servers": [{"url": ".."}],
        "tags": [{"name": name, "description": sentence} for name, sentence in tags.items()],
        "paths": paths,
        "components": _components(schemas),
    }


def _components(schemas: Schemas) -> dict[str, Any]:
    return {
        "schemas": {"Error": ERROR, "Errors": ERRORS, **dict(sorted(schemas.named.items()))},
        "securitySchemes": SCHEMES,
        "parameters": {"OpenStackAPIVersion": VERSION},
        "headers": {
            "RequestID": {"description": "Names this request in the service's log.", "schema": TEXT},
            "OpenStackAPIVersion": {"description": "Service and microversion of the answer.", "schema": TEXT},
        },
    }
