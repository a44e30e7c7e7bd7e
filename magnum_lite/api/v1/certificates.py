# SPDX-License-Identifier: Apache-2.0
"""Certificates: a cluster's authorities for everybody in the project, and client certificates signed by them."""

from __future__ import annotations

from magnum_lite.api.current import context, deps
from magnum_lite.api.routes import expose
from magnum_lite.api.rules import MEMBER, READER, Rule
from magnum_lite.api.v1.certificates_views import Certificate, CertificateQuery, CertificateWish
from magnum_lite.api.v1.link_views import Link
from magnum_lite.errors import Conflict, InvalidCSR, InvalidField, NotFound
from magnum_lite.model import Cluster
from magnum_lite.store import authorities, clusters

GET = Rule("certificate:get", READER, "Read a cluster's CA certificate.", all_projects="certificate:get_all_projects")
CREATE = Rule(
    "certificate:create", MEMBER, "Have a client certificate signed.", all_projects="certificate:create_all_projects"
)


@expose("GET /v1/certificates/{ident}", Certificate, query=CertificateQuery, rule=GET)
def get(ident: str, query: CertificateQuery) -> Certificate:
    kind = query.to_kind()
    with deps().store.read() as session:
        cluster = clusters.get(session, GET.scope(context()), ident)
        GET.check(context(), cluster)
        pem = authorities.by_kind(session, cluster.uuid).get(kind)
    if pem is None:
        raise Conflict(f"Cluster {cluster.name} has no authority {kind} yet: try again when it is further along")
    return Certificate(cluster_uuid=cluster.uuid, pem=pem, links=Link.to_self(f"certificates/{cluster.uuid}"))


@expose(
    "POST /v1/certificates",
    Certificate,
    body=CertificateWish,
    status_code=201,
    rule=CREATE,
    raises=(InvalidCSR, Conflict),
)
def create(body: CertificateWish) -> Certificate:
    cluster = _cluster(body.cluster_uuid)
    kind = body.to_kind()
    pem = deps().conductor.sign_for_user(cluster.uuid, kind, body.csr, None, context().request_id)
    links = Link.to_self(f"certificates/{cluster.uuid}")
    return Certificate(cluster_uuid=cluster.uuid, csr=body.csr, pem=pem, links=links)


def _cluster(ident: str) -> Cluster:
    """Give the cluster a body names; one that is unknown is a mistake in a field, as in Magnum."""
    with deps().store.read() as session:
        try:
            cluster = clusters.get(session, CREATE.scope(context()), ident)
        except NotFound:
            raise InvalidField("cluster_uuid", ident, "it must be the UUID or name of a cluster") from None
    CREATE.check(context(), cluster)
    return cluster
