# SPDX-License-Identifier: Apache-2.0
"""What clients written in Go read from answers: a value of another kind than theirs ends the whole call."""

from __future__ import annotations

import datetime
import re
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

Model = TypeVar("Model")
Labels = dict[str, str]

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True)
class Link:
    href: str
    rel: str


@dataclass(frozen=True)
class Cluster:
    """A cluster as gophercloud decodes it."""

    uuid: str
    name: str
    api_address: str = ""
    coe_version: str = ""
    cluster_template_id: str = ""
    container_version: str = ""
    create_timeout: int = 0
    created_at: datetime.datetime | None = None
    discovery_url: str = ""
    docker_volume_size: int = 0
    faults: Labels = field(default_factory=dict)
    flavor_id: str = ""
    keypair: str = ""
    labels: Labels = field(default_factory=dict)
    labels_added: Labels = field(default_factory=dict)
    labels_overridden: Labels = field(default_factory=dict)
    labels_skipped: Labels = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    master_flavor_id: str = ""
    master_addresses: list[str] = field(default_factory=list)
    master_count: int = 0
    node_addresses: list[str] = field(default_factory=list)
    node_count: int = 0
    project_id: str = ""
    stack_id: str = ""
    status: str = ""
    status_reason: str = ""
    updated_at: datetime.datetime | None = None
    user_id: str = ""
    floating_ip_enabled: bool = False
    master_lb_enabled: bool = False
    fixed_network: str = ""
    fixed_subnet: str = ""
    health_status: str = ""
    health_status_reason: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ClusterTemplate:
    """A template as gophercloud decodes it."""

    uuid: str
    name: str
    coe: str
    image_id: str
    apiserver_port: int = 0
    cluster_distro: str = ""
    created_at: datetime.datetime | None = None
    dns_nameserver: str = ""
    docker_storage_driver: str = ""
    docker_volume_size: int = 0
    external_network_id: str = ""
    fixed_network: str = ""
    fixed_subnet: str = ""
    flavor_id: str = ""
    floating_ip_enabled: bool = False
    http_proxy: str = ""
    https_proxy: str = ""
    insecure_registry: str = ""
    keypair_id: str = ""
    labels: Labels = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    master_flavor_id: str = ""
    master_lb_enabled: bool = False
    network_driver: str = ""
    no_proxy: str = ""
    project_id: str = ""
    public: bool = False
    registry_enabled: bool = False
    server_type: str = ""
    tls_disabled: bool = False
    updated_at: datetime.datetime | None = None
    user_id: str = ""
    volume_driver: str = ""
    hidden: bool = False


@dataclass(frozen=True)
class NodeGroup:
    """A nodegroup as gophercloud decodes it; no maximum means that it is not scaled."""

    uuid: str
    name: str
    id: int = 0
    cluster_id: str = ""
    project_id: str = ""
    docker_volume_size: int | None = None
    labels: Labels = field(default_factory=dict)
    labels_added: Labels = field(default_factory=dict)
    labels_overridden: Labels = field(default_factory=dict)
    labels_skipped: Labels = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    flavor_id: str = ""
    image_id: str = ""
    node_addresses: list[str] = field(default_factory=list)
    node_count: int = 0
    role: str = ""
    min_node_count: int = 0
    max_node_count: int | None = None
    is_default: bool = False
    stack_id: str = ""
    status: str = ""
    status_reason: str = ""
    version: str = ""
    created_at: datetime.datetime | None = None
    updated_at: datetime.datetime | None = None


@dataclass(frozen=True)
class Certificate:
    """A certificate as gophercloud decodes it."""

    cluster_uuid: str
    pem: str
    csr: str = ""
    bay_uuid: str = ""
    links: list[Link] = field(default_factory=list)


@dataclass(frozen=True)
class Quota:
    """A quota as gophercloud decodes it."""

    project_id: str
    resource: str
    hard_limit: int
    id: int | str = 0
    created_at: datetime.datetime | None = None
    updated_at: datetime.datetime | None = None


@dataclass(frozen=True)
class Accepted:
    """What is read of an answer that says only which cluster it is about."""

    uuid: str


@dataclass(frozen=True)
class Clusters:
    clusters: list[Cluster]
    next: str = ""


@dataclass(frozen=True)
class ClusterTemplates:
    clustertemplates: list[ClusterTemplate]
    next: str = ""


@dataclass(frozen=True)
class NodeGroups:
    nodegroups: list[NodeGroup]
    next: str = ""


def decode(model: type[Model], document: Any) -> Model:
    """Read a model from a document, in which fields it does not know are allowed.

    Fails where Go fails, and where a list or a map is null instead of empty. Null stands for the zero of its kind.
    """
    assert isinstance(document, Mapping), f"no object: {document!r}"
    kinds = typing.get_type_hints(model)
    values = {}
    for one in fields(model):  # type: ignore[arg-type]
        if one.name in document and not _is_zero(document[one.name], kinds[one.name]):
            values[one.name] = _value(f"{model.__name__}.{one.name}", document[one.name], kinds[one.name])
    return model(**values)


def _is_zero(value: Any, kind: Any) -> bool:
    is_container = typing.get_origin(kind) in (list, dict)
    return value is None and not is_container


def _value(name: str, value: Any, kind: Any) -> Any:
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin is types.UnionType:
        kinds = [one for one in parts if one is not type(None)]
        (kind,) = [one for one in kinds if type(value) is one] if len(kinds) > 1 else kinds
        return _value(name, value, kind)
    if origin is list:
        assert type(value) is list, f"{name} is no list: {value!r}"
        return [_value(name, one, parts[0]) for one in value]
    if origin is dict:
        assert type(value) is dict, f"{name} is no object: {value!r}"
        return {key: _value(f"{name}[{key}]", one, parts[1]) for key, one in value.items()}
    if kind is Link:
        return decode(Link, value)
    return _plain(name, value, kind)


def _plain(name: str, value: Any, kind: Any) -> Any:
    if kind is Any:
        return value
    if kind is datetime.datetime:
        assert type(value) is str, f"{name} is no time: {value!r}"
        assert RFC_3339.fullmatch(value), f"{name} is no time with a zone: {value!r}"
        return datetime.datetime.fromisoformat(value)
    if kind in (str, int, bool):
        assert type(value) is kind, f"{name} is no {kind.__name__}: {value!r}"
        return value
    return decode(kind, value)
