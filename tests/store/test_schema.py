# SPDX-License-Identifier: Apache-2.0
"""The migrations make exactly the tables that the rows describe."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from magnum_lite import model
from magnum_lite.store import schema
from magnum_lite.store.engine import Store


def test_the_migrations_equal_the_models(empty_store: Store) -> None:
    schema.upgrade(empty_store)

    with empty_store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, model.Base.metadata) == []
    assert schema.current(empty_store) == schema.newest()


def test_an_upgrade_of_what_is_new_already_changes_nothing(store: Store) -> None:
    schema.upgrade(store)

    assert schema.current(store) == schema.newest()
