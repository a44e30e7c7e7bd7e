# SPDX-License-Identifier: Apache-2.0
"""What nodes ask and tell: each proves itself with a token of its own, and hears of nothing but itself."""

from __future__ import annotations

import hashlib
import hmac

from magnum_lite.api.current import answer, deps, environ
from magnum_lite.api.fields import Document
from magnum_lite.api.routes import expose
from magnum_lite.api.v1.agent_views import NodeCertificate, NodeCertificateWish, NodeReport
from magnum_lite.errors import DocumentNotReady, InvalidCSR, Unauthorized
from magnum_lite.model.states import NodeState
from magnum_lite.store import nodes
from magnum_lite.store.nodes import Standing

SCHEME = "bearer"


@expose(
    "GET /v1/agent/nodes/{uuid}/document",
    Document(),
    rule=None,
    raises=(DocumentNotReady,),
    instead={304: "The document that the node has is still right."},
    headers={"If-None-Match": "The `ETag` of the document that the node has."},
)
def document(uuid: str) -> str | None:
    """Give the node's document, or 304 when the one it has is still right: that costs one SQL statement."""
    node = _proven(uuid)
    tag = f'"{node.version}"'
    answer().headers["ETag"] = tag
    if environ().get("HTTP_IF_NONE_MATCH") == tag:
        answer().status = 304
        return None
    if node.address is None:
        raise DocumentNotReady(f"node {node.name} has no address yet: ask again")
    return deps().conductor.node_document(node.uuid)


@expose(
    "POST /v1/agent/nodes/{uuid}/certificates",
    NodeCertificate,
    body=NodeCertificateWish,
    status_code=201,
    rule=None,
    raises=(InvalidCSR, DocumentNotReady),
)
def sign(uuid: str, body: NodeCertificateWish) -> NodeCertificate:
    """Sign one of the certificates that the node's document names."""
    node = _proven(uuid)
    signed = deps().conductor.sign_for_node(node.uuid, body.profile, body.csr)
    return NodeCertificate(profile=body.profile, certificate=signed["certificate"], authority=signed["authority"])


@expose("POST /v1/agent/nodes/{uuid}/report", body=NodeReport, status_code=204, rule=None)
def report(uuid: str, body: NodeReport) -> None:
    """Keep what the node says; the conductor is told at once when it is up, ready or cannot go on."""
    node = _proven(uuid)
    said = body.to_report()
    with deps().store.write() as session:
        nodes.record(session, node.uuid, said, deps().clock())
    if said.state != node.state and (node.state == NodeState.WANTED or said.state != NodeState.CONFIGURING):
        deps().conductor.nudge(node.cluster_uuid)


def _proven(uuid: str) -> Standing:
    """Give the node if the request carries its token; raise ``NotFound`` or ``Unauthorized``."""
    scheme, _, token = environ().get("HTTP_AUTHORIZATION", "").partition(" ")
    with deps().store.read() as session:
        node = nodes.get_standing(session, uuid)
    digest = hashlib.sha256(token.strip().encode("latin-1")).hexdigest()
    if scheme.lower() != SCHEME or not hmac.compare_digest(digest, node.token_hash or ""):
        raise Unauthorized("a node proves itself with 'Authorization: Bearer' and its own token")
    return node
