# SPDX-License-Identifier: Apache-2.0
"""Faults that can be switched on, so that what happens in a failing cloud can be tried."""

import contextlib
import dataclasses
import fnmatch
import threading
import uuid
from collections.abc import Iterator
from typing import Any

from magnum_lite.pocketcloud import errors
from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.scope import Scope

SERVICES = ("keystone", "heat", "nova", "neutron", "glance", "cinder", "octavia", "barbican", "*")
RAISED = ("error", "slow", "quota", "timeout")
"""Kinds that show in the answer of the very call."""
LATER = ("server-error", "agent-dies")
"""Kinds that show afterwards: a server that ends in ERROR, an agent that is killed once it runs."""
QUOTA_STATUS = {"neutron": (409, "OverQuota"), "cinder": (413, "OverLimit")}
DEFAULT_SECONDS = {"slow": 2.0, "timeout": 60.0}
LONGEST = 600.0


@dataclasses.dataclass
class Fault:
    """One switched-on fault; `count` is how many more calls it hits (None: all), `hits` how many it has hit."""

    service: str
    kind: str
    operation: str = "*"
    status: int = 500
    message: str = ""
    seconds: float | None = None
    count: int | None = None
    match: dict[str, str] = dataclasses.field(default_factory=dict)
    id: str = dataclasses.field(default_factory=lambda: str(uuid.uuid4()))
    hits: int = 0

    def suits(self, service: str, operation: str, facts: dict[str, str]) -> bool:
        """Tell whether a call is hit; patterns may hold * and ?, and facts are the call's name, project and user."""
        return (
            self.service in (service, "*")
            and fnmatch.fnmatchcase(operation, self.operation)
            and all(fnmatch.fnmatchcase(facts.get(key, ""), pattern) for key, pattern in self.match.items())
        )


def parse(body: Any) -> Fault:
    """Read a fault from the control API's JSON; 400 names the wrong field, its value and what is allowed."""
    if not isinstance(body, dict):
        raise errors.bad_request("a fault is a JSON object with at least service and kind")
    known = {field.name: field for field in dataclasses.fields(Fault) if field.name not in ("id", "hits")}
    for key in body:
        if key not in known:
            raise errors.bad_request(f"{key}: a fault has no such field; it takes {', '.join(known)}")
    _check_choice(body, "service", SERVICES)
    _check_choice(body, "kind", RAISED + LATER)
    _check_number(body, "status", 400, 599)
    _check_number(body, "seconds", 0, LONGEST)
    _check_number(body, "count", 1, 1_000_000)
    for key in ("operation", "message"):
        if not isinstance(body.get(key, ""), str):
            raise errors.bad_request(f"{key}: {body[key]!r} is not text")
    match = body.get("match") or {}
    if not isinstance(match, dict) or not all(isinstance(one, str) for one in match.values()):
        raise errors.bad_request(f"match: {match!r} is not an object of text patterns")
    return Fault(**{**body, "match": match})


def _check_choice(body: dict[str, Any], key: str, allowed: tuple[str, ...]) -> None:
    if body.get(key) not in allowed:
        raise errors.bad_request(f"{key}: {body.get(key)!r} is not one of {', '.join(allowed)}")


def _check_number(body: dict[str, Any], key: str, least: float, most: float) -> None:
    value = body.get(key)
    if value is None and key != "status":
        return
    if key == "status" and key not in body:
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise errors.bad_request(f"{key}: {value!r} is not a number from {least} to {most}")


class Faults:
    """The faults switched on now.

    A request that comes in over HTTP is checked once, at the door, with its handler's name as the operation;
    calls of one service by another inside the process are checked by the called service's own method.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._on: list[Fault] = []
        self._passed = threading.local()
        self._ended = threading.Event()

    def add(self, fault: Fault) -> Fault:
        """Switch a fault on."""
        with self._lock:
            self._on.append(fault)
        return fault

    def list_(self) -> list[dict[str, Any]]:
        """Give the faults that are on, with their hits."""
        with self._lock:
            return [dataclasses.asdict(one) for one in self._on]

    def clear(self, ident: str | None = None) -> None:
        """Switch one fault off, or all; 404 for an id that is not on."""
        with self._lock:
            kept = [one for one in self._on if ident is not None and one.id != ident]
            if ident is not None and len(kept) == len(self._on):
                raise errors.not_found(f"fault {ident} is not switched on")
            self._on = kept

    def end(self) -> None:
        """Wake all calls that a fault holds up, because the cloud stops."""
        self._ended.set()

    def check(self, service: str, operation: str, scope: Scope, name: str = "") -> None:
        """Raise or delay, when a fault for this call is on; call it without holding a lock."""
        if getattr(self._passed, "service", "") == service:
            return
        fault = self._take(service, operation, scope, name, RAISED)
        if fault is not None:
            self._strike(fault, service)

    def take(self, kind: str, service: str, operation: str, scope: Scope, name: str = "") -> Fault | None:
        """Give a fault of a kind that shows later, using up one of its hits."""
        return self._take(service, operation, scope, name, (kind,))

    @contextlib.contextmanager
    def door(self, service: str, operation: str, scope: Scope, name: str = "") -> Iterator[None]:
        """Check an HTTP request once; the same service's own checks inside the block let it pass."""
        self.check(service, operation, scope, name)
        self._passed.service = service
        try:
            yield
        finally:
            self._passed.service = ""

    def _take(self, service: str, operation: str, scope: Scope, name: str, kinds: tuple[str, ...]) -> Fault | None:
        facts = {"name": name, "project_id": scope.project_id, "user_id": scope.user_id}
        with self._lock:
            for fault in self._on:
                if fault.kind in kinds and fault.count != 0 and fault.suits(service, operation, facts):
                    fault.hits += 1
                    fault.count = None if fault.count is None else fault.count - 1
                    return fault
        return None

    def _strike(self, fault: Fault, service: str) -> None:
        if fault.kind in DEFAULT_SECONDS:
            self._ended.wait(fault.seconds if fault.seconds is not None else DEFAULT_SECONDS[fault.kind])
        if fault.kind == "slow":
            return
        if fault.kind == "timeout":
            raise CloudFault(504, fault.message or "The server did not respond in time.", "GatewayTimeout")
        if fault.kind == "quota":
            status, kind = QUOTA_STATUS.get(service, (403, "Forbidden"))
            raise CloudFault(status, fault.message or "Quota exceeded for resources: switched-on fault", kind)
        raise CloudFault(fault.status, fault.message or "Internal error: switched-on fault", "InternalServerError")
