# SPDX-License-Identifier: Apache-2.0
"""The JSON documents a node boots with and later polls: drivers write them, the agent reads them.

``ClusterFile`` and ``NodeFile`` are laid on the node's disk by Ignition; ``NodeDocument`` says what the node
should be now and carries a generation number that grows with every change.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

CLUSTER_FILE = "etc/magnum-lite/cluster.json"
NODE_FILE = "etc/magnum-lite/node.json"
SIGNAL_URL_FILE = "etc/magnum-lite/signal/url"
SIGNAL_TOKEN_FILE = "etc/magnum-lite/signal/token"  # noqa: S105


@dataclass(frozen=True)
class ClusterFile:
    """What every node of a cluster is told at boot.

    ``api_url`` ends in ``/v1``; ``api_ca`` is PEM or ``None`` for the system's own trust; ``poll_seconds`` is the
    longest time between two looks at the document.
    """

    api_url: str
    cluster: str
    api_ca: str | None = None
    poll_seconds: float = 30.0

    def to_json(self) -> str:
        return _dump(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        return cls(**json.loads(text))


@dataclass(frozen=True)
class NodeFile:
    """What one node is told at boot: its row's UUID, its name and the token it proves itself with."""

    node: str
    name: str
    token: str

    def to_json(self) -> str:
        return _dump(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        return cls(**json.loads(text))


@dataclass(frozen=True)
class CertificateRequest:
    """One certificate a node must have.

    ``profile`` names it to our API; ``authority`` is ``kubernetes``, ``etcd`` or ``front-proxy``; the key is
    written to ``<path>.key`` (0600) and the certificate to ``<path>.crt``; ``organization`` and ``common_name``
    are the subject the CSR must carry, ``dns`` and ``ips`` its subject alternative names.
    """

    profile: str
    authority: str
    path: str
    common_name: str
    organization: str | None = None
    dns: tuple[str, ...] = ()
    ips: tuple[str, ...] = ()


@dataclass(frozen=True)
class File:
    """One file of a node: absolute ``path``, octal ``mode`` as an integer, and its text."""

    path: str
    content: str
    mode: int = 0o644


@dataclass(frozen=True)
class Unit:
    """One systemd unit of a node.

    ``image`` is the digest-pinned image (``name:tag@sha256:...``) that it runs, or ``None``. ``ready`` is what the
    agent waits for after the start: a URL that must answer 200 (``https://...``), ``active`` for the unit's own
    state, or ``None`` for a oneshot that must have exited with 0.
    """

    name: str
    content: str
    image: str | None = None
    ready: str | None = "active"


@dataclass(frozen=True)
class NodeDocument:
    """What one node should be now.

    Files are written and units started in the order given. ``authorities`` maps an authority's name to its CA
    certificates (PEM, possibly several), written to the path in ``authority_paths``. ``versions`` maps a component
    to what is pinned for it and is reported back once it runs.
    """

    generation: int
    cluster: str
    node: str
    name: str
    role: str
    address: str
    certificates: tuple[CertificateRequest, ...] = ()
    authorities: Mapping[str, str] = field(default_factory=dict)
    authority_paths: Mapping[str, str] = field(default_factory=dict)
    files: tuple[File, ...] = ()
    units: tuple[Unit, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        return _dump(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a document; raise ``ValueError`` or ``TypeError`` when it is not one."""
        raw: dict[str, Any] = json.loads(text)
        return cls(
            **{
                **raw,
                "certificates": tuple(_request(one) for one in raw.get("certificates", ())),
                "files": tuple(File(**one) for one in raw.get("files", ())),
                "units": tuple(Unit(**one) for one in raw.get("units", ())),
            }
        )

    def etag(self) -> str:
        """Give a strong entity tag of the whole document."""
        return '"' + hashlib.sha256(self.to_json().encode()).hexdigest()[:32] + '"'


def _request(raw: Mapping[str, Any]) -> CertificateRequest:
    return CertificateRequest(**{**raw, "dns": tuple(raw.get("dns", ())), "ips": tuple(raw.get("ips", ()))})


def _dump(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
