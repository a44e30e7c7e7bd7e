# SPDX-License-Identifier: Apache-2.0
"""The user who asks for a client certificate, and what policy lets that certificate say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Signee:
    """``groups`` are the values of O that may be asked for, ``names`` those of CN.

    ``None`` is every group, or name, that is not Kubernetes' own.
    """

    user_id: str
    request_id: str
    groups: Sequence[str] | None = None
    names: Sequence[str] | None = None
