# SPDX-License-Identifier: Apache-2.0
"""Files are replaced whole, with the right mode, and never outside the root."""

import stat
from pathlib import Path

import pytest

from magnum_lite.agent.disk import Disk
from magnum_lite.agent.errors import BadDocument


def test_a_file_is_written_with_its_mode_and_folders(tmp_path: Path) -> None:
    changed = Disk(tmp_path).write("/etc/deep/secret", "text", 0o640)

    place = tmp_path / "etc/deep/secret"
    assert changed
    assert place.read_text() == "text"
    assert stat.S_IMODE(place.stat().st_mode) == 0o640


def test_the_same_content_is_not_written_again(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    disk.write("/a", "text")
    before = (tmp_path / "a").stat()

    assert disk.write("/a", "text") is False
    assert (tmp_path / "a").stat().st_ino == before.st_ino


def test_another_mode_is_a_change(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    disk.write("/a", "text", 0o644)

    assert disk.write("/a", "text", 0o600) is True
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


def test_what_a_killed_agent_left_half_written_is_no_obstacle(tmp_path: Path) -> None:
    left = tmp_path / ".a.new"
    left.write_text("hal")
    left.chmod(0o666)

    Disk(tmp_path).write("/a", "whole", 0o600)

    assert (tmp_path / "a").read_text() == "whole"
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600
    assert not left.exists()


def test_a_reader_of_the_old_file_keeps_the_old_file(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    disk.write("/a", "old")

    with (tmp_path / "a").open() as reader:
        disk.write("/a", "new")

        assert reader.read() == "old"


def test_a_missing_file_is_none_and_removed_twice(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    disk.write("/a", "text")

    disk.remove("/a")
    disk.remove("/a")

    assert disk.find("/a") is None


@pytest.mark.parametrize("path", ["etc/relative", "/../outside", "/etc/../../outside", "/", "", "/nul\0"])
def test_a_path_that_is_not_below_the_root_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(BadDocument, match="it must be absolute, below /, and without"):
        Disk(tmp_path).at(path)
