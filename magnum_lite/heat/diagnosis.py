# SPDX-License-Identifier: Apache-2.0
"""Why a stack failed: the deepest resource that did, and its cause."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

# What Heat writes on resources that were only stopped because another one had failed.
BYSTANDER = re.compile(r"aborted|cancelled|Stack \w+ (started|cancelled)", re.IGNORECASE)
# Heat repeats the path of a failed resource in front of its cause, once per stack.
PATH = re.compile(r"^(?:Resource \w+ failed: )?(?:\w+: )?resources[.\[][\w\[\]\".$-]*: ")

# What Heat writes on resources while its database, its queue or another service is away for a while.
PASSING = re.compile(
    r"OperationalError|DBConnectionError|Lost connection|server has gone away|MessagingTimeout|MessageDeliveryFailure"
    r"|Unable to establish connection|Connection (?:refused|reset|aborted)|ConnectFailure|Remote end closed"
    r"|timed out waiting for a reply|Engine went down|HTTP 50[234]|Service Unavailable|Bad Gateway|Gateway Time",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Resource:
    """One row of Heat's resource list; ``stack`` is the URL of its stack, ``nested`` that of the stack it is."""

    name: str
    kind: str
    status: str
    reason: str
    updated: str
    stack: str
    nested: str | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        links = {link.get("rel"): link.get("href") for link in row.get("links") or ()}
        return cls(
            name=row["resource_name"],
            kind=row.get("resource_type") or "",
            status=row.get("resource_status") or "",
            reason=row.get("resource_status_reason") or "",
            updated=row.get("updated_time") or "",
            stack=links.get("stack") or "",
            nested=links.get("nested"),
        )


def is_passing(reason: str) -> bool:
    """Say whether a failure tells of something that was away, and not of what the stack asks for."""
    return bool(PASSING.search(reason))


def sentence(resources: Sequence[Resource], *, otherwise: str) -> str:
    """Name the first culprit with its path and its cause; ``otherwise`` is what the stack itself says."""
    culprit = _culprit(resources)
    if culprit is None:
        return _cause(otherwise)
    return f"{culprit.kind} {_path(culprit, resources)} failed: {_cause(culprit.reason)}"


def _culprit(resources: Sequence[Resource]) -> Resource | None:
    """Of the failed resources that hold no other failed one, the first that failed by itself."""
    failed = [one for one in resources if one.status.endswith("_FAILED")]
    stacks = {one.stack for one in failed}
    leaves = [one for one in failed if one.nested not in stacks]
    return min(leaves, key=lambda one: (bool(BYSTANDER.search(one.reason)), one.updated), default=None)


def _path(culprit: Resource, resources: Sequence[Resource]) -> str:
    parents = {one.nested: one for one in resources if one.nested}
    names = [culprit.name]
    above = parents.get(culprit.stack)
    while above is not None and len(names) < len(resources):
        names.append(above.name)
        above = parents.get(above.stack)
    return "/".join(reversed(names))


def _cause(reason: str) -> str:
    """Take Heat's own wrapping off a reason."""
    text = " ".join(reason.split())
    shorter = PATH.sub("", text)
    while shorter != text:
        text, shorter = shorter, PATH.sub("", shorter)
    return text or "no reason given"
