# SPDX-License-Identifier: Apache-2.0
"""Whatever is sent, the answer is one of ours, never a failure of the server, and tells nothing of our insides."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from magnum_lite.api.v1.clusters_views import ClusterWish
from magnum_lite.api.v1.clustertemplates_views import DEFAULTS
from tests.api.answers import check_safe
from tests.api.service import TEMPLATE, Service
from tests.api.world import new_world

FIXTURE = [HealthCheck.function_scoped_fixture]
SOME = settings(max_examples=100, deadline=None, derandomize=True, database=None, suppress_health_check=FIXTURE)
MANY = settings(SOME, max_examples=500)

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner))
cluster_fields = st.sampled_from([name for name in vars(ClusterWish) if not name.startswith("_")])
template_fields = st.sampled_from([*TEMPLATE, *DEFAULTS, "labels", "tags"])
paths = st.builds("/{}{}".format, template_fields, st.sampled_from(["", "/a", "/a/b", "/0", "/-", "/kube_tag"]))
operations = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "replace", "remove", "test"]), "path": paths | st.text(max_size=10)},
    optional={"value": values},
)
changes = [
    "node_count",
    "health_status",
    "health_status_reason",
    "max_node_count",
    "node_labels",
    "node_taints",
    "name",
]
cluster_paths = st.builds("/{}{}".format, st.sampled_from(changes), st.sampled_from(["", "", "/a", "/0", "/-/key"]))
# What fits is among it, so that more than the first check is reached.
fitting = st.sampled_from(
    [0, 1, 3, "2", "HEALTHY", {"api": "ok"}, "{'a': 'b'}", [{"key": "a", "effect": "NoSchedule"}]]
)
cluster_operations = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "replace", "remove"]), "path": cluster_paths}, optional={"value": fitting | values}
)
label_names = st.sampled_from(["kube_tag", "auto_healing_enabled", "kube_tga", ""]) | st.text(max_size=10)
label_values = scalars | st.sampled_from(["v1.35.4", "true", "False", "", "'", "\u2028", "\x00", "%s%n", "$(id)"])
labels = st.dictionaries(label_names, label_values, max_size=5)
# Clients send labels as an object, as a Python literal in a text, or as anything.
written_labels = labels | labels.map(str) | labels.map(json.dumps) | values


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Service]:
    made = new_world(tmp_path)
    yield made
    made.close()


@pytest.fixture
def template(world: Service) -> str:
    """Give the UUID of a template that no cluster uses; patches may change its name."""
    return str(world.call("GET", "/v1/clustertemplates/spare").json["uuid"])


def _send(service: Service, method: str, path: str, body: Any, version: str | None = None) -> None:
    data = json.dumps(body).encode()
    answer = service.call(method, path, data=data, version=version)

    check_safe(answer.status_code, answer.text, sent=data.decode())


@SOME
@given(fields=st.dictionaries(cluster_fields, values, max_size=4))
def test_a_cluster_of_anything(world: Service, fields: dict[str, Any]) -> None:
    _send(world, "POST", "/v1/clusters", {"cluster_template_id": "fcos", **fields})


@SOME
@given(fields=st.dictionaries(template_fields, values, max_size=4))
def test_a_template_of_anything(world: Service, fields: dict[str, Any]) -> None:
    _send(world, "POST", "/v1/clustertemplates", {**TEMPLATE, **fields})


@MANY
@given(body=st.lists(operations, max_size=4) | values)
def test_a_patch_of_anything(world: Service, template: str, body: Any) -> None:
    _send(world, "PATCH", f"/v1/clustertemplates/{template}", body)


@MANY
@given(
    target=st.sampled_from(["k8s", "k8s/nodegroups/gpu", "k8s/nodegroups/default-master"]),
    body=st.lists(cluster_operations, max_size=4) | values,
    version=st.sampled_from(["1.9", "1.14"]),
)
def test_a_patch_of_anything_for_a_cluster(world: Service, target: str, body: Any, version: str) -> None:
    world.conductor.work = world.carry_out
    _send(world, "PATCH", f"/v1/clusters/{target}", body, version=version)


@MANY
@given(said=written_labels, merges=st.sampled_from([True, False, "True", "no", None]))
def test_labels_of_anything_for_a_cluster(world: Service, said: Any, merges: Any) -> None:
    wish = {"cluster_template_id": "fcos", "labels": said, "merge_labels": merges}
    _send(world, "POST", "/v1/clusters", wish)


@MANY
@given(said=written_labels, op=st.sampled_from(["add", "replace"]))
def test_labels_of_anything_in_a_patch(world: Service, template: str, said: Any, op: str) -> None:
    _send(world, "PATCH", f"/v1/clustertemplates/{template}", [{"op": op, "path": "/labels", "value": said}])


@SOME
@given(path=st.text(max_size=20), query=st.text(max_size=20))
def test_a_url_of_anything(world: Service, path: str, query: str) -> None:
    target = f"/v1/{quote(path, errors='replace')}?{quote(query, safe='=&', errors='replace')}"
    answer = world.call("GET", target)

    check_safe(answer.status_code, answer.text, sent=f"{path} {query}")
