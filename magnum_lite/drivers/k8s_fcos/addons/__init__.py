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
    log_forwarding,
    metrics_server,
    node_exporter,
    node_problem_detector,
    octavia_ingress,
    prometheus,
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
    log_forwarding.ADDON,
    metrics_server.ADDON,
    node_exporter.ADDON,
    node_problem_detector.ADDON,
    octavia_ingress.ADDON,
    prometheus.ADDON,
)
