"""Versions of a connection's mapping: each holds from its moment, the first from always, with who set it and why.

The mapping set last is the one that items are read by. A version before it keeps what was closed while it held.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from integration.contract import EarlierMapping
from integration.store import retranslations
from integration.store.tables import ActRow, AnswerRow, MappingVersionRow, SprintRow

ALWAYS = datetime.min.replace(tzinfo=UTC)
SLIP = timedelta(days=1)  # a mapping that was set right within it, while nothing was closed, was a slip


@dataclass(frozen=True, slots=True)
class MappingVersion:
    """`since` None: from always."""

    id: int
    since: datetime | None
    mapping: dict[str, Any]
    author: str | None
    reason: str | None
    applied_at: datetime


def versions(session: Session, connection: str) -> tuple[MappingVersion, ...]:
    """Which versions hold, in order of time? One that was set later takes the place of all that held from its moment
    on: there is one present mapping."""
    mine = select(MappingVersionRow).where(col(MappingVersionRow.connection) == connection)
    held: list[MappingVersion] = []
    for row in session.scalars(mine.order_by(col(MappingVersionRow.id))):
        assert row.id is not None
        since = row.since if held else None
        version = MappingVersion(row.id, since, row.mapping, row.author, row.reason, row.applied_at)
        held = [each for each in held if _from(each) < _from(version)]
        held.append(version if held else replace(version, since=None))
    return tuple(held)


def _from(version: MappingVersion) -> datetime:
    return version.since or ALWAYS


def earlier(session: Session, connection: str) -> tuple[EarlierMapping, ...]:
    """By which mappings is read what was closed before the present one held? Without slips."""
    held = versions(session, connection)
    found: list[EarlierMapping] = []
    for before, after in pairwise(held):
        assert after.since is not None
        if before.since is None or not _is_slip(session, connection, before.since, after.since):
            found.append(EarlierMapping(after.since, before.mapping))
        elif found:  # what held before the slip holds until its end
            found[-1] = EarlierMapping(after.since, found[-1].mapping)
    return tuple(found)


def _is_slip(session: Session, connection: str, since: datetime, until: datetime) -> bool:
    if until - since >= SLIP:
        return False
    closed = (col(SprintRow.completed) >= since, col(SprintRow.completed) < until)
    question = select(col(SprintRow.id)).where(col(SprintRow.connection) == connection, *closed).limit(1)
    return session.execute(question).first() is None


def moments(session: Session, connection: str) -> tuple[tuple[int, datetime | None], ...]:
    """The versions that hold, each with its moment: which one a figure was read by is told by its own moment."""
    return tuple((version.id, version.since) for version in versions(session, connection))


def keep(
    session: Session,
    connection: str,
    mapping: dict[str, Any],
    now: datetime,
    *,
    since: datetime | None = None,
    author: str | None = None,
    reason: str | None = None,
) -> None:
    """Set a mapping: it holds from `since`, else from now; from always where no figure was ever told by another.

    What is kept of the tracker's answers is then read again in the background.
    """
    is_first = not versions(session, connection)
    told = select(col(AnswerRow.subject)).where(col(AnswerRow.connection) == connection).limit(1)
    is_replaced = session.execute(told).first() is None  # whatever is stated: from always says no less
    holds_from = None if is_first or is_replaced else since or now
    version = MappingVersionRow(
        connection=connection, since=holds_from, mapping=mapping, author=author, reason=reason, applied_at=now
    )
    session.add(version)
    if author is not None:
        session.add(ActRow(at=now, actor=author, act="mapping_set", subject=connection, reason=reason))
    session.flush()
    if not is_first:
        retranslations.start(session, connection, now)
