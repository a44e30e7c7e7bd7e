# SPDX-License-Identifier: Apache-2.0
"""Stacks."""

from oslo_config import cfg

GROUP = "heat"

OPTIONS = (
    cfg.IntOpt("poll_seconds", default=5, min=1, help="How often a stack that is being built is looked at."),
    cfg.IntOpt("remove_attempts", default=3, min=1, help="How often the delete of a stack that failed is tried again."),
)
