# SPDX-License-Identifier: Apache-2.0
"""Downloads that are what they are said to be: limited in size and time, and verified before anybody sees a byte."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import ipaddress
import ssl
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPMessage
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from magnum_lite.agent.errors import HostFailed
from magnum_lite.agent.machine import mismatch
from magnum_lite.agent.web import is_web_address
from magnum_lite.nodeconf import Source

LARGEST = 1024**3
LONGEST_SECONDS = 1200.0
SILENCE_SECONDS = 30.0
MOST_REDIRECTS = 5
CHUNK = 1024 * 1024


@contextlib.contextmanager
def verified(
    source: Source,
    folder: Path,
    *,
    authorities: Path | None = None,
    largest: int = LARGEST,
    seconds: float = LONGEST_SECONDS,
) -> Iterator[IO[bytes]]:
    """Give the open file of a download that has its SHA-256; it has no name, so that nothing is left of it.

    ``authorities`` is a PEM file of certificates to believe besides the system's. Proxies of the environment are
    used, except for this machine. Raises ``HostFailed``.
    """
    if not is_safe(source.url):
        raise HostFailed(f"{source.url} is refused: only HTTPS is safe enough", is_final=True)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        try:
            found = _receive(source.url, file, authorities, _Limits(largest, seconds))
        except urllib.error.HTTPError as error:
            error.close()
            is_final = 300 <= error.code < 500 and error.code not in {408, 425, 429}
            raise HostFailed(f"{source.url} answers {error.code} {error.reason}", is_final=is_final) from error
        except (OSError, http.client.HTTPException) as error:
            raise HostFailed(f"{source.url} cannot be downloaded: {_text(error)}") from error
        if found != source.sha256:
            raise mismatch(source, found)
        file.seek(0)
        yield file


def is_safe(url: str) -> bool:
    """Tell whether nobody on the way can listen: HTTPS, or this machine itself."""
    parts = urlsplit(url)
    return is_web_address(url) and (parts.scheme == "https" or _is_loopback(parts.hostname or ""))


class _Limits:
    """What one download may still cost."""

    def __init__(self, largest: int, seconds: float) -> None:
        self._largest = largest
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds

    def check(self, url: str, size: int) -> None:
        if size > self._largest:
            raise HostFailed(f"{url} is refused: it has more than {self._largest} bytes", is_final=True)
        if time.monotonic() > self._deadline:
            raise HostFailed(f"{url} has not been downloaded within {self._seconds:g} seconds")


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follow redirects, but never from a safe address to an unsafe one."""

    max_redirections = MOST_REDIRECTS

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        if not is_safe(newurl) or urlsplit(req.full_url).scheme == "https" != urlsplit(newurl).scheme:
            fp.close()
            raise HostFailed(f"{req.full_url} is refused: it leads to {newurl}", is_final=True)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _receive(url: str, file: IO[bytes], authorities: Path | None, limits: _Limits) -> str:
    """Write the download to the file and give its SHA-256."""
    request = urllib.request.Request(  # noqa: S310
        url, headers={"User-Agent": "magnum-lite-agent", "Accept-Encoding": "identity"}
    )
    digest, size = hashlib.sha256(), 0
    with _opener(url, authorities).open(request, timeout=SILENCE_SECONDS) as answer:
        announced = int(answer.headers.get("Content-Length") or -1)
        limits.check(url, announced)
        while chunk := answer.read(CHUNK):
            size += len(chunk)
            limits.check(url, size)
            digest.update(chunk)
            file.write(chunk)
    if 0 <= announced != size:
        raise HostFailed(f"{url} cannot be downloaded: it ended after {size} of {announced} bytes")
    return digest.hexdigest()


def _opener(url: str, authorities: Path | None) -> urllib.request.OpenerDirector:
    """Give an opener that knows no other schemes than HTTP and HTTPS."""
    context = ssl.create_default_context()
    if authorities is not None:
        context.load_verify_locations(authorities)
    opener = urllib.request.OpenerDirector()
    for one in (
        urllib.request.ProxyHandler({} if _is_loopback(urlsplit(url).hostname or "") else None),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=context),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _SafeRedirects(),
    ):
        opener.add_handler(one)
    return opener


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def _text(error: Exception) -> str:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    return str(reason) or type(error).__name__
