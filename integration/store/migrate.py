"""Bringing a database up to the tables of this version. Two processes may start at once: one waits for the other."""

from importlib.resources import files
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = 7_214_900_315  # any number that no other program takes for its advisory lock
_MIGRATIONS = files("integration.store") / "migrations"


def migrate(engine: Engine) -> None:
    """Run every migration that this database lacks, all in one transaction."""
    if is_current(engine):
        return
    # Alembic takes long to load, and nearly every start finds nothing to do.
    from alembic import command

    with engine.connect().execution_options(tieline_writes=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        command.upgrade(config(connection), "head")


def is_current(engine: Engine) -> bool:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        held: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return held == newest()


def newest() -> str:
    """The last migration: their files are named by their numbers."""
    names = (file.name for file in (_MIGRATIONS / "versions").iterdir())
    return max(name.partition("_")[0] for name in names if name[0].isdigit())


def config(connection: Connection | None) -> "Config":
    """What alembic needs to know; without a connection it can only look at the scripts."""
    from alembic.config import Config

    found = Config()
    found.set_main_option("script_location", str(_MIGRATIONS))
    found.attributes["connection"] = connection
    return found
