# SPDX-License-Identifier: Apache-2.0
"""Cluster templates: what clusters are made from."""

from __future__ import annotations

import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from magnum_lite.model.base import UUID, Base, Name


class ClusterTemplate(Base):
    """A cluster template; the fields are Magnum's; image, flavors and networks are as the user named them."""

    __tablename__ = "cluster_template"

    uuid: Mapped[str] = mapped_column(UUID, unique=True)
    project_id: Mapped[str] = mapped_column(Name, index=True)
    user_id: Mapped[str] = mapped_column(Name)
    name: Mapped[str] = mapped_column(Name, index=True)
    coe: Mapped[str] = mapped_column(Name, default="kubernetes")
    driver: Mapped[str] = mapped_column(Name)
    cluster_distro: Mapped[str] = mapped_column(Name)
    server_type: Mapped[str] = mapped_column(Name, default="vm")
    image_id: Mapped[str] = mapped_column(Name)
    flavor_id: Mapped[str | None] = mapped_column(Name)
    master_flavor_id: Mapped[str | None] = mapped_column(Name)
    keypair_id: Mapped[str | None] = mapped_column(Name)
    external_network_id: Mapped[str | None] = mapped_column(Name)
    fixed_network: Mapped[str | None] = mapped_column(Name)
    fixed_subnet: Mapped[str | None] = mapped_column(Name)
    dns_nameserver: Mapped[str | None] = mapped_column(Name)
    network_driver: Mapped[str | None] = mapped_column(Name)
    volume_driver: Mapped[str | None] = mapped_column(Name)
    docker_volume_size: Mapped[int | None]
    docker_storage_driver: Mapped[str | None] = mapped_column(Name)
    apiserver_port: Mapped[int | None]
    http_proxy: Mapped[str | None] = mapped_column(Name)
    https_proxy: Mapped[str | None] = mapped_column(Name)
    no_proxy: Mapped[str | None] = mapped_column(Text)
    insecure_registry: Mapped[str | None] = mapped_column(Name)
    labels: Mapped[dict[str, str]] = mapped_column(default=dict)
    tags: Mapped[str | None] = mapped_column(Name)
    public: Mapped[bool] = mapped_column(default=False)
    hidden: Mapped[bool] = mapped_column(default=False)
    registry_enabled: Mapped[bool] = mapped_column(default=False)
    tls_disabled: Mapped[bool] = mapped_column(default=False)
    master_lb_enabled: Mapped[bool] = mapped_column(default=False)
    floating_ip_enabled: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime.datetime]
    updated_at: Mapped[datetime.datetime | None]
