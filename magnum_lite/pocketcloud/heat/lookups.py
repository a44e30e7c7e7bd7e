# SPDX-License-Identifier: Apache-2.0
"""Looking up in the cloud what custom constraints name."""

import ipaddress
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from magnum_lite.pocketcloud.errors import CloudFault
from magnum_lite.pocketcloud.heat.constraints import Lookup
from magnum_lite.pocketcloud.scope import Scope

if TYPE_CHECKING:
    from magnum_lite.pocketcloud.cloud import Cloud


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


def _network(kind: str) -> Callable[["Cloud", Scope, str], object]:
    return lambda cloud, scope, value: cloud.network.find(kind, scope, value)


# Each constraint with Heat's word for the thing.
_FINDERS: Mapping[str, tuple[str, Callable[["Cloud", Scope, str], object]]] = {
    "nova.flavor": ("Flavor", lambda cloud, scope, value: cloud.compute.find_flavor(scope, value)),
    "nova.keypair": ("Key", lambda cloud, scope, value: cloud.compute.find_keypair(scope, value)),
    "nova.server": ("Server", lambda cloud, scope, value: cloud.compute.get_server(scope, value)),
    "glance.image": ("Image", lambda cloud, scope, value: cloud.image.find(scope, value)),
    "neutron.network": ("Network", _network("network")),
    "neutron.subnet": ("Subnet", _network("subnet")),
    "neutron.router": ("Router", _network("router")),
    "neutron.port": ("Port", _network("port")),
    "neutron.security_group": ("SecurityGroup", _network("security_group")),
    "cinder.vtype": ("VolumeType", lambda cloud, scope, value: cloud.volume.find_type(scope, value)),
    "cinder.volume": ("Volume", lambda cloud, scope, value: cloud.volume.get_volume(scope, value)),
    "ip_addr": ("IP address", lambda cloud, scope, value: ipaddress.ip_address(value)),
    "net_cidr": ("net cidr", lambda cloud, scope, value: ipaddress.ip_network(value, strict=False)),
}
