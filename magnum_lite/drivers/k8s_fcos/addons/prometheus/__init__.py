# SPDX-License-Identifier: Apache-2.0
"""Prometheus: what the cluster's own parts measured over the last days."""

from magnum_lite.drivers.k8s_fcos.addons.prometheus.addon import ADDON

__all__ = ["ADDON"]
