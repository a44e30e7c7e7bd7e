# SPDX-License-Identifier: Apache-2.0
"""Pinned sets of component versions."""
