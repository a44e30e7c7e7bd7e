# SPDX-License-Identifier: Apache-2.0
"""The insides of servers that do not boot: each has a real agent process on a host of folders."""
