# SPDX-License-Identifier: Apache-2.0
"""Node exporter: what a node's hardware and kernel count, for Prometheus."""

from magnum_lite.drivers.k8s_fcos.addons.node_exporter.addon import ADDON

__all__ = ["ADDON"]
