# SPDX-License-Identifier: Apache-2.0
"""An image made by hand, because no registry is asked: one program that says a word and then waits for ever."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import tarfile
from pathlib import Path

NAME = "registry.example/tiny:1"
WORD = b"hello from a pod\n"
BASE = 0x400000
HEADERS = 64 + 56
# write(1, WORD, len(WORD)); then pause() again and again, in machine code of x86-64.
CODE = (
    b"\xb8\x01\x00\x00\x00\xbf\x01\x00\x00\x00\x48\x8d\x35\x10\x00\x00\x00\xba"
    + struct.pack("<I", len(WORD))
    + b"\x0f\x05\xb8\x22\x00\x00\x00\x0f\x05\xeb\xf7"
)


def program() -> bytes:
    """Give a static program: an ELF header, one segment that is loaded, code and word."""
    size = HEADERS + len(CODE) + len(WORD)
    head = b"\x7fELF\x02\x01\x01" + bytes(9)
    head += struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, BASE + HEADERS, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, BASE, BASE, size, size, 0x1000)
    return head + segment + CODE + WORD


def write(path: Path) -> Path:
    """Write the image as ``docker save`` would, so that ``ctr images import`` takes it."""
    layer = _tar({"tiny": (program(), 0o755)})
    digest = hashlib.sha256(layer).hexdigest()
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Entrypoint": ["/tiny"]},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
    }
    manifest = [{"Config": "config.json", "RepoTags": [NAME], "Layers": ["layer.tar"]}]
    files = {"config.json": json.dumps(config).encode(), "manifest.json": json.dumps(manifest).encode()}
    path.write_bytes(_tar({"layer.tar": (layer, 0o644), **{name: (text, 0o644) for name, text in files.items()}}))
    return path


def _tar(files: dict[str, tuple[bytes, int]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, (content, mode) in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
