# SPDX-License-Identifier: Apache-2.0
"""What nodes are told."""

from oslo_config import cfg

GROUP = "agent"

OPTIONS = (
    cfg.StrOpt(
        "api_url",
        help="The URL of this API as nodes reach it, ending in /v1. Unset: the public endpoint in the catalogue.",
    ),
    cfg.StrOpt("api_ca_file", help="A PEM file with the CA that signed the certificate of this API, for nodes."),
    cfg.StrOpt(
        "trusted_ca_file",
        help="A PEM file with CAs that nodes trust besides their system's: those of registries, mirrors and proxies.",
    ),
    cfg.FloatOpt(
        "poll_seconds",
        default=30.0,
        min=0.1,
        help="The longest time, in seconds, between two looks of a node at its document.",
    ),
)
