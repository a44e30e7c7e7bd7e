# SPDX-License-Identifier: Apache-2.0
"""Variables for units: systemd reads back exactly what was written."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from magnum_lite.drivers.k8s_fcos import environment
from tests.drivers.machine import read_by_systemd

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)))


def read(text: str) -> dict[str, str]:
    """Read quoted assignments as systemd does (its source: src/basic/env-file.c, double quotes)."""
    found, rest = {}, text
    while rest:
        name, _, rest = rest.partition('="')
        value = ""
        while not rest.startswith('"'):
            if rest[0] == "\\" and rest[1] in '"\\`$':
                rest = rest[1:]
            value, rest = value + rest[0], rest[1:]
        found[name], rest = value, rest.removeprefix('"\n')
    return found


@given(
    st.dictionaries(
        st.from_regex(r"[A-Z_]{1,5}", fullmatch=True),
        TEXT,
    )
)
def test_any_value_comes_back(values: dict[str, str]) -> None:
    assert read(environment.render(values)) == values


@settings(max_examples=25, deadline=None)
@given(TEXT)
def test_systemd_itself_reads_any_value_back(value: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = read_by_systemd(environment.render({"A": "before", "B": value, "C": "after"}), "ABC", Path(folder))

    assert found == {"A": "before", "B": value, "C": "after"}


def test_a_text_that_utf_8_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogates not allowed"):
        environment.render({"A": "\ud800"})


def test_a_nul_character_is_refused() -> None:
    with pytest.raises(ValueError, match="NUL"):
        environment.render({"A": "\0"})
