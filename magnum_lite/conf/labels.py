# SPDX-License-Identifier: Apache-2.0
"""Labels of clusters."""

from oslo_config import cfg

GROUP = "labels"

OPTIONS = (
    cfg.StrOpt(
        "unknown",
        default="warn",
        choices=("warn", "refuse"),
        help="What happens to a label no driver knows: accepted with a warning, or refused.",
    ),
)
