# SPDX-License-Identifier: Apache-2.0
"""The wire shapes of cluster templates."""

from __future__ import annotations

import datetime
from typing import Any, Self

from wsme import types as wtypes

from magnum_lite.api import wire
from magnum_lite.api.fields import Addresses, Boolean, Choice, Integer, Labels, Text
from magnum_lite.api.v1.link_views import Link
from magnum_lite.model import ClusterTemplate

DEFAULTS = {
    "coe": "kubernetes",
    "server_type": "vm",
    "labels": {},
    "public": False,
    "hidden": False,
    "registry_enabled": False,
    "tls_disabled": False,
    "master_lb_enabled": False,
    "floating_ip_enabled": True,
}


class TemplateWish(wtypes.Base):  # type: ignore[misc]
    """What a user may say of a template; ``cluster_distro`` is taken and then replaced by what the image says."""

    _defaults = DEFAULTS

    name = wtypes.wsattr(Text())
    coe = wtypes.wsattr(Choice("kubernetes"), mandatory=True)
    image_id = wtypes.wsattr(Text(), mandatory=True)
    driver = wtypes.wsattr(Text())
    server_type = wtypes.wsattr(Choice("vm", "bm"))
    cluster_distro = wtypes.wsattr(Text())
    flavor_id = wtypes.wsattr(Text())
    master_flavor_id = wtypes.wsattr(Text())
    keypair_id = wtypes.wsattr(Text())
    external_network_id = wtypes.wsattr(Text())
    fixed_network = wtypes.wsattr(Text())
    fixed_subnet = wtypes.wsattr(Text())
    dns_nameserver = wtypes.wsattr(Addresses())
    network_driver = wtypes.wsattr(Text())
    volume_driver = wtypes.wsattr(Text())
    docker_volume_size = wtypes.wsattr(Integer(1, 65536))
    docker_storage_driver = wtypes.wsattr(Text())
    apiserver_port = wtypes.wsattr(Integer(1024, 65535))
    http_proxy = wtypes.wsattr(Text())
    https_proxy = wtypes.wsattr(Text())
    no_proxy = wtypes.wsattr(Text(4096))
    insecure_registry = wtypes.wsattr(Text())
    labels = wtypes.wsattr(Labels())
    tags = wtypes.wsattr(Text(minimum=0))
    public = wtypes.wsattr(Boolean())
    hidden = wtypes.wsattr(Boolean())
    registry_enabled = wtypes.wsattr(Boolean())
    tls_disabled = wtypes.wsattr(Boolean())
    master_lb_enabled = wtypes.wsattr(Boolean())
    floating_ip_enabled = wtypes.wsattr(Boolean())

    def to_values(self) -> dict[str, Any]:
        """Give the value of every field, the default where nothing was said."""
        names = [one.name for one in wtypes.list_attributes(type(self))]
        return {**dict.fromkeys(names), **DEFAULTS, **wire.given(self)}


def document_of(row: ClusterTemplate) -> dict[str, Any]:
    """Give the document that a JSON patch changes."""
    return {one.name: getattr(row, one.name) for one in wtypes.list_attributes(TemplateWish)}


class Template(wtypes.Base):  # type: ignore[misc]
    """A cluster template."""

    uuid = str
    name = str
    project_id = str
    user_id = str
    coe = str
    driver = str
    server_type = str
    cluster_distro = str
    image_id = str
    flavor_id = str
    master_flavor_id = str
    keypair_id = str
    external_network_id = str
    fixed_network = str
    fixed_subnet = str
    dns_nameserver = str
    network_driver = str
    volume_driver = str
    docker_volume_size = int
    docker_storage_driver = str
    apiserver_port = int
    http_proxy = str
    https_proxy = str
    no_proxy = str
    insecure_registry = str
    labels = {str: str}
    tags = str
    public = bool
    hidden = bool
    registry_enabled = bool
    tls_disabled = bool
    master_lb_enabled = bool
    floating_ip_enabled = bool
    created_at = datetime.datetime
    updated_at = datetime.datetime
    links = [Link]

    @classmethod
    def of(cls, row: ClusterTemplate) -> Self:
        names = [one.name for one in wtypes.list_attributes(cls) if one.name != "links"]
        made = cls(links=Link.to_self(f"clustertemplates/{row.uuid}"))
        for name in names:
            setattr(made, name, getattr(row, name))
        return made


class Templates(wtypes.Base):  # type: ignore[misc]
    clustertemplates = [Template]
    next = str
