# SPDX-License-Identifier: Apache-2.0
"""Units run as processes of this machine, each seeing what its container would see, and outlive the agent."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from magnum_lite.agent.errors import HostFailed
from magnum_lite.nodeconf import Binary, Source
from tests import lacking
from tests.agent.rooms import Machine, machine, wait_for

SERVED = "served.service"
PREPARED = "prepared.service"
PRIVILEGED = "privileged.service"
AS_NOBODY = "import locale, os; from magnum_lite.agent.rooms import keeper; os.setuid(65534); exit(keeper.main(['/']))"
HOST_PROGRAM = "host-program.service"
TOOL = Binary("tool", {"amd64": Source("https://127.0.0.1/serve", "0" * 64)}, {"": "/usr/local/bin/serve"})


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Machine]:
    with machine(tmp_path / "root") as found:
        yield found


def line(node: Machine, begin: str) -> str:
    wait_for(lambda: begin in node.log(SERVED))
    return next(one for one in node.log(SERVED).splitlines() if one.startswith(begin))


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists() and ") Z " not in Path(f"/proc/{pid}/stat").read_text()


def test_a_unit_runs_with_the_words_of_its_command_line(node: Machine) -> None:
    node.run(SERVED)

    assert line(node, "words: ") == "words: --name=two words --more"
    assert node.host.is_active(SERVED)


def test_a_container_has_the_user_and_privileges_that_its_unit_gives_it(node: Machine) -> None:
    node.run(SERVED)

    assert line(node, "user: ") == "user: 65534, capabilities: 0000000000000000"


def test_a_container_sees_its_volumes_and_nothing_else_of_the_node(node: Machine) -> None:
    node.run(SERVED)
    seen = set(line(node, "root: ").removeprefix("root: ").split())

    wait_for(lambda: "hello" in node.log(SERVED))
    assert {"/srv", "/data"} <= seen
    assert not seen & {"/root", "/home", str(Path("/", node.disk.root.parts[1])), "/var/lib"} - {"/tmp"}  # noqa: S108


def test_what_comes_before_the_start_happens_on_the_node(node: Machine) -> None:
    node.run(SERVED)

    assert node.disk.at("/var/lib/served").stat().st_mode & 0o777 == 0o700


def test_a_oneshot_is_over_when_its_start_returns(node: Machine) -> None:
    node.run(PREPARED)

    assert node.disk.find("/var/lib/prepared/prepared") == b"prepared by two words\n"
    assert node.host.is_active(PREPARED)


def test_a_failed_start_says_how_it_ended_and_where_its_log_is(node: Machine) -> None:
    node.tell(NAME="x", STATUS="4")

    with pytest.raises(HostFailed, match=r"prepared.service failed: .* status 4; its log is .*prepared.service.log"):
        node.run(PREPARED)


def test_a_missing_file_of_variables_fails_the_unit(node: Machine) -> None:
    node.disk.remove("/etc/served.env")

    with pytest.raises(HostFailed, match=r"served.service failed: its environment file /etc/served.env is missing"):
        node.run(SERVED)


def test_a_missing_volume_is_told_in_the_log(node: Machine) -> None:
    node.disk.at("/var/lib/prepared").rmdir()

    with pytest.raises(HostFailed, match="status 127"):
        node.run(PREPARED)
    assert "/var/lib/prepared of a volume is not there" in node.log(PREPARED)


def test_a_process_that_dies_is_started_again(node: Machine) -> None:
    node.run(SERVED)
    line(node, "hello")
    node.host.room.send(SERVED, signal.SIGKILL)

    wait_for(lambda: node.log(SERVED).count("hello") == 2)
    wait_for(lambda: node.host.is_active(SERVED))


def test_a_unit_that_always_dies_is_not_active_for_long_and_never_given_up(node: Machine) -> None:
    node.serve("die\n")
    node.run(SERVED)

    wait_for(lambda: node.host.room.read()[SERVED].starts > 2)


def test_a_stopped_unit_stays_stopped(node: Machine) -> None:
    node.run(SERVED)
    line(node, "hello")
    node.host.stop(SERVED)
    time.sleep(0.3)

    assert not node.host.is_active(SERVED)
    assert node.host.room.read()[SERVED].starts == 1


def test_a_process_that_does_not_heed_is_killed_after_its_time(node: Machine) -> None:
    node.serve("stubborn\n")
    node.run(SERVED)
    line(node, "stubborn")

    begun = time.monotonic()
    node.host.stop(SERVED)

    assert node.host.room.read()[SERVED].code == -signal.SIGKILL
    assert 1.0 <= time.monotonic() - begun < 6.0


def test_what_runs_outlives_the_agent_and_is_known_to_the_next(node: Machine) -> None:
    node.run(SERVED)
    pid = node.host.room.read()[SERVED].pid

    assert node.agent().is_active(SERVED)
    assert node.host.room.read()[SERVED].pid == pid


def test_all_that_runs_ends_with_its_room(node: Machine) -> None:
    node.run(SERVED)
    line(node, "hello")
    keeper = node.host.room.keeper()
    assert keeper is not None
    node.host.room.end()

    wait_for(lambda: not is_alive(keeper))
    assert str(node.disk.root) not in Path("/proc/mounts").read_text()
    assert not node.host.is_active(SERVED)


def test_a_room_ends_with_the_process_it_belongs_to(tmp_path: Path) -> None:
    with (
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as owner,
        machine(tmp_path / "root", owner=owner.pid) as node,
    ):
        node.run(SERVED)
        keeper = node.host.room.keeper()
        assert keeper is not None
        owner.kill()
        owner.wait()

        wait_for(lambda: not is_alive(keeper))


def test_nothing_is_mounted_on_the_machine_itself(node: Machine) -> None:
    node.run(SERVED)

    assert str(node.disk.root) not in Path("/proc/mounts").read_text()


def test_a_unit_without_a_program_only_pretends_to_run(node: Machine) -> None:
    node.means = replace(node.means, programs=())
    node.agent()
    node.run(SERVED)

    assert node.host.is_active(SERVED)
    assert SERVED not in node.host.room.read()
    node.host.stop(SERVED)
    assert not node.host.is_active(SERVED)


@pytest.mark.parametrize("name", [PRIVILEGED, HOST_PROGRAM])
def test_what_would_change_the_machine_itself_only_pretends_to_run(node: Machine, name: str) -> None:
    node.run(name)

    assert node.host.room.read() == {}


def test_a_whole_node_runs_programs_of_the_node_itself(node: Machine) -> None:
    node.means = replace(node.means, is_whole_node=True)
    node.agent().fetch(TOOL)
    node.run(HOST_PROGRAM)

    assert node.host.has_binary(TOOL)
    wait_for(lambda: "words: --of-the-node" in node.log(HOST_PROGRAM))


def test_a_binary_that_was_changed_is_not_there(node: Machine) -> None:
    node.means = replace(node.means, is_whole_node=True)
    node.agent().fetch(TOOL)
    node.disk.write("/usr/local/bin/serve", "another", 0o755)

    assert not node.host.has_binary(TOOL)


def test_a_download_is_found_among_files_by_its_sum(node: Machine, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "any-name").write_text("hello\n")
    node.means = replace(node.means, downloads=tmp_path / "files")
    # The SHA-256 of "hello\n".
    wanted = Source("https://127.0.0.1/x", "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03")

    assert node.agent().download(wanted) == b"hello\n"
    with pytest.raises(HostFailed, match="has no file with the SHA-256"):
        node.host.download(replace(wanted, sha256="0" * 64))


def test_a_faulty_unit_is_refused_for_good(node: Machine) -> None:
    node.write(SERVED)
    node.disk.write(f"/etc/systemd/system/{SERVED}", "[Service]\nExecStart='no end")

    with pytest.raises(HostFailed, match=r"unit served.service cannot be read: a quote") as caught:
        node.host.reload()
        node.host.start(SERVED)
    assert caught.value.is_final


def test_only_root_can_make_rooms(tmp_path: Path) -> None:
    lacking.root("only root can become another user")
    done = subprocess.run([sys.executable, "-c", AS_NOBODY], capture_output=True, text=True, timeout=20, check=False)

    assert done.returncode == 1
    assert done.stderr == "only root may run units as processes, because each node has mounts of its own\n"
