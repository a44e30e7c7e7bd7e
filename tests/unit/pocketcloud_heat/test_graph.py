# SPDX-License-Identifier: Apache-2.0
"""The order in which resources are made."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.heat import graph


@st.composite
def requirements(draw: st.DrawFn) -> dict[str, set[str]]:
    """Draw a graph without circles: each node requires only nodes before it."""
    size = draw(st.integers(0, 12))
    return {str(n): {str(one) for one in draw(st.sets(st.integers(0, n - 1)))} if n else set() for n in range(size)}


@given(requirements())
def test_each_resource_comes_after_all_it_requires(requires: dict[str, set[str]]) -> None:
    ordered = graph.order(requires)

    assert sorted(ordered) == sorted(requires)
    assert all(ordered.index(needed) < ordered.index(name) for name, all_ in requires.items() for needed in all_)


@given(requirements())
def test_turning_the_arrows_twice_changes_nothing(requires: dict[str, set[str]]) -> None:
    assert graph.reverse(graph.reverse(requires)) == requires


def test_a_circle_is_refused_and_named() -> None:
    requires = {"first": set(), "a": {"b", "first"}, "b": {"c"}, "c": {"a"}, "last": {"a"}}

    with pytest.raises(CloudFault) as raised:
        graph.order(requires)

    assert raised.value.kind == "CircularDependencyException"
    assert "a: requires b" in raised.value.message
    assert "last" not in raised.value.message
