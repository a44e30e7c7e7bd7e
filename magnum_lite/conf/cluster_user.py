# SPDX-License-Identifier: Apache-2.0
"""The Keystone user each cluster acts as."""

from oslo_config import cfg

GROUP = "cluster_user"

OPTIONS = (
    cfg.StrOpt("domain_name", default="magnum", help="The domain the users of clusters live in."),
    cfg.StrOpt(
        "grant",
        default="role",
        choices=[
            ("role", "The roles are assigned to the user, which goes on when the requester is gone."),
            ("trust", "The requester trusts the user with the roles, until the requester leaves or loses them."),
        ],
        help="How the user of a new cluster comes to its roles on the project. Clusters keep the way they were made.",
    ),
    cfg.ListOpt(
        "roles",
        default=["member", "load-balancer_member"],
        help="Roles given to the user of a cluster on the project, as far as the requester holds them.",
    ),
)
