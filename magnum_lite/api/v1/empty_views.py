# SPDX-License-Identifier: Apache-2.0
"""The shape of a query that takes no argument."""

from wsme import types as wtypes


class NoQuery(wtypes.Base):  # type: ignore[misc]
    """Nothing."""
