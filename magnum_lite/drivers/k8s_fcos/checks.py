# SPDX-License-Identifier: Apache-2.0
"""What clusters on Fedora CoreOS cannot be, told before anything is written."""

from __future__ import annotations

import dataclasses
import ipaddress
from collections.abc import Sequence

from magnum_lite.drivers.base import Wish, check_choices
from magnum_lite.drivers.k8s_fcos import (
    all_labels,
    labels,
    left_out,
    pod_network,
    registries,
    stack_size,
    webhook_labels,
)
from magnum_lite.drivers.k8s_fcos.addons import ADDONS
from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind
from magnum_lite.drivers.k8s_fcos.place import Setup
from magnum_lite.errors import InvalidField, InvalidLabel
from magnum_lite.model.labels import LabelValues
from magnum_lite.releases.catalogue import Release
from magnum_lite.releases.installed import Releases

NETWORK_DRIVERS = ("calico", "flannel")
VOLUME_DRIVERS = ("cinder",)
CHOICES = {"network_driver": NETWORK_DRIVERS, "volume_driver": VOLUME_DRIVERS}
API_PORT = 6443
MOST_MASTERS = 7


def check(wish: Wish, releases: Releases, *, most_resources: int) -> None:
    """Raise a child of ``BadRequest`` for the first thing of a wish that cannot be built.

    ``most_resources`` is what Heat takes in one stack, -1 for any number.
    """
    values = all_labels.LABELS.parse(wish.labels)
    _check_counts(wish, values)
    _check_template(wish)
    _check_networks(wish)
    _check_addresses(wish, values)
    check_pins(wish, values, _release(values, releases))
    _check_disks(wish, values)
    webhook_labels.check(wish, values)
    stack_size.check(wish, values, most_resources)


def _check_counts(wish: Wish, values: LabelValues) -> None:
    if wish.master_count < 1 or wish.master_count % 2 == 0 or wish.master_count > MOST_MASTERS:
        raise InvalidField("master_count", wish.master_count, f"it takes an odd number from 1 to {MOST_MASTERS}")
    if wish.master_count > 1 and not wish.master_lb_enabled:
        raise InvalidField("master_count", wish.master_count, "more than 1 master needs master_lb_enabled")
    least, most = values[labels.MIN_NODE_COUNT], values[labels.MAX_NODE_COUNT]
    if least > most:
        raise InvalidLabel("min_node_count", least, f"it takes at most max_node_count, which is {most}")
    if not least <= wish.node_count <= most:
        raise InvalidField(
            "node_count", wish.node_count, f"the labels min_node_count and max_node_count allow {least} to {most}"
        )


def _check_template(wish: Wish) -> None:
    for field, flavor in (("master_flavor_id", wish.master_flavor_id), ("flavor_id", wish.flavor_id)):
        if not flavor:
            raise InvalidField(field, flavor, "the request or its template must name a flavor")
    check_choices(CHOICES, {name: getattr(wish, name) for name in CHOICES})
    if wish.docker_storage_driver == "devicemapper":
        raise InvalidField("docker_storage_driver", wish.docker_storage_driver, "it takes overlay2 or nothing")
    if wish.tls_disabled:
        raise InvalidField("tls_disabled", True, "clusters without TLS are not built")
    if wish.registry_enabled:
        raise InvalidField("registry_enabled", True, "a registry inside the cluster is not built")
    if wish.apiserver_port not in (None, API_PORT):
        raise InvalidField("apiserver_port", wish.apiserver_port, f"the API server listens on {API_PORT}")
    registries.insecure_host(wish.insecure_registry)


def _check_networks(wish: Wish) -> None:
    if wish.fixed_network and not wish.fixed_subnet:
        raise InvalidField("fixed_subnet", wish.fixed_subnet, "fixed_network needs the subnet that nodes are put on")
    if wish.fixed_subnet and not wish.fixed_network:
        raise InvalidField("fixed_network", wish.fixed_network, "fixed_subnet needs the network it is part of")
    if not wish.external_network_id and (wish.floating_ip_enabled or not wish.fixed_network):
        raise InvalidField(
            "external_network_id", wish.external_network_id, "a new network, and floating IPs, need an external network"
        )


def _check_addresses(wish: Wish, values: LabelValues) -> None:
    """Nodes, pods and services must not share addresses, or packets go to the wrong one."""
    setup = setup_of(wish, values)
    pod_network.check(setup, wish.master_count + wish.node_count)
    used = [pod_network.pods_label(setup), labels.SERVICE_CLUSTER_IP_RANGE]
    if not wish.fixed_network:
        used.append(labels.FIXED_SUBNET_CIDR)
    for number, one in enumerate(used):
        for other in used[number + 1 :]:
            if ipaddress.ip_network(values[one]).overlaps(ipaddress.ip_network(values[other])):
                raise InvalidLabel(one.name, values[one], f"it overlaps with {other.name}, {values[other]}")


def check_pins(wish: Wish, values: LabelValues, release: Release, addons: Sequence[AddonKind] = ADDONS) -> None:
    """Raise when the release does not pin the pods' network, or an addon that the request or its template asks for."""
    setup = setup_of(wish, values)
    missing = left_out.left_out(setup, release, addons)
    if setup.network_driver in missing:
        raise InvalidField(
            "network_driver", setup.network_driver, left_out.reason(missing[setup.network_driver], release)
        )
    without_volumes = left_out.left_out(dataclasses.replace(setup, volume_driver=None), release, addons)
    for name in missing:
        if name not in without_volumes:
            raise InvalidField("volume_driver", wish.volume_driver, left_out.reason(missing[name], release))
    for label, components in left_out.asked_for(setup, wish.labels, release, addons):
        raise InvalidLabel(label.name, wish.labels[label.name], left_out.reason(components, release))


def setup_of(wish: Wish, values: LabelValues) -> Setup:
    """Give what a wish says of what runs in its cluster."""
    return Setup(values, wish.network_driver or NETWORK_DRIVERS[0], wish.volume_driver)


def _release(values: LabelValues, releases: Releases) -> Release:
    tag = values[labels.KUBE_TAG]
    release = releases.find(tag)
    if release is None:
        raise InvalidLabel("kube_tag", tag, f"it takes one of {', '.join(releases.tags)}")
    return release


def _check_disks(wish: Wish, values: LabelValues) -> None:
    if 0 in wish.root_disks and values[labels.BOOT_VOLUME_SIZE] == 0:
        raise InvalidField("flavor", "a root disk of 0 GiB", "such a flavor needs the label boot_volume_size")
