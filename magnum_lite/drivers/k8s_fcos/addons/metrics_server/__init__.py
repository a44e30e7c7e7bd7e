# SPDX-License-Identifier: Apache-2.0
"""Metrics server: what nodes and pods use now, for autoscaling and ``kubectl top``."""

from magnum_lite.drivers.k8s_fcos.addons.metrics_server.addon import ADDON

__all__ = ["ADDON"]
