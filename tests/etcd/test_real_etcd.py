# SPDX-License-Identifier: Apache-2.0
"""Real etcd members, started from our units with our certificates, form a cluster and come back when they were lost."""

import pytest

from magnum_lite.agent.errors import CallFailed, HostFailed
from magnum_lite.agent.web import Call, Trust, send
from magnum_lite.model import Cluster
from magnum_lite.model.states import Status
from tests.etcd.machines import NEWER_FLAGS, SECONDS, Master, Masters, until

KEY, VALUE = "/registry/secrets/default/one", "kept"


def is_complete(cluster: Cluster) -> None:
    cluster.status = Status.CREATE_COMPLETE


def lose(master: Master) -> None:
    """Kill a member and take away its data."""
    master.stop()
    master.wipe()


def rejoin(master: Master) -> None:
    master.settle()
    master.start()
    master.await_health()


def test_the_units_of_three_masters_make_one_cluster(masters: Masters) -> None:
    masters.begin()

    first, second, third = masters.all
    first.put(KEY, VALUE)
    until(lambda: (second.get(KEY), third.get(KEY)) == (VALUE, VALUE), "all members have the value")
    names = {one.name for one in first.etcd.members()}
    assert names == {one.node.name for one in masters.all}


def test_etcd_runs_with_every_flag_of_the_unit_that_it_knows(masters: Masters) -> None:
    (unit,) = (one for one in masters.all[0].document.units if one.name == "etcd.service")
    arguments = unit.content.partition("${IMAGE}")[2].partition("\nExecStop")[0]
    given = {word.partition("=")[0] for word in arguments.split() if word.startswith("--")}

    run = {word.partition("=")[0] for word in masters.all[0].host.command(masters.all[0].document)}

    assert given - run <= NEWER_FLAGS


@pytest.mark.parametrize("profile", ["etcd", "apiserver-etcd-client"])
def test_a_client_with_a_certificate_of_etcds_authority_is_let_in(masters: Masters, profile: str) -> None:
    masters.begin()

    answer = masters.all[0].ask("range", {"key": "YQ=="}, masters.all[1].trust(profile))
    assert "header" in answer


def test_a_client_without_a_certificate_is_refused(masters: Masters) -> None:
    masters.begin()
    nobody = Trust(masters.all[0].trust("etcd").authority)

    with pytest.raises(CallFailed, match=r"certificate required|bad certificate|reset|closed|EOF"):
        send(Call("GET", f"{masters.all[0].url}/health", {}), nobody, timeout=10)


def test_a_client_with_a_certificate_of_another_authority_is_refused(masters: Masters) -> None:
    masters.begin()

    with pytest.raises(CallFailed, match=r"bad certificate|unknown ca|reset|closed|EOF|decrypt error"):
        masters.all[0].ask("range", {"key": "YQ=="}, masters.all[0].trust("scheduler"))


def test_a_member_that_was_killed_and_wiped_comes_back_with_all_data(masters: Masters) -> None:
    masters.begin()
    masters.keep()
    is_complete(masters.cluster)
    lost, other = masters.all[0], masters.all[1]
    other.put(KEY, VALUE)
    before = {one.name: one.ident for one in other.etcd.members()}

    lose(lost)
    other.await_health()
    other.put("while-away", "too")
    rejoin(lost)

    until(lambda: (lost.get(KEY), lost.get("while-away")) == (VALUE, "too"), "the lost member has all data")
    after = {one.name: one.ident for one in other.etcd.members()}
    assert before.keys() == after.keys()
    assert {name for name in after if after[name] != before[name]} == {lost.node.name}


def test_members_can_be_lost_one_after_the_other(masters: Masters) -> None:
    masters.begin()
    masters.keep()
    is_complete(masters.cluster)
    masters.all[0].put(KEY, VALUE)

    for one in masters.all[:2]:
        lose(one)
        rejoin(one)
        masters.keep()

    assert {one.get(KEY) for one in masters.all} == {VALUE}


def test_a_wiped_member_does_not_start_before_it_was_taken_back(masters: Masters) -> None:
    masters.begin()
    masters.keep()
    lost = masters.all[0]

    lose(lost)
    lost.start()

    assert lost.host.process is not None
    assert lost.host.process.wait(SECONDS) != 0


def test_a_member_that_was_only_killed_starts_with_its_data_and_its_identity(masters: Masters) -> None:
    masters.begin()
    before = masters.all[1].etcd.members()
    killed = masters.all[0]

    killed.stop()
    rejoin(killed)

    assert masters.all[1].etcd.members() == before
    assert killed.environment == {"MEMBERS": "", "STATE": "existing"}


def test_a_member_that_comes_late_to_a_beginning_joins_it(masters: Masters) -> None:
    first, second, late = masters.all
    masters.begin(first, second)

    rejoin(late)

    assert late.environment["STATE"] == "existing"
    assert len(first.etcd.members()) == 3


def test_a_new_master_takes_the_place_of_one_that_is_gone(masters: Masters) -> None:
    masters.begin()
    masters.keep()
    is_complete(masters.cluster)
    gone = masters.all[2]
    masters.all[0].put(KEY, VALUE)

    gone.stop()
    gone.node.name, gone.node.index = f"{gone.node.name}-again", 7
    masters.place(gone.node, 7)
    fresh = masters.a_master(gone.node)
    masters.all.append(fresh)
    rejoin(fresh)

    until(lambda: fresh.get(KEY) == VALUE, "the new master has the data")
    names = {one.name for one in masters.all[0].etcd.members()}
    assert names == {one.node.name for one in masters.all[:2]} | {fresh.node.name}


def test_with_a_majority_lost_nothing_is_removed_and_nothing_begins(masters: Masters) -> None:
    masters.begin()
    masters.keep()
    is_complete(masters.cluster)
    lose(masters.all[0])
    lose(masters.all[1])

    with pytest.raises(HostFailed, match="data on this node is lost and no other member answers"):
        masters.all[0].try_once()
    assert masters.all[0].environment == {"MEMBERS": "", "STATE": "existing"}


def test_a_fresh_machine_of_an_old_cluster_does_not_begin_another_one(masters: Masters) -> None:
    is_complete(masters.cluster)

    with pytest.raises(HostFailed, match="etcd has no data on this node and no other member answers"):
        masters.all[0].try_once()


def test_what_lies_there_without_a_log_is_kept_under_another_name(masters: Masters) -> None:
    masters.begin()
    masters.keep()
    lost = masters.all[0]
    lost.stop()
    for log in (lost.data / "member" / "wal").glob("*.wal"):
        log.unlink()

    rejoin(lost)

    (aside,) = lost.data.parent.glob("data-without-log-*")
    assert (aside / "member" / "snap" / "db").exists()
