# SPDX-License-Identifier: Apache-2.0
"""The node's files below a root: found by their absolute paths and replaced whole, never half-written."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import stat
from pathlib import Path, PurePosixPath
from typing import IO

from magnum_lite.agent.errors import BadDocument

CHUNK = 1024 * 1024


class Disk:
    """The file system of a node, which begins at ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def at(self, path: str) -> Path:
        """Give the place of one of the node's absolute paths."""
        parts = PurePosixPath(path).parts
        if not path.startswith("/") or ".." in parts or len(parts) < 2 or "\0" in path:
            raise BadDocument(f"Invalid path {path!r}: it must be absolute, below /, and without ..")
        return self.root.joinpath(*parts[1:])

    def find(self, path: str) -> bytes | None:
        """Give the content of a file, or ``None`` when there is no such file."""
        try:
            return self.at(path).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, path: str, content: str | bytes, mode: int = 0o644) -> bool:
        """Make the file so and tell whether it had to change.

        A reader sees the old file or the new one, and the new one has its mode from the first byte.
        """
        place, wanted = self.at(path), content.encode() if isinstance(content, str) else content
        if self._is(place, wanted, mode):
            return False
        self._replace(place, io.BytesIO(wanted), mode)
        return True

    def lay(self, path: str, content: IO[bytes], mode: int) -> str:
        """Make the file so, as ``write`` does but without a look at the old one, and give its SHA-256."""
        return self._replace(self.at(path), content, mode)

    def stamp(self, path: str) -> str | None:
        """Give what changes whenever somebody writes to the file, replaces it or changes its mode or label.

        ``None`` when there is no such file.
        """
        try:
            found = self.at(path).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return f"{found.st_ino} {found.st_size} {found.st_mode:o} {found.st_mtime_ns} {found.st_ctime_ns}"

    def remove(self, path: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self.at(path).unlink()

    @staticmethod
    def _replace(place: Path, content: IO[bytes], mode: int) -> str:
        place.parent.mkdir(parents=True, exist_ok=True)
        new = place.with_name(f".{place.name}.new")
        # A new file left behind by a killed agent may have another mode.
        new.unlink(missing_ok=True)
        digest = hashlib.sha256()
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode & 0o600), "wb") as file:
            while chunk := content.read(CHUNK):
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        new.replace(place)
        return digest.hexdigest()

    @staticmethod
    def _is(place: Path, content: bytes, mode: int) -> bool:
        with contextlib.suppress(FileNotFoundError):
            return stat.S_IMODE(place.stat().st_mode) == mode and place.read_bytes() == content
        return False
