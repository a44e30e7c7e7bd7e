# SPDX-License-Identifier: Apache-2.0
"""Request lines as clients send them, brought to the one form that the routes know."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from magnum_lite import errors
from magnum_lite.api.versions import Application

QUERY = "magnum_lite.query"
HEALTHCHECK = "/healthcheck"
ROOT = "/"
V1 = "/v1"
OPENAPI = "/v1/openapi.json"
AGENT = "/v1/agent/"


class OneForm:
    """Strips trailing slashes, puts ``/v1`` where a client left it out, and refuses what is no text.

    The ``Accept`` header is ignored: clients send all sorts, none of them wants anything but JSON. The query is kept
    where only our own parser looks for it.
    """

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["PATH_INFO"] = _one_form(_text(environ.get("PATH_INFO", ""), "The path")).encode().decode("latin-1")
        environ["HTTP_ACCEPT"] = "application/json"
        environ[QUERY] = environ.get("QUERY_STRING", "")
        environ["QUERY_STRING"] = ""
        return self._application(environ, start_response)


def is_public(path: str) -> bool:
    """Say whether a path (in its one form) is answered without a Keystone token."""
    return path in (ROOT, V1, OPENAPI) or path.startswith(AGENT)


def _one_form(path: str) -> str:
    path = path.rstrip("/") or ROOT
    if path in (ROOT, HEALTHCHECK, V1) or path.startswith("/v1/"):
        return path
    return V1 + path


def _text(raw: str, what: str) -> str:
    """Give a WSGI string as text; raise ``BadRequest`` when it is not UTF-8 or holds control characters."""
    try:
        text = raw.encode("latin-1").decode()
    except UnicodeError:
        raise errors.BadRequest(f"{what} of the request is not valid UTF-8") from None
    if not text.isprintable():
        raise errors.BadRequest(f"{what} of the request holds control characters")
    return text
