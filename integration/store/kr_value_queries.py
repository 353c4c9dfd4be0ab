"""A query against a database of the operator's: read only, with a limit of time and rows, and never shown.

It is not our store: the query is the operator's, word by word, and nothing of ours is in it.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from integration.contract import Misconfigured, Permanent
from integration.kr_values.answers import MOST_VALUES, Unreadable
from integration.kr_values.definition import ValueSource

SECONDS = 20


def queried(source: ValueSource, databases: Mapping[str, str]) -> list[dict[str, object]]:
    """The rows of the query."""
    url = databases.get(source.database or "")
    if url is None:
        sentence = f"There is no database “{source.database}”: give its address in TIELINE_VALUE_DATABASES."
        raise Misconfigured("unknown_database", sentence)
    try:
        with _opened(url, source) as connection:
            rows = connection.execute(text(source.query or "")).mappings()
            return [dict(row) for row in islice(rows, MOST_VALUES)]
    except SQLAlchemyError as error:
        # The driver's own words may quote the query or the data: only the kind of trouble is told.
        kind = type(getattr(error, "orig", None) or error).__name__
        raise Unreadable(f"The query against {source.database} failed ({kind}): try it there by hand.") from None


@contextmanager
def _opened(url: str, source: ValueSource) -> Iterator[Connection]:
    if url.startswith(("postgresql://", "postgres://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    try:
        engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    except (ArgumentError, ImportError, ValueError):
        sentence = f"The address of the database “{source.database}” in TIELINE_VALUE_DATABASES is none we can open."
        raise Misconfigured("bad_database_url", sentence) from None
    try:
        _is_there(engine, source)
        with engine.connect() as connection:
            _only_read(connection)
            yield connection
            connection.rollback()
    finally:
        engine.dispose()


def _is_there(engine: Engine, source: ValueSource) -> None:
    """SQLite would make an empty file where there is none."""
    name = engine.url.database
    if engine.dialect.name == "sqlite" and name not in (None, "", ":memory:") and not Path(str(name)).exists():
        raise Misconfigured("unknown_database", f"The file of the database “{source.database}” is not there.")


def _only_read(connection: Connection) -> None:
    """Nothing is written, whatever the query says, and a query that never ends is ended."""
    dialect = connection.dialect.name
    if dialect == "postgresql":
        connection.execute(text("SET TRANSACTION READ ONLY"))
        connection.execute(text(f"SET LOCAL statement_timeout = {SECONDS * 1000}"))
    elif dialect == "sqlite":
        connection.execute(text("PRAGMA query_only = ON"))
        until = time.monotonic() + SECONDS
        driver: Any = connection.connection.dbapi_connection
        driver.set_progress_handler(lambda: int(time.monotonic() > until), 10_000)
    else:
        raise Permanent("unknown_dialect", f"Databases of the kind {dialect} are not read; PostgreSQL and SQLite are.")
