# SPDX-License-Identifier: Apache-2.0
"""The services' version documents, which clients read to find the rest, and their microversion headers."""

import dataclasses
import re
from collections.abc import Mapping

from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.records import Record
from magnum_lite.pocketcloud.web import Answer, Handler, Request, Route

UPDATED = "2026-04-01T00:00:00Z"


@dataclasses.dataclass(frozen=True)
class Version:
    """One API version of a service: its id, its path below the service and its newest microversion ("" for none).

    `word` is what the microversion header calls the service.
    """

    id: str
    path: str
    word: str = ""
    newest: str = ""
    oldest: str = ""
    status: str = "CURRENT"


def routes(versions: list[Version], *, root_status: int = 200, wrapped: bool = False) -> list[Route]:
    """Give the open routes for the list of versions at the root and one document per version.

    Keystone wraps its list in {"values": ...} and, like Glance, answers it with 300.
    """

    def list_versions(request: Request) -> Answer:
        found = [_document(request, one) for one in versions]
        return Answer(root_status, {"versions": {"values": found} if wrapped else found})

    table = [Route("GET", "/", list_versions, open=True)]
    return table + [Route("GET", f"/{path}/", _shower(one), open=True) for path, one in _by_path(versions).items()]


def requested(headers: Mapping[str, str], version: Version) -> str:
    """Read the wanted microversion; 406 when it is none that the service has.

    Without the header it is the oldest one, and "latest" is the newest.
    """
    if not version.newest:
        return ""
    named = re.search(rf"\b{version.word} (\S+)", headers.get("OpenStack-API-Version", ""))
    text = named[1].rstrip(",") if named else headers.get("X-OpenStack-Nova-API-Version", "") or version.oldest
    if text == "latest":
        return version.newest
    if not re.fullmatch(r"\d+\.\d+", text):
        raise CloudFault(400, f"API Version String {text} is of invalid format. Must be of format MajorNum.MinorNum.")
    if not number(version.oldest) <= number(text) <= number(version.newest):
        message = (
            f"Version {text} is not supported by the API. Minimum is {version.oldest} and maximum is {version.newest}."
        )
        raise CloudFault(406, message)
    return text


def at_least(headers: Mapping[str, str], version: Version, wanted: str) -> bool:
    """Tell whether a request speaks the microversion or a newer one."""
    return number(requested(headers, version)) >= number(wanted)


def number(text: str) -> tuple[int, int]:
    """Turn "2.47" into something that compares."""
    major, minor = text.split(".")
    return int(major), int(minor)


def _by_path(versions: list[Version]) -> dict[str, Version]:
    return {one.path: one for one in reversed(versions)}


def _shower(version: Version) -> Handler:
    def get_version(request: Request) -> Answer:
        return Answer(200, {"version": _document(request, version)})

    return get_version


def _document(request: Request, version: Version) -> Record:
    return {
        "id": version.id,
        "status": version.status,
        "version": version.newest,
        "min_version": version.oldest,
        "updated": UPDATED,
        "links": [{"rel": "self", "href": f"{request.base_url}/{version.path}/"}],
        "media-types": [{"base": "application/json", "type": f"application/vnd.openstack.{version.id}+json"}],
    }
