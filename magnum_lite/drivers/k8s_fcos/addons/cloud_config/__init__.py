# SPDX-License-Identifier: Apache-2.0
"""The addon cloud_config."""

from magnum_lite.drivers.k8s_fcos.addons.cloud_config.addon import ADDON

__all__ = ["ADDON"]
