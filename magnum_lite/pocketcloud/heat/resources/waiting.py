# SPDX-License-Identifier: Apache-2.0
"""OS::Heat::WaitConditionHandle and OS::Heat::WaitCondition."""

import hmac
import secrets
import weakref
from collections.abc import Iterator, Mapping
from functools import partial

from magnum_lite.pocketcloud.heat import refusals
from magnum_lite.pocketcloud.heat.refusals import Failure, ResourceFailed
from magnum_lite.pocketcloud.heat.resource_type import ResourceType, cloud_of
from magnum_lite.pocketcloud.heat.schema import AllowedValues, Range, Schema, integer, number, string
from magnum_lite.pocketcloud.heat.stack import Resource
from magnum_lite.pocketcloud.heat.values import Json

HANDLE_ATTRIBUTES = ("token", "endpoint", "curl_cli", "signal", "show")
DEEPEST = 5
STATUSES = ("SUCCESS", "FAILURE")
TRANSPORTS = ("TOKEN_SIGNAL", "HEAT_SIGNAL", "NO_SIGNAL", "CFN_SIGNAL", "TEMP_URL_SIGNAL", "ZAQAR_SIGNAL")


class WaitConditionHandle(ResourceType):
    """Where a node says how far it is; `notes["signals"]` holds what was said, by id."""

    name = "OS::Heat::WaitConditionHandle"
    properties: Schema = {"signal_transport": string(AllowedValues(TRANSPORTS), default="TOKEN_SIGNAL")}
    attributes = HANDLE_ATTRIBUTES

    def create(self, resource: Resource) -> None:
        """Draw the token that signals come with."""
        resource.notes.update(token=secrets.token_urlsafe(32), signals={})
        resource.physical_id = resource.id

    def attribute(self, resource: Resource, name: str) -> Json:
        """Give where to signal and with what."""
        token, endpoint = resource.notes["token"], signal_url(resource)
        command = (
            f"curl -i -X POST -H 'X-Auth-Token: {token}' -H 'Content-Type: application/json' "
            f"-H 'Accept: application/json' {endpoint}"
        )
        values = {"token": token, "endpoint": endpoint, "curl_cli": command}
        if name == "signal":
            return {"auth_url": cloud_of(resource).settings.url + "/identity/v3", "token": token, "alarm_url": endpoint}
        return values if name == "show" else values[name]

    def signal(self, resource: Resource, details: Mapping[str, Json]) -> str:
        """Note a signal; its fields are status, reason, data and id, all optional."""
        signals = resource.notes["signals"]
        status = str(details.get("status", "SUCCESS"))
        if status not in STATUSES:
            raise refusals.bad_request(f"status: {status!r} is not one of {', '.join(STATUSES)}")
        ident = str(details.get("id", len(signals) + 1))
        signals[ident] = {
            "status": status,
            "reason": str(details.get("reason") or f"Signal {len(signals) + 1} received"),
            "data": details.get("data"),
        }
        for other in _whole_tree(resource):
            if other.wake is not None and other.wanted.get("handle") == resource.physical_id:
                other.wake()
        return f"Signal: status:{status} reason:{signals[ident]['reason']}"


class WaitCondition(ResourceType):
    """Waits until a handle has got so many signals, or for so long; `notes["round"]` counts how often it began."""

    name = "OS::Heat::WaitCondition"
    properties: Schema = {
        "handle": string(required=True),
        "timeout": number(Range(1, 43200), required=True, changes=True),
        "count": integer(Range(1), changes=True, default=1),
    }
    attributes = ("data", "show")

    def create(self, resource: Resource) -> None:
        """Start to wait."""
        notes = resource.notes
        notes.update(is_late=False, round=notes.get("round", 0) + 1)
        resource.physical_id = resource.wanted["handle"]
        # The clock must not keep a resource alive that is deleted before its time is up.
        late = partial(_expire, weakref.ref(resource), notes["round"])
        cloud_of(resource).clock.later(float(resource.wanted["timeout"]), late)

    def update(self, resource: Resource, changed: frozenset[str]) -> None:
        """Start to wait again."""
        self.create(resource)

    def is_created(self, resource: Resource) -> bool:
        """Say whether enough signals have come; fail when one tells of a failure, or not all came in time."""
        signals = _signals(resource)
        if failed := [one["reason"] for one in signals.values() if one["status"] == "FAILURE"]:
            raise ResourceFailed(Failure("WaitConditionFailure", ";".join(failed)))
        count = resource.wanted["count"]
        if len(signals) < count and resource.notes["is_late"]:
            raise ResourceFailed(Failure("WaitConditionTimeout", f"{len(signals)} of {count} received"))
        return bool(len(signals) >= count)

    def is_updated(self, resource: Resource) -> bool:
        """Say whether enough signals have come."""
        return self.is_created(resource)

    def wait(self, resource: Resource, looks: int) -> float | None:
        """Say that a signal wakes it, or the end of its time."""
        return None

    def attribute(self, resource: Resource, name: str) -> Json:
        """Give what was said, by id."""
        return {ident: one["data"] for ident, one in _signals(resource).items()}


def _expire(reference: "weakref.ref[Resource]", waited_round: int) -> None:
    resource = reference()
    if resource is not None and resource.notes.get("round") == waited_round:
        resource.notes["is_late"] = True
        if resource.wake is not None:
            resource.wake()


def signal_url(resource: Resource) -> str:
    """Give where a resource is signalled."""
    stack, cloud = resource.stack, cloud_of(resource)
    place = f"{stack.scope.project_id}/stacks/{stack.name}/{stack.id}/resources/{resource.name}/signal"
    return f"{cloud.settings.url}/orchestration/v1/{place}"


def may_signal(resource: Resource, token: str) -> bool:
    """Say whether a token is the one made for signals to this resource."""
    own = resource.notes.get("token")
    return isinstance(own, str) and hmac.compare_digest(own.encode(), token.encode())


def _signals(resource: Resource) -> Mapping[str, Json]:
    """Give the signals that the condition's handle has got; none once the handle is gone."""
    found = [
        one for one in _whole_tree(resource) if one.physical_id == resource.wanted["handle"] and "signals" in one.notes
    ]
    return dict(found[0].notes["signals"]) if found else {}


def _whole_tree(resource: Resource) -> Iterator[Resource]:
    for stack in resource.stack.root.below(DEEPEST):
        yield from list(stack.resources.values())
