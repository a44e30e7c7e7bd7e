# SPDX-License-Identifier: Apache-2.0
"""The addons of a cluster, one folder each, in the order in which they are applied.

What others rest on comes first: rights, the network of pods, names, how to reach the cloud. The others follow by name.
"""

from magnum_lite.drivers.k8s_fcos.addons import (
    auto_healer,
    autoscaler,
    calico,
    cinder_csi,
    cloud_config,
    cloud_controller,
    coredns,
    flannel,
    keystone_auth,
    octavia_ingress,
    rbac,
    roles,
)
from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind

ADDONS: tuple[AddonKind, ...] = (
    rbac.ADDON,
    roles.ADDON,
    calico.ADDON,
    flannel.ADDON,
    coredns.ADDON,
    cloud_config.ADDON,
    auto_healer.ADDON,
    autoscaler.ADDON,
    cinder_csi.ADDON,
    cloud_controller.ADDON,
    keystone_auth.ADDON,
    octavia_ingress.ADDON,
)
