# SPDX-License-Identifier: Apache-2.0
"""The members of an etcd cluster as one of them tells them, and the two changes of them that a node may ask for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from magnum_lite.agent.errors import CallFailed
from magnum_lite.agent.web import Call, Trust, send

CALL_SECONDS = 5.0


@dataclass(frozen=True)
class Member:
    """``url`` is where the other members reach it, ``client`` where clients do: ``None`` before it first started."""

    ident: str
    name: str
    url: str
    client: str | None


class Etcd:
    """One member, asked through its JSON gateway (etcd 3.4 and later) at a URL for clients; raises ``CallFailed``."""

    def __init__(self, url: str, trust: Trust) -> None:
        self.url = url
        self._trust = trust

    def is_healthy(self) -> bool:
        """Tell whether it answers, and is part of a majority that can write."""
        try:
            answer = self._call("GET", "/health", None)
        except CallFailed:
            return False
        return str(answer.get("health")).lower() == "true"

    def members(self) -> tuple[Member, ...]:
        return _members(self._call("POST", "/v3/cluster/member/list", {}))

    def remove(self, member: Member) -> None:
        self._call("POST", "/v3/cluster/member/remove", {"ID": member.ident})

    def add(self, url: str) -> tuple[Member, ...]:
        """Have a member be expected at this URL and give all members there are then."""
        return _members(self._call("POST", "/v3/cluster/member/add", {"peerURLs": [url]}))

    def _call(self, method: str, path: str, body: object) -> Mapping[str, Any]:
        answer = send(Call(method, f"{self.url}{path}", {}, body), self._trust, timeout=CALL_SECONDS)
        try:
            found: Any = json.loads(answer.body)
        except ValueError:
            found = {}
        if answer.status != 200 or not isinstance(found, dict):
            reason = found.get("message") or found.get("error") if isinstance(found, dict) else None
            raise CallFailed(f"etcd at {self.url} answers {answer.status} to {path}: {reason or 'no reason given'}")
        return found


def _members(answer: Mapping[str, Any]) -> tuple[Member, ...]:
    try:
        return tuple(
            Member(
                ident=str(one["ID"]),
                name=str(one.get("name", "")),
                url=str(one["peerURLs"][0]),
                client=next(iter(one.get("clientURLs") or ()), None),
            )
            for one in answer["members"]
        )
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise CallFailed(f"etcd's list of members cannot be read: {error!r}") from error
