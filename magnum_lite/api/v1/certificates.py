# SPDX-License-Identifier: Apache-2.0
"""Certificates: a cluster's authorities for everybody in the project, and client certificates signed by them."""

from __future__ import annotations

from magnum_lite.api import acceptance
from magnum_lite.api.current import context, deps
from magnum_lite.api.routes import expose
from magnum_lite.api.rules import CA_READER, DEVELOPERS, KUBERNETES_USER, MEMBER, VIEWERS, Rule
from magnum_lite.api.v1.certificates_views import Certificate, CertificateQuery, CertificateWish
from magnum_lite.api.v1.clusters_views import ClusterID
from magnum_lite.api.v1.link_views import Link
from magnum_lite.certs.signee import Signee
from magnum_lite.drivers.base import Feature
from magnum_lite.errors import Conflict, InvalidCSR, InvalidField, NotFound, NotSupported
from magnum_lite.model import Cluster
from magnum_lite.model.states import Verb
from magnum_lite.store import authorities, clusters

GET = Rule(
    "certificate:get", CA_READER, "Read a cluster's CA certificate.", all_projects="certificate:get_all_projects"
)
CREATE = Rule(
    "certificate:create",
    KUBERNETES_USER,
    "Have a client certificate signed.",
    all_projects="certificate:create_all_projects",
)
CREATE_ADMIN = Rule(
    "certificate:create_admin",
    MEMBER,
    "Have a client certificate signed for any name and group, system:masters included.",
    all_projects="certificate:create_admin_all_projects",
)
# Who may have no certificate of an administrator may have one of the groups these rules are about.
GROUPS = {
    group: Rule(
        f"certificate:create_{group}", f"role:{group}", f"Have a client certificate of the group {group} signed."
    )
    for group in (DEVELOPERS, VIEWERS)
}
ROTATE_CA = Rule(
    "certificate:rotate_ca",
    MEMBER,
    "Give a cluster new certificate authorities.",
    all_projects="certificate:rotate_ca_all_projects",
)


@expose("GET /v1/certificates/{ident}", Certificate, query=CertificateQuery, rule=GET)
def get(ident: str, query: CertificateQuery) -> Certificate:
    """Show the certificate of one of a cluster's authorities: Kubernetes' unless another kind is asked for."""
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
    also=(CREATE_ADMIN, *GROUPS.values()),
)
def create(body: CertificateWish) -> Certificate:
    """Have a client certificate signed; what it may say depends on the requester's roles."""
    cluster = _cluster(body.cluster_uuid)
    kind = body.to_kind()
    pem = deps().conductor.sign_for_user(cluster.uuid, kind, body.csr, _signee(cluster))
    links = Link.to_self(f"certificates/{cluster.uuid}")
    return Certificate(cluster_uuid=cluster.uuid, csr=body.csr, pem=pem, links=links)


@expose("PATCH /v1/certificates/{ident}", ClusterID, status_code=202, rule=ROTATE_CA, raises=(NotSupported,))
def rotate_ca(ident: str) -> ClusterID:
    """Give a cluster new certificate authorities."""
    return acceptance.accept_rotation(ident, ROTATE_CA, Verb.ROTATE_CA, Feature.ROTATE_CA)


def _signee(cluster: Cluster) -> Signee:
    """Give who asks and what policy lets the certificate say: an administrator chooses, others are who they are."""
    asker = context()
    user_id, request_id = str(asker.user_id), str(asker.request_id)
    if CREATE_ADMIN.allows(asker, cluster):
        return Signee(user_id, request_id)
    groups = [group for group, rule in GROUPS.items() if rule.allows(asker, cluster)]
    return Signee(user_id, request_id, groups, [name for name in (asker.user_name, user_id) if name])


def _cluster(ident: str) -> Cluster:
    """Give the cluster a body names; one that is unknown is a mistake in a field, as in Magnum."""
    with deps().store.read() as session:
        try:
            cluster = clusters.get(session, CREATE.scope(context()), ident)
        except NotFound:
            raise InvalidField("cluster_uuid", ident, "it must be the UUID or name of a cluster") from None
    CREATE.check(context(), cluster)
    return cluster
