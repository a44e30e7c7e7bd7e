# SPDX-License-Identifier: Apache-2.0
"""The request being answered: who asks, in which version, and what the service was built with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pecan

from magnum_lite.api.deps import ApiDeps
from magnum_lite.api.versions import Version
from magnum_lite.context import RequestContext
from magnum_lite.model.defaults import Requester

DEPS = "magnum_lite.deps"
CONTEXT = "magnum_lite.context"
VERSION = "magnum_lite.version"
JUDGEMENTS = "magnum_lite.judgements"


def environ() -> dict[str, Any]:
    return cast("dict[str, Any]", pecan.request.environ)


def deps() -> ApiDeps:
    return cast(ApiDeps, environ()[DEPS])


def context() -> RequestContext:
    return cast(RequestContext, environ()[CONTEXT])


def judgements() -> dict[tuple[Any, ...], bool]:
    """Give what policy has said in this request already, by rule, project and user."""
    judged: dict[tuple[Any, ...], bool] = environ().setdefault(JUDGEMENTS, {})
    return judged


def requester(roles: Sequence[str] = ()) -> Requester:
    """Give who asks as rows record it; ``roles`` are those a new cluster's user shall be given."""
    asker = context()
    return Requester(str(asker.project_id), str(asker.user_id), asker.request_id, roles)


def version() -> Version:
    return cast(Version, environ()[VERSION])


def application_url() -> str:
    """Give the URL under which the requester reached the service, without a slash at the end."""
    return cast(str, pecan.request.application_url).rstrip("/")


def answer() -> Any:
    """Give the answer being made, to set a header or another status."""
    return pecan.response


def warn(sentence: str) -> None:
    """Tell the requester something that is no error (RFC 7234 5.5)."""
    said = sentence.replace("\\", "\\\\").replace('"', '\\"')
    pecan.response.headers.add("Warning", f'299 magnum-lite "{said}"')
