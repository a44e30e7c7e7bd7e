# SPDX-License-Identifier: Apache-2.0
"""What the agent needs of the cluster's API server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self


@dataclass(frozen=True, order=True)
class Reference:
    """Which object of Kubernetes is meant; ``namespace`` is empty for one of the whole cluster."""

    api_version: str
    kind: str
    name: str
    namespace: str = ""

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> Self:
        metadata = item["metadata"]
        return cls(item["apiVersion"], item["kind"], metadata["name"], metadata.get("namespace", ""))

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


class Kubernetes(Protocol):
    """An API server; every method raises ``CallFailed`` when it does not answer or refuses."""

    def apply(self, item: Mapping[str, Any]) -> Mapping[str, Any]:
        """Make the object so by server-side apply, whoever else changed it, and give what it is then."""

    def find(self, reference: Reference) -> Mapping[str, Any] | None: ...

    def existing(self, references: Iterable[Reference]) -> frozenset[Reference]:
        """Tell which of these objects are there, with one call for each kind."""

    def remove(self, reference: Reference) -> None:
        """Make the object gone; one that is not there is left alone."""

    def node_is_ready(self, name: str) -> bool:
        """Tell whether Kubernetes calls this node ready; one it does not know is not."""
