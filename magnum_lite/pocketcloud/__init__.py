# SPDX-License-Identifier: Apache-2.0
"""A small OpenStack in one process: honest HTTP APIs on one loopback port, for trying things out and for tests."""
