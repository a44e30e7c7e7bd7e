# SPDX-License-Identifier: Apache-2.0
"""What the nodes say that they run, beside what their release pins."""

import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
SHOWN_DIGITS = 12
HEADING = ("component", "version", "digest", "on", "release")


@dataclass(frozen=True)
class Line:
    """One component in one version, the nodes that report it, and whether it is what the release pins.

    ``digest`` is the image's as reported, or the one that the program had when the agent laid it.
    """

    component: str
    version: str
    digest: str
    nodes: tuple[str, ...]
    is_pinned: bool

    def columns(self) -> tuple[str, ...]:
        kind, _, digits = self.digest.partition(":")
        shown = f"{kind}:{digits[:SHOWN_DIGITS]}" if digits else "-"
        return self.component, self.version, shown, " ".join(self.nodes), "the same" if self.is_pinned else "DIFFERS"


def tag_of(nodes: Sequence[Mapping[str, Any]]) -> str | None:
    """Give the release that the nodes follow: the version of their kubelet."""
    return next((node["versions"]["kubelet"] for node in nodes if "kubelet" in (node["versions"] or {})), None)


def compare(nodes: Sequence[Mapping[str, Any]], release: Mapping[str, Any]) -> list[Line]:
    """Give a line for each component and version in the order in which the nodes name them."""
    seen: dict[tuple[str, str], list[str]] = {}
    for node in nodes:
        for component, reported in (node["versions"] or {}).items():
            seen.setdefault((component, reported), []).append(f"{node['role']}-{node['index']}")
    return [_line(component, reported, names, release) for (component, reported), names in sorted(seen.items())]


def table(lines: Sequence[Line]) -> Iterator[str]:
    """Give the lines of a table with a heading."""
    rows = [HEADING, *(line.columns() for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADING))]
    for row in rows:
        yield "  " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()


def _line(component: str, reported: str, nodes: Sequence[str], release: Mapping[str, Any]) -> Line:
    """Judge an image by its digest, which mirrors keep, and a program by its version.

    A program is laid only if its SHA-256 is the release's; the one for this machine is shown.
    """
    name, _, digest = reported.partition("@")
    version = name.rpartition("/")[2].rpartition(":")[2]
    if digest:
        image = release["images"].get(component, "")
        return Line(component, version, digest, tuple(nodes), digest == image.partition("@")[2])
    sources = release["binaries"].get(component, {})
    is_pinned = any(f"/{version}/" in one["url"] for one in sources.values())
    source = sources.get(MACHINES.get(platform.machine(), "")) if is_pinned else None
    return Line(component, version, f"sha256:{source['sha256']}" if source else "", tuple(nodes), is_pinned)
