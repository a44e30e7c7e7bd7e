# SPDX-License-Identifier: Apache-2.0
"""What the agent does about etcd when the others answer something else than a healthy cluster of three."""

from pathlib import Path

import pytest

from magnum_lite.agent import wish
from magnum_lite.agent.disk import Disk
from magnum_lite.agent.errors import BadDocument, HostFailed
from magnum_lite.agent.etcd import Etcd, Member
from magnum_lite.agent.phases.membership import View
from magnum_lite.agent.web import Trust
from magnum_lite.nodeconf import Membership

MEMBERS = tuple(Member(str(n), f"m{n}", f"https://127.0.10.{n}:2380", f"https://127.0.10.{n}:2379") for n in range(5))


def view(healthy: int) -> View:
    urls = [one.url for one in MEMBERS[1 : healthy + 1]]
    return View(Etcd("https://127.0.10.1:2379", Trust()), MEMBERS, frozenset(urls))


def test_a_member_is_not_removed_when_no_majority_would_go_on() -> None:
    with pytest.raises(HostFailed, match="m0 is not removed: 2 others are healthy, and 3 of 5 are needed"):
        view(2).check_quorum(MEMBERS[0])


def test_a_member_is_removed_when_a_majority_goes_on() -> None:
    view(3).check_quorum(MEMBERS[0])


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ('m0"\nSTATE="new', "https://127.0.10.1:2380"),
        ("m0", "http://127.0.10.1:2380"),
        ("m0", "https://127.0.10.1:2380,m9=https://127.0.10.9:2380"),
        ("m0", 'https://127.0.10.1:2380"'),
    ],
)
def test_a_document_with_a_member_that_says_more_than_a_name_and_a_url_is_refused(
    tmp_path: Path, name: str, url: str
) -> None:
    membership = Membership("etcd.service", name, {name: url}, {}, "/data", "/etcd", "/ca.crt", "/env", may_begin=True)

    with pytest.raises(BadDocument, match="Invalid member"):
        wish.check_membership(membership, Disk(tmp_path))


def test_a_document_whose_node_is_no_member_is_refused(tmp_path: Path) -> None:
    members = {"m1": "https://127.0.10.1:2380"}
    membership = Membership("etcd.service", "m0", members, {}, "/data", "/etcd", "/ca.crt", "/env", may_begin=True)

    with pytest.raises(BadDocument, match="m0 is not among etcd's members m1"):
        wish.check_membership(membership, Disk(tmp_path))
