# SPDX-License-Identifier: Apache-2.0
"""The addon roles."""

from magnum_lite.drivers.k8s_fcos.addons.roles.addon import ADDON

__all__ = ["ADDON"]
