# SPDX-License-Identifier: Apache-2.0
"""What the nodes say that they run, beside what their release pins."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SHOWN_DIGITS = 12
HEADING = ("component", "version", "digest", "on", "release")


@dataclass(frozen=True)
class Line:
    """One component in one version, the nodes that report it, and whether it is what the release pins."""

    component: str
    reported: str
    nodes: tuple[str, ...]
    is_pinned: bool

    def columns(self) -> tuple[str, ...]:
        name, _, digest = self.reported.partition("@")
        version = name.rpartition("/")[2].rpartition(":")[2]
        kind, _, digits = digest.partition(":")
        shown = f"{kind}:{digits[:SHOWN_DIGITS]}" if digits else "-"
        return self.component, version, shown, " ".join(self.nodes), "the same" if self.is_pinned else "DIFFERS"


def tag_of(nodes: Sequence[Mapping[str, Any]]) -> str | None:
    """Give the release that the nodes follow: the version of their kubelet."""
    return next((node["versions"]["kubelet"] for node in nodes if "kubelet" in (node["versions"] or {})), None)


def compare(nodes: Sequence[Mapping[str, Any]], release: Mapping[str, Any]) -> list[Line]:
    """Give a line for each component and version in the order in which the nodes name them."""
    seen: dict[tuple[str, str], list[str]] = {}
    for node in nodes:
        for component, reported in (node["versions"] or {}).items():
            seen.setdefault((component, reported), []).append(f"{node['role']}-{node['index']}")
    return [
        Line(component, reported, tuple(names), _is_pinned(component, reported, release))
        for (component, reported), names in sorted(seen.items())
    ]


def table(lines: Sequence[Line]) -> Iterator[str]:
    """Give the lines of a table with a heading."""
    rows = [HEADING, *(line.columns() for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADING))]
    for row in rows:
        yield "  " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()


def _is_pinned(component: str, reported: str, release: Mapping[str, Any]) -> bool:
    """Tell whether it is what the release has: an image by its digest, which mirrors keep, a program by its version.

    The agent has compared the program's SHA-256 with the release's before it laid it.
    """
    _, _, digest = reported.partition("@")
    pinned = release["images"].get(component)
    if pinned is not None:
        return bool(digest) and digest == pinned.partition("@")[2]
    return any(f"/{reported}/" in one["url"] for one in release["binaries"].get(component, {}).values())
