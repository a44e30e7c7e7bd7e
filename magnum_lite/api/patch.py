# SPDX-License-Identifier: Apache-2.0
"""JSON patches: applied to a document, with what may not be touched refused first."""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import jsonpatch

from magnum_lite.api.fields import literal
from magnum_lite.api.v1.patch_views import PatchOperation
from magnum_lite.errors import BadRequest, InvalidField

MAX_OPERATIONS = 100


def apply(
    document: Mapping[str, Any], operations: Sequence[PatchOperation], *, kept: Collection[str]
) -> dict[str, Any]:
    """Give the changed document; the fields of ``kept`` may be replaced but not removed.

    Values of fields that hold an object or a list may be Python literals in text, as some clients send them. Raises
    ``BadRequest`` with the operation that cannot be done.
    """
    if len(operations) > MAX_OPERATIONS:
        raise InvalidField("the body of the request", len(operations), f"it takes at most {MAX_OPERATIONS} operations")
    changed = copy.deepcopy(dict(document))
    for operation in operations:
        _check(document, operation, kept)
        changed = _apply_one(changed, operation)
    return changed


def _check(document: Mapping[str, Any], operation: PatchOperation, kept: Collection[str]) -> None:
    if operation.field not in document:
        allowed = ", ".join(f"/{name}" for name in sorted(document))
        raise InvalidField("path", operation.path, f"it must be one of {allowed}")
    is_whole = operation.path == f"/{operation.field}"
    empties = operation.op == "remove" or operation.to_operation()["value"] is None
    if is_whole and empties and operation.field in kept:
        raise InvalidField("path", operation.path, "it cannot be removed")


def _apply_one(document: dict[str, Any], operation: PatchOperation) -> dict[str, Any]:
    if operation.op == "remove" and operation.path == f"/{operation.field}":
        return {**document, operation.field: None}
    wanted = operation.to_operation()
    if isinstance(document[operation.field], dict | list) and isinstance(wanted.get("value"), str):
        wanted["value"] = _object(operation, wanted["value"])
    try:
        return dict(jsonpatch.apply_patch(document, [wanted]))
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, TypeError, KeyError, ValueError):
        raise BadRequest(f"The patch cannot be applied: {operation.op} at {operation.path} does not fit") from None


def _object(operation: PatchOperation, text: str) -> Any:
    """Read text as an object or a list where a whole field is set; below the field text is just text."""
    if operation.path != f"/{operation.field}":
        return text
    try:
        return literal(text)
    except ValueError as error:
        raise InvalidField(operation.field, text, str(error)) from None
