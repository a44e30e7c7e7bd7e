# SPDX-License-Identifier: Apache-2.0
"""The document that describes this API, open to everybody."""

from __future__ import annotations

import functools
import hashlib
import json

from magnum_lite.api.current import answer, environ
from magnum_lite.api.fields import Document
from magnum_lite.api.openapi.document import document
from magnum_lite.api.routes import expose

IF_NONE_MATCH = "The `ETag` of the document that one has."


@expose(
    "GET /v1/openapi.json",
    Document(),
    rule=None,
    instead={304: "The document that one has is still right."},
    headers={"If-None-Match": IF_NONE_MATCH},
)
def get() -> bytes | None:
    """Give the OpenAPI 3.1 document of this API."""
    text, tag = _rendered()
    answer().headers["ETag"] = tag
    if environ().get("HTTP_IF_NONE_MATCH") == tag:
        answer().status = 304
        return None
    return text


@functools.cache
def _rendered() -> tuple[bytes, str]:
    """Give the document and its tag; neither changes while the process lives."""
    # The table of all routes has this one in it, so it can be looked at only when everything is imported.
    from magnum_lite.api.root import TABLE

    text = json.dumps(document(TABLE.routes)).encode()
    return text, f'"{hashlib.sha256(text).hexdigest()[:32]}"'
