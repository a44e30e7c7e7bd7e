# SPDX-License-Identifier: Apache-2.0
"""The phase in which one master gives the cluster its addons, repairs what is missing and removes what has to go."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from magnum_lite.agent import inventory, ranks, upstream
from magnum_lite.agent.course import Course
from magnum_lite.agent.errors import AddonsFailed, AgentError, CallFailed, Unchangeable
from magnum_lite.agent.inventory import Entry, Inventory
from magnum_lite.agent.kubernetes import MANAGED_BY, MANAGER, Kubernetes, Reference, has_condition, is_ours
from magnum_lite.agent.pace import Backoff
from magnum_lite.nodeconf import Addon

LOG = logging.getLogger(__name__)
KUBECONFIG = "/etc/kubernetes/addons.kubeconfig"
DEFINITION_LOOKS = 20
BETWEEN_LOOKS = Backoff(first=0.1, longest=5.0, factor=1.5)


@dataclass(frozen=True)
class Work:
    """What one run works with: ``there`` are the objects that were found at its begin."""

    course: Course
    kubernetes: Kubernetes
    inventory: Inventory
    there: frozenset[Reference]


def run(course: Course) -> None:
    """Bring every addon to what the document says; one that fails keeps no other from it."""
    if course.document.addons is None:
        return
    kubernetes = course.host.kubernetes(KUBECONFIG)
    known = Inventory.read(kubernetes)
    work = Work(course, kubernetes, known, kubernetes.existing(known.known()))
    failures = [(addon.name, error) for addon in course.document.addons if (error := _tried(work, addon))]
    if failures:
        raise AddonsFailed(failures)
    _clear(work, {addon.name for addon in course.document.addons})


def _tried(work: Work, addon: Addon) -> AgentError | None:
    try:
        _ensure(work, addon)
    except AgentError as error:
        return error
    return None


def _ensure(work: Work, addon: Addon) -> None:
    """Apply all of an addon that is new or changed, what is missing of one that is not."""
    entry, digest = work.inventory.of(addon.name), inventory.digest_of(addon)
    missing = entry.objects - work.there
    if entry.digest == digest and not missing:
        return
    items = ranks.ordered(_marked(item, addon.name) for item in _items(work.course, addon))
    wanted = frozenset(Reference.of(item) for item in items)
    if entry.digest == digest:
        LOG.warning("addon %s lacks %s", addon.name, ", ".join(str(one) for one in sorted(missing)))
        items = [item for item in items if Reference.of(item) in missing]
    leaving = (entry.leaving | entry.objects) - wanted
    # First the list, then the objects: what is cut here can still be found and removed.
    _note(work, addon.name, Entry("", wanted, leaving))
    _apply(work, items)
    _note(work, addon.name, Entry(digest, wanted, leaving))
    LOG.info("addon %s is applied, %d objects", addon.name, len(items))


def _items(course: Course, addon: Addon) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for one in addon.upstream:
        found.extend(upstream.adjusted(course.host.download(one.source), one))
    return [*found, *addon.objects]


def _marked(item: Mapping[str, Any], addon: str) -> Mapping[str, Any]:
    Reference.of(item)
    marks = {"metadata": {"labels": {MANAGED_BY: MANAGER, inventory.ADDON: addon}}}
    found: Mapping[str, Any] = upstream.merged(item, marks)
    return found


def _note(work: Work, addon: str, entry: Entry) -> None:
    work.inventory.entries[addon] = entry
    work.inventory.save(work.kubernetes)


def _apply(work: Work, items: Collection[Mapping[str, Any]]) -> None:
    """Apply objects in their order; wait for definitions before anything that they define."""
    definitions = [item for item in items if item["kind"] == ranks.DEFINITION]
    first = ranks.of(ranks.DEFINITION)
    for item in (one for one in items if ranks.of(one["kind"]) <= first):
        work.kubernetes.apply(item)
    for item in definitions:
        _await_definition(work, Reference.of(item))
    for item in (one for one in items if ranks.of(one["kind"]) > first):
        _apply_or_replace(work, item)


def _await_definition(work: Work, reference: Reference) -> None:
    for look in range(1, DEFINITION_LOOKS + 1):
        if has_condition(work.kubernetes.find(reference), "Established"):
            return
        work.course.wait(BETWEEN_LOOKS.after(look))
    raise CallFailed(f"{reference} is not established after {DEFINITION_LOOKS} looks")


def _apply_or_replace(work: Work, item: Mapping[str, Any]) -> None:
    """Apply an object; one that cannot become so, because of a field that never changes, is made anew."""
    try:
        work.kubernetes.apply(item)
    except Unchangeable as error:
        reference = Reference.of(item)
        if reference.kind in ranks.KEPT:
            raise
        LOG.warning("%s, so it is made anew", error)
        work.kubernetes.remove(reference)
        work.kubernetes.apply(item)


def _clear(work: Work, wanted: Collection[str]) -> None:
    """Remove what no addon is made of any more, if it is still ours."""
    entries = work.inventory.entries
    kept = frozenset(one for name in wanted for one in entries[name].objects)
    going = frozenset(one for name, entry in entries.items() for one in entry.leaving) | frozenset(
        one for name, entry in entries.items() if name not in wanted for one in entry.objects
    )
    for reference in ranks.going(going - kept):
        found = work.kubernetes.find(reference)
        if found is not None and is_ours(found):
            work.kubernetes.remove(reference)
            LOG.info("%s is removed", reference)
    work.inventory.entries = {name: Entry(entries[name].digest, entries[name].objects) for name in sorted(wanted)}
    work.inventory.save(work.kubernetes)
