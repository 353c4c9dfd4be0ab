"""Migrations and tables agree, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect
from sqlmodel import SQLModel

from integration.store.engine import create_engine
from integration.store.migrate import config, is_current, migrate, newest
from tests.integration.store.material import TABLES


def test_an_empty_database_becomes_what_the_tables_say(database_url: str) -> None:
    assert TABLES
    engine = create_engine(database_url)
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "render_as_batch": True}
        )
        assert compare_metadata(context, SQLModel.metadata) == []
    engine.dispose()


def test_the_inbox_is_among_the_tables_and_only_its_waiting_rows_are_indexed(database_url: str) -> None:
    engine = create_engine(database_url)
    migrate(engine)
    [index] = [each for each in inspect(engine).get_indexes("deliveries") if each["name"] == "ix_deliveries_waiting"]
    assert any("where" in name for name in index["dialect_options"])
    engine.dispose()


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    engine = create_engine(database_url)
    assert not is_current(engine)
    migrate(engine)
    assert is_current(engine)
    migrate(engine)
    assert is_current(engine)
    engine.dispose()


def test_the_newest_migration_is_told_by_its_number() -> None:
    assert newest() == ScriptDirectory.from_config(config(None)).get_current_head()
