# SPDX-License-Identifier: Apache-2.0
"""How a cluster's user comes to its roles, and the trust by which it acts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    kind = sa.Column("grant_kind", sa.String(length=20), nullable=False, server_default="role")
    op.add_column("cluster", kind)
    op.add_column("cluster", sa.Column("trust_id", sa.String(length=255), nullable=True))
