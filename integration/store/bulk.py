"""Statements that write many rows at once, the same on both databases.

A statement is put into words once, values are turned into what the driver takes column by column, and the driver gets
all rows in one call: SQLAlchemy's own way for lists looks at each value of each row, which costs a multiple.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sqlalchemy import Dialect, Table
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel import Session, SQLModel

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")
Values = dict[str, Any]  # one row
AT_ONCE = 500  # parameters of one statement: databases take more, their planners like fewer


def table_of(row: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(row.__tablename__)]


def insert(session: Session, row: type[SQLModel], values: Sequence[Values]) -> None:
    """Insert rows that are certainly new."""
    if values:
        names = tuple(values[0])
        insert_rows(session, row, names, list(map(itemgetter(*names), values)))


def insert_rows(
    session: Session, row: type[SQLModel], names: tuple[str, ...], values: Sequence[tuple[Any, ...]]
) -> None:
    """Insert rows that are certainly new, given as tuples in the order of `names` (at least two)."""
    if values:
        _execute(session, _insert(session.get_bind().dialect, table_of(row), names, _REFUSE), names, values)


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
    names = tuple(values[0])
    changed = () if keep_known else names if replace is None else tuple(replace)
    statement = _insert(session.get_bind().dialect, table_of(row), names, changed)
    _execute(session, statement, names, list(map(itemgetter(*names), values)))


def batches(values: Iterable[T]) -> Iterable[list[T]]:
    listed = list(values)
    for start in range(0, len(listed), AT_ONCE):
        yield listed[start : start + AT_ONCE]


# --- one statement ----------------------------------------------------------------------------

_REFUSE = None  # a row that is there already is an error


@dataclass(frozen=True, slots=True)
class _Statement:
    text: str
    names: tuple[str, ...]  # in the order of its parameters
    binders: tuple[Callable[[Any], Any] | None, ...]  # what makes a value one that the driver takes


@lru_cache(maxsize=256)
def _insert(dialect: Dialect, table: Table, names: tuple[str, ...], changed: tuple[str, ...] | None) -> _Statement:
    """`changed`: the columns to replace where the row is there already."""
    insert = _plain_insert(dialect.name, table)
    if changed is not None:
        keys = [column.name for column in table.primary_key]
        excluded = {name: insert.excluded[name] for name in changed if name not in keys}
        insert = (
            insert.on_conflict_do_update(index_elements=keys, set_=excluded)
            if excluded
            else insert.on_conflict_do_nothing(index_elements=keys)
        )
    # Both dialects are of this kind; only its parameters are positional where the driver's would have names.
    positional = cast(type[DefaultDialect], type(dialect))(
        paramstyle="format" if dialect.name == "postgresql" else "qmark"
    )
    words = insert.compile(dialect=positional, column_keys=list(names))
    assert isinstance(words, SQLCompiler)
    order = tuple(words.positiontup or ())
    binders = tuple(table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in order)
    return _Statement(str(words), order, binders)


def _plain_insert(dialect: str, table: Table) -> "postgresql.Insert | sqlite.Insert":
    # Each of them brings all drivers of its database with it: no start should wait for those of the other.
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


def _execute(
    session: Session, statement: _Statement, names: tuple[str, ...], values: Sequence[tuple[Any, ...]]
) -> None:
    given = dict(zip(names, zip(*values, strict=True), strict=True))
    columns = [
        given[name] if bind is None else map(bind, given[name])
        for name, bind in zip(statement.names, statement.binders, strict=True)
    ]
    session.connection().exec_driver_sql(statement.text, list(zip(*columns, strict=True)))
