# SPDX-License-Identifier: Apache-2.0
"""Lists of checksums as they are published: tables, and files that lie beside downloads."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from magnum_lite.releases.image_names import DIGEST

SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
BESIDE = (".sha256", ".sha256sum")


@dataclass(frozen=True)
class Digest:
    """An image's digest, and who published it."""

    digest: str
    source: str


def digests(table: Path, *, trusted: str) -> dict[str, Digest]:
    """Read a table with the columns image, tag, digest and source; what another source says is left out."""
    return {
        f"{row['image']}:{row['tag']}": Digest(row["digest"], row["source"])
        for row in _rows(table, ("image", "tag", "digest", "source"))
        if DIGEST.fullmatch(row["digest"] or "") and (row["source"] or "").startswith(trusted)
    }


class Sums:
    """The SHA-256 of downloads by their URL: from tables with the columns url and sha256, or from folders.

    A folder holds what projects publish, as a mirror lays it: ``HOST/PATH.sha256`` (or ``.sha256sum``) beside where
    the download itself would be, or one file that lists all downloads of its folder.
    """

    def __init__(self, places: Iterable[Path]) -> None:
        places = list(places)
        self._folders = [place for place in places if place.is_dir()]
        self._known: dict[str, str] = {}
        for table in places:
            if table not in self._folders:
                rows = _rows(table, ("url", "sha256"))
                self._known.update((row["url"], row["sha256"]) for row in rows if SHA256.fullmatch(row["sha256"] or ""))

    def find(self, url: str) -> str | None:
        listed = (found for folder in self._folders if (found := _published(folder, url)))
        return self._known.get(url) or next(listed, None)


def _published(folder: Path, url: str) -> str | None:
    parts = urlsplit(url)
    there = folder / parts.netloc / parts.path.lstrip("/")
    for end in BESIDE:
        beside = there.with_name(there.name + end)
        if beside.is_file():
            return _sum_of(there.name, beside, alone=True)
    lists = sorted(path for end in BESIDE for path in there.parent.glob(f"*{end}"))
    return next((found for path in lists if (found := _sum_of(there.name, path, alone=False))), None)


def _sum_of(name: str, path: Path, *, alone: bool) -> str | None:
    """Find a name in lines of ``SUM  NAME``; the only line of a file beside a download may be just the sum."""
    for line in path.read_text().splitlines():
        total, *named = line.split()[:2] or [""]
        if SHA256.fullmatch(total) and (named[0].lstrip("*").rpartition("/")[2] == name if named else alone):
            return total
    return None


def _rows(table: Path, columns: Iterable[str]) -> list[Mapping[str, str]]:
    with table.open(newline="") as file:
        reader = csv.DictReader(file, delimiter="\t")
        missing = [name for name in columns if name not in (reader.fieldnames or ())]
        if missing:
            raise SystemExit(f"{table}: the table has no column {missing[0]}")
        return list(reader)
