# SPDX-License-Identifier: Apache-2.0
"""What is asked of registries of images, by the OCI distribution API, and of servers of downloads."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from magnum_lite.errors import MagnumLiteError
from magnum_lite.releases.image_names import DIGEST, ImageName

INDEX_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
MANIFEST_TYPES = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
ACCEPT = {"Accept": ", ".join((*INDEX_TYPES, *MANIFEST_TYPES))}
# Where the registry of a name listens when that is not its name.
HOSTS = {"docker.io": "registry-1.docker.io"}

# Seconds to connect, and between two packets of an answer.
TIMEOUT = (10.0, 30.0)
# The specification lets a registry refuse manifests that are larger.
LARGEST_MANIFEST = 4 * 1024 * 1024
LARGEST_DOWNLOAD = 1024 * 1024 * 1024
CHUNK = 1024 * 1024

_CHALLENGE = re.compile(r'(\w+)="([^"]*)"', re.ASCII)
_LOOPBACK = re.compile(r"(localhost|127\.\d+\.\d+\.\d+)(:\d+)?", re.ASCII)


class Unavailable(MagnumLiteError):
    """A registry or server does not give what it was asked for."""

    code = 502
    slug = "registry-unavailable"


@dataclass(frozen=True)
class Manifest:
    """What a registry has below a name: its digest, counted here, and the machines (``amd64``) it is for.

    ``machines`` is empty for an image of one machine, whose manifest does not say which.
    """

    digest: str
    machines: tuple[str, ...]


class Registries:
    """Asks the registry of each image, or one that stands for all of them; ``url`` is such a one's, without path.

    Credentials come from the file ``.netrc``. Connections are used again, so that many images take little time.
    """

    def __init__(self, url: str = "") -> None:
        self._url = url.rstrip("/")
        self._session = requests.Session()
        self._tokens: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def manifest(self, image: ImageName) -> Manifest:
        """Fetch what the image's digest names, or else its tag; raise ``Unavailable`` with what went wrong.

        The digest is that of the bytes that came; where the registry names one too, both must be the same.
        """
        url = f"{self._base(image)}/v2/{image.repository}/manifests/{image.digest or image.tag}"
        answer = self._ask(url, image)
        body = _body(answer, image)
        digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        said = answer.headers.get("Docker-Content-Digest", digest)
        # Another algorithm than ours says nothing of ours.
        if DIGEST.fullmatch(said) and said != digest:
            raise Unavailable(f"{image}: the registry calls {said} what is {digest}")
        return Manifest(digest, _machines(body, image))

    def sha256(self, url: str) -> str:
        """Download a file and give the SHA-256 of its bytes, of which nothing is kept."""
        counted, size = hashlib.sha256(), 0
        try:
            with self._session.get(url, timeout=TIMEOUT, stream=True) as answer:
                _check_status(answer, url)
                for chunk in answer.iter_content(CHUNK):
                    counted.update(chunk)
                    size += len(chunk)
                    if size > LARGEST_DOWNLOAD:
                        raise Unavailable(f"{url} is larger than {LARGEST_DOWNLOAD} bytes")
        except requests.RequestException as error:
            raise Unavailable(f"{url} cannot be downloaded: {error}") from error
        return counted.hexdigest()

    def _base(self, image: ImageName) -> str:
        if self._url:
            return self._url
        if not image.registry:
            raise Unavailable(f"{image} names no registry: name one, as in REGISTRY/{image}")
        scheme = "http" if _LOOPBACK.fullmatch(image.registry) else "https"
        return f"{scheme}://{HOSTS.get(image.registry, image.registry)}"

    def _ask(self, url: str, image: ImageName) -> requests.Response:
        realm = f"{urlsplit(url).netloc}/{image.repository}"
        answer = self._get(url, ACCEPT, self._tokens.get(realm))
        if answer.status_code == requests.codes.unauthorized:
            challenge = answer.headers.get("WWW-Authenticate", "")
            answer.close()
            self._tokens[realm] = self._token(challenge, url)
            answer = self._get(url, ACCEPT, self._tokens[realm])
        _check_status(answer, str(image))
        return answer

    def _token(self, challenge: str, url: str) -> str:
        """Ask for a token where the registry says; raise ``Unavailable`` when it says no such place."""
        scheme, _, words = challenge.partition(" ")
        said = dict(_CHALLENGE.findall(words))
        where = said.pop("realm", "")
        if scheme.lower() != "bearer" or not where:
            raise Unavailable(f"{url} wants credentials: put them into .netrc")
        if urlsplit(url).scheme == "https" and urlsplit(where).scheme != "https":
            raise Unavailable(f"{url} sends its users to {where}, which is not encrypted")
        wanted = {name: said[name] for name in ("service", "scope") if name in said}
        answer = self._get(where, {}, None, wanted)
        _check_status(answer, where)
        try:
            found = answer.json()
            return str(found.get("token") or found["access_token"])
        except (ValueError, KeyError, AttributeError) as error:
            raise Unavailable(f"{where} gave no token") from error

    def _get(
        self, url: str, headers: Mapping[str, str], token: str | None, query: Mapping[str, str] | None = None
    ) -> requests.Response:
        # Given as auth, a token takes the place of what .netrc has; given as header, it is the other way round.
        auth = _Bearer(token) if token else None
        try:
            return self._session.get(url, headers=dict(headers), params=query, auth=auth, timeout=TIMEOUT, stream=True)
        except requests.RequestException as error:
            raise Unavailable(f"{url} cannot be reached: {error}") from error


class _Bearer(AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _check_status(answer: requests.Response, what: str) -> None:
    if answer.status_code != requests.codes.ok:
        host = urlsplit(answer.url).netloc
        answer.close()
        raise Unavailable(f"{what}: {host} answers {answer.status_code} {answer.reason}")


def _body(answer: requests.Response, image: ImageName) -> bytes:
    try:
        with answer:
            body = b""
            for chunk in answer.iter_content(CHUNK):
                body += chunk
                if len(body) > LARGEST_MANIFEST:
                    raise Unavailable(f"{image}: its manifest is larger than {LARGEST_MANIFEST} bytes")
            return body
    except requests.RequestException as error:
        raise Unavailable(f"{image}: its manifest broke off: {error}") from error


def _machines(body: bytes, image: ImageName) -> tuple[str, ...]:
    try:
        manifests = json.loads(body).get("manifests", [])
        named = [one.get("platform", {}).get("architecture", "unknown") for one in manifests]
    except (ValueError, AttributeError, TypeError) as error:
        raise Unavailable(f"{image}: what the registry has there is no manifest") from error
    # Signatures and statements of where an image comes from are listed as images of an unknown machine.
    return tuple(sorted({name for name in named if name != "unknown"}))
