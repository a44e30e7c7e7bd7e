# SPDX-License-Identifier: Apache-2.0
"""Calico: the network of pods, its routes told by BGP, and its policies."""

from magnum_lite.drivers.k8s_fcos.addons.calico.addon import ADDON

__all__ = ["ADDON"]
