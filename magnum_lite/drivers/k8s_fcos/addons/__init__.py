# SPDX-License-Identifier: Apache-2.0
"""The addons of a cluster, one folder each, in the order in which they are applied.

What others rest on comes first: rights, the network of pods, names. The others follow by name.
"""

from magnum_lite.drivers.k8s_fcos.addons import (
    calico,
    coredns,
    flannel,
    log_forwarding,
    metrics_server,
    node_exporter,
    node_problem_detector,
    prometheus,
    rbac,
)
from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind

ADDONS: tuple[AddonKind, ...] = (
    rbac.ADDON,
    calico.ADDON,
    flannel.ADDON,
    coredns.ADDON,
    log_forwarding.ADDON,
    metrics_server.ADDON,
    node_exporter.ADDON,
    node_problem_detector.ADDON,
    prometheus.ADDON,
)
