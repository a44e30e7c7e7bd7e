# SPDX-License-Identifier: Apache-2.0
"""Clusters."""

from __future__ import annotations

import datetime
import enum
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from magnum_lite.errors import NotFound
from magnum_lite.model.base import UUID, Base, Name
from magnum_lite.model.node import Node
from magnum_lite.model.nodegroup import MASTER, Nodegroup
from magnum_lite.model.states import Status


class Grant(enum.StrEnum):
    """How a cluster's user comes to its roles on the project: ``[cluster_user] grant``."""

    ROLE = "role"
    TRUST = "trust"


class Cluster(Base):
    """One Kubernetes cluster: what is wanted of it, and what was learnt.

    Everything a driver needs is copied from the template when the cluster is made, so that a later change of the
    template changes no cluster. ``generation`` grows with every change that nodes must hear of. ``roles`` are those
    the cluster user is given on the project, in the way that ``grant_kind`` says; ``trust_id`` is the trust by which
    it acts, ``None`` until it was made. ``api_address`` is the URL of the API server for users,
    ``internal_api_address`` the one for nodes. ``ssh_public_key`` is the keypair's public half, copied because a
    keypair belongs to one user and no other user's server can name it. ``nodegroups`` are ordered by id: the master
    group comes first.
    """

    __tablename__ = "cluster"
    __table_args__ = (Index("ix_cluster_project_id_id", "project_id", "id"), Base.__table_args__)

    uuid: Mapped[str] = mapped_column(UUID, unique=True)
    project_id: Mapped[str] = mapped_column(Name)
    user_id: Mapped[str] = mapped_column(Name)
    name: Mapped[str] = mapped_column(Name, index=True)
    cluster_template_id: Mapped[str] = mapped_column(UUID, index=True)
    driver: Mapped[str] = mapped_column(Name)
    generation: Mapped[int] = mapped_column(default=1)

    keypair: Mapped[str | None] = mapped_column(Name)
    ssh_public_key: Mapped[str | None] = mapped_column(Text)
    labels: Mapped[dict[str, str]] = mapped_column(default=dict)
    template_labels: Mapped[dict[str, str]] = mapped_column(default=dict)
    create_timeout: Mapped[int]
    discovery_url: Mapped[str | None] = mapped_column(Text)
    docker_volume_size: Mapped[int | None]
    flavor_id: Mapped[str | None] = mapped_column(Name)
    master_flavor_id: Mapped[str | None] = mapped_column(Name)
    external_network_id: Mapped[str | None] = mapped_column(Name)
    fixed_network: Mapped[str | None] = mapped_column(Name)
    fixed_subnet: Mapped[str | None] = mapped_column(Name)
    dns_nameserver: Mapped[str | None] = mapped_column(Name)
    network_driver: Mapped[str | None] = mapped_column(Name)
    volume_driver: Mapped[str | None] = mapped_column(Name)
    http_proxy: Mapped[str | None] = mapped_column(Name)
    https_proxy: Mapped[str | None] = mapped_column(Name)
    no_proxy: Mapped[str | None] = mapped_column(Text)
    insecure_registry: Mapped[str | None] = mapped_column(Name)
    floating_ip_enabled: Mapped[bool] = mapped_column(default=True)
    master_lb_enabled: Mapped[bool] = mapped_column(default=False)

    status: Mapped[str] = mapped_column(String(20), default=Status.CREATE_IN_PROGRESS.value)
    status_reason: Mapped[str | None] = mapped_column(Text)
    health_status: Mapped[str | None] = mapped_column(String(20))
    health_status_reason: Mapped[dict[str, Any]] = mapped_column(default=dict)
    stack_id: Mapped[str | None] = mapped_column(Name)
    api_address: Mapped[str | None] = mapped_column(Name)
    internal_api_address: Mapped[str | None] = mapped_column(Name)
    coe_version: Mapped[str | None] = mapped_column(Name)
    roles: Mapped[list[str]] = mapped_column(default=list)
    cluster_user_id: Mapped[str | None] = mapped_column(Name)
    grant_kind: Mapped[str] = mapped_column(String(20), default=Grant.ROLE.value)
    trust_id: Mapped[str | None] = mapped_column(Name)
    created_at: Mapped[datetime.datetime]
    updated_at: Mapped[datetime.datetime | None]

    nodegroups: Mapped[list[Nodegroup]] = relationship(
        primaryjoin="Cluster.uuid == foreign(Nodegroup.cluster_uuid)",
        order_by=Nodegroup.id,
        cascade="all, delete-orphan",
        lazy="raise",
    )

    @property
    def cluster_user_name(self) -> str:
        """The name of the cluster's user in Keystone."""
        return f"magnum-lite-{self.uuid}"

    def nodegroup(self, ident: str) -> Nodegroup:
        """Give the nodegroup with this UUID or name; raise ``NotFound``."""
        for group in self.nodegroups:
            if ident.lower() == group.uuid or ident == group.name:
                return group
        raise NotFound("Nodegroup", ident)

    @property
    def default_workers(self) -> Nodegroup:
        """The nodegroup that a cluster's own number of workers is about."""
        return next(group for group in self.nodegroups if group.is_default and group.role != MASTER)

    @property
    def nodes(self) -> list[Node]:
        """Every node there shall be, masters first, each group ordered by index."""
        return [node for node in self.all_nodes if not node.is_leaving]

    @property
    def all_nodes(self) -> list[Node]:
        """Every node that has a row, those included that are on their way out."""
        return [node for group in self.nodegroups for node in group.nodes]

    @property
    def masters(self) -> list[Node]:
        return [node for node in self.nodes if node.role == MASTER]

    @property
    def workers(self) -> list[Node]:
        return [node for node in self.nodes if node.role != MASTER]
