"""The log of what people did in Tieline: with name, moment and reason; rows are only ever added."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from integration.store.tables import ActRow


@dataclass(frozen=True, slots=True)
class LoggedAct:
    id: int
    at: datetime
    actor: str
    act: str
    subject: str | None
    reason: str | None


def note_act(
    session: Session,
    at: datetime,
    actor: str,
    act: str,
    subject: str | None = None,
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Keep that somebody did something; `act` is what they did in the past tense, such as `logged_in`."""
    session.add(ActRow(at=at, actor=actor, act=act, subject=subject, reason=reason, detail=detail))
    session.flush()


def acts(
    session: Session, *, before: int | None = None, actor: str | None = None, most: int = 100
) -> tuple[LoggedAct, ...]:
    """The latest acts first; `before` is the number of the act after which an earlier page goes on."""
    question = select(ActRow).order_by(col(ActRow.id).desc()).limit(most)
    if before is not None:
        question = question.where(col(ActRow.id) < before)
    if actor is not None:
        question = question.where(col(ActRow.actor) == actor)
    return tuple(
        LoggedAct(row.id or 0, row.at, row.actor, row.act, row.subject, row.reason) for row in session.scalars(question)
    )
