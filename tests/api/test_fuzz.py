# SPDX-License-Identifier: Apache-2.0
"""Whatever is sent, the answer is one of ours and never a failure of the server."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from magnum_lite.api.v1.clusters_views import ClusterWish
from magnum_lite.api.v1.clustertemplates_views import DEFAULTS
from tests.api.service import TEMPLATE, Service

SOME = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner))
cluster_fields = st.sampled_from([name for name in vars(ClusterWish) if not name.startswith("_")])
template_fields = st.sampled_from([*TEMPLATE, *DEFAULTS, "labels", "tags"])
paths = st.builds("/{}{}".format, template_fields, st.sampled_from(["", "/a", "/a/b", "/0", "/-"]))
operations = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "replace", "remove", "test"]), "path": paths | st.text(max_size=10)},
    optional={"value": values},
)


def _template(service: Service) -> str:
    """Give the UUID of the only template, made when there is none."""
    listed = service.call("GET", "/v1/clustertemplates").json["clustertemplates"]
    return str(listed[0]["uuid"]) if listed else service.template()


def _send(service: Service, method: str, path: str, body: Any) -> None:
    answer = service.call(method, path, data=json.dumps(body).encode())

    assert answer.status_code < 500, (body, answer.text)


@SOME
@given(fields=st.dictionaries(cluster_fields, values, max_size=4))
def test_a_cluster_of_anything(service: Service, fields: dict[str, Any]) -> None:
    _send(service, "POST", "/v1/clusters", {"cluster_template_id": _template(service), **fields})


@SOME
@given(fields=st.dictionaries(template_fields, values, max_size=4))
def test_a_template_of_anything(service: Service, fields: dict[str, Any]) -> None:
    _send(service, "POST", "/v1/clustertemplates", {**TEMPLATE, **fields})


@SOME
@given(body=st.lists(operations, max_size=4) | values)
def test_a_patch_of_anything(service: Service, body: Any) -> None:
    _send(service, "PATCH", f"/v1/clustertemplates/{_template(service)}", body)


@SOME
@given(path=st.text(max_size=20), query=st.text(max_size=20))
def test_a_url_of_anything(service: Service, path: str, query: str) -> None:
    target = f"/v1/{quote(path, errors='replace')}?{quote(query, safe='=&', errors='replace')}"
    assert service.call("GET", target).status_code < 500
