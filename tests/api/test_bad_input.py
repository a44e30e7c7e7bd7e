# SPDX-License-Identifier: Apache-2.0
"""Bad input: the documented 4xx, a sentence that names field and value, and nothing written."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import Client

from magnum_lite.errors import CloudError, CloudForbidden, Forbidden
from tests.api.service import TEMPLATE, Service, error_of

CLUSTERS = (
    ({"node_count": "many"}, 400, ("node_count", "many", "whole number")),
    ({"node_count": -1}, 400, ("node_count", "-1")),
    ({"node_count": 10**30}, 400, ("node_count", "whole number")),
    ({"node_count": True}, 400, ("node_count", "True")),
    ({"node_count": 1.5}, 400, ("node_count", "1.5")),
    ({"node_count": [3]}, 400, ("node_count", "[3]")),
    ({"master_count": 0}, 400, ("master_count", "0")),
    ({"master_count": 2}, 400, ("master_count", "2", "odd")),
    ({"master_count": 3, "master_lb_enabled": False}, 400, ("master_count", "3", "master_lb_enabled")),
    ({"master_lb_enabled": "perhaps"}, 400, ("master_lb_enabled", "perhaps", "true or false")),
    ({"cluster_template_id": "none-such"}, 400, ("none-such",)),
    ({"cluster_template_id": None}, 400, ("cluster_template_id", "mandatory")),
    ({"cluster_template_id": 7}, 400, ("cluster_template_id", "7")),
    ({"name": "1st"}, 400, ("name", "1st")),
    ({"name": "a" * 243}, 400, ("name", "242")),
    ({"name": ""}, 400, ("name",)),
    ({"name": "a\nb"}, 400, ("name",)),
    ({"name": "snow☃"}, 400, ("name", "snow")),
    ({"flavor_id": "m9.none"}, 400, ("flavor_id", "m9.none")),
    ({"master_flavor_id": "m9.none"}, 400, ("master_flavor_id", "m9.none")),
    ({"keypair": "none-such"}, 404, ("none-such",)),
    ({"fixed_network": "none-such"}, 400, ("fixed_network", "none-such")),
    ({"fixed_subnet": "none-such"}, 400, ("fixed_subnet", "none-such")),
    ({"labels": "{'a'"}, 400, ("labels",)),
    ({"labels": ["a"]}, 400, ("labels", "['a']")),
    ({"labels": {"a": {"b": 1}}}, 400, ("labels",)),
    ({"labels": {"a": "x\0"}}, 400, ("labels",)),
    ({"labels": {"kube_tag": "latest"}}, 400, ("kube_tag", "latest")),
    ({"labels": {"auto_healing_enabled": "often"}}, 400, ("auto_healing_enabled", "often", "true or false")),
    ({"labels": {"boot_volume_type": "slow"}}, 400, ("label boot_volume_type", "slow")),
    ({"create_timeout": "soon"}, 400, ("create_timeout", "soon")),
    ({"docker_volume_size": 0}, 400, ("docker_volume_size", "0")),
    ({"flavour": "m1.small"}, 400, ("flavour", "flavor_id")),
    ({"status": "CREATE_COMPLETE"}, 400, ("status",)),
)


@pytest.mark.parametrize(("fields", "status", "said"), CLUSTERS, ids=[str(row[0])[:50] for row in CLUSTERS])
def test_a_bad_cluster_is_refused_and_nothing_is_written(
    service: Service, fields: dict[str, Any], status: int, said: tuple[str, ...]
) -> None:
    wish = {"name": "k8s", "cluster_template_id": service.template(), **fields}
    before = service.row_counts()
    answer = service.call("POST", "/v1/clusters", wish)

    assert answer.status_code == status
    assert [part for part in said if part not in error_of(answer)["title"]] == []
    assert service.row_counts() == before
    assert service.conductor.nudged == []


TEMPLATES = (
    ({"image_id": "none-such"}, 400, ("image_id", "none-such")),
    ({"image_id": "plain"}, 400, ("image_id", "plain", "os_distro")),
    ({"image_id": "exotic"}, 400, ("exotic",)),
    ({"image_id": None}, 400, ("image_id", "mandatory")),
    ({"coe": "swarm"}, 400, ("coe", "swarm", "kubernetes")),
    ({"server_type": "lxc"}, 400, ("server_type", "lxc")),
    ({"driver": "none-such"}, 400, ("driver", "none-such")),
    ({"flavor_id": "m9.none"}, 400, ("flavor_id", "m9.none")),
    ({"external_network_id": "private"}, 400, ("external_network_id", "private")),
    ({"fixed_network": "none-such"}, 400, ("fixed_network", "none-such")),
    ({"fixed_subnet": "none-such"}, 400, ("fixed_subnet", "none-such")),
    ({"dns_nameserver": "8.8.8"}, 400, ("dns_nameserver", "8.8.8")),
    ({"dns_nameserver": 8}, 400, ("dns_nameserver", "8")),
    ({"apiserver_port": 80}, 400, ("apiserver_port", "80", "1024")),
    ({"docker_volume_size": "0"}, 400, ("docker_volume_size",)),
    ({"public": "maybe"}, 400, ("public", "maybe")),
    ({"public": True}, 403, ("clustertemplate:publish",)),
    ({"hidden": "yes"}, 403, ("clustertemplate:publish",)),
    ({"labels": {"kube_tag": "1.35"}}, 400, ("kube_tag", "1.35")),
    ({"labels": {"boot_volume_type": "slow"}}, 400, ("label boot_volume_type", "slow")),
    ({"colour": "red"}, 400, ("colour",)),
)


@pytest.mark.parametrize(("fields", "status", "said"), TEMPLATES, ids=[str(row[0])[:50] for row in TEMPLATES])
def test_a_bad_template_is_refused_and_nothing_is_written(
    service: Service, fields: dict[str, Any], status: int, said: tuple[str, ...]
) -> None:
    answer = service.call("POST", "/v1/clustertemplates", {**TEMPLATE, **fields})

    assert answer.status_code == status
    assert [part for part in said if part not in error_of(answer)["title"]] == []
    assert service.row_counts()["cluster_template"] == 0


BODIES = {
    "nothing": b"",
    "half": b'{"name": "k8s"',
    "prose": b"name=k8s",
    "a list": b"[1, 2]",
    "a text": b'"k8s"',
    "no number": b'{"name": NaN}',
    "a lone surrogate": b'{"name": "\\ud800"}',
    "no UTF-8": b'{"name": "\xff"}',
    "deep": b"[" * 100_000,
    "a long number": b'{"node_count": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("data", BODIES.values(), ids=BODIES.keys())
def test_a_body_that_is_no_json_object_is_refused(service: Service, data: bytes) -> None:
    answer = service.call("POST", "/v1/clusters", data=data)

    assert answer.status_code == 400
    assert "the request" in error_of(answer)["title"]


def test_a_form_is_read_as_the_json_it_holds(service: Service) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    service.template()
    answer = service.call("POST", "/v1/clusters", data=b'{"cluster_template_id": "fcos"}', headers=form)

    assert answer.status_code == 202


def test_a_body_of_10_megabytes_is_too_large(service: Service) -> None:
    answer = service.call("POST", "/v1/clusters", {"name": "a" * 10_000_000})

    assert answer.status_code == 413
    assert error_of(answer)["code"] == "request-too-large"


QUERIES = {
    "limit=0": ("limit", "0"),
    "limit=-1": ("limit", "-1"),
    "limit=all": ("limit", "all"),
    "limit=99999999999999999999": ("limit",),
    "sort_dir=up": ("sort_dir", "up", "asc"),
    "sort_key=nothing": ("sort_key", "nothing", "created_at"),
    "sort_key=labels": ("sort_key", "labels"),
    "sort_key=nodegroups": ("sort_key", "nodegroups"),
    "colour=red": ("colour", "limit"),
    "limit=%ff": ("UTF-8",),
    "marker=%00": ("marker",),
    "limit=1&limit=2": ("limit", "once"),
}


@pytest.mark.parametrize("path", ["/v1/clusters", "/v1/clustertemplates/detail"])
@pytest.mark.parametrize("query", QUERIES)
def test_a_bad_query_is_refused(service: Service, path: str, query: str) -> None:
    answer = service.call("GET", f"{path}?{query}")

    assert answer.status_code == 400
    assert [part for part in QUERIES[query] if part not in error_of(answer)["title"]] == []


def test_an_unknown_marker_is_not_found(service: Service) -> None:
    answer = service.call("GET", "/v1/clusters?marker=none-such")

    assert answer.status_code == 404


@pytest.mark.parametrize("path", ["/v1/clusters/\xff", "/v1/clusters/a\0b", "/v1/clusters/a\nb"])
def test_a_path_that_is_no_text_is_refused(service: Service, path: str) -> None:
    assert Client(service.app).get("/", environ_overrides={"PATH_INFO": path}).status_code == 400


@pytest.mark.parametrize("name", ["detail", "nodes", "__class__", "post", "..", "a.json", "%E2%98%83", "a'%3Bdrop"])
def test_odd_names_are_looked_up_like_any_other(service: Service, name: str) -> None:
    answer = service.call("GET", f"/v1/clustertemplates/{name}")

    assert answer.status_code == (200 if name == "detail" else 404)


PATCHES: tuple[tuple[object, tuple[str, ...]], ...] = (
    ({"op": "replace"}, ("list",)),
    ([{"op": "replace", "path": "/name"}], ("/name", "removed")),
    ([{"path": "/name", "value": "x"}], ("op", "mandatory")),
    ([{"op": "replace", "value": "x"}], ("path", "mandatory")),
    ([{"op": "move", "path": "/name", "from": "/tags"}], ("from",)),
    ([{"op": "replace", "path": "name", "value": "x"}], ("path", "name")),
    ([{"op": "replace", "path": "/created_at", "value": "x"}], ("path", "/created_at")),
    ([{"op": "replace", "path": "/project_id", "value": "x"}], ("path", "/project_id")),
    ([{"op": "replace", "path": "/labels", "value": "{'a'"}], ("labels", "{'a'")),
    ([{"op": "replace", "path": "/labels", "value": "__import__('os')"}], ("labels",)),
    ([{"op": "replace", "path": "/labels", "value": 7}], ("labels", "7")),
    ([{"op": "remove", "path": "/labels/none-such"}], ("/labels/none-such",)),
    ([{"op": "replace", "path": "/name/first", "value": "x"}], ("/name/first",)),
    ([{"op": "replace", "path": "/docker_volume_size", "value": "big"}], ("docker_volume_size", "big")),
    ([{"op": "replace", "path": "/flavor_id", "value": "m9.none"}], ("flavor_id", "m9.none")),
    ([{"op": "replace", "path": "/tags", "value": "x"}] * 101, ("100",)),
)


@pytest.mark.parametrize(("patch", "said"), PATCHES, ids=[str(row[0])[:60] for row in PATCHES])
def test_a_bad_patch_is_refused_and_changes_nothing(service: Service, patch: object, said: tuple[str, ...]) -> None:
    uuid = service.template()
    before = service.call("GET", f"/v1/clustertemplates/{uuid}").json
    answer = service.call("PATCH", f"/v1/clustertemplates/{uuid}", patch)

    assert answer.status_code == 400
    assert [part for part in said if part not in error_of(answer)["title"]] == []
    assert service.call("GET", f"/v1/clustertemplates/{uuid}").json == before


def test_a_template_is_renamed_when_its_driver_is_gone(service: Service) -> None:
    made = service.call("POST", "/v1/clustertemplates", TEMPLATE).json
    service.drivers.driver.name = "another"

    change = [{"op": "replace", "path": "/name", "value": "renamed"}]
    answer = service.call("PATCH", f"/v1/clustertemplates/{made['uuid']}", change)

    assert (answer.status_code, answer.json["name"]) == (200, "renamed")


def test_a_template_is_renamed_when_its_image_is_gone(service: Service) -> None:
    uuid = service.template()
    service.clouds.refusal = CloudError("glance", "gone", retriable=False)
    answer = service.call("PATCH", f"/v1/clustertemplates/{uuid}", [{"op": "replace", "path": "/name", "value": "new"}])

    assert (answer.status_code, answer.json["name"]) == (200, "new")


def test_a_cloud_that_fails_is_said_so(service: Service) -> None:
    wish = {"name": "k8s", "cluster_template_id": service.template()}
    service.clouds.refusal = CloudError("nova", "it is on fire", retriable=True)
    answer = service.call("POST", "/v1/clusters", wish)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert error_of(answer)["title"] == "nova: it is on fire"
    assert service.row_counts()["cluster"] == 0


def test_what_the_cloud_forbids_is_forbidden(service: Service) -> None:
    wish = {"name": "k8s", "cluster_template_id": service.template()}
    service.clouds.refusal = Forbidden(CloudForbidden("nova", "not yours").message)

    assert service.call("POST", "/v1/clusters", wish).status_code == 403


def test_unknown_labels_are_refused_where_the_operator_says_so(service: Service) -> None:
    service.conf.set_override("unknown", "refuse", group="labels")
    answer = service.call("POST", "/v1/clustertemplates", {**TEMPLATE, "labels": {"kube_tga": "v1.35.4"}})

    assert answer.status_code == 400
    assert "did you mean kube_tag?" in error_of(answer)["title"]


def test_a_requester_without_any_role_for_the_clusters_user_is_refused(service: Service) -> None:
    wish = {"name": "k8s", "cluster_template_id": service.template()}
    service.conf.set_override("roles", ["load-balancer_member"], group="cluster_user")
    answer = service.call("POST", "/v1/clusters", wish)

    assert answer.status_code == 403
    assert "load-balancer_member" in error_of(answer)["title"]
    assert service.row_counts()["cluster"] == 0
