# SPDX-License-Identifier: Apache-2.0
"""The programs of a node: laid from verified downloads, remembered as they were laid, and proven by that."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import logging
import os
import stat
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO

from magnum_lite.agent.disk import Disk
from magnum_lite.agent.errors import HostFailed
from magnum_lite.agent.machine import source_of
from magnum_lite.agent.state import FOLDER
from magnum_lite.nodeconf import Binary, Source

LOG = logging.getLogger(__name__)
RECORD_FILE = f"{FOLDER}/programs.json"
LARGEST_MEMBER = 1024**3
MODE = 0o755
PLAIN = ""

Open = Callable[[Source], contextlib.AbstractContextManager[IO[bytes]]]


@dataclass(frozen=True)
class Laid:
    """One program as it was laid: the download and member it is from, its own SHA-256 and its stamp on the disk."""

    source: str
    member: str
    sha256: str
    stamp: str


class Programs:
    """Programs below the disk's root; ``download`` opens a verified download, ``label`` sees each laid path."""

    def __init__(self, disk: Disk, download: Open, label: Callable[[str], None] = lambda path: None) -> None:
        self._disk = disk
        self._download = download
        self._label = label

    def has(self, binary: Binary) -> bool:
        """Tell whether every program is the one that was laid; one whose stamp changed is read to know it."""
        source, record = source_of(binary), self._record()
        for member, path in binary.paths.items():
            laid = record.get(path)
            if laid is None or (laid.source, laid.member) != (source.sha256, member) or not self._is(path, laid):
                return False
        return True

    def fetch(self, binary: Binary) -> None:
        """Download for this machine and lay all programs; nothing is laid of a download that lacks one."""
        source = source_of(binary)
        with self._download(source) as file, _members(file, binary, source) as members:
            for path, (member, content) in members.items():
                sha256 = self._disk.lay(path, content, MODE)
                self._label(path)
                self._remember(path, Laid(source.sha256, member, sha256, self._disk.stamp(path) or ""))
        LOG.info("%s is laid from %s", binary.name, source.url)

    def _is(self, path: str, laid: Laid) -> bool:
        stamp = self._disk.stamp(path)
        if stamp is None or stamp == laid.stamp:
            return stamp is not None
        with self._disk.at(path).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if (found, mode) != (laid.sha256, MODE):
            LOG.warning("%s is not as it was laid: SHA-256 %s and mode %o", path, found, mode)
            return False
        self._remember(path, dataclasses.replace(laid, stamp=stamp))
        return True

    def _record(self) -> dict[str, Laid]:
        try:
            return {path: Laid(**one) for path, one in json.loads(self._disk.find(RECORD_FILE) or b"{}").items()}
        except (ValueError, TypeError, AttributeError) as error:
            LOG.warning("%s cannot be read, so all programs are fetched again: %s", RECORD_FILE, error)
            return {}

    def _remember(self, path: str, laid: Laid) -> None:
        record = {**self._record(), path: laid}
        text = json.dumps({one: dataclasses.asdict(record[one]) for one in sorted(record)}, indent=1)
        self._disk.write(RECORD_FILE, text, 0o600)


@contextlib.contextmanager
def _members(file: IO[bytes], binary: Binary, source: Source) -> Iterator[Mapping[str, tuple[str, IO[bytes]]]]:
    """Give the member and content for each path, in the order in which the download has them."""
    if set(binary.paths) == {PLAIN}:
        yield {binary.paths[PLAIN]: (PLAIN, file)}
        return
    try:
        with tarfile.open(fileobj=file, mode="r:gz") as archive:
            found = {one.name.removeprefix("./"): one for one in archive.getmembers()}
            chosen = sorted(binary.paths, key=lambda name: _offset(found, name, source))
            yield {binary.paths[name]: (name, _content(archive, found[name])) for name in chosen}
    except (tarfile.TarError, zlib.error, EOFError) as error:
        raise HostFailed(f"{source.url} is no readable archive: {error}", is_final=True) from error


def _offset(found: Mapping[str, tarfile.TarInfo], name: str, source: Source) -> int:
    """Give where a member lies; raise ``HostFailed`` unless it is there and may be laid."""
    member = found.get(name)
    if member is None:
        raise HostFailed(f"{source.url} has no {name}", is_final=True)
    if not member.isreg() or member.size > LARGEST_MEMBER:
        raise HostFailed(f"{source.url}: {name} is refused: it is no plain file of usual size", is_final=True)
    return member.offset_data


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = archive.extractfile(member)
    # ``isreg`` was checked, and tarfile gives every regular member a content.
    assert content is not None  # noqa: S101
    return content
