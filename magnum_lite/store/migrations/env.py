# SPDX-License-Identifier: Apache-2.0
"""How alembic reaches the database: over the connection it is handed."""

from alembic import context

from magnum_lite import model

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=model.Base.metadata,
    compare_type=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
