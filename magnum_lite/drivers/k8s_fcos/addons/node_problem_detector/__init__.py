# SPDX-License-Identifier: Apache-2.0
"""Node problem detector: what a node's kernel and services complain of, told to Kubernetes."""

from magnum_lite.drivers.k8s_fcos.addons.node_problem_detector.addon import ADDON

__all__ = ["ADDON"]
