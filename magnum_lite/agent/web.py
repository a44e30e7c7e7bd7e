# SPDX-License-Identifier: Apache-2.0
"""One bounded HTTP request with a JSON body: certificates verified, redirects not followed, every wait limited."""

from __future__ import annotations

import functools
import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from magnum_lite.agent.errors import CallFailed

LONGEST_ANSWER = 8 * 1024 * 1024


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class CertPair:
    """Where a private key and its certificate lie."""

    key: Path
    certificate: Path


@dataclass(frozen=True)
class Trust:
    """Whose certificates are believed: these CA certificates (PEM) and, if so said or none are given, the system's.

    ``client`` is what we show to a server that asks who we are.
    """

    authority: str | None = None
    is_system_trusted: bool = False
    client: CertPair | None = None


@dataclass(frozen=True)
class Call:
    method: str
    url: str
    headers: Mapping[str, str]
    json: object = None


def send(call: Call, trust: Trust, *, timeout: float) -> Answer:
    """Give the answer, whatever its code; raise ``CallFailed`` when there is none.

    ``timeout`` is in seconds, for each of connecting and every read.
    """
    parts = urlsplit(call.url)
    connection = _connection(call.url, trust, timeout)
    body = None if call.json is None else json.dumps(call.json).encode()
    headers = {"Accept": "application/json", "User-Agent": "magnum-lite-agent", **call.headers}
    if body is not None:
        headers["Content-Type"] = "application/json"
    try:
        connection.request(call.method, f"{parts.path}?{parts.query}" if parts.query else parts.path, body, headers)
        response = connection.getresponse()
        content = response.read(LONGEST_ANSWER + 1)
    except (OSError, http.client.HTTPException) as error:
        raise CallFailed(f"{parts.netloc} does not answer: {_text(error)}") from error
    finally:
        connection.close()
    if len(content) > LONGEST_ANSWER:
        raise CallFailed(f"{parts.netloc} answers with more than {LONGEST_ANSWER} bytes")
    return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, content)


def is_web_address(url: str) -> bool:
    """Tell whether this is an HTTP or HTTPS URL with a host."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _connection(url: str, trust: Trust, timeout: float) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        context = _kept(trust) if trust.client is None else _verifying(trust)
        return http.client.HTTPSConnection(host, parts.port, timeout=timeout, context=context)
    return http.client.HTTPConnection(host, parts.port, timeout=timeout)


def _verifying(trust: Trust) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=trust.authority)
    if trust.is_system_trusted:
        context.load_default_certs()
    if trust.client is not None:
        context.load_cert_chain(trust.client.certificate, trust.client.key)
    return context


# A certificate pair is renewed in its place, so a context that holds one is not kept.
_kept = functools.lru_cache(maxsize=4)(_verifying)


def _text(error: Exception) -> str:
    return str(error) or type(error).__name__
