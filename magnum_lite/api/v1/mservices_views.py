# SPDX-License-Identifier: Apache-2.0
"""The wire shape of services."""

from __future__ import annotations

import datetime
from typing import Self

from wsme import types as wtypes

from magnum_lite.model import Service


class MService(wtypes.Base):  # type: ignore[misc]
    """One process of ours; ``state`` is ``up`` or ``down``."""

    id = int
    host = str
    binary = str
    state = str
    report_count = int
    disabled = bool
    disabled_reason = str
    created_at = datetime.datetime
    updated_at = datetime.datetime

    @classmethod
    def of(cls, row: Service, *, is_up: bool) -> Self:
        return cls(
            id=row.id,
            host=row.host,
            binary=row.binary,
            state="up" if is_up else "down",
            report_count=row.report_count,
            disabled=row.disabled,
            disabled_reason=row.disabled_reason,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )


class MServices(wtypes.Base):  # type: ignore[misc]
    mservices = [MService]
