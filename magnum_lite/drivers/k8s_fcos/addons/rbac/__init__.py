# SPDX-License-Identifier: Apache-2.0
"""Rights that the parts of the control plane need of one another."""

from magnum_lite.drivers.k8s_fcos.addons.rbac.addon import ADDON

__all__ = ["ADDON"]
