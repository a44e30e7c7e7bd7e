# SPDX-License-Identifier: Apache-2.0
"""The last step of a delete."""

from __future__ import annotations

from magnum_lite.conductor.look import Look
from magnum_lite.store import clusters


def remove_rows(look: Look) -> None:
    """Make every row of the cluster gone, its events, operations and reservation too."""
    look.write(lambda session: clusters.remove(session, look.cluster.uuid))
