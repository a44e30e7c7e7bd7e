# SPDX-License-Identifier: Apache-2.0
"""What was applied of each addon, kept in the cluster itself, so that any first master can find and remove it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from magnum_lite.agent.kubernetes import MANAGED_BY, MANAGER, Kubernetes, Reference
from magnum_lite.nodeconf import Addon

LOG = logging.getLogger(__name__)
NAME = "magnum-lite-addons"
NAMESPACE = "kube-system"
REFERENCE = Reference("v1", "ConfigMap", NAME, NAMESPACE)
ADDON = "magnum.openstack.org/addon"


@dataclass(frozen=True)
class Entry:
    """What is there of one addon: ``digest`` of what was wanted, empty while it is being applied; its ``objects``;
    and those that are ``leaving`` because it is not made of them any more."""

    digest: str = ""
    objects: frozenset[Reference] = frozenset()
    leaving: frozenset[Reference] = frozenset()

    def to_json(self) -> str:
        return json.dumps({"digest": self.digest, "objects": _listed(self.objects), "leaving": _listed(self.leaving)})

    @classmethod
    def from_json(cls, text: str) -> Self:
        raw: dict[str, Any] = json.loads(text)
        objects, leaving = (frozenset(Reference(*one) for one in raw[name]) for name in ("objects", "leaving"))
        return cls(str(raw["digest"]), objects, leaving)


@dataclass
class Inventory:
    """The entries by addon; ``save`` writes them if they changed."""

    entries: dict[str, Entry] = field(default_factory=dict)
    saved: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, kubernetes: Kubernetes) -> Self:
        """Give what was written down; what cannot be read is as if it had not been, so that it is applied again."""
        written = (kubernetes.find(REFERENCE) or {}).get("data") or {}
        found = cls(saved=written)
        for name, text in written.items():
            try:
                found.entries[name] = Entry.from_json(text)
            except (ValueError, KeyError, TypeError) as error:
                LOG.warning("%s has no readable entry for addon %s: %r", REFERENCE, name, error)
        return found

    def of(self, addon: str) -> Entry:
        return self.entries.get(addon, Entry())

    def known(self) -> frozenset[Reference]:
        """Give all objects that any addon is made of."""
        return frozenset(one for entry in self.entries.values() for one in entry.objects)

    def save(self, kubernetes: Kubernetes) -> None:
        data = {name: entry.to_json() for name, entry in sorted(self.entries.items())}
        if data == self.saved:
            return
        metadata = {"name": NAME, "namespace": NAMESPACE, "labels": {MANAGED_BY: MANAGER}}
        kubernetes.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})
        self.saved = data


def digest_of(addon: Addon) -> str:
    """Give a digest of all that an addon is made of."""
    return hashlib.sha256(json.dumps(dataclasses.asdict(addon), sort_keys=True).encode()).hexdigest()


def _listed(references: frozenset[Reference]) -> list[list[str]]:
    return [list(dataclasses.astuple(one)) for one in sorted(references)]
