# SPDX-License-Identifier: Apache-2.0
"""CoreDNS: the names of services and pods."""

from magnum_lite.drivers.k8s_fcos.addons.coredns.addon import ADDON

__all__ = ["ADDON"]
