# SPDX-License-Identifier: Apache-2.0
"""TOML that we write says what was meant, whatever the texts are."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnum_lite.drivers.k8s_fcos import toml

TEXT = st.text(st.characters(exclude_categories=("Cs",)))
VALUES = st.one_of(TEXT, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.lists(TEXT, max_size=3))
TREES = st.recursive(
    st.dictionaries(TEXT, VALUES, max_size=3),
    lambda inner: st.dictionaries(TEXT, st.one_of(VALUES, inner, st.lists(inner, min_size=1, max_size=2)), max_size=3),
    max_leaves=10,
)


@given(TREES)
def test_any_tree_comes_back(tree: dict[str, Any]) -> None:
    assert tomllib.loads(toml.render(tree)) == tree


def test_a_text_that_utf_8_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogates not allowed"):
        toml.render({"a": "\ud800"})


def test_what_toml_does_not_have_is_refused() -> None:
    with pytest.raises(TypeError, match="TOML has no NoneType"):
        toml.render({"a": None})
