# SPDX-License-Identifier: Apache-2.0
"""Running a plan as far as it goes."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable

from magnum_lite.conductor.deps import ConductorDeps
from magnum_lite.conductor.ending import end
from magnum_lite.conductor.look import Happening, Look, Superseded
from magnum_lite.conductor.steps.certificates import ensure_certificates, remove_secrets
from magnum_lite.conductor.steps.identity import ensure_identity, remove_identity
from magnum_lite.conductor.steps.infrastructure import (
    change_infrastructure,
    ensure_infrastructure,
    remove_infrastructure,
)
from magnum_lite.conductor.steps.nodes import await_control_plane, await_new_nodes, await_nodes
from magnum_lite.conductor.steps.rows import remove_leavers, remove_rows
from magnum_lite.drivers.base import NotYet
from magnum_lite.errors import CloudError, MagnumLiteError, ReservationLost, TimedOut
from magnum_lite.model.states import CHANGES, Event, OperationState, Status, Verb
from magnum_lite.store import clusters, operations, reservations
from magnum_lite.store.reservations import Hold

LOG = logging.getLogger(__name__)

Step = Callable[[Look], None]
Plan = tuple[Step, ...]

ENSURE: Plan = (ensure_identity, ensure_certificates, ensure_infrastructure, await_control_plane, await_nodes)
REMOVE: Plan = (remove_infrastructure, remove_identity, remove_secrets, remove_rows)
# One plan for all that may be asked for while another change goes on, so that each finishes what it takes over.
CHANGE: Plan = (ensure_certificates, change_infrastructure, remove_leavers, await_new_nodes)
PLANS: dict[Verb, Plan] = {
    Verb.CREATE: ENSURE,
    Verb.UPDATE: CHANGE,
    Verb.RESIZE: CHANGE,
    Verb.CREATE_NODEGROUP: CHANGE,
    Verb.UPDATE_NODEGROUP: CHANGE,
    Verb.DELETE_NODEGROUP: CHANGE,
    Verb.DELETE: REMOVE,
}

# Rows cannot tell whether this was done: a server they know of may be one of a stack that failed, and one they do not
# know of may be there. So every operation does it once, and remembers by the step it has come to.
ONCE = frozenset({change_infrastructure})

# How often one conductor starts over because somebody asked for another look while it was at it.
MAX_LOOKS = 100


def reconcile(cluster_uuid: str, deps: ConductorDeps) -> float | None:
    """Work on a cluster as far as it goes now; give the seconds until it wants to be looked at again.

    ``None`` when nothing is left to do, when the cluster is gone, or when another conductor holds it: that one is
    told to look again.
    """
    seconds = deps.conf.conductor.reservation_seconds
    hold = deps.store.transact(
        lambda session: reservations.take(session, cluster_uuid, deps.owner, deps.now(), seconds)
    )
    if hold is None:
        return None
    wait = None
    for _ in range(MAX_LOOKS):
        wait = _look(hold, deps)
        if deps.store.transact(lambda session: reservations.release(session, hold)):
            return wait
    deps.store.transact(lambda session: reservations.give_up(session, hold))
    return 0.0 if wait is None else min(wait, 1.0)


def _look(hold: Hold, deps: ConductorDeps) -> float | None:
    with deps.store.read() as session:
        # In this order, so that rows may be newer than the operation, which is superseded then, but never older.
        operation = operations.find_open(session, hold.cluster_uuid)
        cluster = clusters.find(session, hold.cluster_uuid)
    if cluster is None or operation is None:
        return None
    rest = (operation.look_at - deps.now()).total_seconds()
    if operation.attempts and rest > 0:
        # It failed just now and waits; reports of nodes must not use up its tries.
        return rest
    look = Look(deps, hold, cluster, operation, max(rest, 0.0))
    try:
        return _run(look)
    except ReservationLost:
        LOG.warning("cluster %s: another conductor took it over from fence %d", cluster.uuid, hold.fence)
        return None
    except Superseded:
        LOG.info("cluster %s: %s was superseded", cluster.uuid, operation.verb)
        return 0.0


def _run(look: Look) -> float | None:
    operation = look.operation
    if operation.state == OperationState.PENDING:
        operation.state = OperationState.RUNNING.value
        if operation.verb in CHANGES:
            # The change before may have ended just as this one was accepted.
            look.cluster.status = Status.UPDATE_IN_PROGRESS.value
    # Until then nobody else need look: the cluster is held. Should this conductor die, that is when it is free.
    held = datetime.timedelta(seconds=look.deps.conf.conductor.reservation_seconds)
    operation.look_at = look.deps.now() + held
    try:
        _check_deadline(look)
        for step in PLANS[Verb(operation.verb)]:
            _do(look, step)
    except NotYet as wait:
        return _wait(look, wait.reason, wait.after, attempts=0)
    except (ReservationLost, Superseded):
        raise
    except MagnumLiteError as error:
        return _retry_or_fail(look, error, is_retriable=isinstance(error, CloudError) and error.retriable)
    except Exception as error:
        LOG.exception("cluster %s: step %s broke", look.cluster.uuid, operation.step)
        broken = MagnumLiteError(f"internal error in step {operation.step} ({type(error).__name__}): see the log")
        return _retry_or_fail(look, broken, is_retriable=True)
    _succeed(look)
    return None


def _do(look: Look, step: Step) -> None:
    name = step.__name__
    order = _order(look, name)
    if order < 0 and step in ONCE:
        return
    if order > 0:
        look.operation.step = name
        look.operation.attempts = 0
        look.save(Happening("step", name, "begun", f"{name.replace('_', ' ')} begins"))
    step(look)
    if step is not remove_rows:
        look.save_changes()


def _order(look: Look, name: str) -> int:
    """Say whether this step comes after the one begun last (above 0), is that one, or comes before it (below 0)."""
    names = [step.__name__ for step in PLANS[Verb(look.operation.verb)]]
    begun = names.index(look.operation.step) if look.operation.step in names else -1
    return names.index(name) - begun


def _check_deadline(look: Look) -> None:
    operation = look.operation
    if operation.deadline is not None and look.deps.now() >= operation.deadline:
        minutes = round((operation.deadline - operation.started_at).total_seconds() / 60)
        raise TimedOut(f"not complete after {minutes} minutes: {operation.progress or 'nothing was heard'}")


def _wait(look: Look, reason: str, seconds: float, *, attempts: int) -> float:
    operation = look.operation
    now = look.deps.now()
    due = now + datetime.timedelta(seconds=seconds)
    if operation.deadline is not None:
        due = min(due, operation.deadline)
    operation.progress, operation.attempts, operation.look_at = reason, attempts, due
    look.save()
    return max((due - now).total_seconds(), 0.0)


def _retry_or_fail(look: Look, error: MagnumLiteError, *, is_retriable: bool) -> float | None:
    settings = look.deps.conf.conductor
    attempts = look.operation.attempts + 1
    if is_retriable and attempts < settings.max_attempts:
        pause = min(settings.backoff_seconds * 2 ** (attempts - 1), settings.max_backoff_seconds)
        LOG.warning("cluster %s: try %d again in %.1f s: %s", look.cluster.uuid, attempts, pause, error)
        return _wait(look, f"trying again: {error.message}", pause, attempts=attempts)
    _fail(look, error)
    return None


def _fail(look: Look, error: MagnumLiteError) -> None:
    LOG.error("cluster %s: %s failed: %s", look.cluster.uuid, look.operation.verb, error)
    now = look.deps.now()
    end(look.cluster, look.operation, Event.FAILED, now=now, error_code=error.slug, reason=error.message)
    look.save(Happening("cluster", look.cluster.name, error.slug, error.message))


def _succeed(look: Look) -> None:
    operation = look.operation
    if operation.verb == Verb.DELETE:
        LOG.info("cluster %s: deleted", look.cluster.uuid)
        return
    end(look.cluster, operation, Event.SUCCEEDED, now=look.deps.now())
    operation.progress = None
    look.save(Happening("cluster", look.cluster.name, f"{operation.verb}-complete", f"{operation.verb} complete"))
    LOG.info("cluster %s: %s complete after %.1f s", look.cluster.uuid, operation.verb, look.age)
