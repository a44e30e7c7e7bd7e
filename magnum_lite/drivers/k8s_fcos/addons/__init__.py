# SPDX-License-Identifier: Apache-2.0
"""The addons of a cluster, one folder each, in the order in which they are applied.

What others rest on comes first: rights, the network of pods, names. The others follow by name.
"""

from magnum_lite.drivers.k8s_fcos.addons import calico, coredns, flannel, rbac
from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind

ADDONS: tuple[AddonKind, ...] = (
    rbac.ADDON,
    calico.ADDON,
    flannel.ADDON,
    coredns.ADDON,
)
