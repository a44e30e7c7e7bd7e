# SPDX-License-Identifier: Apache-2.0
"""Barbican's routes."""

from magnum_lite.pocketcloud.records import Record, paged
from magnum_lite.pocketcloud.web import Answer, Request, Route


def routes() -> list[Route]:
    """Give the routes below /key-manager/v1."""
    return [
        Route("GET", "/secrets", list_secrets),
        Route("POST", "/secrets", create_secret),
        Route("GET", "/secrets/<ident>", get_secret),
        Route("GET", "/secrets/<ident>/payload", get_payload),
        Route("DELETE", "/secrets/<ident>", delete_secret),
    ]


def list_secrets(request: Request) -> Answer:
    """List the project's secrets, or those of a name."""
    found = request.cloud.key_manager.list_(request.scope, request.first("name"))
    page = paged(found, {"limit": ["10"], **request.query})
    return Answer(200, {"secrets": [_shown(request, one) for one in page], "total": len(found)})


def create_secret(request: Request) -> Answer:
    """Keep a secret."""
    body = request.json if isinstance(request.json, dict) else {}
    made = request.cloud.key_manager.create(request.scope, body)
    return Answer(201, {"secret_ref": _reference(request, made)})


def get_secret(request: Request) -> Answer:
    """Show what is known of a secret."""
    return Answer(200, _shown(request, request.cloud.key_manager.get(request.scope, request.args["ident"])))


def get_payload(request: Request) -> Answer:
    """Give the secret itself."""
    payload = request.cloud.key_manager.payload(request.scope, request.args["ident"])
    return Answer(200, payload, {"Content-Type": "application/octet-stream"})


def delete_secret(request: Request) -> Answer:
    """Remove a secret."""
    request.cloud.key_manager.delete(request.scope, request.args["ident"])
    return Answer(204)


def _shown(request: Request, secret: Record) -> Record:
    shown = {key: value for key, value in secret.items() if key not in ("id", "project_id")}
    return {**shown, "secret_ref": _reference(request, secret)}


def _reference(request: Request, secret: Record) -> str:
    return f"{request.base_url}/secrets/{secret['id']}"
