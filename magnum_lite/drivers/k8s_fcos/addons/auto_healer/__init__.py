# SPDX-License-Identifier: Apache-2.0
"""The addon auto_healer."""

from magnum_lite.drivers.k8s_fcos.addons.auto_healer.addon import ADDON

__all__ = ["ADDON"]
