# SPDX-License-Identifier: Apache-2.0
"""The addons of a cluster, one folder each, in the order in which they are applied."""

from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind

ADDONS: tuple[AddonKind, ...] = ()
