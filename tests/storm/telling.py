"""What Tieline's store holds, as plain JSON, so that the simulated site can be held against it."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from integration.store.backlog import backlog_at
from integration.store.connections import connection_names, refused_items
from integration.store.engine import reading
from integration.store.tables import ItemRow, SprintGoalRow, SprintRow, SprintSightingRow
from mappings.model import Item, ItemState
from webhooks import inbox

Json = dict[str, Any]


def told_of(engine: Engine, now: datetime) -> Json:
    """All items with their histories, all sprints with when each thing was seen, and how the inbox stands."""
    with reading(engine) as session:
        (connection,) = connection_names(session)
        backlog = backlog_at(session, connection, now)
        seen = {row.key: row for row in session.scalars(select(ItemRow))}
        return {
            "items": [_item(item, seen[item.key]) for item in backlog.items],
            "rows": session.scalar(select(func.count()).select_from(ItemRow)),
            "sprints": _sprints(session),
            "boards": {board.id: board.name for board in backlog.boards},
            "inbox": inbox.counts(session),
            "refused": refused_items(session, connection),
        }


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _item(item: Item, row: ItemRow) -> Json:
    return {
        "id": row.tracker_id,
        "key": item.key,
        "type": item.type,
        "level": item.level,
        "project": item.project,
        "title": item.title,
        "created": _text(item.created),
        "deleted": _text(item.deleted),
        "last_seen": _text(row.fetched_at),
        "history_known": item.history_known,
        "aliases": list(item.aliases),
        "history": [_state(state) for state in item.states],
    }


def _state(state: ItemState) -> Json:
    return {
        "at": _text(state.at),
        "status": state.status.value,
        "points": None if state.points is None else float(state.points),
        "tags": list(state.tags),
        "sprints": list(state.sprints),
        "parent": state.parent,
        "labels": list(state.labels),
        "components": list(state.components),
        "team": state.team,
        "board": state.board,
    }


def _sprints(session: Session) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for row in session.scalars(select(SprintRow)):
        found[row.id] = {
            "name": row.name,
            "board": row.board,
            "state": row.state,
            "start": _text(row.start),
            "end": _text(row.end),
            "completed": _text(row.completed),
            "gone_at": _text(row.gone_at),
            "goals": [],
            "sightings": [],
        }
    for goal in session.scalars(select(SprintGoalRow).order_by(col(SprintGoalRow.position))):
        found[goal.sprint]["goals"].append([_text(goal.not_before), _text(goal.at), goal.text])
    for seen in session.scalars(select(SprintSightingRow).order_by(col(SprintSightingRow.first))):
        found[seen.sprint]["sightings"].append([_text(seen.first), _text(seen.last), seen.told])
    return found
