# SPDX-License-Identifier: Apache-2.0
"""The addon cinder_csi."""

from magnum_lite.drivers.k8s_fcos.addons.cinder_csi.addon import ADDON

__all__ = ["ADDON"]
