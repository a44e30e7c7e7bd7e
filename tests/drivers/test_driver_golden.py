# SPDX-License-Identifier: Apache-2.0
"""A rendering changes only on purpose: ``python -m tests.drivers.parts`` writes what is expected anew."""

import pytest

from tests.drivers import parts


@pytest.mark.parametrize("name", list(parts.VARIANTS))
def test_a_rendering_is_as_it_was(name: str) -> None:
    folder = parts.GOLDEN / name
    expected = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}

    assert expected == dict(parts.rendered(name))
