# SPDX-License-Identifier: Apache-2.0
"""A driver that builds nothing, for development and first reading."""
