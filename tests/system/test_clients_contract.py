# SPDX-License-Identifier: Apache-2.0
"""What every client counts on at every microversion: the stack of a cluster, and the entry in the catalog."""

from __future__ import annotations

import pytest

from tests.system.house import House
from tests.system.user import User

VERSIONS = [*(f"1.{minor}" for minor in range(1, 15)), "latest"]
NEWER = {"1.13", "1.14", "latest"}
SERVICES = ("container-infra", "container-infrastructure", "container-infrastructure-management")


@pytest.fixture(scope="module")
def user(house: House) -> User:
    return house.user()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_cluster_shows_the_stack_that_heat_knows(user: User, scaled: str, version: str) -> None:
    shown = user.call("GET", f"/clusters/{scaled}", version=version).json()
    listed = user.call("GET", "/clusters", version=version).json()["clusters"]
    detailed = user.call("GET", "/clusters/detail", version=version).json()["clusters"]

    found = [shown, *(one for one in (*listed, *detailed) if one["uuid"] == scaled)]
    stack = user.session.get(f"/stacks/{shown['stack_id']}", endpoint_filter={"service_type": "orchestration"})
    assert {one["stack_id"] for one in found} == {stack.json()["stack"]["id"]}
    assert {one.get("cluster_id") for one in found} == {shown["stack_id"] if version in NEWER else None}
    assert len(found) == 3


@pytest.mark.parametrize("version", ["1.9", "1.14", "latest"])
def test_a_nodegroup_shows_a_stack_that_heat_knows(user: User, scaled: str, version: str) -> None:
    groups = user.call("GET", f"/clusters/{scaled}/nodegroups", version=version).json()["nodegroups"]

    for group in groups:
        path = f"/stacks/{group['stack_id']}"
        stack = user.session.get(path, endpoint_filter={"service_type": "orchestration"}).json()["stack"]
        assert stack["id"] == group["stack_id"]
    assert len(groups) == 2


@pytest.mark.parametrize("service", SERVICES)
def test_every_name_of_the_service_is_taken(house: House, user: User, service: str) -> None:
    headers = {"OpenStack-API-Version": f"{service} 1.9"}

    answer = user.session.get(f"{house.api_url}/clusters", headers=headers)

    assert answer.headers["OpenStack-API-Version"] == "container-infrastructure-management 1.9"


def test_the_catalog_names_the_service_magnum_with_an_url_of_version_1(house: House, user: User) -> None:
    catalog = user.session.auth.get_access(user.session).service_catalog.catalog

    (entry,) = [one for one in catalog if one["type"] == "container-infra"]
    assert entry["name"] == "magnum"
    assert {one["url"] for one in entry["endpoints"]} == {house.api_url}
    assert {one["interface"] for one in entry["endpoints"]} == {"public", "internal", "admin"}
