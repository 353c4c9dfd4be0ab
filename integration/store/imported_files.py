"""What was imported as a file under which connection's name, and what a newer file has to be held against."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from integration.store import due
from integration.store.bulk import upsert
from integration.store.file_tables import ImportedFileRow
from integration.store.tables import BoardRow, ItemRow, SprintRow

JIRA_CSV = "jira_csv"


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """`as_of`: the moment that the file tells of. `options`: where its tags stand, as somebody chose it."""

    connection: str
    file: str
    form: str
    as_of: datetime
    imported_at: datetime
    imported_by: str
    items: int
    imports: int = 1
    is_sample: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def imported_files(session: Session) -> dict[str, ImportedFile]:
    """Which connections are files? By name."""
    return {row.connection: _file(row) for row in session.scalars(select(ImportedFileRow))}


def imported_file(session: Session, connection: str) -> ImportedFile | None:
    row = session.get(ImportedFileRow, connection)
    return None if row is None else _file(row)


def sample_names(session: Session) -> tuple[str, ...]:
    """Which connections are sample data?"""
    question = select(col(ImportedFileRow.connection)).where(col(ImportedFileRow.is_sample))
    return tuple(session.scalars(question.order_by(col(ImportedFileRow.connection))))


def tells_goals(session: Session, connection: str) -> bool:
    """A CSV names sprints and says nothing of their goals."""
    form = session.scalar(select(col(ImportedFileRow.form)).where(col(ImportedFileRow.connection) == connection))
    return form != JIRA_CSV


def moment_of(session: Session, connection: str, now: datetime) -> datetime:
    """Which moment is "now" for a connection? That of its file, where it is one: nobody knows what came after."""
    told = select(col(ImportedFileRow.as_of)).where(col(ImportedFileRow.connection) == connection)
    as_of = session.scalar(told)
    return now if as_of is None else min(as_of, now)


def keep_file(session: Session, one: ImportedFile) -> None:
    names = ("connection", "file", "form", "as_of", "imported_at", "imported_by", "items", "imports", "is_sample")
    values: dict[str, Any] = {name: getattr(one, name) for name in names}
    upsert(session, ImportedFileRow, [{**values, "options": dict(one.options), "notes": one.notes}])


def ids_held(session: Session, connection: str) -> dict[str, bool]:
    """By which ids are items known, and which of them are there still?"""
    question = select(col(ItemRow.tracker_id), col(ItemRow.deleted).is_(None))
    found = session.execute(question.where(col(ItemRow.connection) == connection))
    return {row[0]: bool(row[1]) for row in found}


def sprints_held(session: Session, connection: str) -> frozenset[str]:
    """Which sprints are there still?"""
    mine = (col(SprintRow.connection) == connection, col(SprintRow.gone_at).is_(None))
    return frozenset(session.scalars(select(col(SprintRow.id)).where(*mine)))


def drop_boards(session: Session, connection: str, kept: Collection[str], now: datetime) -> None:
    """Forget the boards that are not in the file any more."""
    mine = (col(BoardRow.connection) == connection, col(BoardRow.id).not_in(kept))
    if session.scalar(select(func.count()).select_from(BoardRow).where(*mine)):
        session.execute(delete(BoardRow).where(*mine))
        due.note_everything(session, [connection], now)


def _file(row: ImportedFileRow) -> ImportedFile:
    return ImportedFile(
        connection=row.connection,
        file=row.file,
        form=row.form,
        as_of=row.as_of,
        imported_at=row.imported_at,
        imported_by=row.imported_by,
        items=row.items,
        imports=row.imports,
        is_sample=row.is_sample,
        options=row.options,
        notes=row.notes,
    )
