# SPDX-License-Identifier: Apache-2.0
"""Looking up in the cloud what custom constraints name."""

import ipaddress
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.heat.constraints import Lookup
from magnum_lite.pocketcloud.scope import Scope

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.cloud import Cloud

Finder: TypeAlias = Callable[["Cloud", Scope, str], object]


def lookup(cloud: "Cloud", scope: Scope) -> Lookup:
    """Give the function that checks a value against a custom constraint, as this caller sees the cloud."""

    def trouble(constraint: str, value: str) -> str | None:
        if constraint not in _FINDERS:
            return f"unknown custom constraint {constraint}; known are {', '.join(sorted(_FINDERS))}"
        label, find = _FINDERS[constraint]
        try:
            find(cloud, scope, value)
        except CloudFault as fault:
            return f"The {label} ({value}) could not be found." if fault.status == 404 else fault.message
        except ValueError as error:
            return f"Invalid {label}: {error}"
        return None

    return trouble


def _network(kind: str) -> Finder:
    def find(cloud: "Cloud", scope: Scope, value: str) -> object:
        return cloud.network.find(kind, scope, value)

    return find


def _flavor(cloud: "Cloud", scope: Scope, value: str) -> object:
    return cloud.compute.find_flavor(scope, value)


def _keypair(cloud: "Cloud", scope: Scope, value: str) -> object:
    return cloud.compute.find_keypair(scope, value)


def _server(cloud: "Cloud", scope: Scope, value: str) -> object:
    return cloud.compute.get_server(scope, value)


def _image(cloud: "Cloud", scope: Scope, value: str) -> object:
    return cloud.image.find(scope, value)


def _volume_type(cloud: "Cloud", scope: Scope, value: str) -> object:
    return cloud.volume.find_type(scope, value)


def _volume(cloud: "Cloud", scope: Scope, value: str) -> object:
    return cloud.volume.get_volume(scope, value)


def _address(cloud: "Cloud", scope: Scope, value: str) -> object:
    return ipaddress.ip_address(value)


def _cidr(cloud: "Cloud", scope: Scope, value: str) -> object:
    return ipaddress.ip_network(value, strict=False)


# Each constraint with Heat's word for the thing.
_FINDERS: Mapping[str, tuple[str, Finder]] = {
    "nova.flavor": ("Flavor", _flavor),
    "nova.keypair": ("Key", _keypair),
    "nova.server": ("Server", _server),
    "glance.image": ("Image", _image),
    "neutron.network": ("Network", _network("network")),
    "neutron.subnet": ("Subnet", _network("subnet")),
    "neutron.router": ("Router", _network("router")),
    "neutron.port": ("Port", _network("port")),
    "neutron.security_group": ("SecurityGroup", _network("security_group")),
    "cinder.vtype": ("VolumeType", _volume_type),
    "cinder.volume": ("Volume", _volume),
    "ip_addr": ("IP address", _address),
    "net_cidr": ("net cidr", _cidr),
}
