# SPDX-License-Identifier: Apache-2.0
"""The Keystone user each cluster acts as."""

from oslo_config import cfg

GROUP = "cluster_user"

OPTIONS = (
    cfg.StrOpt("domain_name", default="magnum", help="The domain the users of clusters live in."),
    cfg.ListOpt(
        "roles",
        default=["member", "load-balancer_member"],
        help="Roles given to the user of a cluster on the project, as far as the requester holds them.",
    ),
)
