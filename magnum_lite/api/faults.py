# SPDX-License-Identifier: Apache-2.0
"""Every error answer, whoever made it, in one shape that tells what was wrong and nothing of our insides."""

from __future__ import annotations

import http
import json
import logging
from collections.abc import Callable, Iterable
from typing import Any

from oslo_db import exception as db_exception

from magnum_lite import errors
from magnum_lite.api import versions

LOG = logging.getLogger(__name__)

REQUEST_ID = "openstack.request_id"
OWN_FAULT = "magnum_lite.own_fault"

RETRY_SECONDS: tuple[tuple[type[errors.MagnumLiteError], int], ...] = (
    (errors.DocumentNotReady, 1),
    (errors.ServiceUnavailable, 5),
)

# What pecan and keystonemiddleware answer themselves, in our words.
SENTENCES = {
    400: ("bad-request", "The request is malformed"),
    401: ("unauthorized", "A valid token is required"),
    403: ("forbidden", "This is not allowed"),
    404: ("not-found", "The API has no such URL"),
    405: ("method-not-allowed", "This URL does not take this method"),
    406: ("not-acceptable", "The API answers in JSON only"),
    413: ("request-too-large", "The request is too large"),
    503: ("service-unavailable", "A service the API depends on does not answer now"),
}


class Faults:
    """Turns exceptions and foreign error bodies into ours; an answer marked ``OWN_FAULT`` is one already."""

    def __init__(self, application: versions.Application) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def hold(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
            started[:] = [(status, headers)]

        try:
            answer = self._application(environ, hold)
        except Exception as error:  # noqa: BLE001 - this is the one place where nothing may get past
            return _render(fault_of(error, environ), environ, start_response, _own_headers(error))
        status, headers = started[0]
        code = int(status.split(" ", 1)[0])
        if code < http.HTTPStatus.BAD_REQUEST or environ.get(OWN_FAULT):
            start_response(status, headers)
            return answer
        _close(answer)
        slug, sentence = SENTENCES.get(code, (_slug(code), _phrase(code)))
        kept = [(name, value) for name, value in headers if not name.lower().startswith("content-")]
        return _render(fault(environ, code=code, slug=slug, message=sentence), environ, start_response, kept)


def fault_of(error: Exception, environ: dict[str, Any]) -> dict[str, Any]:
    """Give the error item for an exception; what the requester cannot help is logged here with its cause."""
    if isinstance(error, db_exception.DBConnectionError):
        LOG.error("request %s: the database does not answer: %s", environ.get(REQUEST_ID, ""), error)
        error = errors.ServiceUnavailable("The database does not answer now; try again later")
    code = error.code if isinstance(error, errors.MagnumLiteError) else http.HTTPStatus.INTERNAL_SERVER_ERROR
    if not isinstance(error, errors.MagnumLiteError) or code == http.HTTPStatus.INTERNAL_SERVER_ERROR:
        request_id = environ.get(REQUEST_ID, "")
        LOG.error("request %s: %s failed", request_id, environ.get("REQUEST_METHOD"), exc_info=error)
        sentence = f"The server failed; its log tells why under request {request_id}"
        return fault(environ, code=500, slug="internal-error", message=sentence)
    if code >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        LOG.warning("request %s: answered with %s: %s", environ.get(REQUEST_ID, ""), code, error.message)
    item = fault(environ, code=int(code), slug=error.slug, message=error.message)
    if isinstance(error, errors.NotAcceptable):
        item |= {"min_version": str(versions.MINIMUM), "max_version": str(versions.MAXIMUM)}
    return item


def fault(environ: dict[str, Any], *, code: int, slug: str, message: str) -> dict[str, Any]:
    return {
        "request_id": environ.get(REQUEST_ID, ""),
        "code": slug,
        "status": code,
        "title": message,
        "detail": message,
        "links": [],
    }


def _render(
    item: dict[str, Any],
    environ: dict[str, Any],
    start_response: Callable[..., Any],
    headers: list[tuple[str, str]],
) -> list[bytes]:
    body = json.dumps({"errors": [item]}).encode()
    own = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response(f"{item['status']} {_phrase(item['status'])}", [*headers, *own])
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]


def _own_headers(error: Exception) -> list[tuple[str, str]]:
    headers = [("Retry-After", str(seconds)) for kind, seconds in RETRY_SECONDS if isinstance(error, kind)]
    allowed = getattr(error, "allowed_methods", ())
    return [*headers, ("Allow", ", ".join(allowed))] if allowed else headers


def _close(answer: Iterable[bytes]) -> None:
    close = getattr(answer, "close", None)
    if close is not None:
        close()


def _phrase(code: int) -> str:
    return http.HTTPStatus(code).phrase if code in http.HTTPStatus._value2member_map_ else "Error"


def _slug(code: int) -> str:
    return _phrase(code).lower().replace(" ", "-")
