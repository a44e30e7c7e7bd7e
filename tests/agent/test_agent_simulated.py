# SPDX-License-Identifier: Apache-2.0
"""The simulated machine keeps what a real one would keep and refuses what a real one would refuse."""

from dataclasses import replace
from pathlib import Path

import pytest

from magnum_lite.agent.disk import Disk
from magnum_lite.agent.errors import AgentError
from magnum_lite.agent.pace import Pace
from magnum_lite.agent.simulated import SimulatedHost
from tests.agent.nodes import ETCD_IMAGE, ETCD_URL, KUBELET, a_unit


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    disk = Disk(tmp_path)
    disk.write("/etc/etcd/etcd.env", "ETCD_NAME=n\n")
    return disk


def a_host(disk: Disk) -> SimulatedHost:
    return SimulatedHost(disk, Pace().wait)


def test_an_image_without_a_digest_is_refused(disk: Disk) -> None:
    with pytest.raises(AgentError, match="it must be pinned by a digest"):
        a_host(disk).pull("registry.example/etcd:v3.6.8")


def test_a_pulled_image_is_known_after_a_restart(disk: Disk) -> None:
    a_host(disk).pull(ETCD_IMAGE)

    assert a_host(disk).image_digest(ETCD_IMAGE) == "sha256:" + "e" * 64


def test_a_unit_needs_its_image(disk: Disk) -> None:
    host = a_host(disk)
    host.write_unit(a_unit("etcd.service", image=ETCD_IMAGE))
    host.reload()

    with pytest.raises(AgentError, match=r"its image registry\.example/etcd.* is not on the machine"):
        host.start("etcd.service")


def test_a_unit_needs_its_environment_file(disk: Disk) -> None:
    host = a_host(disk)
    host.write_unit(a_unit("kubelet.service"))
    host.reload()

    with pytest.raises(AgentError, match=r"its environment file /etc/kubernetes/kubelet\.env is missing"):
        host.start("kubelet.service")


@pytest.mark.parametrize("is_known", [False, True])
def test_a_unit_file_that_was_not_read_again_cannot_be_started(disk: Disk, is_known: bool) -> None:
    host, unit = a_host(disk), a_unit("etcd.service")
    host.write_unit(unit)
    if is_known:
        host.reload()
        host.write_unit(replace(unit, content=f"{unit.content}# changed\n"))

    with pytest.raises(AgentError, match="systemd"):
        host.start("etcd.service")


def test_an_address_answers_while_its_unit_runs(disk: Disk) -> None:
    host = a_host(disk)
    host.write_unit(a_unit("etcd.service", ready=ETCD_URL))
    host.reload()
    answers = [host.probe(ETCD_URL)]

    host.start("etcd.service")
    answers.append(a_host(disk).probe(ETCD_URL))
    host.stop("etcd.service")
    answers.append(host.probe(ETCD_URL))

    assert answers == [False, True, False]


def test_a_oneshot_does_not_stay_active(disk: Disk) -> None:
    host = a_host(disk)
    host.write_unit(a_unit("prepare.service", ready=None))
    host.reload()

    host.start("prepare.service")

    assert not host.is_active("prepare.service")


def test_a_running_unit_cannot_be_removed(disk: Disk) -> None:
    host = a_host(disk)
    host.write_unit(a_unit("etcd.service"))
    host.reload()
    host.start("etcd.service")

    with pytest.raises(AgentError, match="still runs"):
        host.remove_unit("etcd.service")

    host.stop("etcd.service")
    host.remove_unit("etcd.service")
    assert host.units() == frozenset()


def test_a_unit_may_fail_for_a_while(disk: Disk) -> None:
    disk.write("/simulate.json", '{"fail_unit": "etcd.service", "fail_unit_times": 1}')
    host = a_host(disk)
    host.write_unit(a_unit("etcd.service"))
    host.reload()

    with pytest.raises(AgentError, match="exited with status 1"):
        host.start("etcd.service")

    host.start("etcd.service")
    assert host.is_active("etcd.service")


def test_an_unknown_wish_for_trouble_is_named(disk: Disk) -> None:
    disk.write("/simulate.json", '{"fail_pulls": "etcd"}')

    with pytest.raises(AgentError, match=r"/simulate\.json cannot be read: .*fail_pulls"):
        a_host(disk).pull(ETCD_IMAGE)


def test_a_fetched_program_is_known_after_a_restart(disk: Disk) -> None:
    a_host(disk).fetch(KUBELET)

    assert a_host(disk).has_binary(KUBELET)
    assert disk.at("/usr/local/bin/kubelet").stat().st_mode & 0o777 == 0o755


def test_a_changed_program_is_noticed(disk: Disk) -> None:
    a_host(disk).fetch(KUBELET)
    disk.write("/usr/local/bin/kubelet", "evil", 0o755)

    assert not a_host(disk).has_binary(KUBELET)


def test_a_program_of_another_version_is_another_one(disk: Disk) -> None:
    a_host(disk).fetch(KUBELET)
    newer = {name: replace(source, sha256="3" * 64) for name, source in KUBELET.sources.items()}

    assert not a_host(disk).has_binary(replace(KUBELET, sources=newer))


def test_a_download_may_be_another_one(disk: Disk) -> None:
    disk.write("/simulate.json", '{"mismatch": "kubelet"}')

    with pytest.raises(AgentError, match=r"is refused: its SHA-256 must be [12]{64}, but it is ") as error:
        a_host(disk).fetch(KUBELET)

    assert error.value.is_final
    assert disk.find("/usr/local/bin/kubelet") is None


def test_a_download_may_fail_for_a_while(disk: Disk) -> None:
    disk.write("/simulate.json", '{"fail_fetch": "kube", "fail_fetch_times": 1}')
    host = a_host(disk)

    with pytest.raises(AgentError, match="cannot be downloaded: connection reset by peer"):
        host.fetch(KUBELET)

    host.fetch(KUBELET)
    assert host.has_binary(KUBELET)
