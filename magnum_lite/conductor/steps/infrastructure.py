# SPDX-License-Identifier: Apache-2.0
"""What a cluster has in the cloud: its stack."""

from __future__ import annotations

import contextlib
import datetime
import logging
from collections.abc import Iterator

from magnum_lite.conductor.look import Happening, Look, user_secret
from magnum_lite.conductor.steps.certificates import node_tokens
from magnum_lite.conductor.steps.identity import act_by_roles, check_trust, ensure_identity
from magnum_lite.conductor.steps.nodes import check_nodes
from magnum_lite.drivers.base import Change, InfrastructureStatus, Material, NotYet, Observation, Removal, Strays
from magnum_lite.errors import CloudForbidden, CloudNotFound, StackFailed
from magnum_lite.model import Cluster, Grant
from magnum_lite.model.states import NodeState

LOG = logging.getLogger(__name__)

PATIENCE = 0.3
# The longest pause between two looks at a stack, in polls; and the one when every node is up.
MOST_POLLS = 6
POLLS_WHILE_NODES_TELL = 24
ATTEMPT_SECONDS = 60.0
# Seconds until Heat is asked again for what nodes wait for already.
SOON = 1.0


def ensure_infrastructure(look: Look) -> None:
    """Give the cluster its stack, and learn its addresses as they become known."""
    if is_built(look.cluster):
        return
    if not _is_worth_asking(look):
        check_nodes(look.cluster.nodes)
        raise NotYet(look.operation.progress or "the stack is being built", after=look.rest)
    with _by_its_trust(look):
        observation = _observe(look)
        if _is_to_be_made_anew(look.cluster, observation):
            _make_anew(look, observation)
    learn(look.cluster, observation)
    _check(look, observation)
    if observation.status is not InfrastructureStatus.COMPLETE:
        check_nodes(look.cluster.nodes)
        raise NotYet(f"the stack is being built: {observation.reason or 'in progress'}", after=_pause(look))
    _learn_stacks(look.cluster, observation)


def change_infrastructure(look: Look) -> None:
    """Have the cluster's infrastructure become what the rows want now, and learn what is new of it.

    Nodes that fail meanwhile are told of later: what is being changed is brought to its end first.
    """
    cluster = look.cluster
    if not _is_worth_asking(look):
        raise NotYet(look.operation.progress or "the stack is being changed", after=look.rest)
    with _by_its_trust(look):
        observation = _tell(look, look.operation.uuid)
    learn(cluster, observation)
    _check(look, observation)
    if observation.status is not InfrastructureStatus.COMPLETE:
        raise NotYet(f"the stack is being changed: {observation.reason or 'in progress'}", after=_pause_of_change(look))
    _learn_stacks(cluster, observation)


def remove_infrastructure(look: Look) -> None:
    """Make the cluster's stack gone, acting as the cluster's user.

    Nobody can act in a project that was deleted: what it still had is for the cloud's administrators to find.
    """
    cluster, deps = look.cluster, look.deps
    if deps.vault.find(user_secret(cluster)) is None:
        # The user comes before everything else, so there is nothing that could be left over.
        return
    try:
        _remove(look)
    except (CloudForbidden, CloudNotFound):
        if not deps.clouds.has_project(cluster.project_id):
            LOG.warning("cluster %s: its project %s is gone, its stack is left", cluster.uuid, cluster.project_id)
            return
        if cluster.grant_kind != Grant.TRUST:
            raise
        act_by_roles(look)
        _remove(look)


def _remove(look: Look) -> None:
    try:
        ensure_identity(look)
        _delete(look)
    except NotYet as wait:
        raise NotYet(wait.reason, after=max(wait.after, _growing(look, look.age))) from None


def is_built(cluster: Cluster) -> bool:
    """Say whether the stack was seen complete, with the addresses of every node."""
    return all(group.stack_id for group in cluster.nodegroups) and all(node.server_id for node in cluster.nodes)


def learn(cluster: Cluster, observation: Observation) -> None:
    """Write what was seen into the rows; what was not seen yet stays as it is."""
    cluster.stack_id = observation.stack_id or cluster.stack_id
    cluster.api_address = observation.api_address or cluster.api_address
    cluster.internal_api_address = observation.internal_api_address or cluster.internal_api_address
    for group in cluster.nodegroups:
        group.stack_id = observation.group_stacks.get(group.uuid, group.stack_id)
    for node in cluster.nodes:
        seen = observation.nodes.get(node.uuid)
        if seen is None:
            continue
        node.server_id = seen.server_id or node.server_id
        node.address = seen.address or node.address
        node.floating_address = seen.floating_address or node.floating_address


def forget(cluster: Cluster) -> None:
    """Have the rows know nothing of the stack and of the servers in it."""
    cluster.stack_id = cluster.api_address = cluster.internal_api_address = None
    for group in cluster.nodegroups:
        group.stack_id = None
    for node in cluster.nodes:
        node.server_id = node.address = node.floating_address = None
        node.state = NodeState.WANTED.value


def _learn_stacks(cluster: Cluster, observation: Observation) -> None:
    for group in cluster.nodegroups:
        group.stack_id = group.stack_id or observation.stack_id


def _check(look: Look, observation: Observation) -> None:
    if observation.status is InfrastructureStatus.FAILED:
        if observation.is_passing:
            _try_again(look, observation.reason)
        raise StackFailed(observation.reason)
    if observation.status is InfrastructureStatus.ABSENT:
        raise StackFailed(f"the stack of cluster {look.cluster.name} is gone: it was removed by somebody else")


def _try_again(look: Look, reason: str) -> None:
    """Have a stack go on that failed because something was away; at most once a minute, while the operation has time.

    Raises ``NotYet``.
    """
    attempt = f"{look.operation.uuid}-{int(look.age // ATTEMPT_SECONDS)}"
    LOG.info("cluster %s: tried again (%s), as it may have passed: %s", look.cluster.uuid, attempt, reason)
    _tell(look, attempt)
    raise NotYet(f"tried again, as it may have passed: {reason}", after=look.deps.conf.heat.poll_seconds)


def _is_to_be_made_anew(cluster: Cluster, seen: Observation) -> bool:
    """Say whether a stack that is being made has to go and be made from the beginning.

    It failed after it was told again: what Heat had made and could not note is in the way of what it makes now.
    """
    is_spoilt = seen.status is InfrastructureStatus.FAILED and seen.action == "UPDATE" and not seen.is_passing
    is_on_its_way_out = seen.action == "DELETE" and cluster.stack_id is None
    return is_spoilt or is_on_its_way_out


def _make_anew(look: Look, seen: Observation) -> None:
    """Have the stack go, and the rows forget it; raises ``NotYet``. The look after it is gone makes another one."""
    cluster = look.cluster
    if cluster.stack_id is not None:
        LOG.warning("cluster %s: its stack is made anew: %s", cluster.uuid, seen.reason)
        forget(cluster)
        look.save(Happening("stack", cluster.name, "made-anew", f"the stack is made anew: {seen.reason}"))
    _delete(look)
    raise NotYet("the stack is made anew", after=SOON)


def _delete(look: Look) -> None:
    def clean(strays: Strays) -> None:
        for what in look.deps.clouds.remove_strays(look.cluster, look.password(), strays):
            LOG.warning("cluster %s: %s was in the way of its stack and is removed", look.cluster.uuid, what)

    removal = Removal(look.operation.started_at, _silent_since(look), clean)
    look.driver.remove_infrastructure(look.cluster, look.stacks(), removal)


def _tell(look: Look, ident: str) -> Observation:
    """Have the infrastructure become what the rows want, unless it is about to; say what it looks like."""
    change = Change(ident, look.operation.started_at, _silent_since(look))
    return look.driver.change_infrastructure(look.cluster, lambda: _material(look), look.stacks(), change=change)


def _silent_since(look: Look) -> datetime.datetime | None:
    """Give the moment since when a stack must have been silent to be told again; ``None`` for a young operation."""
    seconds = look.deps.conf.heat.silent_seconds
    return None if look.age < seconds else look.deps.now() - datetime.timedelta(seconds=seconds)


def _observe(look: Look) -> Observation:
    cluster = look.cluster
    if cluster.stack_id is not None:
        seen = look.driver.observe(cluster, look.stacks())
        is_old = seen.status is InfrastructureStatus.BUILDING and _silent_since(look) is not None
        return _tell(look, look.operation.uuid) if is_old else seen
    return look.driver.ensure_infrastructure(cluster, _material(look), look.stacks())


@contextlib.contextmanager
def _by_its_trust(look: Look) -> Iterator[None]:
    """Tell of a trust that is gone instead of what the cloud says of a user who may do nothing."""
    try:
        yield
    except (CloudForbidden, CloudNotFound):
        check_trust(look)
        raise


def _material(look: Look) -> Material:
    tokens = node_tokens(look.deps.vault, look.cluster)
    return look.deps.clouds.material(look.cluster, look.password(), tokens)


def _is_worth_asking(look: Look) -> bool:
    """Say whether Heat may know more than at the last look: what nodes report on their way is no news of the stack."""
    if look.cluster.stack_id is None or look.rest <= 0:
        return True
    return _waits_for_heat(look.cluster)


def _waits_for_heat(cluster: Cluster) -> bool:
    """Say whether every node is ready, or one is up and lacks an address that its document needs."""
    heard = [node for node in cluster.nodes if node.state != NodeState.WANTED]
    if not heard:
        return False
    is_api_known = cluster.api_address and (cluster.internal_api_address or not cluster.master_lb_enabled)
    are_addresses_known = is_api_known and all(node.address for node in [*cluster.masters, *heard])
    return not are_addresses_known or all(node.is_ready for node in cluster.nodes)


def _pause(look: Look) -> float:
    """Look soon where only Heat's word is missing, and rarely once every node is up: they tell what happens next."""
    poll_seconds = float(look.deps.conf.heat.poll_seconds)
    if _waits_for_heat(look.cluster):
        return _growing(look, look.silence, shortest=SOON)
    if all(node.state != NodeState.WANTED for node in look.cluster.nodes):
        return POLLS_WHILE_NODES_TELL * poll_seconds
    return _growing(look, look.age, shortest=poll_seconds)


def _pause_of_change(look: Look) -> float:
    """Grow with the change's age alone: nodes that are up all the time go on to be heard of."""
    poll_seconds = float(look.deps.conf.heat.poll_seconds)
    return _growing(look, look.age, shortest=SOON if _waits_for_heat(look.cluster) else poll_seconds)


def _growing(look: Look, seconds: float, *, shortest: float = 0.0) -> float:
    """Look ever more rarely, so that a slow cloud is not asked more by many waiting clusters."""
    return min(max(shortest, seconds * PATIENCE), MOST_POLLS * float(look.deps.conf.heat.poll_seconds))
