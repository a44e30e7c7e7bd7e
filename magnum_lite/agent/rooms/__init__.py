# SPDX-License-Identifier: Apache-2.0
"""Rooms, in which the units of a node run as plain processes of this machine, for tests and trials."""
