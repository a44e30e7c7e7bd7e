# SPDX-License-Identifier: Apache-2.0
"""The body of a request: read once, bounded, kept where only our own parser looks for it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from typing import Any, BinaryIO

from magnum_lite import errors
from magnum_lite.api.versions import Application

BODY = "magnum_lite.body"
CHUNK = 65536
# Reading on for a while lets a client see the 413 instead of a broken connection.
DRAINED_BYTES = 64 * 1024 * 1024


class BoundedBody:
    """Reads the body before anything else can, and hides it from libraries that would parse it their own way."""

    def __init__(self, application: Application, *, max_bytes: int) -> None:
        self._application = application
        self._max_bytes = max_bytes

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ[BODY] = _read(environ["wsgi.input"], _length(environ), self._max_bytes)
        environ["wsgi.input"] = io.BytesIO()
        environ["CONTENT_LENGTH"] = "0"
        environ.pop("CONTENT_TYPE", None)
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        return self._application(environ, start_response)


def parse(raw: bytes) -> object:
    """Read JSON text; raise ``BadRequest`` for anything that is not, or that no database could keep."""
    try:
        value: object = json.loads(raw, parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, json.JSONDecodeError) else "it holds what JSON cannot carry"
        raise errors.BadRequest(f"The body of the request is not valid JSON: {reason}") from None
    return value


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _length(environ: dict[str, Any]) -> int | None:
    """Give the body's length as announced, or ``None`` for a body that comes in chunks."""
    if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        return None
    announced = environ.get("CONTENT_LENGTH") or "0"
    if not announced.isdigit():
        raise errors.InvalidField("Content-Length", announced, "it takes a number of bytes")
    return int(announced)


def _read(stream: BinaryIO, length: int | None, max_bytes: int) -> bytes:
    if length is not None and length > max_bytes:
        _drain(stream, length)
        raise _too_large(max_bytes)
    raw = stream.read(max_bytes + 1 if length is None else length)
    if len(raw) > max_bytes:
        _drain(stream, DRAINED_BYTES)
        raise _too_large(max_bytes)
    return raw


def _drain(stream: BinaryIO, length: int) -> None:
    left = min(length, DRAINED_BYTES)
    while left > 0:
        chunk = stream.read(min(CHUNK, left))
        if not chunk:
            return
        left -= len(chunk)


def _too_large(max_bytes: int) -> errors.TooLarge:
    return errors.TooLarge(f"The body of the request is larger than {max_bytes} bytes")
