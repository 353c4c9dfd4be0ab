"""Records of writing back, as values: switches, runs and changes, and the questions that are asked of them.

A run goes planning → planned → waiting → running → done; a person stops it and has it resumed.
A change goes planned → sending → sent, or ends as stale, refused or the same; `nothing` never had anything to send.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from integration.contract import Edit
from integration.store.bulk import batches
from integration.store.tables import ItemRow
from integration.store.write_back_tables import WriteBackChangeRow, WriteBackRunRow, WriteBackSwitchRow

PLANNING, PLANNED, WAITING, RUNNING, STOPPED, DONE = "planning", "planned", "waiting", "running", "stopped", "done"
LIVING = (WAITING, RUNNING)
NOTHING, SENDING, SENT, STALE, REFUSED, SAME = "nothing", "sending", "sent", "stale", "refused", "same"


@dataclass(frozen=True, slots=True)
class Switch:
    is_on: bool
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """`numbers` are those of its changes, by state."""

    id: int
    connection: str
    kind: str
    wish: Mapping[str, Any]
    words: str
    effect: tuple[str, ...]
    author: str
    at: datetime
    state: str
    sender: str | None
    problem: str | None
    undoes: int | None
    lease_until: datetime | None
    not_before: datetime | None
    pauses: int
    ended_at: datetime | None
    numbers: Mapping[str, int]

    @property
    def to_send(self) -> int:
        return sum(self.numbers.get(state, 0) for state in (PLANNED, SENDING))

    @property
    def total(self) -> int:
        """All that there was to send at first."""
        return sum(number for state, number in self.numbers.items() if state != NOTHING)


@dataclass(frozen=True, slots=True)
class NewChange:
    """A line of a preview; without an edit `problem` says why there is nothing to send."""

    item: str
    key: str
    title: str
    place: str
    former: str
    wanted: str
    edit: Edit | None = None
    tags: tuple[str, ...] | None = None
    problem: str | None = None
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    id: int
    run: int
    position: int
    item: str
    key: str
    title: str
    place: str
    former: str
    wanted: str
    edit: Edit | None
    tags: tuple[str, ...] | None
    state: str
    problem: str | None
    tries: int
    began_at: datetime | None
    sent_at: datetime | None
    receipt: Mapping[str, str]
    came_back_at: datetime | None
    undoes: int | None


# --- questions --------------------------------------------------------------------------------


def switch(session: Session, connection: str) -> Switch | None:
    """Who switched it on or off last? None: nobody ever did, and it is off."""
    mine = select(WriteBackSwitchRow).where(col(WriteBackSwitchRow.connection) == connection)
    row = session.scalar(mine.order_by(col(WriteBackSwitchRow.id).desc()).limit(1))
    return None if row is None else Switch(row.is_on, row.author, row.at)


def is_on(session: Session, connection: str) -> bool:
    found = switch(session, connection)
    return found is not None and found.is_on


def run_of(session: Session, run: int) -> Run | None:
    row = session.scalar(
        select(WriteBackRunRow).where(col(WriteBackRunRow.id) == run).execution_options(populate_existing=True)
    )
    return None if row is None else _run(row, _numbers(session, [run]).get(run, {}))


def runs(session: Session, connection: str | None = None, most: int = 50) -> tuple[Run, ...]:
    """Which runs were there? The newest first."""
    question = select(WriteBackRunRow).order_by(col(WriteBackRunRow.id).desc()).limit(most)
    if connection is not None:
        question = question.where(col(WriteBackRunRow.connection) == connection)
    rows = session.scalars(question).all()
    numbers = _numbers(session, [row.id or 0 for row in rows])
    return tuple(_run(row, numbers.get(row.id or 0, {})) for row in rows)


def changes_of(
    session: Session, run: int, states: Collection[str] = (), most: int | None = None, after: int = 0
) -> tuple[Change, ...]:
    """The changes of a run in their order; only those in some states, and of positions after one."""
    question = select(WriteBackChangeRow).where(
        col(WriteBackChangeRow.run) == run, col(WriteBackChangeRow.position) > after
    )
    if states:
        question = question.where(col(WriteBackChangeRow.state).in_(states))
    ordered = question.order_by(col(WriteBackChangeRow.position)).limit(most)
    return tuple(_change(row) for row in session.scalars(ordered.execution_options(populate_existing=True)))


def undone_by(session: Session, run: int) -> dict[int, str]:
    """Which changes of a run are being given back, or were? The state of what undoes them, by change."""
    mine = select(col(WriteBackChangeRow.id)).where(col(WriteBackChangeRow.run) == run)
    question = select(col(WriteBackChangeRow.undoes), col(WriteBackChangeRow.state)).where(
        col(WriteBackChangeRow.undoes).in_(mine)
    )
    return {row.undoes: row.state for row in session.execute(question.order_by(col(WriteBackChangeRow.id)))}


def marked_by_us(session: Session, connection: str, kind: str, place: str) -> list[tuple[str, str, str]]:
    """Which items bear a mark that we put there and did not take off again? Their ids, keys and titles."""
    question = select(WriteBackChangeRow).where(
        col(WriteBackChangeRow.connection) == connection, col(WriteBackChangeRow.state) == SENT
    )
    last: dict[str, tuple[bool, str, str]] = {}
    for row in session.scalars(question.order_by(col(WriteBackChangeRow.sent_at), col(WriteBackChangeRow.id))):
        if row.edit is not None and row.edit["kind"] == kind and row.edit["place"] == place:
            last[row.item] = (row.edit["wanted"] is not None, row.key, row.title)
    return [(item, key, title) for item, (is_set, key, title) in last.items() if is_set]


def items_of_keys(session: Session, connection: str, keys: Iterable[str]) -> dict[str, str]:
    """The tracker's own ids of items, by key."""
    found: dict[str, str] = {}
    for some in batches(list(keys)):
        question = select(col(ItemRow.key), col(ItemRow.tracker_id)).where(
            col(ItemRow.connection) == connection, col(ItemRow.key).in_(some)
        )
        found.update((key, id_) for key, id_ in session.execute(question))
    return found


# --- rows -------------------------------------------------------------------------------------


def _numbers(session: Session, numbers: Sequence[int]) -> dict[int, Counter[str]]:
    question = (
        select(col(WriteBackChangeRow.run), col(WriteBackChangeRow.state), func.count())
        .where(col(WriteBackChangeRow.run).in_(numbers))
        .group_by(col(WriteBackChangeRow.run), col(WriteBackChangeRow.state))
    )
    found: dict[int, Counter[str]] = {}
    for run, state, number in session.execute(question):
        found.setdefault(run, Counter())[state] = number
    return found


def _run(row: WriteBackRunRow, numbers: Mapping[str, int]) -> Run:
    return Run(
        id=row.id or 0,
        connection=row.connection,
        kind=row.kind,
        wish=row.wish,
        words=row.words,
        effect=tuple(row.effect),
        author=row.author,
        at=row.at,
        state=row.state,
        sender=row.sender,
        problem=row.problem,
        undoes=row.undoes,
        lease_until=row.lease_until,
        not_before=row.not_before,
        pauses=row.pauses,
        ended_at=row.ended_at,
        numbers=dict(numbers),
    )


def _change(row: WriteBackChangeRow) -> Change:
    return Change(
        id=row.id or 0,
        run=row.run,
        position=row.position,
        item=row.item,
        key=row.key,
        title=row.title,
        place=row.place,
        former=row.former,
        wanted=row.wanted,
        edit=None if row.edit is None else Edit(**row.edit),
        tags=row.tags,
        state=row.state,
        problem=row.problem,
        tries=row.tries,
        began_at=row.began_at,
        sent_at=row.sent_at,
        receipt=row.receipt or {},
        came_back_at=row.came_back_at,
        undoes=row.undoes,
    )
