# SPDX-License-Identifier: Apache-2.0
"""Microversions: what each one changed, how a request names one, what every answer says about them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Self

from magnum_lite import errors

SERVICES = ("container-infrastructure-management", "container-infrastructure", "container-infra")
HEADER = "OpenStack-API-Version"


class Version(NamedTuple):
    """One microversion; they compare as numbers, so 1.9 < 1.10."""

    major: int
    minor: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``1.9``; raise ``ValueError`` for anything else."""
        if not re.fullmatch(r"[0-9]{1,4}\.[0-9]{1,4}", text):
            raise ValueError(text)
        major, minor = text.split(".")
        return cls(int(major), int(minor))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


HISTORY = {
    Version(1, 1): "The first version, and the one used when a request names none.",
    Version(1, 2): "Clusters are made, changed and removed asynchronously; here they are at every version.",
    Version(1, 3): "PATCH of a cluster takes ?rollback=.",
    Version(1, 4): "GET /v1/stats; here, as in Magnum, at every version: clients that name none use it.",
    Version(1, 5): "Certificate authorities can be rotated; here, as in Magnum, at every version.",
    Version(1, 6): "Quotas; here, as in Magnum, at every version.",
    Version(1, 7): "The action resize.",
    Version(1, 8): "The action upgrade.",
    Version(1, 9): "Nodegroups.",
    Version(1, 10): "A cluster may have no worker; an unknown template in POST /v1/clusters is a 404, not a 400.",
    Version(1, 11): "Bays and bay models are gone; here they never were.",
    Version(1, 12): "Credentials can be rotated.",
    Version(1, 13): "Clusters carry cluster_id beside stack_id.",
    Version(1, 14): "Nodegroups carry node_labels and node_taints; here, as in Magnum, since 1.9.",
}
MINIMUM = min(HISTORY)
MAXIMUM = max(HISTORY)

ROLLBACK = Version(1, 3)
NODELESS = Version(1, 10)
CLUSTER_ID = Version(1, 13)

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def negotiate(header: str | None) -> Version:
    """Give the version that a request's header asks for; raise ``NotAcceptable`` for one we do not speak."""
    if header is None or not header.strip():
        return MINIMUM
    for wish in header.split(","):
        service, _, text = wish.strip().partition(" ")
        if service.lower() in SERVICES:
            return _supported(text.strip())
    raise errors.NotAcceptable(
        f"{HEADER} {header[:100]!r} names no service of this API: it takes '<service> <version>' "
        f"with a service of {', '.join(SERVICES)}"
    )


def _supported(text: str) -> Version:
    if text.lower() == "latest":
        return MAXIMUM
    try:
        version = Version.parse(text)
    except ValueError:
        raise errors.NotAcceptable(
            f"{HEADER} has version {text[:20]!r}: it takes {MINIMUM} to {MAXIMUM}, or latest"
        ) from None
    if version not in HISTORY:
        raise errors.NotAcceptable(f"microversion {version} is not supported: {MINIMUM} to {MAXIMUM} are")
    return version


class Announcement:
    """The outermost middleware: says on every answer, errors included, which versions there are and which one it is."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            used = negotiate(environ.get("HTTP_OPENSTACK_API_VERSION"))
        except errors.NotAcceptable:
            used = MINIMUM
        said = [
            (f"{HEADER.replace('-Version', '-Minimum-Version')}", f"{SERVICES[0]} {MINIMUM}"),
            (f"{HEADER.replace('-Version', '-Maximum-Version')}", f"{SERVICES[0]} {MAXIMUM}"),
            (HEADER, f"{SERVICES[0]} {used}"),
            ("Vary", HEADER),
        ]

        def announce(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, [*headers, *said], exc_info)

        return self._application(environ, announce)
