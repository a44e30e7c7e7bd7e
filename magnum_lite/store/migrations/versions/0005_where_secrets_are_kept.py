# SPDX-License-Identifier: Apache-2.0
"""Which backend of the vault keeps a secret."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("secret", sa.Column("backend", sa.String(length=255), nullable=False, server_default="database"))
