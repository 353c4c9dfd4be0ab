"""Overrulings as they are kept: only ever added, read in order of time, and what they touch is decided again."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import Session, col

from integration.store import due, plans
from integration.store.bulk import table_of
from integration.store.due import FIGURES
from integration.store.tables import ActRow, ConnectionRow, OverrulingRow, SprintGoalRow
from mappings.model import Overruling
from mappings.overruling import GOAL, holds_phrase


def overrulings_of(session: Session, connection: str) -> tuple[Overruling, ...]:
    """What did people say of this connection's goals, of key results, and of phrases? In order of time."""
    mine = or_(col(OverrulingRow.connection) == connection, col(OverrulingRow.connection).is_(None))
    return tuple(overruling for _, overruling in _read(session, mine))


def all_overrulings(session: Session) -> tuple[tuple[str | None, Overruling], ...]:
    """What did people ever say, each with its connection? In order of time."""
    return tuple(_read(session))


def overrule(session: Session, connection: str | None, overruling: Overruling) -> None:
    """Keep a person's word. `connection` is that of a goal; key results and phrases have none."""
    session.add(
        OverrulingRow(
            connection=connection,
            about=overruling.about,
            subject=overruling.subject,
            team=overruling.team,
            text=overruling.text,
            label=overruling.label,
            reason=overruling.reason,
            author=overruling.author,
            at=overruling.at,
        )
    )
    _note_act(session, connection, overruling)
    session.flush()
    for name, sprints in _touched(session, connection, overruling).items():
        due.note_subjects(session, name, [(FIGURES, sprint) for sprint in sorted(sprints)], overruling.at)
    if overruling.about != GOAL:
        due.note_of_all(session, overruling.at)
    due.beat_for_pages(session, overruling.at)


def _read(session: Session, *where: Any) -> Iterator[tuple[str | None, Overruling]]:
    question = select(*table_of(OverrulingRow).columns).where(*where)
    for row in session.execute(question.order_by(col(OverrulingRow.at), col(OverrulingRow.id))):
        yield (
            row.connection,
            Overruling(
                about=row.about,
                text=row.text,
                label=row.label,
                reason=row.reason,
                author=row.author,
                at=row.at,
                subject=row.subject,
                team=row.team,
            ),
        )


def _note_act(session: Session, connection: str | None, overruling: Overruling) -> None:
    what = overruling.subject if overruling.subject is not None else f"phrase “{overruling.text}”"
    subject = f"{connection}: {overruling.about} {what}" if connection is not None else f"{overruling.about} {what}"
    act = "overruled" if overruling.label is not None else "overruling_taken_back"
    detail = {"label": overruling.label, "text": overruling.text, "team": overruling.team}
    session.add(
        ActRow(
            at=overruling.at,
            actor=overruling.author,
            act=act,
            subject=subject,
            reason=overruling.reason,
            detail=detail,
        )
    )


def _touched(session: Session, connection: str | None, overruling: Overruling) -> dict[str, set[str]]:
    """By connection: the sprints whose goal it speaks of. Findings are decided again in all of these connections; those
    about key results are of all together, but for a connection that brought its own."""
    if connection is not None:
        return {connection: {overruling.subject} if overruling.subject is not None else set()}
    names = sorted(session.scalars(select(col(ConnectionRow.id))))
    if overruling.about != GOAL:
        return {name: set() for name in names if plans.own_versions(session, name)}
    found: dict[str, set[str]] = {name: set() for name in names}
    columns = (col(SprintGoalRow.connection), col(SprintGoalRow.sprint), col(SprintGoalRow.text))
    for name, sprint, text in session.execute(select(*columns).where(col(SprintGoalRow.text).is_not(None))):
        if name in found and holds_phrase(text, overruling.text):
            found[name].add(sprint)
    return found
