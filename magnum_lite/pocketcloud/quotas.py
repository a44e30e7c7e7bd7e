# SPDX-License-Identifier: Apache-2.0
"""How much of each resource a project may have."""

from collections.abc import Mapping
from typing import Any

from magnum_lite.pocketcloud import errors


class Quotas:
    """Limits by project; -1 is no limit. The caller holds the cloud's lock."""

    def __init__(self, defaults: Mapping[str, int]) -> None:
        self.defaults = dict(defaults)
        self._own: dict[str, dict[str, int]] = {}

    def of(self, project_id: str) -> dict[str, int]:
        """Give every limit of the project."""
        return {**self.defaults, **self._own.get(project_id, {})}

    def exceeded(self, project_id: str, resource: str, used: int, wanted: int = 1) -> bool:
        """Tell whether so much more would be too much."""
        limit = self.of(project_id)[resource]
        return limit >= 0 and used + wanted > limit

    def change(self, project_id: str, values: Mapping[str, Any]) -> None:
        """Set some limits; unknown resources are left out, and a value that is no whole number from -1 up is a 400."""
        for key, value in values.items():
            if key in self.defaults and (isinstance(value, bool) or not isinstance(value, int) or value < -1):
                raise errors.bad_request(
                    f"Invalid input for {key}. Reason: '{value}' is not a whole number, -1 or more."
                )
        own = {key: value for key, value in values.items() if key in self.defaults}
        self._own.setdefault(project_id, {}).update(own)

    def reset(self, project_id: str) -> None:
        """Go back to the defaults."""
        self._own.pop(project_id, None)
