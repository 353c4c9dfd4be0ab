"""Saving boards and sprints: every distinct thing that a tracker told is kept, and the sprint reckoned from all."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import delete, select
from sqlmodel import Session, col

from integration import changes
from integration.contract import Fetched
from integration.store import earlier, rows, sightings
from integration.store.bulk import batches, upsert
from integration.store.due import Touching
from integration.store.tables import BoardRow, SprintGoalRow, SprintRow, SprintSightingRow
from mappings.model import Board, Sprint

Seen = tuple[sightings.Sighting, ...]


def save_boards(session: Session, connection: str, fetched: Fetched, touched: Touching) -> None:
    ids = [board.id for board in fetched.boards]
    question = select(BoardRow).where(col(BoardRow.connection) == connection, col(BoardRow.id).in_(ids))
    known = {row.id: row for row in session.scalars(question)} if ids else {}
    changed: dict[str, Board] = {}
    for told in fetched.boards:
        row = known.get(told.id)
        # A mapping knows the name that the board had when it was chosen.
        board = replace(told, name=row.name) if row is not None and fetched.is_read_again else told
        if row is None or (row.fetched_at <= fetched.at and rows.board_of(row) != board):
            changed[board.id] = board
    upsert(session, BoardRow, [rows.board_values(connection, board, fetched.at) for board in changed.values()])
    touched.everything |= bool(changed)
    touched.everything |= earlier.save_boards(session, connection, fetched.boards, fetched.earlier_boards)


def save_sprints(session: Session, connection: str, fetched: Fetched, touched: Touching) -> None:
    ids = [*(sprint.id for sprint in fetched.sprints), *fetched.gone_sprints]
    if not ids:
        return
    known = _sightings(session, connection, ids)
    for sprint in fetched.sprints:
        told = sightings.told_of(sprint, fetched.starts_are_exact)
        new = sightings.Sighting(fetched.at, fetched.at, told)
        _see(session, connection, sprint.id, known=known.get(sprint.id, ()), new=new, touched=touched)
    for gone in fetched.gone_sprints:
        if gone in known:
            new = sightings.Sighting(fetched.at, fetched.at, None)
            _see(session, connection, gone, known=known[gone], new=new, touched=touched)


def _sightings(session: Session, connection: str, ids: Sequence[str]) -> dict[str, Seen]:
    found: dict[str, list[sightings.Sighting]] = {}
    for some in batches(ids):
        question = select(SprintSightingRow).where(
            col(SprintSightingRow.connection) == connection, col(SprintSightingRow.sprint).in_(some)
        )
        for row in session.scalars(question.order_by(col(SprintSightingRow.first))):
            found.setdefault(row.sprint, []).append(sightings.Sighting(row.first, row.last, row.told))
    return {sprint: tuple(seen) for sprint, seen in found.items()}


def _see(
    session: Session, connection: str, sprint: str, *, known: Seen, new: sightings.Sighting, touched: Touching
) -> None:
    seen = sightings.with_sighting(known, new)
    if seen == known:
        return
    where = (col(SprintSightingRow.connection) == connection, col(SprintSightingRow.sprint) == sprint)
    fresh = {run.first for run in seen}
    dropped = [run.first for run in known if run.first not in fresh]
    if dropped:
        session.execute(delete(SprintSightingRow).where(*where, col(SprintSightingRow.first).in_(dropped)))
    upsert(
        session,
        SprintSightingRow,
        [
            {"connection": connection, "sprint": sprint, "first": run.first, "last": run.last, "told": run.told}
            for run in seen
            if run not in known
        ],
    )
    before, after = sightings.sprint_from(sprint, known), sightings.sprint_from(sprint, seen)
    gone_at = sightings.gone_at(seen)
    if after is not None and (before != after or sightings.gone_at(known) != gone_at):
        upsert(session, SprintRow, [rows.sprint_values(connection, after, gone_at)])
        _write_goals(session, connection, after, sightings.goals_from(seen))
        touched.touch_sprint(sprint, changes.ALWAYS)


def _write_goals(session: Session, connection: str, sprint: Sprint, goals: Sequence[sightings.SeenGoal]) -> None:
    where = (col(SprintGoalRow.connection) == connection, col(SprintGoalRow.sprint) == sprint.id)
    session.execute(delete(SprintGoalRow).where(*where, col(SprintGoalRow.position) >= len(goals)))
    upsert(
        session,
        SprintGoalRow,
        [
            {
                "connection": connection,
                "sprint": sprint.id,
                "position": position,
                "at": goal.at,
                "not_before": goal.not_before,
                "text": goal.text,
            }
            for position, goal in enumerate(goals)
        ],
    )
