# SPDX-License-Identifier: Apache-2.0
"""What a driver is: it builds one or more cluster types, in steps that may be run again and again."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from magnum_lite.errors import InvalidField
from magnum_lite.model.labels import Labels
from magnum_lite.nodeconf import CertificateRequest, NodeDocument

if TYPE_CHECKING:
    from magnum_lite.model.cluster import Cluster
    from magnum_lite.model.node import Node
from magnum_lite.model.nodegroup import Nodegroup


class NotYet(Exception):
    """Not an error: the outside world needs more time; look again ``after`` so many seconds."""

    def __init__(self, reason: str, *, after: float) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after


@dataclass(frozen=True)
class ClusterType:
    """What a template asks to be built: ``vm`` or ``bm``, the image's distribution, the container engine."""

    server_type: str
    os_distro: str
    coe: str


class Feature(StrEnum):
    """What a driver can do with a cluster beyond making and removing it; the values complete "cannot ..."."""

    RESIZE = "change the number of workers"
    NODEGROUPS = "have further nodegroups"
    NODE_LABELS = "give nodes labels and taints"
    OTHER_NODE_LABELS = "give nodes that are there other labels and taints"
    UPGRADE = "be upgraded"
    ROTATE_CA = "be given new certificate authorities"
    ROTATE_CREDENTIAL = "be given new credentials"


@dataclass(frozen=True)
class Wish:
    """What a request wants, template and request already merged, before any row is written.

    ``labels`` are as given. ``root_disks`` are the root disk sizes (GiB) of the flavors in use. ``is_nodegroup`` says
    that all of it is about one more nodegroup, of ``node_count`` nodes, of a cluster that is there.
    """

    master_count: int = 1
    node_count: int = 1
    flavor_id: str | None = None
    master_flavor_id: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    master_lb_enabled: bool = False
    floating_ip_enabled: bool = True
    external_network_id: str | None = None
    fixed_network: str | None = None
    fixed_subnet: str | None = None
    network_driver: str | None = None
    volume_driver: str | None = None
    docker_volume_size: int | None = None
    docker_storage_driver: str | None = None
    apiserver_port: int | None = None
    insecure_registry: str | None = None
    tls_disabled: bool = False
    registry_enabled: bool = False
    root_disks: tuple[int, ...] = ()
    is_nodegroup: bool = False


@dataclass(frozen=True)
class Material:
    """What the world gives to a rendering: things the rows name, looked up, and what nodes need to reach us.

    ``api_url`` ends in ``/v1`` and is reachable from nodes; ``node_tokens`` maps a node's UUID to its secret.
    ``external_network``, ``fixed_network`` and ``fixed_subnet`` are Neutron IDs; ``fixed_subnet_cidr`` is the CIDR
    of an existing ``fixed_subnet``. All three last are ``None`` when the driver makes the network. ``agent_image`` is
    the agent that belongs to the cluster's release, which a driver with releases fills in itself; ``trusted_ca`` is PEM
    of authorities that nodes trust besides those their system does.
    """

    api_url: str
    node_tokens: Mapping[str, str]
    api_ca: str | None = None
    trusted_ca: str | None = None
    external_network: str | None = None
    fixed_network: str | None = None
    fixed_subnet: str | None = None
    fixed_subnet_cidr: str | None = None
    region: str | None = None
    poll_seconds: float = 30.0
    agent_image: str = ""


@dataclass(frozen=True)
class Rendering:
    """A stack as it is sent to Heat: the root template, the files it names, its parameters."""

    template: str
    files: Mapping[str, str]
    parameters: Mapping[str, object]


@dataclass(frozen=True)
class Change:
    """What wants something changed: an operation's UUID, with more behind it for a later attempt, and since when.

    A stack in progress in which nothing has happened since ``silent_since`` is told again: Heat forgets what an engine
    was doing that was killed. ``None`` where it is too early to ask.
    """

    ident: str
    since: datetime.datetime
    silent_since: datetime.datetime | None = None


@dataclass(frozen=True)
class Strays:
    """Where things may be that Heat has made for a cluster and, killed, could not note: they are in its own way.

    ``networks`` and ``routers`` are IDs of those that belong to the cluster alone; ``names`` are those of its nodes,
    which servers and ports have.
    """

    networks: tuple[str, ...]
    routers: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Removal:
    """Since when things shall be gone; ``silent_since`` is as in ``Change``.

    ``clean`` has go what is in the way of something that could not be deleted; it is called before the next try.
    """

    since: datetime.datetime | None = None
    silent_since: datetime.datetime | None = None
    clean: Callable[[Strays], None] | None = None


class InfrastructureStatus(StrEnum):
    ABSENT = "absent"
    BUILDING = "building"
    COMPLETE = "complete"
    FAILED = "failed"
    REMOVING = "removing"


@dataclass(frozen=True)
class NodeObservation:
    """What is known of one server now; each is ``None`` as long as it is not known."""

    server_id: str | None = None
    address: str | None = None
    floating_address: str | None = None


@dataclass(frozen=True)
class Observation:
    """What the outside world says of a cluster's infrastructure now.

    ``nodes`` maps the UUID of a node's row to what is known of its server. ``api_address`` is the URL at
    which users reach the API server, ``internal_api_address`` the one for nodes; the cluster's row keeps both.
    ``group_stacks`` maps the UUID of a nodegroup's row to its stack where that is not the cluster's; one whose row
    knows it already may be missing. ``is_passing`` says of a failure that the same may work later; ``action`` is what
    was done last: ``CREATE``, ``UPDATE`` or ``DELETE``, nothing for a driver without stacks.
    """

    status: InfrastructureStatus
    reason: str = ""
    stack_id: str | None = None
    api_address: str | None = None
    internal_api_address: str | None = None
    nodes: Mapping[str, NodeObservation] = field(default_factory=dict)
    group_stacks: Mapping[str, str] = field(default_factory=dict)
    is_passing: bool = False
    action: str = ""


@dataclass(frozen=True)
class CloudAccess:
    """How a cluster reaches the cloud it runs on, as its own user, in the tenant's project.

    ``auth_url`` is Keystone's as nodes reach it, ending in ``/v3``; ``ca`` is PEM or ``None`` for the system's trust;
    ``trust_id`` is given when the user acts by a trust; ``magnum_url`` is our API's, ending in ``/v1``.
    """

    auth_url: str
    user_id: str
    password: str
    project_id: str
    magnum_url: str
    region: str | None = None
    trust_id: str | None = None
    ca: str | None = None


@dataclass(frozen=True)
class CloudNetworks:
    """Where load balancers of a cluster are: the external network's ID, the ID of the subnet its nodes are on."""

    external: str | None = None
    subnet: str | None = None


@dataclass(frozen=True)
class CloudNeeds:
    """Which of its fields of the same names ``NodeSecrets`` shall have for a node's document."""

    cloud: bool = False
    networks: bool = False
    volume_types: bool = False

    def __bool__(self) -> bool:
        return self.cloud or self.networks or self.volume_types


@dataclass(frozen=True)
class NodeSecrets:
    """What a node document carries that is no row.

    ``authorities`` are CA certificates, PEM by authority. For masters alone: ``service_account_key`` signs service
    accounts (a private key in PEM), ``encryption_key`` encrypts Kubernetes' secrets at rest (base64 of 32 bytes),
    ``cloud`` is how the cluster's addons reach the cloud, ``networks`` where its load balancers are. ``volume_types``
    are the names of the cloud's public volume types, one storage class each. The last three are only there for a node
    whose ``CloudNeeds`` name them.
    """

    authorities: Mapping[str, str]
    service_account_key: str | None = None
    encryption_key: str | None = None
    cloud: CloudAccess | None = None
    networks: CloudNetworks = CloudNetworks()
    volume_types: tuple[str, ...] = ()


class StackReading(Protocol):
    """What Heat says of a stack now; ``parameters`` are texts, those that are hidden stars."""

    @property
    def stack_id(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def outputs(self) -> Mapping[str, object]: ...
    @property
    def parameters(self) -> Mapping[str, str]: ...


class Stacks(Protocol):
    """What a driver needs of Heat, in the cluster's project; ``heat.stacks.Stacks`` is one."""

    def ensure(
        self, name: str, *, template: str, files: Mapping[str, str], parameters: Mapping[str, object], minutes: int
    ) -> StackReading: ...

    def update(
        self,
        name: str,
        *,
        stack_id: str,
        template: str,
        files: Mapping[str, str],
        parameters: Mapping[str, object],
        minutes: int,
    ) -> None: ...

    def observe(self, name: str, *, stack_id: str | None = None) -> StackReading | None: ...

    def remove(self, name: str, *, stack_id: str | None = None) -> None: ...

    def failed_removals(self, name: str, since: datetime.datetime | None) -> int: ...

    def last_event(self, name: str) -> datetime.datetime | None: ...

    def physical_ids(self, name: str, kind: str) -> tuple[str, ...]: ...

    def diagnose(self, name: str) -> str: ...


def check_choices(choices: Mapping[str, tuple[str, ...]], values: Mapping[str, object]) -> None:
    """Raise ``InvalidField`` for a value that is not among a field's choices; a field that is left out has none."""
    for name, allowed in choices.items():
        if values.get(name) not in (None, *allowed):
            raise InvalidField(name, values[name], f"it takes one of {', '.join(allowed)}")


class Driver(Protocol):
    """Builds clusters of some types.

    A driver is made with the configuration and keeps nothing between calls: all it needs comes from the rows and
    from what it is handed. ``nodes_report`` says whether its nodes run an agent whose reports are worth waiting for;
    what is not among its ``features`` the API refuses. ``choices`` gives, by the name of a template's field, all words
    that the field takes; any of them may be left out.
    """

    name: str
    nodes_report: bool
    features: frozenset[Feature]
    cluster_types: tuple[ClusterType, ...]
    labels: Labels
    choices: Mapping[str, tuple[str, ...]]

    def check(self, wish: Wish) -> None:
        """Raise a child of ``BadRequest`` that says what of this wish the driver cannot build."""

    def check_size(self, cluster: Cluster, group: Nodegroup, count: int) -> None:
        """Raise a child of ``BadRequest`` when a nodegroup of a cluster cannot have so many nodes."""

    def remarks(self, wish: Wish) -> tuple[str, ...]:
        """Give a sentence for each thing that a wish which can be built brings less than one might think."""

    def release_for(self, given: Mapping[str, str]) -> str | None:
        """Give the release that new nodes with these labels get, or ``None`` for a driver that has none.

        It is kept with each node, so that another default of a later version changes no node that is there.
        """

    def render(self, cluster: Cluster, material: Material) -> Rendering:
        """Give what Heat is sent for these rows; touches nothing outside."""

    def ensure_infrastructure(self, cluster: Cluster, material: Material, stacks: Stacks) -> Observation:
        """Find or make the cluster's infrastructure and say what it looks like.

        Comes back while it is still being built (``BUILDING``). Once it cannot be built it is ``FAILED``, and the
        reason names what failed first and why. Raises ``StackFailed`` when it is refused at once.
        """

    def change_infrastructure(
        self, cluster: Cluster, material: Callable[[], Material], stacks: Stacks, *, change: Change
    ) -> Observation:
        """Have the infrastructure become what the rows want now, and say what it looks like.

        Looks first whether it was told so already: while something else goes on it waits (``BUILDING``) and compares
        again later. What failed for an earlier change is tried again, what failed for this one is ``FAILED``.
        ``material`` is asked for only when there is something to change. Servers of nodes that are leaving go; no
        other server is touched. A nodegroup that is leaving is gone when all is ``COMPLETE``.
        """

    def observe(self, cluster: Cluster, stacks: Stacks) -> Observation:
        """Say what the infrastructure looks like now, changing nothing."""

    def remove_infrastructure(self, cluster: Cluster, stacks: Stacks, removal: Removal | None = None) -> None:
        """Make it gone: come back when nothing is left and raise ``NotYet`` before.

        Raises ``StackFailed`` when it failed too often since the removal was asked for.
        """

    def cloud_needs(self, cluster: Cluster, node: Node) -> CloudNeeds:
        """Say what of the cloud this node's document tells."""

    def node_document(self, cluster: Cluster, node: Node, secrets: NodeSecrets) -> NodeDocument:
        """Give what this node should be now; raise ``DocumentNotReady`` while addresses it needs are unknown."""

    def certificate_requests(self, cluster: Cluster, node: Node) -> tuple[CertificateRequest, ...]:
        """Give the only certificates this node may have; raise ``DocumentNotReady`` as ``node_document`` does."""
