# SPDX-License-Identifier: Apache-2.0
"""What the agent needs of the cluster's API server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self

from magnum_lite.agent.errors import BadDocument

MANAGER = "magnum-lite"
MANAGED_BY = "app.kubernetes.io/managed-by"


@dataclass(frozen=True, order=True)
class Reference:
    """Which object of Kubernetes is meant; ``namespace`` is empty for one of the whole cluster."""

    api_version: str
    kind: str
    name: str
    namespace: str = ""

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> Self:
        """Give the reference to an object; raise ``BadDocument`` for what is none."""
        try:
            metadata = item["metadata"]
            found = (item["apiVersion"], item["kind"], metadata["name"], metadata.get("namespace") or "")
        except (KeyError, TypeError, AttributeError):
            found = (None, None, None, None)
        if not all(isinstance(one, str) for one in found) or not all(found[:3]):
            raise BadDocument("an object of Kubernetes must have apiVersion, kind and metadata.name")
        return cls(*found)

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


class Kubernetes(Protocol):
    """An API server; every method raises ``CallFailed`` when it does not answer or refuses."""

    def apply(self, item: Mapping[str, Any]) -> None:
        """Make the object so by server-side apply, whoever else changed the fields that it names."""

    def find(self, reference: Reference) -> Mapping[str, Any] | None: ...

    def existing(self, references: Iterable[Reference]) -> frozenset[Reference]:
        """Tell which of these objects are there and marked as ours, by one list for each kind."""

    def remove(self, reference: Reference) -> None:
        """Make the object gone; one that is not there is left alone."""

    def node_is_ready(self, name: str) -> bool:
        """Tell whether Kubernetes calls this node ready; one it does not know is not."""


def is_ours(item: Mapping[str, Any]) -> bool:
    """Tell whether an object is marked as one that we look after."""
    return (item.get("metadata", {}).get("labels") or {}).get(MANAGED_BY) == MANAGER


def has_condition(item: Mapping[str, Any] | None, kind: str) -> bool:
    """Tell whether an object's status says that this condition is true."""
    conditions = ((item or {}).get("status") or {}).get("conditions") or ()
    return any(one.get("type") == kind and one.get("status") == "True" for one in conditions)
