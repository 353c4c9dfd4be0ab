"""Kept answers: written only where they differ, and where a closed figure changes, with the restatement beside it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, and_, delete, insert, or_, select, update
from sqlmodel import Session, col

from integration.store.bulk import batches, table_of, upsert
from integration.store.file_tables import ImportedFileRow
from integration.store.rows import digest
from integration.store.tables import AnswerRow, RestatementRow
from integration.store.trends import forget_trends, note_trends

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Decided:
    """An answer as decided now. What is `closed` changes later by being restated."""

    kind: str
    subject: str
    measure: str
    document: Document
    summary: Document
    versions: Document
    holds_until: datetime | None = None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Marked:
    """An answer with the digest of what it says, taken before any lock is held."""

    answer: Decided
    digest: str


def marked(answers: Iterable[Decided]) -> list[Marked]:
    return [Marked(answer, digest([answer.document, answer.summary])) for answer in answers]


def keep(session: Session, connection: str, answers: Iterable[Marked], now: datetime) -> bool:
    """Write the answers that differ from the kept ones; say whether any did."""
    by_kind: dict[str, list[Marked]] = {}
    for one in answers:
        by_kind.setdefault(one.answer.kind, []).append(one)
    changed = False
    for kind, of_kind in by_kind.items():
        for some in batches(of_kind):
            changed |= _keep_some(session, connection, kind, some, now)
    return changed


def _keep_some(session: Session, connection: str, kind: str, answers: Sequence[Marked], now: datetime) -> bool:
    known = _known(session, connection, kind, {one.answer.subject for one in answers})
    different = [one for one in answers if _mark(_row(known, one)) != one.digest]
    _restate(session, connection, [one.answer for one in different if _was_closed(_row(known, one))], now)
    upsert(session, AnswerRow, [_values(connection, one.answer, one.digest, now) for one in different])
    told = ((one.answer.subject, one.answer.measure, dict(one.answer.summary)) for one in different)
    note_trends(session, connection, kind, told)
    _prolong(session, connection, kind, [one.answer for one in answers if one.answer.holds_until is not None])
    return bool(different)


def _row(known: Mapping[tuple[str, str], Any], one: Marked) -> Any:
    return known.get((one.answer.subject, one.answer.measure))


def _known(session: Session, connection: str, kind: str, subjects: Iterable[str]) -> dict[tuple[str, str], Any]:
    columns = (col(AnswerRow.subject), col(AnswerRow.measure), col(AnswerRow.digest), col(AnswerRow.closed))
    found = {}
    for some in batches(subjects):
        mine = (col(AnswerRow.connection) == connection, col(AnswerRow.kind) == kind)
        for row in session.execute(select(*columns).where(*mine, col(AnswerRow.subject).in_(some))):
            found[row.subject, row.measure] = row
    return found


def _mark(row: Any) -> str | None:
    return None if row is None else str(row.digest)


def _was_closed(row: Any) -> bool:
    return row is not None and bool(row.closed)


def _values(connection: str, answer: Decided, mark: str, now: datetime) -> dict[str, Any]:
    return {
        "connection": connection,
        "kind": answer.kind,
        "subject": answer.subject,
        "measure": answer.measure,
        "document": dict(answer.document),
        "summary": dict(answer.summary),
        "versions": dict(answer.versions),
        "digest": mark,
        "closed": answer.closed,
        "decided_at": now,
        "holds_until": answer.holds_until,
    }


def _prolong(session: Session, connection: str, kind: str, answers: Sequence[Decided]) -> None:
    """What was found the same holds on."""
    until: dict[datetime, list[str]] = {}
    for answer in answers:
        assert answer.holds_until is not None
        until.setdefault(answer.holds_until, []).append(answer.subject)
    for moment, subjects in until.items():
        mine = (col(AnswerRow.connection) == connection, col(AnswerRow.kind) == kind)
        earlier = or_(col(AnswerRow.holds_until) < moment, col(AnswerRow.holds_until).is_(None))
        session.execute(
            update(AnswerRow).where(*mine, col(AnswerRow.subject).in_(subjects), earlier).values(holds_until=moment)
        )


def _restate(session: Session, connection: str, answers: Sequence[Decided], now: datetime) -> None:
    """Keep the old figures of what was closed beside the new ones, with when it was learnt and why."""
    restated = []
    for answer in answers:
        key = (connection, answer.kind, answer.subject, answer.measure)
        names = zip(("connection", "kind", "subject", "measure"), key, strict=True)
        columns = table_of(AnswerRow).c
        old = session.execute(select(*columns).where(*(columns[name] == value for name, value in names))).one()
        if figures(old.document) != figures(answer.document):
            why = _why(old.document, old.versions, answer)
            fresh = {"old": old.summary, "new": dict(answer.summary), "why": why, "learnt_at": now}
            restated.append({**dict(zip(("connection", "kind", "subject", "measure"), key, strict=True)), **fresh})
    if restated:
        session.execute(insert(RestatementRow), restated)


def figures(document: Document) -> object:
    """The part of an answer that is numbers: names and addresses may change without a word."""
    return document.get("scopes", document)


def _why(old: Document, versions: Document, answer: Decided) -> str:
    if old.get("completed") != answer.document.get("completed"):
        return "re_opened"
    same = all(versions.get(name) == answer.versions.get(name) for name in ("plan", "mapping"))
    return "late_data" if same else "mapping"


def forget_others(session: Session, connection: str, kind: str, subjects: Collection[str]) -> bool:
    """Drop the answers of this kind about what is not there any more."""
    mine = (col(AnswerRow.connection) == connection, col(AnswerRow.kind) == kind)
    known = set(session.scalars(select(col(AnswerRow.subject)).where(*mine)))
    return forget(session, connection, kind, known.difference(subjects))


def forget(session: Session, connection: str, kind: str, subjects: Collection[str]) -> bool:
    mine = (col(AnswerRow.connection) == connection, col(AnswerRow.kind) == kind)
    gone = 0
    for some in batches(sorted(subjects)):
        dropped = session.execute(delete(AnswerRow).where(*mine, col(AnswerRow.subject).in_(some)))
        assert isinstance(dropped, CursorResult)
        gone += dropped.rowcount
    forget_trends(session, connection, kind, subjects)
    return gone > 0


def take_run_out(session: Session, now: datetime) -> dict[str, list[tuple[str, str]]]:
    """Which answers hold no longer, by connection: kind and subject. Each is told once; deciding it sets a new time."""
    # A file tells of its moment, whatever day it is.
    over = and_(
        col(AnswerRow.holds_until) <= now, col(AnswerRow.connection).not_in(select(col(ImportedFileRow.connection)))
    )
    columns = (col(AnswerRow.connection), col(AnswerRow.kind), col(AnswerRow.subject))
    found: dict[str, list[tuple[str, str]]] = {}
    for row in session.execute(select(*columns).where(over).distinct()):
        found.setdefault(row.connection, []).append((row.kind, row.subject))
    if found:
        session.execute(update(AnswerRow).where(over).values(holds_until=None))
    return found


def names(session: Session, connection: str, kind: str) -> frozenset[tuple[str, str]]:
    """Of which subjects is there an answer, in which measures?"""
    mine = (col(AnswerRow.connection) == connection, col(AnswerRow.kind) == kind)
    found = session.execute(select(col(AnswerRow.subject), col(AnswerRow.measure)).where(*mine))
    return frozenset((row[0], row[1]) for row in found)


def summaries(
    session: Session, connection: str, kind: str, subjects: Collection[str] | None = None
) -> dict[tuple[str, str], dict[str, Any]]:
    """What is kept without receipts, by subject and measure."""
    return _told(session, connection, kind, subjects, col(AnswerRow.summary))


def documents(
    session: Session, connection: str, kind: str, subjects: Collection[str] | None = None
) -> dict[tuple[str, str], dict[str, Any]]:
    return _told(session, connection, kind, subjects, col(AnswerRow.document))


def _told(
    session: Session, connection: str, kind: str, subjects: Collection[str] | None, column: Any
) -> dict[tuple[str, str], dict[str, Any]]:
    question = select(col(AnswerRow.subject), col(AnswerRow.measure), column).where(
        col(AnswerRow.connection) == connection, col(AnswerRow.kind) == kind
    )
    questions = (
        [question]
        if subjects is None
        else [question.where(col(AnswerRow.subject).in_(some)) for some in batches(sorted(subjects))]
    )
    return {(row[0], row[1]): row[2] for each in questions for row in session.execute(each)}
