# SPDX-License-Identifier: Apache-2.0
"""Programs are laid whole, by name, from verified downloads only, and one that somebody changed is noticed."""

from __future__ import annotations

import functools
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from magnum_lite.agent.disk import Disk
from magnum_lite.agent.download import verified
from magnum_lite.agent.errors import HostFailed
from magnum_lite.agent.machine import source_of
from magnum_lite.agent.programs import RECORD_FILE, Programs
from magnum_lite.nodeconf import Binary, Source
from tests.agent.downloads import Downloads, an_archive

PATH = "/usr/local/bin/tool"


@pytest.fixture
def downloads() -> Iterator[Downloads]:
    with Downloads().serving() as found:
        yield found


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "root")


@pytest.fixture
def programs(disk: Disk) -> Programs:
    return some_programs(disk)


@pytest.fixture
def tool(downloads: Downloads) -> Binary:
    return for_all(downloads.offer("/tool", b"tool"), {"": PATH})


def some_programs(disk: Disk) -> Programs:
    return Programs(disk, functools.partial(verified, folder=disk.at("/var/downloads")))


def for_all(source: Source, paths: dict[str, str]) -> Binary:
    return Binary("tool", {"amd64": source, "arm64": source}, paths)


def test_a_program_is_laid_for_everybody_to_run(programs: Programs, disk: Disk, tool: Binary) -> None:
    programs.fetch(tool)

    assert disk.find(PATH) == b"tool"
    assert stat.S_IMODE(disk.at(PATH).stat().st_mode) == 0o755
    assert programs.has(tool)


def test_what_is_there_is_known_after_a_restart_without_reading_it(
    programs: Programs, disk: Disk, tool: Binary, downloads: Downloads
) -> None:
    programs.fetch(tool)
    # An agent that read the file would find another digest than this one.
    digest = hashlib.sha256(b"tool").hexdigest()
    record = disk.at(RECORD_FILE).read_text()
    disk.write(RECORD_FILE, record.replace(f'"sha256": "{digest}"', '"sha256": "unread"'))

    assert some_programs(disk).has(tool)
    assert downloads.asked == ["/tool"]


def test_members_of_an_archive_are_laid_where_they_belong(programs: Programs, disk: Disk, downloads: Downloads) -> None:
    archive = an_archive({"./bin/b": b"second", "bin/a": b"first", "bin/c": b"third"})
    binary = for_all(downloads.offer("/a.tgz", archive), {"bin/a": "/opt/a", "bin/b": "/usr/bin/b"})

    programs.fetch(binary)

    assert (disk.find("/opt/a"), disk.find("/usr/bin/b")) == (b"first", b"second")
    assert sorted(path.name for path in disk.root.rglob("*") if path.is_file()) == ["a", "b", "programs.json"]
    assert programs.has(binary)


@pytest.mark.parametrize(
    ("name", "complaint"), [("bin/missing", "has no bin/missing"), ("bin/link", "bin/link is refused")]
)
def test_nothing_is_laid_of_an_archive_without_all_programs(
    programs: Programs, disk: Disk, downloads: Downloads, name: str, complaint: str
) -> None:
    archive = an_archive({"bin/a": b"first"}, links={"bin/link": "/etc/shadow"})
    binary = for_all(downloads.offer("/a.tgz", archive), {"bin/a": "/opt/a", name: "/opt/b"})

    with pytest.raises(HostFailed, match=complaint) as refusal:
        programs.fetch(binary)

    assert refusal.value.is_final
    assert disk.find("/opt/a") is None


def test_what_is_no_archive_is_refused(programs: Programs, downloads: Downloads) -> None:
    binary = for_all(downloads.offer("/a.tgz", b"no archive"), {"bin/a": "/opt/a"})

    with pytest.raises(HostFailed, match=r"/a\.tgz is no readable archive"):
        programs.fetch(binary)


def test_nothing_is_laid_of_another_download(programs: Programs, disk: Disk, downloads: Downloads) -> None:
    tampered = replace(downloads.offer("/tool", b"tampered"), sha256="ab" * 32)

    with pytest.raises(HostFailed, match="its SHA-256 must be"):
        programs.fetch(for_all(tampered, {"": PATH}))

    assert disk.find(PATH) is None


def test_a_program_of_another_version_is_not_the_one(programs: Programs, downloads: Downloads, tool: Binary) -> None:
    programs.fetch(tool)

    assert not programs.has(for_all(downloads.offer("/newer", b"newer"), {"": PATH}))


def test_a_program_that_lies_elsewhere_is_not_the_one(programs: Programs, tool: Binary) -> None:
    programs.fetch(tool)

    assert not programs.has(replace(tool, paths={"": "/usr/bin/tool"}))


def test_a_changed_program_is_noticed_even_when_it_hides_the_time(programs: Programs, disk: Disk, tool: Binary) -> None:
    programs.fetch(tool)
    place, before = disk.at(PATH), disk.at(PATH).stat()
    place.write_bytes(b"evil")
    os.utime(place, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert not some_programs(disk).has(tool)


@pytest.mark.parametrize("mode", [0o644, 0o4755, 0o777])
def test_another_mode_is_noticed(programs: Programs, disk: Disk, tool: Binary, mode: int) -> None:
    programs.fetch(tool)
    disk.at(PATH).chmod(mode)

    assert not programs.has(tool)


def test_a_program_that_was_only_touched_is_the_one(programs: Programs, disk: Disk, tool: Binary) -> None:
    programs.fetch(tool)
    disk.at(PATH).touch()

    assert programs.has(tool)


@pytest.mark.parametrize("record", ["[]", "{", '{"/usr/local/bin/tool": {}}', ""])
def test_a_lost_record_means_that_programs_are_fetched_again(
    programs: Programs, disk: Disk, tool: Binary, record: str
) -> None:
    programs.fetch(tool)
    disk.write(RECORD_FILE, record)

    assert not programs.has(tool)


def test_a_new_program_has_its_label_before_it_counts(disk: Disk, downloads: Downloads, tool: Binary) -> None:
    labelled: list[bool] = []
    download = functools.partial(verified, folder=disk.at("/var/downloads"))
    programs = Programs(disk, download, lambda path: labelled.append(disk.find(RECORD_FILE) is None))

    programs.fetch(tool)

    assert labelled == [True]


def test_a_running_program_can_be_replaced(programs: Programs, disk: Disk, tool: Binary) -> None:
    programs.fetch(tool)
    with disk.at(PATH).open("rb") as running:
        programs.fetch(tool)

        assert running.read() == b"tool"


@pytest.mark.parametrize(("machine", "name"), [("x86_64", "amd64"), ("aarch64", "arm64")])
def test_each_machine_has_its_own_download(machine: str, name: str) -> None:
    sources = {one: Source(f"https://downloads.example/{one}", "1" * 64) for one in ("amd64", "arm64")}

    assert source_of(Binary("tool", sources, {}), machine) == sources[name]


def test_a_machine_without_a_download_is_told_so() -> None:
    binary = Binary("tool", {"arm64": Source("https://downloads.example/tool", "1" * 64)}, {})

    with pytest.raises(HostFailed, match=r"tool is not there for this machine \(riscv64\), only for arm64") as error:
        source_of(binary, "riscv64")

    assert error.value.is_final
