# SPDX-License-Identifier: Apache-2.0
"""Examples of the document, asked of a real service.

``python -m tests.api.examples`` writes the answers into those files whose answers are missing or have another shape.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from werkzeug.test import TestResponse

from magnum_lite.api.fields import Document
from magnum_lite.api.openapi.examples import Example, example_of
from magnum_lite.api.openapi.names import operation_id
from magnum_lite.api.openapi.security import NODE, security_of
from magnum_lite.api.root import TABLE
from magnum_lite.api.routes import Route
from magnum_lite.api.rules import ADMIN
from tests.api.service import Service
from tests.api.world import NODE_TOKEN, new_world

FOLDER = Path(__file__).parents[2] / "magnum_lite/api/openapi/examples"
HERE, THERE = "http://localhost", "http://magnum.example.com:9511"


def ask(service: Service, route: Route, example: Example) -> TestResponse:
    """Send an example's request as somebody who may."""
    return service.call(
        route.method,
        f"{route.path.format(**example.path)}?{urlencode(example.query)}",
        example.request,
        user=None,
        version=example.version,
        headers=credentials_of(route),
    )


def credentials_of(route: Route) -> dict[str, str]:
    """Give the headers of somebody who may use a route."""
    if any(NODE in one for one in security_of(route)):
        return {"Authorization": f"Bearer {NODE_TOKEN}"}
    return {"X-Auth-Token": "admin" if route.rule is not None and route.rule.default == ADMIN else "demo"}


def body_of(route: Route, example: Example, answer: TestResponse) -> Any:
    """Give an answer's body; of a document that is described elsewhere only what the example shows of it."""
    body = json.loads(answer.text.replace(HERE, THERE)) if answer.data else None
    if isinstance(route.answer, Document) and example.response is not None:
        return {name: body.get(name) for name in example.response}
    return body


def shape_of(value: Any) -> Any:
    """Give what two answers to the same request have in common: names, kinds of values, the first entry of lists."""
    if isinstance(value, dict):
        return {name: shape_of(one) for name, one in sorted(value.items())}
    if isinstance(value, list):
        return [shape_of(one) for one in value[:1]]
    return type(value).__name__


def write() -> None:
    for route in TABLE.routes:
        path = FOLDER / f"{operation_id(route)}.json"
        example = example_of(route)
        with tempfile.TemporaryDirectory() as folder:
            service = new_world(Path(folder))
            answer = ask(service, route, example)
            service.close()
        if answer.status_code != route.status_code:
            raise SystemExit(f"{path.name}: {answer.status_code} {answer.text}")
        body = body_of(route, example, answer)
        if shape_of(body) != shape_of(example.response):
            kept = json.loads(path.read_text())
            path.write_text(json.dumps({**kept, "response": body}, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    write()
