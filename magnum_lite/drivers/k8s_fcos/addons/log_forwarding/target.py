# SPDX-License-Identifier: Apache-2.0
"""Where logs are sent: a URL, always of something that speaks TLS."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from magnum_lite.model.labels import Kind

PORTS = {"forward": 24224, "https": 443, "syslog": 6514}
# What a URL may be written with (RFC 3986) but for "$", by which Fluent Bit would know a variable.
WRITTEN = re.compile(r"[A-Za-z0-9._~:/?\[\]@!&'()*+,;=%-]+")
HOST = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\.?")
TAKES = (
    "forward://[:SHARED-KEY@]HOST[:PORT] (Fluentd's protocol), https://[USER:PASSWORD@]HOST[:PORT][/PATH] (JSON) or "
    "syslog://HOST[:PORT] (RFC 5424), all over TLS; or nothing"
)


@dataclass(frozen=True)
class Target:
    """One place that takes logs; ``password`` is the shared key of the forward protocol."""

    scheme: str
    host: str
    port: int
    path: str = "/"
    user: str = ""
    password: str = ""


def kind() -> Kind[str]:
    """Take the URL of a target, or nothing."""

    def read(given: str) -> str:
        if given:
            parse(given)
        return given

    return Kind("log target", TAKES, read)


def parse(given: str) -> Target:
    """Read a URL; raise ``ValueError`` for one that is no target."""
    parts = urlsplit(given)
    found = Target(
        scheme=parts.scheme,
        host=_host(parts.hostname or ""),
        port=parts.port or PORTS.get(parts.scheme, 0),
        path=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        user=unquote(parts.username or "", errors="strict"),
        password=unquote(parts.password or "", errors="strict"),
    )
    if not WRITTEN.fullmatch(given) or not _makes_sense(found):
        raise ValueError(given)
    return found


def _host(name: str) -> str:
    if ":" in name:
        return str(ipaddress.IPv6Address(name))
    if not HOST.fullmatch(name) or len(name) > 253:
        raise ValueError(name)
    return name


def _makes_sense(target: Target) -> bool:
    credentials = target.user + target.password
    allowed = {
        "forward": target.path == "/" and not target.user,
        "https": bool(target.user) or not target.password,
        "syslog": target.path == "/" and not credentials,
    }
    return allowed.get(target.scheme, False) and credentials.isprintable()
