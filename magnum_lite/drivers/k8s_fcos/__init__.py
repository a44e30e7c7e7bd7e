# SPDX-License-Identifier: Apache-2.0
"""Kubernetes on Fedora CoreOS servers, built by Heat."""
