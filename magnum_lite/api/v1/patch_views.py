# SPDX-License-Identifier: Apache-2.0
"""The wire shape of one operation of a JSON patch (RFC 6902)."""

from __future__ import annotations

from typing import Any

from wsme import types as wtypes

from magnum_lite.api.fields import Anything, Choice, Field, Text


class PatchOperation(wtypes.Base):  # type: ignore[misc]
    """``add``, ``replace`` or ``remove`` at a path like ``/name`` or ``/labels/kube_tag``; a patch has 100 at most."""

    op = wtypes.wsattr(Choice("add", "replace", "remove"), mandatory=True)
    path = wtypes.wsattr(Text(pattern=r"(/[\w.-]+)+"), mandatory=True)
    value = Field(Anything(), "What the field is set to; null takes its value away, as `remove` does.")

    @property
    def field(self) -> str:
        """The field of the document that the path lies in."""
        return str(self.path).split("/")[1]

    def to_operation(self) -> dict[str, Any]:
        value = {} if self.op == "remove" else {"value": None if self.value is wtypes.Unset else self.value}
        return {"op": self.op, "path": self.path, **value}
