# SPDX-License-Identifier: Apache-2.0
"""Clusters come back as they were written, with few statements, and go without a trace."""

import contextlib
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from magnum_lite import model
from magnum_lite.errors import Conflict, InvalidField, NotFound
from magnum_lite.model import Cluster
from magnum_lite.model.defaults import Requester, new_operation
from magnum_lite.model.states import Verb
from magnum_lite.store import authorities, changes, clusters, events, reservations, secrets
from magnum_lite.store.engine import Store
from magnum_lite.store.paging import Page
from magnum_lite.store.secrets import Kept
from tests.builders import NOW, REQUESTER, a_cluster

PROJECT = REQUESTER.project_id


@contextlib.contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """Gather the statements that are sent, without those that begin transactions."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    sa.event.listen(store.engine, "before_cursor_execute", note)
    yield seen
    sa.event.remove(store.engine, "before_cursor_execute", note)


def put(store: Store, *rows: model.Base) -> None:
    with store.write() as session:
        session.add_all(rows)


def test_a_cluster_comes_back_with_its_nodes_in_two_statements(store: Store) -> None:
    written = a_cluster(master_count=3, node_count=3)
    put(store, written)

    with store.read() as session, statements(store) as sent:
        found = clusters.get(session, PROJECT, written.uuid)

    assert [(node.nodegroup_name, node.index) for node in found.nodes] == [
        (name, index) for name in ("default-master", "default-worker") for index in range(3)
    ]
    assert found.created_at == NOW
    assert len(sent) == 2


def test_the_cluster_of_a_node_is_found_with_two_statements(store: Store) -> None:
    written = a_cluster(master_count=3, node_count=3)
    put(store, a_cluster(name="another"), written)

    with store.read() as session, statements(store) as sent:
        found = clusters.get_of_node(session, written.nodes[4].uuid)

    assert (found.uuid, len(found.nodes), len(sent)) == (written.uuid, 6, 2)


def test_a_node_that_is_not_there_has_no_cluster(store: Store) -> None:
    with store.read() as session, pytest.raises(NotFound, match="Node"):
        clusters.get_of_node(session, "3f6d1d0e-0000-4000-8000-000000000000")


def test_a_list_takes_three_statements_whatever_its_length(store: Store) -> None:
    put(store, *[a_cluster(name=f"k{number}", node_count=2) for number in range(30)])

    with store.read() as session, statements(store) as sent:
        found = clusters.list_(session, PROJECT, Page(), with_nodes=True)

    assert [len(cluster.nodes) for cluster in found.rows] == [3] * 30
    assert len(sent) <= 3


def test_another_projects_cluster_is_not_found(store: Store) -> None:
    cluster = a_cluster()
    put(store, cluster)

    with store.read() as session, pytest.raises(NotFound, match=cluster.uuid):
        clusters.get(session, "another-project", cluster.uuid)


def test_a_name_that_two_clusters_have_is_a_conflict(store: Store) -> None:
    put(store, a_cluster(name="twin"), a_cluster(name="twin"))

    with store.read() as session, pytest.raises(Conflict, match="twin"):
        clusters.get(session, PROJECT, "twin")


@pytest.mark.parametrize("sort_key", ["id", "name", "keypair", "created_at", "uuid", "master_lb_enabled"])
@pytest.mark.parametrize("sort_dir", ["asc", "desc"])
def test_pages_hold_every_cluster_once(store: Store, sort_key: str, sort_dir: str) -> None:
    put(
        store,
        *[
            a_cluster(name=f"k{n % 3}", keypair=None if n % 2 else f"key{n % 4}", master_lb_enabled=n % 3 == 1)
            for n in range(9)
        ],
    )

    seen: list[Cluster] = []
    for _ in range(5):
        marker = seen[-1].uuid if seen else None
        page = Page(limit=2, marker=marker, sort_key=sort_key, sort_dir=sort_dir)
        with store.read() as session:
            part = clusters.list_(session, PROJECT, page, with_nodes=False)
        seen += part.rows
        assert part.has_more == (len(seen) < 9)

    assert len({cluster.uuid for cluster in seen}) == len(seen) == 9
    values = [getattr(cluster, sort_key) for cluster in seen if getattr(cluster, sort_key) is not None]
    assert values == sorted(values, reverse=sort_dir == "desc")


def test_a_filtered_list_comes_in_parts_with_no_more_statements(store: Store) -> None:
    written = [a_cluster(name=f"k{number % 2}", node_count=2) for number in range(6)]
    written[2].status, written[4].health_status = "CREATE_COMPLETE", "HEALTHY"
    put(store, *written)

    found = []
    for filters in ({"name": "k0"}, {"name": "k0", "status": "CREATE_COMPLETE"}, {"health_status": "HEALTHY"}):
        with store.read() as session, statements(store) as sent:
            found.append(clusters.list_(session, PROJECT, Page(limit=2, filters=filters), with_nodes=True))
        assert len(sent) <= 3
    marker = found[0].rows[-1].uuid
    with store.read() as session, statements(store) as sent:
        rest = Page(limit=2, marker=marker, filters={"name": "k0"})
        found.append(clusters.list_(session, PROJECT, rest, with_nodes=True))

    uuids = [one.uuid for one in written]
    expected = [(uuids[0:4:2], True), ([uuids[2]], False), ([uuids[4]], False), ([uuids[4]], False)]
    assert [([row.uuid for row in part.rows], part.has_more) for part in found] == expected
    assert len(sent) <= 3


def test_nodes_are_counted_with_masters_in_one_project_or_in_all(store: Store) -> None:
    elsewhere = Requester("another-project", "user", "req-2")
    put(store, a_cluster(master_count=3, node_count=2), a_cluster(node_count=0), a_cluster(requester=elsewhere))

    with store.read() as session:
        counts = [
            (clusters.count(session, project), clusters.count_nodes(session, project))
            for project in (PROJECT, "another-project", "a-third-one", None)
        ]

    assert counts == [(2, 6), (1, 2), (0, 0), (3, 8)]
    assert {type(nodes) for _, nodes in counts} == {int}


def test_an_unknown_sort_key_is_named_with_what_is_allowed(store: Store) -> None:
    with store.read() as session, pytest.raises(InvalidField, match=r"'colour' for sort_key: it must be one of .*name"):
        clusters.list_(session, PROJECT, Page(sort_key="colour"), with_nodes=False)


def test_removing_a_cluster_leaves_no_row_of_it(store: Store) -> None:
    gone, kept = a_cluster(name="gone"), a_cluster(name="kept")
    put(store, gone, kept, new_operation(gone, Verb.CREATE, REQUESTER, now=NOW))
    with store.write() as session:
        reservations.add(session, gone.uuid, NOW)
        authorities.put(session, gone.uuid, {"kubernetes": "PEM"}, NOW)
        secrets.add_if_absent(session, f"{gone.uuid}-user", gone.uuid, Kept("database", b"secret"))
        events.add(session, gone.uuid, now=NOW, kind="cluster", resource="gone", reason="r", message="m")

    with store.write() as session:
        clusters.remove(session, gone.uuid)

    with store.read() as session:
        left = {
            table.name: session.scalar(sa.select(sa.func.count()).select_from(table))
            for table in model.Base.metadata.sorted_tables
        }
    assert {name: count for name, count in left.items() if count} == {"cluster": 1, "nodegroup": 2, "node": 2}


def test_only_changed_columns_are_written(store: Store) -> None:
    cluster = a_cluster(node_count=3)
    put(store, cluster)
    with store.read() as session:
        mine = clusters.get(session, PROJECT, cluster.uuid)
        theirs = clusters.get(session, PROJECT, cluster.uuid)
    with store.write() as session:
        session.execute(sa.update(model.Node).values(state="ready"))

    mine.workers[0].address = "127.0.0.9"
    with store.write() as session, statements(store) as sent:
        changes.write(session, mine.nodes)
    changes.forget(mine.nodes)

    with store.read() as session:
        now = clusters.get(session, PROJECT, cluster.uuid)
    assert [(node.state, node.address) for node in now.workers] == [
        ("ready", "127.0.0.9"),
        ("ready", None),
        ("ready", None),
    ]
    assert len(sent) == 1
    assert not changes.are_pending([*mine.nodes, *theirs.nodes])
