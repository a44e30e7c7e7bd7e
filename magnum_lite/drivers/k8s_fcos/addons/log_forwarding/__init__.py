# SPDX-License-Identifier: Apache-2.0
"""Log forwarding: Fluent Bit sends what containers, services and the API server's audit say where a label says."""

from magnum_lite.drivers.k8s_fcos.addons.log_forwarding.addon import ADDON

__all__ = ["ADDON"]
