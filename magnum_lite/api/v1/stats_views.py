# SPDX-License-Identifier: Apache-2.0
"""The wire shapes of statistics."""

from __future__ import annotations

from wsme import types as wtypes

from magnum_lite.api import wire
from magnum_lite.api.fields import Choice, Text


class StatsQuery(wtypes.Base):  # type: ignore[misc]
    """``type`` can only be ``cluster``; without ``project_id`` all is counted that the requester may see."""

    project_id = wtypes.wsattr(Text())
    type = wtypes.wsattr(Choice("cluster"))

    def to_project(self) -> str | None:
        asked: str | None = wire.given(self).get("project_id")
        return asked


class Stats(wtypes.Base):  # type: ignore[misc]
    """How many clusters there are in every status, and how many nodes they shall have, masters among them."""

    clusters = int
    nodes = int
