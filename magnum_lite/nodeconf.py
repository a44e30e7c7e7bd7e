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
class Source:
    """A download: its URL and the SHA-256 (hex) that its bytes must have."""

    url: str
    sha256: str


@dataclass(frozen=True)
class Binary:
    """Programs of a node that come as one download.

    ``sources`` maps a machine (``amd64``, ``arm64``) to what it downloads. ``paths`` maps a member of the archive
    (``bin/containerd``) to the absolute path where it lands, mode 0755; a plain download has the one member ``""``.
    """

    name: str
    sources: Mapping[str, Source]
    paths: Mapping[str, str]


@dataclass(frozen=True)
class Upstream:
    """A manifest of another project, downloaded, verified, parsed and adjusted on the node; never its text.

    ``images`` maps an image's name without tag, as the manifest has it, to the pinned one that takes its place; an
    object with any other image is refused. ``environment`` maps a container's name to variables set in it.
    ``patches`` maps ``Kind/name`` to a JSON merge patch (RFC 7396), ``None`` leaves that object out.
    """

    source: Source
    images: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    patches: Mapping[str, Mapping[str, Any] | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Addon:
    """What one addon consists of in Kubernetes, applied in this order: what is upstream's, then ``objects``.

    ``objects`` are Kubernetes objects as JSON, each with ``apiVersion``, ``kind`` and ``metadata.name``.
    """

    name: str
    objects: tuple[Mapping[str, Any], ...] = ()
    upstream: tuple[Upstream, ...] = ()


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
class Membership:
    """How a master is a member of its cluster's etcd.

    ``members`` maps the name of every member there shall be, this one's included, to the URL at which the others
    reach it; ``clients`` maps those but this one's to the URL for clients. ``data`` is the folder of the data, below
    ``mount`` where that is a volume of its own. ``certificate`` and ``authority`` are paths: the certificate
    (``<path>.crt``, ``<path>.key``) proves this member, the authority's proves the others. ``environment`` is where
    the agent writes how ``unit`` is to start. ``may_begin`` says that the cluster may not have begun yet.
    """

    unit: str
    name: str
    members: Mapping[str, str]
    clients: Mapping[str, str]
    data: str
    certificate: str
    authority: str
    environment: str
    may_begin: bool
    mount: str | None = None


@dataclass(frozen=True)
class NodeDocument:
    """What one node should be now.

    Files are written, binaries fetched and units started in the order given. ``addons`` are for one master alone,
    which looks after them; ``None`` elsewhere. ``etcd`` is for masters. ``authorities`` maps an authority's name to its
    CA certificates (PEM, possibly several), written to the path in ``authority_paths``. ``versions`` maps a component
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
    binaries: tuple[Binary, ...] = ()
    units: tuple[Unit, ...] = ()
    addons: tuple[Addon, ...] | None = None
    etcd: Membership | None = None
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
                "binaries": tuple(_binary(one) for one in raw.get("binaries", ())),
                "addons": None if raw.get("addons") is None else tuple(_addon(one) for one in raw["addons"]),
                "units": tuple(Unit(**one) for one in raw.get("units", ())),
                "etcd": None if raw.get("etcd") is None else Membership(**raw["etcd"]),
            }
        )

    def etag(self) -> str:
        """Give a strong entity tag of the whole document."""
        return '"' + hashlib.sha256(self.to_json().encode()).hexdigest()[:32] + '"'


def _request(raw: Mapping[str, Any]) -> CertificateRequest:
    return CertificateRequest(**{**raw, "dns": tuple(raw.get("dns", ())), "ips": tuple(raw.get("ips", ()))})


def _binary(raw: Mapping[str, Any]) -> Binary:
    return Binary(**{**raw, "sources": {machine: Source(**one) for machine, one in raw["sources"].items()}})


def _addon(raw: Mapping[str, Any]) -> Addon:
    upstream = tuple(Upstream(**{**one, "source": Source(**one["source"])}) for one in raw.get("upstream", ()))
    return Addon(raw["name"], tuple(raw.get("objects", ())), upstream)


def _dump(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
