# SPDX-License-Identifier: Apache-2.0
"""Which errors a route can answer with: those that follow from its declaration, and those it declares itself."""

from __future__ import annotations

import inspect

from wsme import types as wtypes

from magnum_lite import errors
from magnum_lite.api import paths
from magnum_lite.api.openapi.security import needs_token
from magnum_lite.api.routes import Route

ErrorKind = type[errors.MagnumLiteError]

SENTENCES = {
    400: "A part of the request is malformed or has a value that is not allowed; the sentence says which and what is.",
    401: "The token is missing or not valid.",
    403: "The requester may not do this.",
    404: "A thing that the request names does not exist, or belongs to another project.",
    406: "The API does not speak this microversion, or this route came with a later one.",
    409: "The request does not fit the state of things now.",
    413: "The body of the request is too large.",
    503: "A service that the API depends on does not answer now; the same request may work later.",
}


def errors_of(route: Route) -> dict[int, list[ErrorKind]]:
    """Give the errors of a route by status, in the order of statuses."""
    found: dict[int, list[ErrorKind]] = {}
    for kind in (*_following(route), *route.raises):
        kinds = found.setdefault(kind.code, [])
        if kind not in kinds:
            kinds.append(kind)
    return dict(sorted(found.items()))


def sentence_of(status: int, kinds: list[ErrorKind]) -> str:
    """Say when a status is answered, with the codes it may carry and what errors of their own say of themselves."""
    codes = ", ".join(f"`{kind.slug}`" for kind in kinds)
    general = SENTENCES.get(status) or " ".join(_own_sentence(kind) for kind in kinds)
    return f"{general} Code: {codes}."


def _following(route: Route) -> list[ErrorKind]:
    kinds: list[ErrorKind] = [errors.BadRequest, errors.NotAcceptable]
    if route.query is not None or route.body is not None:
        kinds.append(errors.InvalidField)
    if needs_token(route):
        kinds += [errors.Unauthorized, errors.ServiceUnavailable]
    if not paths.is_public(route.path):
        kinds.append(errors.Forbidden)
    if "{" in route.path or _is_paged(route):
        kinds.append(errors.NotFound)
    if "{ident}" in route.path:
        # A name may be that of several things.
        kinds.append(errors.Conflict)
    if route.body is not None:
        kinds.append(errors.TooLarge)
    return kinds


def _is_paged(route: Route) -> bool:
    """Say whether a query can name the item where the list goes on, which may not exist."""
    return route.query is not None and any(one.name == "marker" for one in wtypes.list_attributes(route.query))


def _own_sentence(kind: ErrorKind) -> str:
    return (inspect.getdoc(kind) or kind.__name__).partition("\n")[0]
