# SPDX-License-Identifier: Apache-2.0
"""Variables for units: systemd reads back exactly what was written."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from magnum_lite.api.fields import Text
from magnum_lite.drivers.k8s_fcos import environment
from tests.drivers.machine import read_by_systemd

# A variable may hold all but what the last tests are about.
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs", "Cn")))


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


@pytest.mark.parametrize("character", ["\0", "\ud800", "\ufdd0", "\uffff", "\U0001fffe"])
def test_what_systemd_does_not_read_is_refused(character: str) -> None:
    with pytest.raises(ValueError, match=f"a variable cannot hold the character {ord(character):#x}"):
        environment.render({"A": f"before{character}after"})


def test_users_are_told_of_such_a_character_with_their_request() -> None:
    reserved = [
        *range(0xFDD0, 0xFDF0),
        *(plane + end for plane in range(0, 0x110000, 0x10000) for end in (0xFFFE, 0xFFFF)),
    ]

    for code in (0, 0xD800, 0xDFFF, *reserved):
        with pytest.raises(ValueError, match="without control characters"):
            Text().validate(f"before{chr(code)}after")


@pytest.mark.parametrize("character", ["\ufdd0", "\uffff", "\U0001fffe"])
def test_systemd_does_not_read_what_is_refused(character: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        read_by_systemd(f'A="before"\nB="{character}"\n', "B", tmp_path)
