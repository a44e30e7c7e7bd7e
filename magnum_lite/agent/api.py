# SPDX-License-Identifier: Apache-2.0
"""The agent's side of our API: its document, its certificates and its reports."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from magnum_lite.agent.errors import BadDocument, CallFailed, NodeRemoved, NotReady
from magnum_lite.agent.report import Report
from magnum_lite.agent.web import Answer, Call, Trust, send
from magnum_lite.nodeconf import ClusterFile, NodeDocument, NodeFile

CALL_SECONDS = 15.0
REPORT_SECONDS = 5.0


@dataclass(frozen=True)
class Edition:
    """A node document with the entity tag under which the API handed it out."""

    document: NodeDocument
    etag: str


class API:
    """Calls about one node, proved with its own token; each raises ``CallFailed`` or one of its children."""

    def __init__(self, cluster: ClusterFile, node: NodeFile) -> None:
        self._base = f"{cluster.api_url.rstrip('/')}/agent/nodes/{node.node}"
        self._token = node.token
        self._trust = Trust(cluster.api_ca)

    def document(self, etag: str | None) -> Edition | None:
        """Give the node's document, or ``None`` while it still is the one with this entity tag.

        An answer that is no document raises ``BadDocument``.
        """
        answer = self._call("GET", "document", headers={} if etag is None else {"If-None-Match": etag})
        if answer.status == 304:
            return None
        try:
            document = NodeDocument.from_json(answer.body.decode())
        except (ValueError, TypeError, AttributeError) as error:
            raise BadDocument(f"the node document cannot be read: {error}") from error
        return Edition(document, answer.headers.get("etag", document.etag()))

    def certificate(self, profile: str, csr: str) -> str:
        """Give the certificate (PEM) signed for this request."""
        answer = self._call("POST", "certificates", {"profile": profile, "csr": csr})
        try:
            return str(json.loads(answer.body)["certificate"])
        except (ValueError, TypeError, KeyError) as error:
            raise CallFailed(f"the API's answer about certificate {profile} cannot be read: {error!r}") from error

    def report(self, report: Report) -> None:
        self._call("POST", "report", report.to_wire(), timeout=REPORT_SECONDS)

    def _call(
        self,
        method: str,
        what: str,
        body: object = None,
        *,
        headers: dict[str, str] | None = None,
        timeout: float = CALL_SECONDS,
    ) -> Answer:
        proof = {"Authorization": f"Bearer {self._token}"}
        call = Call(method, f"{self._base}/{what}", {**proof, **(headers or {})}, body)
        answer = send(call, self._trust, timeout=timeout)
        if answer.status in {200, 201, 204, 304}:
            return answer
        raise _refusal(what, answer)


def _refusal(what: str, answer: Answer) -> CallFailed:
    text = f"the API answers {answer.status} about {what}: {_detail(answer.body)}"
    if answer.status in {401, 404}:
        return NodeRemoved(text, answer.status)
    if answer.status == 409:
        return NotReady(text, answer.status)
    return CallFailed(text, answer.status)


def _detail(body: bytes) -> str:
    """Give the sentence of an error body as our API writes them, or what there is of another one."""
    try:
        error: dict[str, Any] = json.loads(body)["errors"][0]
        return str(error.get("detail") or error["title"])
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return body[:200].decode(errors="replace").strip() or "no reason given"
