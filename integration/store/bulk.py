"""Statements that write many rows at once, the same on both databases."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

T = TypeVar("T")
Values = dict[str, Any]  # one row
AT_ONCE = 500  # parameters of one statement: databases take more, their planners like fewer


def table_of(row: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(row.__tablename__)]


def upsert(
    session: Session,
    row: type[SQLModel],
    values: Sequence[Values],
    *,
    keep_known: bool = False,
    replace: Collection[str] | None = None,
) -> None:
    """Insert rows; of those that are there already replace all columns that are given, or only some, or none."""
    if not values:
        return
    table = table_of(row)
    keys = [column.name for column in table.primary_key]
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    names = [name for name in values[0] if name not in keys] if replace is None else replace
    statement: Any = insert.on_conflict_do_nothing(index_elements=keys)
    if names and not keep_known:
        changed = {name: insert.excluded[name] for name in names}
        statement = insert.on_conflict_do_update(index_elements=keys, set_=changed)
    # On the connection: a session would take the list for objects and look at each.
    session.connection().execute(statement, list(values))


def batches(values: Iterable[T]) -> Iterable[list[T]]:
    listed = list(values)
    for start in range(0, len(listed), AT_ONCE):
        yield listed[start : start + AT_ONCE]
