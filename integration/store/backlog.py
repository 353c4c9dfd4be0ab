"""The store's items, sprints and boards as the model's values: all of a connection, or what some sprints rest on."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from integration.store import earlier, imported_files, overrulings, plans, rows
from integration.store.bulk import batches, table_of
from integration.store.goal_links import with_goal_links
from integration.store.kin import Kin
from integration.store.mending import mended, mended_readings
from integration.store.tables import (
    BoardRow,
    HiddenParentRow,
    ItemRow,
    ItemStateRow,
    SprintGoalRow,
    SprintRow,
)
from mappings.model import Backlog, Board, Item, ItemState, Plan, Sprint, SprintState
from mappings.sprint_work import POOL

_STATE_COLUMNS = tuple(col(getattr(ItemStateRow, name)) for name in ItemState._fields)
_FAR = datetime.max.replace(tzinfo=UTC)  # a sprint without dates is one to come


def backlog_at(session: Session, connection: str, now: datetime, decided_by: datetime | None = None) -> Backlog:
    """What is known of a connection as of now: everything; of a file with the rules decided by that moment."""
    return _backlog(session, connection, now, None, decided_by)


def backlog_around(session: Session, connection: str, sprints: Collection[str], now: datetime) -> Backlog:
    """As much of a connection as the figures of these sprints rest on: the items that ever named them, or one of the
    closed sprints before them that medians are taken from, with all that ever was above and below these items."""
    wanted = _with_pools(_sprints(session, connection), sprints)
    kin = Kin(session, connection)
    return backlog_of(kin, kin.naming(wanted), now)


def backlog_of(kin: Kin, ids: Collection[int], now: datetime) -> Backlog:
    """As much of a connection as these items rest on: all that ever was below them, and above any of these."""
    return _backlog(kin.session, kin.connection, now, kin.closure(ids))


def _backlog(
    session: Session, connection: str, now: datetime, ids: Collection[int] | None, decided_by: datetime | None = None
) -> Backlog:
    moment = imported_files.moment_of(session, connection, now)
    sprints = _sprints(session, connection)
    boards = _boards(session, connection, sprints)
    items = with_goal_links(session, connection, _items(session, connection, ids))
    hidden = session.scalars(select(col(HiddenParentRow.key)).where(col(HiddenParentRow.connection) == connection))
    keys = {item.key for item in items}
    names = frozenset(sprint.id for sprint in sprints), frozenset(board.id for board in boards)
    return Backlog(
        now=moment,
        plans=_as_of_file(plans.versions(session, connection), moment, decided_by or now),
        boards=boards,
        sprints=sprints,
        items=mended(items, *names),
        hidden_parents=frozenset(key for key in hidden if key not in keys),
        overrulings=overrulings.overrulings_of(session, connection),
        earlier=mended_readings(earlier.readings(session, connection, items, ids), items, *names),
    )


def _as_of_file(versions: tuple[Plan, ...], moment: datetime, decided_by: datetime) -> tuple[Plan, ...]:
    """A file's moment is its "now" for good: what people decided after it holds from that moment on, or never would."""
    later = [plan for plan in versions if plan.since is not None and moment < plan.since <= decided_by]
    if not later:
        return versions
    return (*(plan for plan in versions if plan.since is None or plan.since < moment), replace(later[-1], since=moment))


# --- boards and sprints


def _sprints(session: Session, connection: str) -> tuple[Sprint, ...]:
    goals: dict[str, list[Any]] = {}
    asked = select(*table_of(SprintGoalRow).columns).where(col(SprintGoalRow.connection) == connection)
    for row in session.execute(asked.order_by(col(SprintGoalRow.sprint), col(SprintGoalRow.position))):
        goals.setdefault(row.sprint, []).append(row)
    question = select(*table_of(SprintRow).columns).where(
        col(SprintRow.connection) == connection, col(SprintRow.gone_at).is_(None)
    )
    found = [rows.sprint_of(row, goals.get(row.id, ())) for row in session.execute(question)]
    if not imported_files.tells_goals(session, connection):
        found = [replace(sprint, goals=(), goal_known=False) for sprint in found]
    return tuple(sorted(found, key=lambda sprint: (sprint.start or sprint.end or _FAR, sprint.id)))


def _boards(session: Session, connection: str, sprints: Iterable[Sprint]) -> tuple[Board, ...]:
    question = select(*table_of(BoardRow).columns).where(col(BoardRow.connection) == connection)
    known = {row.id: rows.board_of(row) for row in session.execute(question.order_by(col(BoardRow.id)))}
    for sprint in sprints:
        known.setdefault(sprint.board, Board(sprint.board, sprint.board))
    return tuple(known.values())


def _with_pools(sprints: Iterable[Sprint], wanted: Collection[str]) -> set[str]:
    by_board: dict[str, list[Sprint]] = {}
    for sprint in sprints:
        by_board.setdefault(sprint.board, []).append(sprint)
    found = set(wanted)
    for board in by_board.values():
        closed = sorted(
            (sprint for sprint in board if sprint.state is SprintState.CLOSED and sprint.completed is not None),
            key=lambda sprint: (sprint.completed, sprint.id),
            reverse=True,
        )
        for sprint in board:
            if sprint.id in wanted:
                found |= _pool(sprint, closed)
    return found


def _pool(sprint: Sprint, closed: list[Sprint]) -> set[str]:
    """The last sprints closed before it started; of each team, where the board's sprints name several."""
    before = [
        other
        for other in closed
        if sprint.state is SprintState.FUTURE
        or sprint.start is None
        or (other.completed or sprint.start) <= sprint.start
    ]
    mine = [other for other in before if other.team == sprint.team]
    return {other.id for other in (*before[:POOL], *mine[:POOL])}


# --- items


def _items(session: Session, connection: str, ids: Collection[int] | None) -> list[Item]:
    if ids is None:
        return _some_items(session, (col(ItemRow.connection) == connection,))
    return [item for some in batches(sorted(ids)) for item in _some_items(session, (col(ItemRow.id).in_(some),))]


def _some_items(session: Session, where: tuple[Any, ...]) -> list[Item]:
    # Plain rows of the connection: there are hundreds of thousands, and a session would take each in its hands.
    database = session.connection()
    states: dict[int, list[ItemState]] = {}
    mine = select(col(ItemStateRow.item_id), *_STATE_COLUMNS).join(
        ItemRow, col(ItemRow.id) == col(ItemStateRow.item_id)
    )
    for item_id, *state in database.execute(
        mine.where(*where).order_by(col(ItemStateRow.item_id), col(ItemStateRow.position))
    ):
        states.setdefault(item_id, []).append(rows.state_of(state))
    question = select(*table_of(ItemRow).columns).where(*where).order_by(col(ItemRow.id))
    return [rows.item_of(row, tuple(states.get(row.id, ()))) for row in database.execute(question)]
