# SPDX-License-Identifier: Apache-2.0
"""Stacks."""

from oslo_config import cfg

GROUP = "heat"

OPTIONS = (
    cfg.IntOpt("poll_seconds", default=5, min=1, help="How often a stack that is being built is looked at."),
    cfg.IntOpt(
        "max_resources_per_stack",
        default=1000,
        min=-1,
        help="What Heat's option of this name is set to, as its API does not tell; -1: no limit.",
    ),
    cfg.IntOpt(
        "max_json_body_size",
        default=1048576,
        min=1024,
        help="What Heat's option of this name is set to, in bytes, as its API does not tell.",
    ),
    cfg.IntOpt(
        "silent_seconds",
        default=300,
        min=10,
        help="A stack in progress in which nothing has happened for so long is asked for again: Heat forgets what an "
        "engine was doing that was killed.",
    ),
    cfg.IntOpt("remove_attempts", default=3, min=1, help="How often the delete of a stack that failed is tried again."),
)
