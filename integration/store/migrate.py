"""Bringing a database up to the tables of this version. Two processes may start at once: one waits for the other."""

from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

_LOCK = 7_214_900_315  # any number that no other program takes for its advisory lock


def migrate(engine: Engine) -> None:
    """Run every migration that this database lacks, all in one transaction."""
    with engine.connect().execution_options(tieline_writes=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        command.upgrade(config(connection), "head")


def is_current(engine: Engine) -> bool:
    with engine.connect() as connection:
        held = MigrationContext.configure(connection).get_current_revision()
    return held == ScriptDirectory.from_config(config(None)).get_current_head()


def config(connection: Connection | None) -> Config:
    """What alembic needs to know; without a connection it can only look at the scripts."""
    found = Config()
    found.set_main_option("script_location", str(files("integration.store") / "migrations"))
    found.attributes["connection"] = connection
    return found
