# SPDX-License-Identifier: Apache-2.0
"""Quotas."""

from oslo_config import cfg

GROUP = "quotas"

OPTIONS = (cfg.IntOpt("max_clusters_per_project", default=20, min=0, help="How many clusters a project may have."),)
