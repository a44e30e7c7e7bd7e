# SPDX-License-Identifier: Apache-2.0
"""A conductor that signs and writes nothing, and remembers what it was told."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from magnum_lite.certs.signee import Signee
from magnum_lite.errors import MagnumLiteError

PEM = "-----BEGIN CERTIFICATE-----\nsigned\n-----END CERTIFICATE-----\n"
AUTHORITY = "-----BEGIN CERTIFICATE-----\nauthority\n-----END CERTIFICATE-----\n"


class FakeConductor:
    """``refusal`` is raised by every call while it is set; ``reachable`` is what health says of the queue.

    ``work`` is done with each nudge.
    """

    def __init__(self) -> None:
        self.nudged: list[str] = []
        self.signees: list[Signee] = []
        self.calls: list[tuple[str, ...]] = []
        self.refusal: MagnumLiteError | None = None
        self.reachable = True
        self.work: Callable[[str], None] = self.nudged.append

    def nudge(self, cluster_uuid: str) -> None:
        self.work(cluster_uuid)

    def sign_for_user(self, cluster_uuid: str, kind: str, csr: str, signee: Signee) -> str:
        self.signees.append(signee)
        self._take("sign_for_user", cluster_uuid, kind, csr)
        return PEM

    def sign_for_node(self, node_uuid: str, profile: str, csr: str) -> Mapping[str, str]:
        self._take("sign_for_node", node_uuid, profile, csr)
        return {"certificate": PEM, "authority": AUTHORITY}

    def node_document(self, node_uuid: str) -> str:
        self._take("node_document", node_uuid)
        return '{"generation": 1}'

    def is_reachable(self) -> bool:
        return self.reachable

    def _take(self, *call: str) -> None:
        self.calls.append(call)
        if self.refusal is not None:
            raise self.refusal
