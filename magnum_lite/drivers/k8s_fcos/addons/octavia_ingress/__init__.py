# SPDX-License-Identifier: Apache-2.0
"""The addon octavia_ingress."""

from magnum_lite.drivers.k8s_fcos.addons.octavia_ingress.addon import ADDON

__all__ = ["ADDON"]
