# SPDX-License-Identifier: Apache-2.0
"""The addresses of Neutron's subnets: which there are, and which are taken."""

import ipaddress

from magnum_lite.pocketcloud import errors
from magnum_lite.pocketcloud.network_kinds import invalid
from magnum_lite.pocketcloud.records import Record

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
LARGEST_LOOK = 70_000


class Addresses:
    """The taken addresses of every subnet; the caller holds the cloud's lock."""

    def __init__(self) -> None:
        self._taken: dict[str, set[int]] = {}
        self._next: dict[str, int] = {}

    def take(self, subnet: Record, wanted: str | None = None) -> str:
        """Take the wanted address, or the next free one of the allocation pools, which go round."""
        taken = self._taken.setdefault(subnet["id"], set())
        if wanted is not None:
            number = _inside(subnet, wanted)
            if number in taken:
                message = f"IP address {wanted} already allocated in subnet {subnet['id']}"
                raise errors.conflict(message, "IpAddressAlreadyAllocated")
        else:
            number = self._free(subnet, taken)
            self._next[subnet["id"]] = number + 1
        taken.add(number)
        return str(ipaddress.ip_address(number))

    def release(self, subnet_id: str, address: str) -> None:
        """Make an address free again."""
        self._taken.get(subnet_id, set()).discard(int(ipaddress.ip_address(address)))

    def forget(self, subnet_id: str) -> None:
        """Drop what is known of a subnet that is gone."""
        self._taken.pop(subnet_id, None)
        self._next.pop(subnet_id, None)

    def _free(self, subnet: Record, taken: set[int]) -> int:
        pools = [(_number(pool["start"]), _number(pool["end"])) for pool in subnet["allocation_pools"]]
        gateway = _number(subnet["gateway_ip"]) if subnet["gateway_ip"] else -1
        after = self._next.get(subnet["id"], 0)
        for least in (after, 0):
            for start, end in pools:
                for number in range(max(start, least), min(end, max(start, least) + LARGEST_LOOK) + 1):
                    if number not in taken and number != gateway:
                        return number
        message = f"No more IP addresses available on network {subnet['network_id']}."
        raise errors.conflict(message, "IpAddressGenerationFailure")


def parse_cidr(value: str) -> IPNetwork:
    """Read a subnet's CIDR; 400 names the value."""
    try:
        return ipaddress.ip_network(value, strict=False)
    except ValueError as error:
        raise invalid("cidr", f"'{value}' is not a valid IP subnet") from error


def default_pools(cidr: IPNetwork, gateway: str | None) -> list[dict[str, str]]:
    """Give the pools of a subnet without any: all hosts but the gateway."""
    first, last = int(cidr.network_address) + 1, int(cidr.broadcast_address) - (1 if cidr.version == 4 else 0)
    if last < first:
        first, last = int(cidr.network_address), int(cidr.broadcast_address)
    at = _number(gateway) if gateway else -1
    spans = [(first, at - 1), (at + 1, last)] if first <= at <= last else [(first, last)]
    return [_pool(start, end) for start, end in spans if start <= end]


def check_pools(cidr: IPNetwork, pools: list[Record]) -> list[dict[str, str]]:
    """Check given pools against the subnet."""
    for pool in pools:
        try:
            start, end = ipaddress.ip_address(pool["start"]), ipaddress.ip_address(pool["end"])
        except (KeyError, TypeError, ValueError) as error:
            raise invalid("allocation_pools", f"'{pool}' is not a pool with a start and an end address") from error
        if start not in cidr or end not in cidr:
            message = f"The allocation pool {start}-{end} spans beyond the subnet cidr {cidr}."
            raise errors.bad_request(message, "OutOfBoundsAllocationPool")
        if int(start) > int(end):
            raise errors.bad_request(f"The allocation pool {start}-{end} is not valid.", "InvalidAllocationPool")
    return [_pool(_number(pool["start"]), _number(pool["end"])) for pool in pools]


def _pool(start: int, end: int) -> dict[str, str]:
    return {"start": str(ipaddress.ip_address(start)), "end": str(ipaddress.ip_address(end))}


def _number(address: str) -> int:
    return int(ipaddress.ip_address(address))


def _inside(subnet: Record, wanted: str) -> int:
    try:
        address = ipaddress.ip_address(wanted)
    except ValueError as error:
        raise invalid("fixed_ips", f"'{wanted}' is not a valid IP address") from error
    if address not in parse_cidr(subnet["cidr"]):
        message = f"IP address {wanted} is not a valid IP for the specified subnet."
        raise errors.bad_request(message, "InvalidIpForSubnet")
    return int(address)
