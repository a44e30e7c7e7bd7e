# SPDX-License-Identifier: Apache-2.0
"""Where a node pulls images from: mirrors that are asked first, and registries without a certificate to check.

Both engines of a node are told: podman (containers-registries.conf(5)) and containerd (its ``hosts.toml``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from magnum_lite.drivers.k8s_fcos import toml
from magnum_lite.errors import InvalidField
from magnum_lite.model.labels import Kind

PODMAN_FILE = "/etc/containers/registries.conf.d/50-mirrors.conf"
CONTAINERD_FOLDER = "/etc/containerd/certs.d"
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(:[0-9]{1,5})?")
PATH = re.compile(r"(/[a-z0-9][a-z0-9._-]*)*/?")
# A mirror only gives what was asked for; which digest a tag stands for is part of that.
CAPABILITIES = ("pull", "resolve")


@dataclass(frozen=True)
class Mirror:
    """What is asked before the registry ``host`` (``quay.io``), by its URL."""

    host: str
    url: str


def mirrors() -> Kind[tuple[Mirror, ...]]:
    """Take registries with their mirrors."""

    def read(given: str) -> tuple[Mirror, ...]:
        found = tuple(_mirror(word) for word in re.split(r"[,;\s]+", given) if word)
        if len({one.host for one in found}) < len(found):
            raise ValueError(given)
        return found

    return Kind(
        "list",
        "registries with the URL of a mirror each, such as docker.io=https://mirror.example/hub quay.io=https://...",
        read,
    )


def insecure_host(given: str | None) -> str | None:
    """Give the host, with its port if it has one, of a template's ``insecure_registry``.

    It is taken with and without ``http://`` or ``https://`` before it; anything else raises ``InvalidField``.
    """
    if not given:
        return None
    host = re.sub(r"^https?://", "", given.strip()).rstrip("/")
    if not HOST.fullmatch(host):
        raise InvalidField("insecure_registry", given, "it takes the host of a registry such as registry.example:5000")
    return host


def files(wanted: Sequence[Mirror], insecure: str | None) -> dict[str, str]:
    """Give the text of each file by its path; nothing when there is neither a mirror nor an insecure registry."""
    for one in wanted:
        _check(one)
    if not wanted and insecure is None:
        return {}
    hosts = dict.fromkeys([*(one.host for one in wanted), *([insecure] if insecure else [])])
    by_host = {host: [one for one in wanted if one.host == host] for host in hosts}
    registries = [_for_podman(host, found, is_insecure=host == insecure) for host, found in by_host.items()]
    return {PODMAN_FILE: toml.render({"registry": registries})} | {
        f"{CONTAINERD_FOLDER}/{host}/hosts.toml": toml.render(_for_containerd(host, found, host == insecure))
        for host, found in by_host.items()
    }


def _mirror(word: str) -> Mirror:
    host, _, url = word.partition("=")
    found = Mirror(host, url)
    _check(found)
    return found


def _check(mirror: Mirror) -> None:
    """Raise ``ValueError`` for what is no mirror; its host becomes part of a path."""
    parts = urlsplit(mirror.url)
    is_address = parts.scheme in ("http", "https") and HOST.fullmatch(parts.netloc) and PATH.fullmatch(parts.path)
    if not HOST.fullmatch(mirror.host) or not is_address or parts.query or parts.fragment:
        raise ValueError(f"{mirror.host}={mirror.url} is no registry with the URL of its mirror")


def _for_podman(host: str, wanted: Sequence[Mirror], *, is_insecure: bool) -> Mapping[str, object]:
    found: dict[str, object] = {"location": host, "insecure": is_insecure}
    if wanted:
        found["mirror"] = [
            {"location": f"{parts.netloc}{parts.path}".rstrip("/"), "insecure": parts.scheme == "http"}
            for parts in (urlsplit(one.url) for one in wanted)
        ]
    return found


def _for_containerd(host: str, wanted: Sequence[Mirror], is_insecure: bool) -> Mapping[str, object]:
    asked: dict[str, object] = {_root(one.url): _endpoint(has_root=True) for one in wanted}
    if is_insecure:
        asked[f"https://{host}"] = {**_endpoint(), "skip_verify": True}
        asked[f"http://{host}"] = _endpoint()
    return {"host": asked}


def _root(url: str) -> str:
    """Give where a mirror's API begins: the path of a mirror comes after the API's own, as part of images' names."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/v2{parts.path}".rstrip("/")


def _endpoint(*, has_root: bool = False) -> dict[str, object]:
    return {"capabilities": CAPABILITIES, **({"override_path": True} if has_root else {})}
