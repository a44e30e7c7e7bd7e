# SPDX-License-Identifier: Apache-2.0
"""Certificates of clusters."""

from oslo_config import cfg

GROUP = "certificates"

OPTIONS = (
    cfg.IntOpt("ca_days", default=3650, min=1, help="How long the authorities of a cluster are valid, in days."),
    cfg.IntOpt(
        "leaf_days", default=365, min=1, max=366, help="How long certificates of nodes and users are valid, in days."
    ),
)
