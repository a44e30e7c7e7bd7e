# SPDX-License-Identifier: Apache-2.0
"""The addons of a cluster, one folder each, in the order in which they are applied."""

from magnum_lite.drivers.k8s_fcos.addons import (
    log_forwarding,
    metrics_server,
    node_exporter,
    node_problem_detector,
    prometheus,
)
from magnum_lite.drivers.k8s_fcos.addons.kind import AddonKind

ADDONS: tuple[AddonKind, ...] = (
    metrics_server.ADDON,
    node_problem_detector.ADDON,
    node_exporter.ADDON,
    prometheus.ADDON,
    log_forwarding.ADDON,
)
