# SPDX-License-Identifier: Apache-2.0
"""Where secrets are kept."""

from oslo_config import cfg

GROUP = "vault"

OPTIONS = (
    cfg.StrOpt(
        "backend",
        default="database",
        help="What keeps new secrets: database, barbican, or another plug-in (namespace magnum_lite.vaults). "
        "Others stay where they are until magnum-lite-manage vault move.",
    ),
    cfg.StrOpt(
        "key_file",
        default="/etc/magnum_lite/vault.keys",
        help="Fernet keys of the database vault, one a line: the first encrypts, the others only decrypt.",
    ),
)
