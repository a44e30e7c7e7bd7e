# SPDX-License-Identifier: Apache-2.0
"""The phases that take a node to what its document says, one module each, every one safe to run again."""
