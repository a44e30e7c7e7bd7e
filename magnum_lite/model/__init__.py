# SPDX-License-Identifier: Apache-2.0
"""Rows and the pure rules about them; importing this package knows every table."""

from magnum_lite.model.base import Base
from magnum_lite.model.certificate import Authority
from magnum_lite.model.cluster import Cluster, Grant
from magnum_lite.model.event import ClusterEvent
from magnum_lite.model.idempotency import IdempotencyKey
from magnum_lite.model.node import Node
from magnum_lite.model.nodegroup import Nodegroup
from magnum_lite.model.operation import Operation
from magnum_lite.model.quota import Quota
from magnum_lite.model.reservation import Reservation
from magnum_lite.model.secret import Secret
from magnum_lite.model.service import Service
from magnum_lite.model.template import ClusterTemplate

__all__ = [
    "Authority",
    "Base",
    "Cluster",
    "ClusterEvent",
    "ClusterTemplate",
    "Grant",
    "IdempotencyKey",
    "Node",
    "Nodegroup",
    "Operation",
    "Quota",
    "Reservation",
    "Secret",
    "Service",
]
