# SPDX-License-Identifier: Apache-2.0
"""Octavia: load balancers that balance nothing, at addresses that are real Neutron ports."""

import os

from octavia.compute.drivers.noop_driver import driver as compute
from octavia.network.drivers.neutron.allowed_address_pairs import AllowedAddressPairsDriver
from octavia.network.drivers.noop_driver import driver as network
from sqlalchemy import create_engine


def _engine(_url, **options):
    return create_engine(os.environ["DEVCLOUD_NOOP_DATABASE"], **options)


# These drivers remember what they pretend in a file in /tmp, which two clouds would share.
compute.create_engine = network.create_engine = _engine


class NoServers(compute.NoopComputeDriver):
    """Makes no servers for load balancers."""


class RealAddresses(network.NoopNetworkDriver):
    """Asks Neutron for virtual addresses, so that a floating IP can be put on one; all else does nothing."""

    def __init__(self):
        super().__init__()
        self._neutron = AllowedAddressPairsDriver()

    def allocate_vip(self, load_balancer):
        return self._neutron.allocate_vip(load_balancer)

    def deallocate_vip(self, vip):
        self._neutron.network_proxy.delete_port(vip.port_id, ignore_missing=True)

    def get_network(self, network_id, context=None):
        return self._neutron.get_network(network_id, context=context)

    def get_subnet(self, subnet_id, context=None):
        return self._neutron.get_subnet(subnet_id, context=context)

    def get_port(self, port_id, context=None):
        return self._neutron.get_port(port_id, context=context)

    def get_network_by_name(self, network_name):
        return self._neutron.get_network_by_name(network_name)

    def get_subnet_by_name(self, subnet_name):
        return self._neutron.get_subnet_by_name(subnet_name)

    def get_port_by_name(self, port_name):
        return self._neutron.get_port_by_name(port_name)

    def get_network_ip_availability(self, network):
        return self._neutron.get_network_ip_availability(network)
