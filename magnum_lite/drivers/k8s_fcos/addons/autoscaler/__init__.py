# SPDX-License-Identifier: Apache-2.0
"""The addon autoscaler."""

from magnum_lite.drivers.k8s_fcos.addons.autoscaler.addon import ADDON

__all__ = ["ADDON"]
