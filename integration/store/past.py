"""A store of its own for one past moment: what pages name, as it was then; never a secret, a login or a raw answer."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlmodel import Session, SQLModel, col

from integration.store import rows
from integration.store.bulk import batches, insert, insert_rows, table_of
from integration.store.check_in_tables import CheckInRow
from integration.store.file_tables import ImportedFileRow
from integration.store.rule_tables import MadeRuleRow
from integration.store.tables import (
    BoardRow,
    ConnectionRow,
    FindingEventRow,
    FindingRow,
    ItemParentRow,
    ItemRow,
    ItemStateRow,
    OverrulingRow,
    PlanRow,
    PulseRow,
    RestatementRow,
    SprintGoalRow,
    SprintRow,
)
from mappings.model import Sprint, SprintState
from mappings.timeline import Timeline

Values = dict[str, Any]
Kept = Mapping[type[SQLModel], list[Values]]


def make_tables(engine: Engine) -> None:
    SQLModel.metadata.create_all(engine)


def known_then(session: Session, moment: datetime) -> Kept:
    """What people and the register said by then, of all connections; findings with their lives until then."""
    events = _rows(session, FindingEventRow, col(FindingEventRow.at) <= moment)
    opened = {event["finding_id"] for event in events}
    findings = [_finding_then(row, events) for row in _rows(session, FindingRow) if row["id"] in opened]
    return {
        PlanRow: _rows(session, PlanRow),
        MadeRuleRow: [
            _rule_then(row, moment) for row in _rows(session, MadeRuleRow, col(MadeRuleRow.made_at) <= moment)
        ],
        OverrulingRow: _rows(session, OverrulingRow, col(OverrulingRow.at) <= moment),
        CheckInRow: _rows(session, CheckInRow, col(CheckInRow.at) <= moment),
        RestatementRow: _rows(session, RestatementRow, col(RestatementRow.learnt_at) <= moment),
        FindingRow: findings,
        FindingEventRow: events,
        BoardRow: _rows(session, BoardRow),
        SprintGoalRow: _rows(session, SprintGoalRow),
        ConnectionRow: [_without_secrets(row, moment) for row in _rows(session, ConnectionRow)],
        ImportedFileRow: _rows(session, ImportedFileRow, col(ImportedFileRow.imported_at) <= moment),
        PulseRow: _rows(session, PulseRow, col(PulseRow.connection) == "*"),
    }


def highest_finding(session: Session) -> int:
    """The number of the last finding that there is now: those of the past alone are counted on from there."""
    return max((row["id"] for row in _rows(session, FindingRow)), default=0)


@contextmanager
def numbered_from(session: Session, highest: int) -> Iterator[None]:
    """Whatever finding is new within has a number that no finding of now has."""
    moment = datetime.min.replace(tzinfo=UTC)
    last = FindingRow(
        id=highest + 1,
        connection="*",
        kind="",
        subject="",
        severity="",
        evidence={},
        suggestion="",
        state="",
        opened_at=moment,
    )
    session.add(last)
    session.flush()
    yield
    session.delete(last)
    session.flush()


def keep_known(session: Session, known: Kept) -> None:
    for table, values in known.items():
        for some in batches(values):
            insert(session, table, some)


def keep_sprints_and_items(
    session: Session, connection: str, timeline: Timeline, sprints: Iterable[Sprint], moment: datetime
) -> None:
    """The sprints as they stood, and the items that were there, each with its state of then."""
    insert(session, SprintRow, [_sprint_then(connection, timeline, sprint, moment) for sprint in sprints])
    there = [item for item in timeline.items.values() if timeline.is_there(item, moment)]
    before = session.scalar(select(col(ItemRow.id)).order_by(col(ItemRow.id).desc()).limit(1)) or 0
    items, states, parents = [], [], []
    for number, item in enumerate(there, before + 1):
        state = timeline.state(item, moment)
        items.append(_item_then(number, connection, item, moment))
        states.append(rows.state_row(number, 0, state))
        if state.parent is not None:
            parents.append({"connection": connection, "parent": state.parent, "item_id": number})
    insert(session, ItemRow, items)
    insert_rows(session, ItemStateRow, rows.STATE_COLUMNS, states)
    insert(session, ItemParentRow, parents)


def _rows(session: Session, row: type[SQLModel], *where: Any) -> list[Values]:
    table = table_of(row)
    question = select(*table.columns).where(*where)
    return [dict(found._mapping) for found in session.execute(question)]


def _finding_then(row: Values, events: Iterable[Values]) -> Values:
    """Whoever acknowledged or muted it later has not done so yet."""
    acts = [event for event in events if event["finding_id"] == row["id"] and event["actor"] is not None]
    last = max(acts, key=lambda event: (event["at"], event["id"]), default=None)
    said = {"actor": None, "reason": None, "muted_until": None}
    if last is not None:
        said = {"actor": last["actor"], "reason": last["reason"], "muted_until": last["until"]}
    # Whether it was open is told by its events, when what was true then is laid over them.
    return {**row, **said, "state": "open", "resolved_at": None}


def _rule_then(row: Values, moment: datetime) -> Values:
    """Whoever ended it later has not done so yet."""
    if row["ended_at"] is None or row["ended_at"] <= moment:
        return row
    return {**row, "ended_at": None, "ended_by": None, "ended_why": None}


def _without_secrets(row: Values, moment: datetime) -> Values:
    shown = ("id", "tracker", "base_url", "mapping", "created_at")
    empty = ConnectionRow(
        **{name: row[name] for name in shown}, callback_url="", last_sync_at=moment, reconciled_at=None
    )
    return {column.name: getattr(empty, column.name) for column in table_of(ConnectionRow).columns}


def _sprint_then(connection: str, timeline: Timeline, sprint: Sprint, moment: datetime) -> Values:
    state = timeline.sprint_state(sprint, moment)
    values = rows.sprint_values(connection, sprint, None)
    completed = sprint.completed if state is SprintState.CLOSED else None
    return {**values, "state": state.value, "completed": completed}


def _item_then(number: int, connection: str, item: Any, moment: datetime) -> Values:
    return {
        "id": number,
        "connection": connection,
        "tracker_id": item.key,
        "key": item.key,
        "type": item.type,
        "level": item.level,
        "created": item.created,
        "project": item.project,
        "title": item.title,
        "deleted": None,
        "history_known": item.history_known,
        "url": item.url,
        "tag_field": item.tag_field,
        "aliases": item.aliases,
        "updated": moment,
        "fetched_at": moment,
        "states_digest": "",
        "notes": (),
        "version": 0,
    }
