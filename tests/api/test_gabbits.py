# SPDX-License-Identifier: Apache-2.0
"""The files of ``gabbits``: each is an arc of use, told request by request."""

from __future__ import annotations

import sys
import unittest
from pathlib import Path

import pytest
from gabbi import suitemaker, utils
from gabbi.handlers import RESPONSE_HANDLERS

from tests.api.service import Service

GABBITS = Path(__file__).parent / "gabbits"


@pytest.mark.parametrize("name", sorted(path.stem for path in GABBITS.glob("*.yaml")))
def test_requests_are_answered_as_the_file_says(name: str, service: Service) -> None:
    arc = suitemaker.test_suite_from_dict(
        unittest.TestLoader(),
        name,
        utils.load_yaml(yaml_file=str(GABBITS / f"{name}.yaml")),
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
