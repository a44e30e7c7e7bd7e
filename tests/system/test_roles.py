# SPDX-License-Identifier: Apache-2.0
"""The roles of Kubernetes, with real tokens and real certificates."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.system.house import House
from tests.system.openstack import is_verified, openssl
from tests.system.signing import signing_request
from tests.system.user import GONE


@pytest.fixture(scope="module")
def cluster(house: House, noop_template: str) -> Iterator[str]:
    user = house.user("k8s_admin", "demo")
    uuid = user.create(noop_template, "roles")
    user.wait_for(uuid, "CREATE_COMPLETE")
    yield uuid
    user.delete(uuid)
    user.wait_for(uuid, GONE)


def sign(house: House, user: str, cluster: str, name: str, group: str) -> requests.Response:
    body = {"cluster_uuid": cluster, "csr": signing_request(name, group)}
    return house.user(user, "demo").call("POST", "/certificates", body)


@pytest.mark.parametrize("user", ["k8s_developer", "k8s_viewer"])
def test_a_user_of_kubernetes_gets_a_certificate_of_its_own_group(
    house: House, cluster: str, user: str, tmp_path: Path
) -> None:
    answer = sign(house, user, cluster, user, user)
    authority = house.user(user, "demo").call("GET", f"/certificates/{cluster}")

    assert (answer.status_code, authority.status_code) == (201, 200)
    (tmp_path / "leaf.pem").write_text(answer.json()["pem"])
    (tmp_path / "ca.pem").write_text(authority.json()["pem"])
    subject = openssl("x509", "-in", str(tmp_path / "leaf.pem"), "-noout", "-subject", "-nameopt", "RFC2253").stdout
    assert is_verified(tmp_path / "leaf.pem", tmp_path / "ca.pem")
    assert subject.strip() == f"subject=CN={user},O={user}"


@pytest.mark.parametrize("user", ["k8s_developer", "k8s_viewer"])
@pytest.mark.parametrize(
    ("name", "group"), [("{user}", "system:masters"), ("admin", "{user}"), ("{user}", "k8s_admin")]
)
def test_it_gets_no_other_name_and_no_other_group(house: House, cluster: str, user: str, name: str, group: str) -> None:
    answer = sign(house, user, cluster, name.format(user=user), group.format(user=user))

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "invalid-csr")


@pytest.mark.parametrize(
    ("name", "group"), [("system:node:k8s-master-0", "system:nodes"), ("system:admin", "system:masters")]
)
def test_nobody_gets_a_name_of_kubernetes_itself(house: House, cluster: str, name: str, group: str) -> None:
    answers = [sign(house, user, cluster, name, group) for user in ("demo", "k8s_admin")]

    assert [answer.status_code for answer in answers] == [400, 400]


def test_every_certificate_is_an_event_that_says_whose_it_is(house: House, cluster: str) -> None:
    admin = house.user("k8s_admin", "demo")
    answer = sign(house, "k8s_admin", cluster, "admin", "system:masters")

    events = admin.call("GET", f"/clusters/{cluster}/events").json()["events"]
    (event,) = [one for one in events if answer.headers["x-openstack-request-id"] in one["message"]]
    assert event["reason"] == "certificate-issued"
    assert "CN=admin,O=system:masters" in event["message"]
    assert admin.session.get_user_id() in event["message"]


def test_a_viewer_reads_and_a_developer_does_not_even_that(house: House, cluster: str) -> None:
    ways = (("GET", f"/clusters/{cluster}"), ("GET", "/clusters"), ("DELETE", f"/clusters/{cluster}"))
    answers = {
        user: [house.user(user, "demo").call(method, way).status_code for method, way in ways]
        for user in ("k8s_viewer", "k8s_developer")
    }

    assert answers == {"k8s_viewer": [200, 200, 403], "k8s_developer": [403, 403, 403]}
