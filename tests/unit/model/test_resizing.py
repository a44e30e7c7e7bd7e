# SPDX-License-Identifier: Apache-2.0
"""Who goes and who comes when a nodegroup gets another size."""

import datetime

import pytest

from magnum_lite.errors import InvalidField
from magnum_lite.model import Cluster, Nodegroup
from magnum_lite.model.resizing import check_bounds, resize
from magnum_lite.model.states import NodeState
from tests.builders import NOW, a_cluster

SERVER = "5f1e7a52-0c0e-4b9e-9d7e-0d3b0a6f00"


def a_group(count: int) -> tuple[Cluster, Nodegroup]:
    """Give a cluster and its workers, all of them ready on servers whose IDs end in their indices."""
    cluster = a_cluster(node_count=count)
    group = cluster.default_workers
    for node in group.nodes:
        node.server_id, node.address = f"{SERVER}{node.index:02}", f"127.32.0.{node.index}"
        node.state, node.reported_generation = NodeState.READY.value, node.generation
    return cluster, group


def staying(group: Nodegroup) -> list[int]:
    return [node.index for node in group.nodes if not node.is_leaving]


def test_more_nodes_get_indices_that_were_never_used() -> None:
    cluster, group = a_group(3)
    resize(cluster, group, 1, ["2", "1"], NOW)

    leaving, coming = resize(cluster, group, 3, [], NOW)

    assert (leaving, [node.index for node in coming]) == ([], [3, 4])
    assert (staying(group), group.node_count) == ([0, 3, 4], 3)


def test_fewer_nodes_take_the_newest_first() -> None:
    cluster, group = a_group(4)

    leaving, _ = resize(cluster, group, 2, [], NOW)

    assert ([node.index for node in leaving], group.node_count) == ([3, 2], 2)


def test_nodes_that_failed_or_never_came_up_go_before_those_that_work() -> None:
    cluster, group = a_group(4)
    group.nodes[0].server_id = None
    group.nodes[1].state = NodeState.FAILED.value

    leaving, _ = resize(cluster, group, 2, [], NOW)

    assert [node.index for node in leaving] == [1, 0]


@pytest.mark.parametrize(
    "name",
    [f"{SERVER}01", f"{SERVER}01".upper(), f"{SERVER}01".replace("-", ""), "1", "127.32.0.1"],
)
def test_a_node_is_named_by_its_server_in_any_form_its_index_or_its_address(name: str) -> None:
    cluster, group = a_group(3)

    resize(cluster, group, 2, [name], NOW)

    assert staying(group) == [0, 2]


def test_a_named_node_is_replaced_where_the_number_stays() -> None:
    cluster, group = a_group(2)

    leaving, coming = resize(cluster, group, 2, [group.nodes[0].name], NOW)

    assert ([node.index for node in leaving], [node.index for node in coming]) == ([0], [2])
    assert group.node_count == 2


def test_a_node_named_twice_goes_once() -> None:
    cluster, group = a_group(3)

    resize(cluster, group, 2, ["1", f"{SERVER}01"], NOW)

    assert staying(group) == [0, 2]


def test_a_node_that_is_leaving_already_takes_nobody_with_it() -> None:
    cluster, group = a_group(3)
    resize(cluster, group, 2, ["1"], NOW)

    leaving, coming = resize(cluster, group, 2, ["1"], NOW)

    assert (leaving, coming, staying(group)) == ([], [], [0, 2])


@pytest.mark.parametrize("name", ["7", "", f"{SERVER}99", "127.32.0.99", "k8s"])
def test_a_name_that_is_no_nodes_is_refused_and_nobody_goes(name: str) -> None:
    cluster, group = a_group(3)

    with pytest.raises(InvalidField, match="nodes_to_remove"):
        resize(cluster, group, 2, ["1", name], NOW)

    assert staying(group) == [0, 1, 2]


def test_nobody_goes_who_was_not_named() -> None:
    cluster, group = a_group(4)

    with pytest.raises(InvalidField, match="1 more of the 4 nodes go"):
        resize(cluster, group, 2, ["1"], NOW)

    assert staying(group) == [0, 1, 2, 3]


@pytest.mark.parametrize(("least", "most", "count", "said"), [(2, 5, 1, "2 to 5"), (0, 3, 4, "0 to 3")])
def test_a_size_out_of_bounds_is_refused_with_the_bounds(least: int, most: int, count: int, said: str) -> None:
    _, group = a_group(3)
    group.min_node_count, group.max_node_count = least, most

    with pytest.raises(InvalidField, match=said):
        check_bounds(group, count)


def test_new_nodes_are_of_the_time_they_were_asked_for() -> None:
    cluster, group = a_group(1)
    later = NOW + datetime.timedelta(hours=1)

    _, (node,) = resize(cluster, group, 2, [], later)

    assert (node.created_at, node.state, node.token_hash) == (later, "wanted", None)
