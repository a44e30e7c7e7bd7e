# SPDX-License-Identifier: Apache-2.0
"""An API server that exists only as files of a simulated machine, one for each object."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from magnum_lite.agent.disk import Disk
from magnum_lite.agent.errors import CallFailed
from magnum_lite.agent.kubernetes import Reference, is_ours
from magnum_lite.agent.ranks import DEFINITION

FOLDER = "/var/lib/simulated-host/kubernetes"
OF_CLUSTER = "_"
ESTABLISHED = {"conditions": [{"type": "Established", "status": "True"}]}


class SimulatedKubernetes:
    """``Kubernetes`` below the disk's root.

    ``is_ready`` says whether a node of this name is ready, ``refused`` which object is refused now, as in
    ``Deployment kube-system/coredns``.
    """

    def __init__(self, disk: Disk, is_ready: Callable[[str], bool], refused: Callable[[], str | None]) -> None:
        self._disk = disk
        self._is_ready = is_ready
        self._refused = refused

    def apply(self, item: Mapping[str, Any]) -> None:
        reference = Reference.of(item)
        if str(reference) == self._refused():
            raise CallFailed(f"Kubernetes refuses {reference} (422): it is simulated so", 422)
        found = {**item, "status": ESTABLISHED} if reference.kind == DEFINITION else item
        place = self._place(reference)
        place.parent.mkdir(parents=True, exist_ok=True)
        # A reader sees the old object or the new one.
        new = place.with_name(f".{place.name}.new")
        new.write_text(json.dumps(found, sort_keys=True))
        new.replace(place)

    def find(self, reference: Reference) -> Mapping[str, Any] | None:
        try:
            found: Mapping[str, Any] = json.loads(self._place(reference).read_text())
        except FileNotFoundError:
            return None
        return found

    def existing(self, references: Iterable[Reference]) -> frozenset[Reference]:
        return frozenset(one for one in references if is_ours(self.find(one) or {}))

    def remove(self, reference: Reference) -> None:
        self._place(reference).unlink(missing_ok=True)

    def node_is_ready(self, name: str) -> bool:
        return self._is_ready(name)

    def _place(self, reference: Reference) -> Path:
        parts = (reference.api_version, reference.kind, reference.namespace or OF_CLUSTER, f"{reference.name}.json")
        return self._disk.at("/".join((FOLDER, *(quote(part, safe=":") for part in parts))))
