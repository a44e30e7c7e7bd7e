# SPDX-License-Identifier: Apache-2.0
"""The driver agent: the program on each node that makes the node what its document says."""
