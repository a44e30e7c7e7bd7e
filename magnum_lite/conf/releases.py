# SPDX-License-Identifier: Apache-2.0
"""Which releases of Kubernetes there are beside those that come with this service."""

from oslo_config import cfg

GROUP = "releases"

OPTIONS = (
    cfg.MultiStrOpt(
        "directories",
        default=[],
        help="Folders with further releases (v1.35.9.yaml) and pins (v1.34.7.pins.yaml), read when a process starts.",
    ),
)
