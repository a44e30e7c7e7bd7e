# SPDX-License-Identifier: Apache-2.0
"""The addon keystone_auth."""

from magnum_lite.drivers.k8s_fcos.addons.keystone_auth.addon import ADDON

__all__ = ["ADDON"]
