# SPDX-License-Identifier: Apache-2.0
"""Requests made up from the document, fitting it and not: whatever is sent, the document knows the answer."""

from __future__ import annotations

import enum
import functools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from magnum_lite.api.openapi.examples import Example, example_of
from magnum_lite.api.openapi.names import operation_id
from magnum_lite.api.openapi.security import NODE, security_of
from magnum_lite.api.root import TABLE
from magnum_lite.api.routes import Route
from tests.api.answers import check_safe, the_document
from tests.api.examples import credentials_of
from tests.api.service import Service
from tests.api.world import NODE_TOKEN, new_world

# The number of all requests stays the same however many routes there are, and so does the time they take.
REQUESTS = 2000
EACH = settings(
    max_examples=max(20, REQUESTS // len(TABLE.routes)),
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
KEYSTONE_TOKENS = ("demo", "demo", "demo", "admin", "admin", "reader", "other", "stranger", "unscoped", "mallory", None)
NODE_TOKENS = (f"Bearer {NODE_TOKEN}", f"Bearer {NODE_TOKEN}", "Bearer wrong", "Basic x", None)


class Aim(enum.Enum):
    """How near a request is to its route's example."""

    ANYWHERE = "made up"
    WHAT_EXISTS = "the example's path and body, but for some fields"
    EXAMPLE = "its query, token and microversion too"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Service]:
    made = new_world(tmp_path)
    made.conductor.work = made.carry_out
    yield made
    made.close()


@pytest.mark.parametrize("route", TABLE.routes, ids=operation_id)
def test_whatever_is_sent_is_answered_as_documented(route: Route, world: Service) -> None:
    example = example_of(route)
    operation = _schema()[route.path][route.method]
    cases = st.one_of([operation.as_strategy(generation_mode=mode) for mode in GenerationMode])
    seen: Counter[int] = Counter()

    @EACH
    @given(case=cases, headers=_headers(route), aim=st.sampled_from(Aim), kept=st.integers(0, 3))
    def send(case: Any, headers: dict[str, str], aim: Aim, kept: int) -> None:
        if aim is not Aim.ANYWHERE:
            _point(case, example, kept)
        if aim is Aim.EXAMPLE:
            case.query = dict(example.query)
            headers = {**credentials_of(route), "OpenStack-API-Version": f"container-infra {example.version}"}
        answer = case.call(base_url="http://localhost", headers=headers, app=world.app)
        seen[answer.status_code] += 1
        check_safe(answer.status_code, answer.text, sent=_sent(answer))
        case.validate_response(answer, checks=CHECKS)

    send()

    assert seen[route.status_code] > 0, seen


@functools.cache
def _schema() -> Any:
    return schemathesis.openapi.from_dict(the_document())


def _headers(route: Route) -> st.SearchStrategy[dict[str, str]]:
    as_node = any(NODE in one for one in security_of(route))
    name, tokens = ("Authorization", NODE_TOKENS) if as_node else ("X-Auth-Token", KEYSTONE_TOKENS)
    return st.sampled_from(tokens).map(lambda token: {} if token is None else {name: token})


def _point(case: Any, example: Example, kept: int) -> None:
    """Let a request hit what exists: the example's path, and its body but for some fields that are made up."""
    case.path_parameters = dict(example.path)
    if isinstance(example.request, dict):
        made_up = list(case.body.items())[:kept] if isinstance(case.body, dict) else []
        case.body = {**example.request, **dict(made_up)}
    elif isinstance(example.request, list):
        made_up = case.body[:kept] if isinstance(case.body, list) else []
        case.body = [*example.request, *made_up]


def _sent(answer: Any) -> str:
    """Give what an answer may repeat of its request."""
    body = answer.request.body or b""
    return f"{answer.request.url} {body.decode(errors='replace') if isinstance(body, bytes) else body}"
