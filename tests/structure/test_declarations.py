# SPDX-License-Identifier: Apache-2.0
"""What is declared is used: every route has a rule, every label an effect."""

import re

from magnum_lite.api.root import TABLE
from tests.structure import source

# Discovery and the document are for everybody; a node proves itself with a token of its own.
WITHOUT_RULE = re.compile(r"/?$|/v1/?$|/v1/openapi\.json$|/v1/agent/")


def test_every_route_has_a_rule() -> None:
    open_to_all = [route.path for route in TABLE.routes if route.rule is None and not WITHOUT_RULE.match(route.path)]

    assert open_to_all == []


def test_every_label_has_an_effect() -> None:
    folder = source.ROOT / "magnum_lite" / "drivers" / "k8s_fcos"
    labels = folder / "labels.py"
    declared = re.findall(r"^([A-Z_]+) = Label\(", labels.read_text(), re.MULTILINE)
    users = "\n".join(path.read_text() for path in folder.rglob("*.py") if path != labels)

    assert [name for name in declared if not re.search(rf"\b{name}\b", users)] == []
