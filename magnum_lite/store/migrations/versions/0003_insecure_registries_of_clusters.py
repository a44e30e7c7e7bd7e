# SPDX-License-Identifier: Apache-2.0
"""A cluster's registry whose certificate nobody checks, taken from its template as the proxies are."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("cluster", sa.Column("insecure_registry", sa.String(length=255), nullable=True))
