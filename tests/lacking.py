# SPDX-License-Identifier: Apache-2.0
"""A test that lacks what it needs on this machine is skipped with the reason, and fails with REQUIRE_ALL=1."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest


def lack(reason: str) -> NoReturn:
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def program(name: str) -> str:
    """Give the path of an installed program."""
    found = shutil.which(name)
    return lack(f"{name} is not installed") if found is None else found


def root(reason: str) -> None:
    """Go on for root alone."""
    if os.geteuid() != 0:
        lack(reason)
