# SPDX-License-Identifier: Apache-2.0
"""Certificates over the API."""

from __future__ import annotations

import datetime

import pytest

from magnum_lite.errors import InvalidCSR, ServiceUnavailable
from magnum_lite.store import authorities
from tests.api.service import Service, error_of
from tests.fakes.conductor import PEM
from tests.fakes.identity import USERS

PEMS = {"kubernetes": "K", "etcd": "E", "front-proxy": "F"}


@pytest.fixture
def cluster(service: Service) -> str:
    """Give the UUID of a cluster that has its authorities."""
    uuid = service.cluster()
    with service.store.write() as session:
        authorities.put(session, uuid, PEMS, datetime.datetime.now(datetime.UTC))
    return uuid


@pytest.mark.parametrize(
    ("query", "pem"),
    [
        ("", "K"),
        ("?ca_cert_type=kubernetes", "K"),
        ("?ca_cert_type=kubelet", "K"),
        ("?ca_cert_type=etcd", "E"),
        ("?ca_cert_type=front-proxy", "F"),
        ("?ca_cert_type=front_proxy", "F"),
    ],
)
def test_a_reader_gets_the_authority_that_is_asked_for(service: Service, cluster: str, query: str, pem: str) -> None:
    answer = service.call("GET", f"/v1/certificates/{cluster}{query}", user="reader")

    assert (answer.json["pem"], answer.json["cluster_uuid"]) == (pem, cluster)
    assert "csr" not in answer.json


def test_a_member_has_a_csr_signed(service: Service, cluster: str) -> None:
    answer = service.call("POST", "/v1/certificates", {"cluster_uuid": "k8s", "csr": "a CSR", "ca_cert_type": None})

    assert answer.status_code == 201
    assert {name: answer.json[name] for name in ("cluster_uuid", "csr", "pem")} == {
        "cluster_uuid": cluster,
        "csr": "a CSR",
        "pem": PEM,
    }
    assert service.conductor.calls == [("sign_for_user", cluster, "kubernetes", "a CSR")]


@pytest.mark.parametrize("user", ["demo", "colleague", "admin", "k8s_admin"])
def test_members_and_administrators_choose_what_a_certificate_says(service: Service, cluster: str, user: str) -> None:
    answer = service.call("POST", "/v1/certificates", {"cluster_uuid": cluster, "csr": "a CSR"}, user=user)

    (signee,) = service.conductor.signees
    assert (answer.status_code, signee.groups, signee.names) == (201, None, None)
    assert (signee.user_id, signee.request_id) == (USERS[user].id, answer.headers["x-openstack-request-id"])


@pytest.mark.parametrize("user", ["k8s_developer", "k8s_viewer"])
def test_others_get_certificates_of_their_own_name_and_group(service: Service, cluster: str, user: str) -> None:
    answer = service.call("POST", "/v1/certificates", {"cluster_uuid": cluster, "csr": "a CSR"}, user=user)

    (signee,) = service.conductor.signees
    assert (answer.status_code, signee.groups, signee.names) == (201, [user], [user, USERS[user].id])


def test_a_bad_csr_is_a_bad_request(service: Service, cluster: str) -> None:
    service.conductor.refusal = InvalidCSR("the CSR is not one")
    answer = service.call("POST", "/v1/certificates", {"cluster_uuid": cluster, "csr": "x"})

    assert (answer.status_code, error_of(answer)["title"]) == (400, "the CSR is not one")


def test_no_conductor_is_a_503(service: Service, cluster: str) -> None:
    service.conductor.refusal = ServiceUnavailable("No conductor answered in time; try again later")

    assert service.call("POST", "/v1/certificates", {"cluster_uuid": cluster, "csr": "x"}).status_code == 503


@pytest.mark.parametrize("body", [{"csr": "x"}, {"cluster_uuid": "none-such", "csr": "x"}, {"cluster_uuid": "k8s"}])
def test_an_incomplete_request_is_a_bad_request(service: Service, cluster: str, body: dict[str, str]) -> None:
    assert service.call("POST", "/v1/certificates", body).status_code == 400


def test_a_cluster_without_authorities_says_so(service: Service) -> None:
    answer = service.call("GET", f"/v1/certificates/{service.cluster()}")

    assert answer.status_code == 409
