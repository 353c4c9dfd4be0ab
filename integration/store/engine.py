"""One engine for both databases, and the two kinds of unit of work: reading, and writing (which locks at its start)."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import sqlalchemy
from sqlalchemy import Connection, Engine, event
from sqlmodel import Session

_WRITES = "tieline_writes"


def _as_json(value: object) -> str:
    return orjson.dumps(value).decode()


_JSON: dict[str, Any] = {"json_serializer": _as_json, "json_deserializer": orjson.loads}


def create_engine(url: str, pool_size: int = 20) -> Engine:
    """`sqlite:///path` (or `sqlite://`: in memory, for one thread), or `postgresql://…` through psycopg."""
    if url.startswith(("postgresql://", "postgres://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    if not url.startswith("sqlite"):
        return sqlalchemy.create_engine(url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True, **_JSON)
    in_memory = url in ("sqlite://", "sqlite:///:memory:")
    sizes: dict[str, Any] = {} if in_memory else {"pool_size": pool_size, "max_overflow": pool_size}
    engine = sqlalchemy.create_engine(url, **sizes, **_JSON)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own transaction handling would begin too late; see `_begin_sqlite`.
    connection.isolation_level = None
    # NORMAL may roll back an acknowledged delivery after a power cut: https://sqlite.org/pragma.html#pragma_synchronous
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=15000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once where we shall write: a reader that turns writer fails with "database is locked"."""
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """One consistent view; nothing is committed."""
    options: dict[str, Any] = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with engine.connect().execution_options(**options) as connection, Session(connection, autoflush=False) as session:
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """One unit of work: committed at the end of the block, rolled back if it raises."""
    with engine.connect().execution_options(**{_WRITES: True}) as connection, Session(connection) as session:
        yield session
        session.commit()
