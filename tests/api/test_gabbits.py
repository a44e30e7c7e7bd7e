# SPDX-License-Identifier: Apache-2.0
"""The files of ``gabbits``: each is an arc of use, told request by request.

In ``gabbits/carried_out`` what is asked of a cluster is brought to its end at once.
"""

from __future__ import annotations

import sys
import unittest
from pathlib import Path

import pytest
from gabbi import suitemaker, utils
from gabbi.handlers import RESPONSE_HANDLERS

from tests.api.service import Service

GABBITS = Path(__file__).parent / "gabbits"


@pytest.mark.parametrize("name", sorted(str(path.relative_to(GABBITS)) for path in GABBITS.rglob("*.yaml")))
def test_requests_are_answered_as_the_file_says(name: str, service: Service) -> None:
    if name.startswith("carried_out"):
        service.conductor.work = service.carry_out
    arc = suitemaker.test_suite_from_dict(
        unittest.TestLoader(),
        name,
        utils.load_yaml(yaml_file=str(GABBITS / name)),
        str(GABBITS),
        "api.test",
        80,
        sys.modules[__name__],
        lambda: service.app,
        handlers=[handler() for handler in RESPONSE_HANDLERS],
        test_loader_name=__name__,
    )
    result = unittest.TestResult()
    arc.run(result)

    assert result.testsRun > 0
    said = [f"{test.id()}: {trace}" for test, trace in result.failures + result.errors]
    assert not said, "\n".join(said)
