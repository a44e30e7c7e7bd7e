# SPDX-License-Identifier: Apache-2.0
"""Flannel: a plain network of pods, without policies."""

from magnum_lite.drivers.k8s_fcos.addons.flannel.addon import ADDON

__all__ = ["ADDON"]
