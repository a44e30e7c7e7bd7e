# SPDX-License-Identifier: Apache-2.0
"""Ignition 3.3 configuration, built from real files and units."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

VERSION = "3.3.0"
MEDIA = "data:;base64,"


def data_url(content: bytes) -> str:
    return MEDIA + base64.b64encode(content).decode()


def file(path: str, content: str, mode: int = 0o644) -> dict[str, object]:
    """Lay one file at an absolute path, in place of what the image has there."""
    return {"path": path, "mode": mode, "overwrite": True, "contents": {"source": data_url(content.encode())}}


def files(rootfs: Path) -> list[dict[str, object]]:
    """Lay every file below a folder where it stands there; a file that begins with ``#!`` may be run."""
    return [
        file(f"/{path.relative_to(rootfs)}", path.read_text(), mode_of(path))
        for path in sorted(rootfs.rglob("*"))
        if path.is_file()
    ]


def mode_of(path: Path) -> int:
    """Give a file's mode on a node; packages do not keep the one on disk."""
    with path.open("rb") as content:
        return 0o755 if content.read(2) == b"#!" else 0o644


def units(folder: Path) -> list[dict[str, object]]:
    """Give every systemd unit of a folder; one that can be installed is enabled."""
    found: list[dict[str, object]] = []
    for path in sorted(folder.glob("*.*")):
        text = path.read_text()
        found.append({"name": path.name, "contents": text, "enabled": "[Install]" in text.splitlines()})
    return found


def masked(names: Sequence[str]) -> list[dict[str, object]]:
    """Have units of the image never run, not even when another one asks for them."""
    return [{"name": name, "mask": True} for name in names]


def config(
    laid: Sequence[dict[str, object]],
    started: Sequence[dict[str, object]],
    authorized: Mapping[str, Sequence[str]],
) -> dict[str, object]:
    """Give a configuration that lays these files and knows these units; ``authorized`` maps users to SSH keys."""
    users = [{"name": name, "sshAuthorizedKeys": list(keys)} for name, keys in authorized.items() if keys]
    return {
        "ignition": {"version": VERSION},
        "passwd": {"users": users},
        "storage": {"files": list(laid)},
        "systemd": {"units": list(started)},
    }


def packed(configuration: dict[str, object]) -> str:
    """Give a data URL with the gzipped configuration, for another configuration to merge.

    The same configuration gives the same URL.
    """
    text = json.dumps(configuration, separators=(",", ":"), sort_keys=True)
    return data_url(gzip.compress(text.encode(), mtime=0))


def unpacked(url: str) -> dict[str, object]:
    """Read back what ``packed`` gave."""
    found: dict[str, object] = json.loads(gzip.decompress(base64.b64decode(url.removeprefix(MEDIA))))
    return found
