# SPDX-License-Identifier: Apache-2.0
"""Clusters that act by a trust of their requester: made with the request, and taken back where it cannot be."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from magnum_lite.errors import CloudError, Forbidden, MagnumLiteError
from magnum_lite.model import Cluster
from tests.api.service import Service, error_of

REFUSALS = [
    (Forbidden("Delegated tokens cannot manage trusts."), 403),
    (CloudError("keystone", "Service Unavailable", retriable=True), 503),
]


@pytest.fixture
def trusting(service: Service) -> Service:
    service.conf.set_override("grant", "trust", group="cluster_user")
    return service


def grants(service: Service) -> list[tuple[str, str | None, str]]:
    with service.store.read() as session:
        rows = session.scalars(sa.select(Cluster).order_by(Cluster.id)).all()
    return [(row.grant_kind, row.trust_id, row.status) for row in rows]


def uuids(service: Service) -> list[str]:
    with service.store.read() as session:
        return list(session.scalars(sa.select(Cluster.uuid)))


def test_a_cluster_has_a_trust_before_a_conductor_hears_of_it(trusting: Service) -> None:
    uuid = trusting.cluster()

    assert grants(trusting) == [("trust", "trust-1", "CREATE_IN_PROGRESS")]
    assert trusting.clouds.trusts == [(f"magnum-lite-{uuid}", ("member",))]
    assert trusting.conductor.nudged == [uuid]


def test_by_roles_nobody_is_asked_for_a_trust(service: Service) -> None:
    service.cluster()

    assert (grants(service), service.clouds.trusts) == ([("role", None, "CREATE_IN_PROGRESS")], [])


@pytest.mark.parametrize(("refusal", "code"), REFUSALS, ids=["forbidden", "away"])
def test_a_cluster_without_its_trust_is_taken_back_and_its_key_with_it(
    trusting: Service, refusal: MagnumLiteError, code: int
) -> None:
    wish = {"name": "k8s", "cluster_template_id": trusting.template()}
    trusting.clouds.trust_refusal = refusal
    answer = trusting.call("POST", "/v1/clusters", wish, headers={"Idempotency-Key": "once"})

    assert answer.status_code == code
    assert refusal.message in error_of(answer)["detail"]
    assert grants(trusting) == [("trust", None, "DELETE_IN_PROGRESS")]
    assert trusting.conductor.nudged == uuids(trusting)

    trusting.clouds.trust_refusal = None
    again = trusting.call("POST", "/v1/clusters", wish, headers={"Idempotency-Key": "once"})
    assert again.status_code == 202
    assert [one[1] for one in grants(trusting)] == [None, "trust-1"]


def test_a_restricted_application_credential_is_refused_before_anything_is_written(trusting: Service) -> None:
    wish = {"name": "k8s", "cluster_template_id": trusting.template()}
    answer = trusting.call("POST", "/v1/clusters", wish, user="restricted")

    assert answer.status_code == 403
    assert "restricted application credential" in error_of(answer)["detail"]
    assert grants(trusting) == []


def test_an_unrestricted_one_may_try_and_by_roles_any_will_do(service: Service) -> None:
    service.cluster(user="restricted")
    service.conf.set_override("grant", "trust", group="cluster_user")
    service.cluster(user="unrestricted")

    assert [kind for kind, _, _ in grants(service)] == ["role", "trust"]


def test_a_cluster_by_trust_reaches_itself_and_no_other(trusting: Service) -> None:
    own, other = trusting.finished(), trusting.cluster()

    assert trusting.call("GET", f"/v1/clusters/{own}", user="cluster_by_trust").status_code == 200
    assert trusting.call("GET", f"/v1/clusters/{other}", user="cluster_by_trust").status_code == 403
    assert trusting.call("DELETE", f"/v1/clusters/{own}", user="cluster_by_trust").status_code == 403
    # Heat, say, which acts for a user who has a cluster among a stack's resources.
    assert trusting.call("GET", f"/v1/clusters/{other}", user="somebody_by_trust").status_code == 200
