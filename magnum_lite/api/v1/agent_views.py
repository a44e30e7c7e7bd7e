# SPDX-License-Identifier: Apache-2.0
"""The wire shapes between a node's agent and the API."""

from __future__ import annotations

from typing import Any

from wsme import types as wtypes

from magnum_lite.api import wire
from magnum_lite.api.fields import Anything, Choice, Field, Integer, Text
from magnum_lite.errors import InvalidField
from magnum_lite.model.states import NodeState
from magnum_lite.store.nodes import Report

MAX_ENTRIES = 100
MAX_MESSAGE = 4096


class NodeCertificateWish(wtypes.Base):  # type: ignore[misc]
    """A CSR (PEM) for one of the certificates in the node's document, named by its profile."""

    profile = wtypes.wsattr(Text(), mandatory=True)
    csr = wtypes.wsattr(Text(65536, multiline=True), mandatory=True)


class NodeCertificate(wtypes.Base):  # type: ignore[misc]
    profile = str
    certificate = str
    authority = str


class NodeReport(wtypes.Base):  # type: ignore[misc]
    """What an agent says of its node: for which document, how far it is, and what runs."""

    generation = Field(Integer(0), "Generation of the document that the node follows.", mandatory=True)
    state = wtypes.wsattr(
        Choice(NodeState.BOOTING.value, NodeState.CONFIGURING.value, NodeState.READY.value, NodeState.FAILED.value),
        mandatory=True,
    )
    message = wtypes.wsattr(Text(MAX_MESSAGE, minimum=0, multiline=True))
    phases = Field(
        Anything(), f"A list of at most {MAX_ENTRIES} objects with `name`, `state`, `seconds` and `attempts`."
    )
    versions = Field(Anything(), f"An object of at most {MAX_ENTRIES} versions by the names of what has them.")

    def to_report(self) -> Report:
        said = wire.given(self)
        phases, versions = said.get("phases", []), said.get("versions", {})
        if not isinstance(phases, list) or len(phases) > MAX_ENTRIES:
            raise InvalidField("phases", phases, f"it takes a list of at most {MAX_ENTRIES} phases")
        if not isinstance(versions, dict) or len(versions) > MAX_ENTRIES:
            raise InvalidField("versions", versions, f"it takes an object of at most {MAX_ENTRIES} versions")
        return Report(
            generation=said["generation"],
            state=said["state"],
            message=said.get("message"),
            phases=[_phase(one) for one in phases],
            versions={str(name)[:255]: str(version)[:1024] for name, version in versions.items()},
        )


def _phase(said: Any) -> dict[str, Any]:
    if not isinstance(said, dict):
        raise InvalidField("phases", said, "each takes an object with name, state, seconds and attempts")
    return {name: _plain(said[name]) for name in ("name", "state", "seconds", "attempts") if name in said}


def _plain(value: Any) -> str | int | float:
    return value if isinstance(value, int | float) else str(value)[:255]
