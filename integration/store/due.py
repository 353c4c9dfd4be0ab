"""What must be decided again: found from what a save touched, noted with it in one transaction, done by `answers`.

A closed sprint is due only where something was learnt about a moment up to its completion; a later edit moves
its corrected figure alone.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, delete, select, update
from sqlalchemy.engine import Row
from sqlmodel import Session, col

from integration.changes import ALWAYS
from integration.store.bulk import batches, table_of, upsert
from integration.store.kin import Kin
from integration.store.tables import BackfillRow, DueRow, ItemParentRow, ItemRow, ItemSprintRow, PulseRow, SprintRow
from mappings.model import SprintState

FIGURES = "sprint"  # the figures of a sprint, and its corrected ones
CORRECTED = "corrected"  # only the corrected figures of a closed sprint
EVERYTHING = "everything"  # roll-ups, periods, links, key results, findings: of the whole connection
# Of these no more than what rests on:
ITEM = "item"  # an item, by a key that it has or had
WORK = "work"  # a sprint whose figures are due
LINKS = "links"  # a closed sprint whose corrected figures are due
# What is told of all connections together (of them everything, or no more than these) waits under no connection's name.
OF_ALL = ""
CYCLE, TEAM = "cycle", "team"  # whose roll-ups are due; of teams the findings too
KEY_RESULT = "key_result"  # whose value is another
ALL = "*"
MANY = 2000  # touched items from which on everything is decided: that costs no more


@dataclass(slots=True)
class Touching:
    """What a save has found changed so far, each with the earliest moment of which something else is told now."""

    version: int
    items: dict[int, tuple[frozenset[str], datetime]] = field(default_factory=dict)  # row id: its keys
    sprints: dict[str, datetime] = field(default_factory=dict)
    parents: dict[str, datetime] = field(default_factory=dict)  # keys that are no items of ours
    everything: bool = False  # something that every figure of the connection may rest on

    def touch_sprint(self, sprint: str, since: datetime) -> None:
        self.sprints[sprint] = min(since, self.sprints.get(sprint, since))


@dataclass(frozen=True, slots=True)
class Touched:
    """What a save changed: items by key, and the sprints whose figures, or corrected figures, are due."""

    items: frozenset[str] = frozenset()
    figures: frozenset[str] = frozenset()
    corrected: frozenset[str] = frozenset()
    is_anything: bool = False
    is_everything: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """The work that waits for one connection."""

    connection: str
    figures: frozenset[str]
    corrected: frozenset[str]
    everything_since: datetime | None  # None: not due
    items: frozenset[str]  # otherwise, what rests on these, and on the sprints below
    work: frozenset[str]
    links: frozenset[str]
    cycles: frozenset[str]
    teams: frozenset[str]
    key_results: frozenset[str]
    version: int  # of the latest of it

    @property
    def is_standing(self) -> bool:
        return self.everything_since is not None or bool(self.items or self.work or self.links)


class Part(StrEnum):
    """Two parts of the answers that are decided apart, each by one at a time."""

    FIGURES = "figures"  # of sprints
    STANDING = "standing"  # all others


_KINDS = {
    Part.FIGURES: (FIGURES, CORRECTED),
    Part.STANDING: (EVERYTHING, ITEM, WORK, LINKS, CYCLE, TEAM, KEY_RESULT),
}


def lock_pulse(session: Session, connection: str, now: datetime) -> int:
    """Wait for other writers of this connection, and give the version of what it holds."""
    upsert(
        session,
        PulseRow,
        [{"connection": connection, "version": 0, "decided_figures": 0, "decided_standing": 0, "at": now}],
        keep_known=True,
    )
    version: int = session.connection().scalars(_LOCKED, {"of": connection}).one()
    return version


def beat(session: Session, connection: str, now: datetime) -> None:
    """Something that this connection holds has changed."""
    session.connection().execute(_BEAT, {"of": connection, "now": now})


# Put into words once, as in `writes`: each of these is said with every save.
_OF_CONNECTION: BindParameter[str] = bindparam("of")
_AMONG: BindParameter[Any] = bindparam("ids", expanding=True)
_ITEM, _SPRINT = table_of(ItemRow).c, table_of(SprintRow).c
_LOCKED = select(col(PulseRow.version)).where(col(PulseRow.connection) == _OF_CONNECTION).with_for_update()
_BEAT = (
    update(table_of(PulseRow))
    .where(col(PulseRow.connection) == _OF_CONNECTION)
    .values(version=col(PulseRow.version) + 1, at=bindparam("now"))
)
_CHILDREN = (
    select(col(ItemParentRow.parent), _ITEM.id, _ITEM.key, _ITEM.aliases)
    .join(table_of(ItemRow), _ITEM.id == col(ItemParentRow.item_id))
    .where(col(ItemParentRow.connection) == _OF_CONNECTION, col(ItemParentRow.parent).in_(_AMONG))
)
_NAMED = select(col(ItemSprintRow.sprint), col(ItemSprintRow.item_id)).where(col(ItemSprintRow.item_id).in_(_AMONG))
_SPRINTS: Select[Any] = select(_SPRINT.id, _SPRINT.board, _SPRINT.state, _SPRINT.start, _SPRINT.completed).where(
    _SPRINT.connection == _OF_CONNECTION, _SPRINT.gone_at.is_(None)
)
_SPRINTS_OF_BOARDS = _SPRINTS.where(_SPRINT.board.in_(_AMONG))
_BOARDS = select(_SPRINT.board).where(_SPRINT.connection == _OF_CONNECTION, _SPRINT.id.in_(_AMONG))
_BEING_READ = select(col(BackfillRow.connection)).where(
    col(BackfillRow.connection) == _OF_CONNECTION, col(BackfillRow.finished_at).is_(None)
)


def _next_version(session: Session, connection: str, now: datetime) -> int:
    version = lock_pulse(session, connection, now) + 1
    beat(session, connection, now)
    return version


def beat_for_pages(session: Session, now: datetime) -> None:
    """Something that pages show has changed. Call it last in a transaction: it holds back all other writers."""
    lock_pulse(session, ALL, now)
    beat(session, ALL, now)


def spread(session: Session, connection: str, touching: Touching) -> Touched:
    """Follow a change down to the sprints whose figures rest on it."""
    rows = {row: since for row, (_, since) in touching.items.items()}
    rows = _with_stories(session, connection, rows)
    keys = {key: since for named, since in touching.items.values() for key in named} | touching.parents
    below = _with_what_hangs_below(session, connection, keys, rows)
    sprints = _sprints_named(session, below, touching.sprints)
    figures, corrected = _due_sprints(session, connection, sprints, touching.everything)
    return Touched(
        items=frozenset(key for named, _ in touching.items.values() for key in named),
        figures=figures,
        corrected=corrected,
        is_anything=bool(touching.items or touching.sprints or touching.parents or touching.everything),
        is_everything=touching.everything,
    )


def _with_stories(session: Session, connection: str, rows: Mapping[int, datetime]) -> dict[int, datetime]:
    """The rows, and all that sub-tasks among them ever hung below: their times count there."""
    found = dict(rows)
    kin = Kin(session, connection, by_old_keys=False)  # which would read all items with each page of a backlog
    by_moment: dict[datetime, set[int]] = {}
    for row, (_, level) in kin.keys_and_levels(rows.keys()).items():
        if level < 0:
            by_moment.setdefault(rows[row], set()).add(row)
    for since, subtasks in by_moment.items():
        for story in kin.above(subtasks):
            found[story] = min(since, found.get(story, since))
    return found


def _with_what_hangs_below(
    session: Session, connection: str, keys: Mapping[str, datetime], rows: Mapping[int, datetime]
) -> dict[int, datetime]:
    """The touched rows and all that ever hung below them: they may have inherited, or lend their parent their times."""
    found = dict(rows)
    frontier = dict(keys)
    while frontier:
        children: dict[str, datetime] = {}
        for some in batches(frontier):
            found_below = session.connection().execute(_CHILDREN, {"of": connection, "ids": some})
            for parent, row_id, key, aliases in found_below:
                since = frontier[parent]
                if row_id not in found or since < found[row_id]:
                    found[row_id] = since
                    for name in (key, *aliases):
                        children[name] = min(since, children.get(name, since))
        frontier = children
    return found


def _sprints_named(
    session: Session, rows: Mapping[int, datetime], known: Mapping[str, datetime]
) -> dict[str, datetime]:
    sprints = dict(known)
    for some in batches(rows):
        for sprint, row_id in session.connection().execute(_NAMED, {"ids": some}):
            sprints[sprint] = min(rows[row_id], sprints.get(sprint, rows[row_id]))
    return sprints


def _due_sprints(
    session: Session, connection: str, touched: Mapping[str, datetime], everything: bool
) -> tuple[frozenset[str], frozenset[str]]:
    all_of_it = _sprint_rows(session, connection, None if everything else touched)
    figures: set[str] = set()
    moved: dict[str, datetime] = {}  # by board: the earliest completion of a closed sprint whose figures may move
    for row in all_of_it:
        # One that is open may have been closed until now, and in the medians of those after it.
        if touched.get(row.id) == ALWAYS and row.completed is None and row.start is not None:
            moved[row.board] = min(row.start, moved.get(row.board, row.start))
        if everything or (row.id in touched and (row.completed is None or touched[row.id] <= row.completed)):
            figures.add(row.id)
            if row.completed is not None:
                moved[row.board] = min(row.completed, moved.get(row.board, row.completed))
    # What a closed sprint completed goes into the medians of those after it.
    figures |= {row.id for row in all_of_it if row.board in moved and _is_after(row, moved[row.board])}
    figures |= touched.keys() - {row.id for row in all_of_it}  # gone: their answers go as well
    closed = {row.id for row in all_of_it if row.state == SprintState.CLOSED.value}
    return frozenset(figures), frozenset((touched.keys() & closed) - figures)


def _is_after(row: Row[Any], moment: datetime) -> bool:
    return row.completed is None or row.completed > moment


def _sprint_rows(session: Session, connection: str, named: Collection[str] | None) -> list[Row[Any]]:
    """The sprints of every board that has one of `named`; None: all."""
    database = session.connection()
    if named is None:
        return list(database.execute(_SPRINTS, {"of": connection}))
    boards: set[str] = set()
    for some in batches(named):
        boards |= set(database.scalars(_BOARDS, {"of": connection, "ids": some}))
    asked = ({"of": connection, "ids": some} for some in batches(boards))
    return [row for one in asked for row in database.execute(_SPRINTS_OF_BOARDS, one)]


def note(session: Session, connection: str, touched: Touched, now: datetime, version: int) -> None:
    work = [(FIGURES, sprint) for sprint in sorted(touched.figures)]
    work += [(CORRECTED, sprint) for sprint in sorted(touched.corrected)]
    if touched.is_everything or len(touched.items) > MANY or _is_being_read(session, connection):
        work.append((EVERYTHING, ALL))
    else:
        work += [(ITEM, key) for key in sorted(touched.items)]
        work += [(WORK, sprint) for sprint in sorted(touched.figures)]
        work += [(LINKS, sprint) for sprint in sorted(touched.corrected)]
    _note(session, connection, work, now, version)


def _is_being_read(session: Session, connection: str) -> bool:
    return session.connection().scalar(_BEING_READ, {"of": connection}) is not None


def note_everything(session: Session, connections: Iterable[str], now: datetime) -> None:
    """All answers of these connections, and of all together, are due: a plan or a mapping has changed."""
    for connection in sorted(connections):
        version = _next_version(session, connection, now)
        rows = _sprint_rows(session, connection, None)
        _note(session, connection, [*((FIGURES, row.id) for row in rows), (EVERYTHING, ALL)], now, version)
    note_of_all(session, now)


def note_of_all(session: Session, now: datetime, work: Collection[tuple[str, str]] = ((EVERYTHING, ALL),)) -> None:
    """These kinds and subjects of what is told of all connections together are due. Call it after what is noted of
    single ones: whoever notes both locks in that order."""
    if work:
        _note(session, OF_ALL, work, now, _next_version(session, OF_ALL, now))


def note_subjects(session: Session, connection: str, work: Collection[tuple[str, str]], now: datetime) -> None:
    """These kinds and subjects are due, for time alone changes them; and with any of them everything."""
    version = _next_version(session, connection, now)
    _note(session, connection, [*work, (EVERYTHING, ALL)], now, version)


def _note(session: Session, connection: str, work: Iterable[tuple[str, str]], now: datetime, version: int) -> None:
    values = [
        {"connection": connection, "kind": kind, "subject": subject, "since": now, "version": version}
        for kind, subject in work
    ]
    upsert(session, DueRow, values, replace=("version",))


def waiting(session: Session, connection: str | None = None) -> tuple[Due, ...]:
    """What is due, by connection."""
    question = select(*table_of(DueRow).columns)
    if connection is not None:
        question = question.where(col(DueRow.connection) == connection)
    by_connection: dict[str, list[Any]] = {}
    for row in session.execute(question):
        by_connection.setdefault(row.connection, []).append(row)
    return tuple(_due(connection, work) for connection, work in sorted(by_connection.items()))


def _due(connection: str, work: Collection[Any]) -> Due:
    named: dict[str, set[str]] = {kind: set() for kinds in _KINDS.values() for kind in kinds}
    for row in work:
        named[row.kind].add(row.subject)
    return Due(
        connection=connection,
        figures=frozenset(named[FIGURES]),
        corrected=frozenset(named[CORRECTED]),
        items=frozenset(named[ITEM]),
        work=frozenset(named[WORK]),
        links=frozenset(named[LINKS]),
        cycles=frozenset(named[CYCLE]),
        teams=frozenset(named[TEAM]),
        key_results=frozenset(named[KEY_RESULT]),
        everything_since=min((row.since for row in work if row.kind == EVERYTHING), default=None),
        version=max(row.version for row in work),
    )


def done(session: Session, work: Due, part: Part) -> None:
    """Forget what was due when the answers were decided; what was noted since then stays."""
    mine = (col(DueRow.connection) == work.connection, col(DueRow.kind).in_(_KINDS[part]))
    session.execute(delete(DueRow).where(*mine, col(DueRow.version) <= work.version))


def decided(session: Session, connection: str, part: Part) -> int:
    """How often were answers of this part kept? Two who decide at once tell by it that one is too late."""
    column = table_of(PulseRow).c[f"decided_{part}"]
    return session.scalar(select(column).where(col(PulseRow.connection) == connection)) or 0


def note_decided(session: Session, connection: str, part: Part) -> None:
    column = table_of(PulseRow).c[f"decided_{part}"]
    session.execute(update(PulseRow).where(col(PulseRow.connection) == connection).values({column: column + 1}))
