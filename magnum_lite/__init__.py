# SPDX-License-Identifier: Apache-2.0
"""A control plane for Kubernetes on OpenStack."""
