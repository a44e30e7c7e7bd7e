# SPDX-License-Identifier: Apache-2.0
"""Names for what a user left unnamed."""

from __future__ import annotations

import random

LETTERS = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu")


def random_name(kind: str) -> str:
    """Give a name such as ``kappa-7-cluster``; it need not be unique."""
    return f"{random.choice(LETTERS)}-{random.randint(1, 24)}-{kind}"  # noqa: S311 - no secret
