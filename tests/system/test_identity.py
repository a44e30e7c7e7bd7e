# SPDX-License-Identifier: Apache-2.0
"""Who may do what, and what is refused, with a real Keystone and real lookups behind the API."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from keystoneauth1.identity import v3
from keystoneauth1.session import Session

from tests.system.house import POCKET_ALONE, House
from tests.system.user import User

CALL_SECONDS = 60.0
BIG = 10 * 1024 * 1024
SHAPE = {"request_id", "code", "status", "title", "detail", "links"}
TABLES = ("cluster", "nodegroup", "node", "operation", "event", "reservation", "secret")


@pytest.fixture(scope="module")
def user(house: House) -> User:
    return house.user()


@pytest.fixture(scope="module")
def template(user: User) -> str:
    return user.template("identity")


def error_of(answer: requests.Response, status: int) -> dict[str, Any]:
    """Give the one error of an answer with this status, which has the shape of all errors."""
    assert answer.status_code == status, answer.text
    (error,) = answer.json()["errors"]
    assert error.keys() >= SHAPE
    assert error["status"] == status
    assert error["request_id"] == answer.headers["x-openstack-request-id"]
    return dict(error)


def send(house: House, method: str, path: str, token: str | None, **more: Any) -> requests.Response:
    headers = {} if token is None else {"X-Auth-Token": token}
    return requests.request(method, house.api_url + path, headers=headers, timeout=CALL_SECONDS, **more)


@pytest.mark.parametrize("token", [None, "nobody-ever-had-this-one", "\u00e9\u00e8".encode()])
def test_without_a_good_token_nobody_gets_in(house: House, token: str | None) -> None:
    answer = send(house, "GET", "/clusters", token)

    error_of(answer, 401)
    assert answer.headers["WWW-Authenticate"] == f'Keystone uri="{house.cloud.identity_url}"'


def test_a_token_that_was_given_back_is_good_for_nothing(house: House) -> None:
    auth = v3.Password(
        auth_url=house.cloud.auth_url,
        username="demo",
        password=house.cloud.password,
        project_name="demo",
        user_domain_id="default",
        project_domain_id="default",
    )
    session = Session(auth=auth, timeout=CALL_SECONDS)
    token = str(session.get_token())
    session.delete(f"{house.cloud.auth_url}/auth/tokens", headers={"X-Subject-Token": token})

    error_of(send(house, "GET", "/clusters", token), 401)


def test_a_token_of_no_project_makes_no_cluster(house: House, template: str) -> None:
    auth = v3.Password(
        auth_url=house.cloud.auth_url,
        username="demo",
        password=house.cloud.password,
        user_domain_id="default",
        unscoped=True,
    )
    token = Session(auth=auth, timeout=CALL_SECONDS).get_token()

    answer = send(house, "POST", "/clusters", token, json={"name": "nowhere", "cluster_template_id": template})

    error_of(answer, 403)


@POCKET_ALONE
def test_a_keystone_that_is_away_is_said_to_be_so(house: House) -> None:
    with house.cloud.fault("keystone", "error", operation="validate_token", status=503):
        answer = send(house, "GET", "/clusters", "who-is-this")

    error_of(answer, 503)


def test_a_reader_sees_and_does_not_touch(house: House, user: User, template: str) -> None:
    reader = house.user("reader", "demo")

    assert reader.call("GET", f"/clustertemplates/{template}").status_code == 200
    assert reader.call("GET", "/clusters").status_code == 200
    error_of(reader.call("POST", "/clusters", {"name": "mine", "cluster_template_id": template}), 403)
    error_of(reader.call("DELETE", f"/clustertemplates/{template}"), 403)


def test_another_project_does_not_even_see_it(house: House, user: User, template: str) -> None:
    other = house.user("other")

    error_of(other.call("GET", f"/clustertemplates/{template}"), 404)
    error_of(other.call("DELETE", f"/clustertemplates/{template}"), 404)
    assert template not in other.call("GET", "/clustertemplates").text


@pytest.mark.parametrize(
    ("wish", "status", "said"),
    [
        ({"flavor_id": "m9.huge"}, 400, ("flavor_id", "m9.huge")),
        ({"master_flavor_id": "m9.huge"}, 400, ("master_flavor_id", "m9.huge")),
        ({"keypair": "lost"}, 404, ("keypair", "lost")),
        ({"fixed_network": "nowhere"}, 400, ("fixed_network", "nowhere")),
        ({"fixed_subnet": "nowhere"}, 400, ("fixed_subnet", "nowhere")),
        ({"master_count": 2}, 400, ("master_count", "2")),
        ({"master_count": 3}, 400, ("master_lb_enabled",)),
        ({"cluster_template_id": "no-such-template"}, 404, ("no-such-template",)),
        ({"labels": {"kube_tag": "newest"}}, 400, ("kube_tag", "newest")),
    ],
    ids=str,
)
def test_a_wish_that_the_cloud_cannot_grant_is_refused_by_name(
    house: House, user: User, template: str, wish: dict[str, Any], status: int, said: tuple[str, ...]
) -> None:
    before = _rows(house)

    answer = user.call("POST", "/clusters", {"name": "refused", "cluster_template_id": template, **wish})

    detail = error_of(answer, status)["detail"].lower()
    assert [word for word in said if word not in detail] == []
    assert _rows(house) == before


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"image_id": "plain"}, ("image_id", "plain", "os_distro")),
        ({"image_id": "lost"}, ("image_id", "lost")),
        ({"external_network_id": "private"}, ("external_network_id", "private")),
    ],
    ids=str,
)
def test_a_template_of_things_that_are_not_there_is_refused_by_name(
    user: User, fields: dict[str, Any], said: tuple[str, ...]
) -> None:
    body = {"name": "refused", "coe": "kubernetes", "image_id": "fedora-coreos", "external_network_id": "public"}

    error = error_of(user.call("POST", "/clustertemplates", {**body, **fields}), 400)

    assert [word for word in said if word not in error["detail"]] == []


def test_a_body_that_is_broken_or_too_large_is_refused(house: House, user: User) -> None:
    token, before = user.session.get_token(), _rows(house)

    broken = send(house, "POST", "/clusters", token, data=b'{"name": ')
    large = send(house, "POST", "/clusters", token, data=b'"' + b"x" * BIG + b'"')

    error_of(broken, 400)
    error_of(large, 413)
    assert _rows(house) == before


def _rows(house: House) -> dict[str, int]:
    return {name: house.query(f"SELECT COUNT(*) AS number FROM {name}")[0].number for name in TABLES}  # noqa: S608
