"""Removing a connection with all that was ever read of it: its secrets first, then what pages show, then the rest, in
portions, so that the door never waits long. Begun again after a crash it goes on where it was.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Engine, Table, delete, exists, select, tuple_
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col

from integration.store import due
from integration.store.acts import note_act
from integration.store.bulk import table_of
from integration.store.engine import reading, writing
from integration.store.every_table import EVERY_TABLE
from integration.store.tables import BoardRow, ConnectionRow, FindingRow, ItemRow, SprintRow

AT_ONCE = 1000  # rows of one transaction
_FIRST = (BoardRow, SprintRow, FindingRow, ItemRow)  # with the items goes what hangs on them
_KEPT = frozenset({"connections", "acts"})


def is_anything_left(session: Session, name: str) -> bool:
    """Is there a connection of this name, or what a removal that was cut short left of it?"""
    questions = [select(exists().where(col(ConnectionRow.id) == name))]
    questions += [select(exists().where(mine)) for _table, mine in _tables(name)]
    return any(session.scalar(question) for question in questions)


def remove_connection(engine: Engine, name: str, now: datetime, *, actor: str, reason: str) -> None:
    """Forget a connection and all that it brought. The register, the accounts and the log of acts stay.

    Tieline never asks the site again, and the door refuses its deliveries from the first moment on.
    """
    with writing(engine) as session:
        session.execute(delete(ConnectionRow).where(col(ConnectionRow.id) == name))
        note_act(session, now, actor, "connection_removed", name, reason)
    for table, mine in _tables(name):
        while _drop_some(engine, table, mine):
            pass
    with writing(engine) as session:
        due.note_of_all(session, now)
        due.beat_for_pages(session, now)


def _tables(name: str) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Every table that says of which connection its rows are: what pages show first."""
    first = [table_of(row) for row in _FIRST]
    for table in (*first, *(table for table in reversed(EVERY_TABLE) if table not in first)):
        if "connection" in table.c and table.name not in _KEPT:
            yield table, table.c.connection == name


def _drop_some(engine: Engine, table: Table, mine: ColumnElement[bool]) -> bool:
    keys = tuple(table.primary_key.columns)
    with reading(engine) as session:
        some = session.execute(select(*keys).where(mine).limit(AT_ONCE)).all()
    if some:
        with writing(engine) as session:
            session.execute(delete(table).where(tuple_(*keys).in_([tuple(row) for row in some])))
    return bool(some)
