# SPDX-License-Identifier: Apache-2.0
"""The addon cloud_controller."""

from magnum_lite.drivers.k8s_fcos.addons.cloud_controller.addon import ADDON

__all__ = ["ADDON"]
