"""Saving what was fetched: idempotent, in whatever order answers come, and only what differs is written.

What the change touches is noted as due in the same transaction (see `due`).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, select, update
from sqlmodel import Session, col

from integration import changes
from integration.changes import Known
from integration.contract import Fetched, Temporary, TrackedItem
from integration.json_text import mark
from integration.store import due, earlier, raw_answers, rows, sprints
from integration.store.bulk import Values, batches, insert, insert_rows, table_of, upsert
from integration.store.due import Touched, Touching
from integration.store.kin import Kin
from integration.store.tables import (
    ConnectionRow,
    GoneItemRow,
    HiddenParentRow,
    ItemParentRow,
    ItemRow,
    ItemSprintRow,
    ItemStateRow,
    RefusedItemRow,
)
from mappings.model import Item, ItemState


def save_fetched(session: Session, connection: str, fetched: Fetched, now: datetime) -> Touched:
    """Save what a tracker told and say what that touches. Run it in one transaction with the end of its delivery."""
    version = due.lock_pulse(session, connection, now) + 1
    _check_mapping(session, connection, fetched)
    touched = Touching(version)
    sprints.save_boards(session, connection, fetched, touched)
    sprints.save_sprints(session, connection, fetched, touched)
    newer, new = _save_items(session, connection, fetched, touched)
    _save_missing(session, connection, fetched, touched)
    _save_hidden_parents(session, connection, fetched, touched)
    if not fetched.is_read_again:
        raw = {name: body for name, body in fetched.raw.items() if name not in newer}
        raw_answers.keep(session, connection, raw, fetched.asked, fetched.at, new)
    _save_refused(session, connection, fetched)
    result = due.spread(session, connection, touched)
    if result.is_anything:
        due.beat(session, connection, now)
        due.note(session, connection, result, now, version)
        due.beat_for_pages(session, now)
    return result


def _check_mapping(session: Session, connection: str, fetched: Fetched) -> None:
    """What was read by a mapping that was changed meanwhile is not saved: nothing would read it again."""
    if not fetched.read_by:
        return
    present = session.connection().scalar(_MAPPING, {"connection": connection})
    if present is not None and mark(present) != fetched.read_by:
        raise Temporary("mapping_changed", "The mapping was changed meanwhile: this is read again by the new one.")


Ids = frozenset[str]


def _save_items(session: Session, connection: str, fetched: Fetched, touched: Touching) -> tuple[Ids, Ids]:
    """Say of which items we know something newer, and which are new to us."""
    newest: dict[str, TrackedItem] = {}
    for tracked in fetched.items:
        other = newest.get(tracked.id)
        if other is None or other.updated <= tracked.updated:
            newest[tracked.id] = tracked
    newer: set[str] = set()
    new: set[str] = set()
    for some in batches(newest.values()):
        if fetched.is_read_again:
            _save_again(session, connection, some, touched)
            continue
        older, fresh = _save_some(session, connection, some, fetched.at, touched)
        newer |= older
        new |= fresh
    return frozenset(newer), frozenset(new)


def _save_some(
    session: Session, connection: str, tracked: list[TrackedItem], at: datetime, touched: Touching
) -> tuple[set[str], set[str]]:
    known = _known(session, connection, [one.id for one in tracked])
    missing = _missing(session, connection, [one.id for one in tracked])
    news = [one for one in tracked if is_news(known.get(one.id), one, at)]
    older = [one for one in tracked if not is_news(known.get(one.id), one, at)]
    _see_again(session, [known[one.id][0] for one in tracked if one.id in known], at)
    for one in older:
        row_id, before = known[one.id]
        after = changes.merged_older(before, one, at, missing.get(one.id, ()))
        _write_ground(session, row_id, before, after, touched)
    _write_news(session, connection, news, known, missing, at, touched)
    return {one.id for one in older}, {one.id for one in tracked if one.id not in known}


def _save_again(session: Session, connection: str, tracked: list[TrackedItem], touched: Touching) -> None:
    """Items of kept answers: what was heard of them since then stays, and when each was last seen."""
    known = _known(session, connection, [one.id for one in tracked])
    missing = _missing(session, connection, [one.id for one in tracked])
    by_sight: dict[datetime, list[TrackedItem]] = {}
    for one in tracked:
        if one.id in known and one.updated >= known[one.id][1].updated:
            by_sight.setdefault(known[one.id][1].fetched_at, []).append(one)
    for at, seen in by_sight.items():
        _write_news(session, connection, seen, known, missing, at, touched)


def _write_news(
    session: Session,
    connection: str,
    news: list[TrackedItem],
    known: dict[str, tuple[int, Known]],
    missing: dict[str, list[datetime]],
    at: datetime,
    touched: Touching,
) -> None:
    histories = _histories(session, [known[one.id][0] for one in news if _differs(known.get(one.id), one)])
    found = (_change(known.get(one.id), one, at, histories, missing.get(one.id, ())) for one in news)
    changed = [change for change in found if change is not None]
    ids = {one.id: known[one.id][0] for one in news if one.id in known}
    ids |= _write_items(session, connection, changed, at, touched)
    _write_earlier(session, connection, ids, news, touched)


def _write_earlier(
    session: Session, connection: str, ids: dict[str, int], news: list[TrackedItem], touched: Touching
) -> None:
    """What earlier mappings read. Where that is new, all that was closed while they held may be told otherwise."""
    for one in earlier.save_items(session, ids, news):
        item = one.item
        touched.items[ids[one.id]] = (frozenset((item.key, *item.aliases)), changes.ALWAYS)
        named_sprints, named_parents = _names(connection, ids[one.id], one)
        upsert(session, ItemSprintRow, named_sprints, keep_known=True)
        upsert(session, ItemParentRow, named_parents, keep_known=True)


def _see_again(session: Session, ids: list[int], at: datetime) -> None:
    if ids:
        session.connection().execute(_SEE, {"seen": at, "ids": ids})


def _write_ground(session: Session, row_id: int, known: Known, after: Item, touched: Touching) -> None:
    """Mark a deletion or add an old key; the history stays, for earlier moments still show it."""
    if after == known.item:
        return
    values = {"deleted": after.deleted, "aliases": after.aliases, "version": touched.version}
    session.execute(update(ItemRow).where(col(ItemRow.id) == row_id).values(**values))
    moments = [moment for moment in (after.deleted, known.item.deleted) if moment is not None]
    since = changes.ALWAYS if after.aliases != known.item.aliases else min(moments)
    touched.items[row_id] = (frozenset((after.key, *after.aliases)), since)


def is_news(known: tuple[int, Known] | None, tracked: TrackedItem, at: datetime) -> bool:
    return changes.is_news(None if known is None else known[1], tracked, at)


def _differs(known: tuple[int, Known] | None, tracked: TrackedItem) -> bool:
    """May the stored history have to change? The digest spares reading it where nothing did."""
    return known is not None and known[1].states_digest != rows.states_digest(tracked.item.states)


@dataclass(frozen=True, slots=True)
class _Changed:
    tracked: TrackedItem
    id: int | None  # of the row, None where it is new
    old_states: tuple[ItemState, ...] | None  # None: the history did not change, or is new
    since: datetime | None


def _change(
    known: tuple[int, Known] | None,
    tracked: TrackedItem,
    at: datetime,
    histories: dict[int, tuple[ItemState, ...]],
    missing: Collection[datetime],
) -> _Changed | None:
    if known is None:
        item = changes.merged(None, tracked, at, missing)
        fresh = tracked if item is tracked.item else replace(tracked, item=item)
        return _Changed(fresh, None, (), changes.ALWAYS)
    row_id, before = known
    old_states = histories.get(row_id)
    if old_states is not None and before.item.history_known and not tracked.item.history_known:
        tracked = changes.with_known_history(old_states, tracked)
    elif before.item.history_known:
        tracked = replace(tracked, item=replace(tracked.item, history_known=True))
    item = changes.merged(before, tracked, at, missing)
    old = replace(before.item, states=item.states if old_states is None else old_states)
    if item == old and tracked.updated == before.updated and tracked.notes == before.notes:
        return None
    return _Changed(replace(tracked, item=item), row_id, old_states, changes.changed_since(old, item))


# Put into words once: SQLAlchemy looks at each value of a list that stands in a statement.
_OF_CONNECTION: BindParameter[str] = bindparam("connection")
_AMONG: BindParameter[Any] = bindparam("ids", expanding=True)
_KNOWN = select(*table_of(ItemRow).columns).where(
    col(ItemRow.connection) == _OF_CONNECTION, col(ItemRow.tracker_id).in_(_AMONG)
)
_MISSING = select(col(GoneItemRow.tracker_id), col(GoneItemRow.at)).where(
    col(GoneItemRow.connection) == _OF_CONNECTION, col(GoneItemRow.tracker_id).in_(_AMONG)
)
_IDS = select(col(ItemRow.tracker_id), col(ItemRow.id)).where(
    col(ItemRow.connection) == _OF_CONNECTION, col(ItemRow.tracker_id).in_(_AMONG)
)


_MAPPING = select(col(ConnectionRow.mapping)).where(col(ConnectionRow.id) == _OF_CONNECTION)
_FORGET_REFUSED = delete(table_of(RefusedItemRow)).where(
    col(RefusedItemRow.connection) == _OF_CONNECTION, col(RefusedItemRow.tracker_id).in_(_AMONG)
)
_SEE = (
    update(table_of(ItemRow))
    .where(col(ItemRow.id).in_(_AMONG), col(ItemRow.fetched_at) < bindparam("seen"))
    .values(fetched_at=bindparam("seen"))
)


def _known(session: Session, connection: str, ids: list[str]) -> dict[str, tuple[int, Known]]:
    return {
        row.tracker_id: (
            row.id,
            Known(rows.item_of(row, ()), row.updated, row.fetched_at, row.states_digest, row.notes or ()),
        )
        for row in session.connection().execute(_KNOWN, {"connection": connection, "ids": ids})
    }


def _missing(session: Session, connection: str, ids: list[str]) -> dict[str, list[datetime]]:
    """When each was asked for in vain; nearly always nothing."""
    found: dict[str, list[datetime]] = {}
    for tracker_id, at in session.connection().execute(_MISSING, {"connection": connection, "ids": ids}):
        found.setdefault(tracker_id, []).append(at)
    return found


def _histories(session: Session, ids: list[int]) -> dict[int, tuple[ItemState, ...]]:
    found: dict[int, list[ItemState]] = {row_id: [] for row_id in ids}
    columns = [col(getattr(ItemStateRow, name)) for name in ItemState._fields]
    for some in batches(ids):
        question = select(col(ItemStateRow.item_id), *columns).where(col(ItemStateRow.item_id).in_(some))
        for row in session.execute(question.order_by(col(ItemStateRow.item_id), col(ItemStateRow.position))):
            found[row[0]].append(rows.state_of(row[1:]))
    return {row_id: tuple(states) for row_id, states in found.items()}


def _write_items(
    session: Session, connection: str, changed: list[_Changed], at: datetime, touched: Touching
) -> dict[str, int]:
    """Answer the rows by the tracker's own ids."""
    if not changed:
        return {}
    new = [rows.item_values(connection, one.tracked, at, touched.version) for one in changed if one.id is None]
    insert(session, ItemRow, new)
    ids = _ids(session, connection, [one.tracked.id for one in changed])
    upsert(
        session,
        ItemRow,
        [
            {"id": one.id, **rows.item_values(connection, one.tracked, at, touched.version)}
            for one in changed
            if one.id is not None
        ],
    )
    rewritten = [(ids[one.tracked.id], one) for one in changed if one.old_states is not None]
    _write_states(session, rewritten)
    _write_names(session, connection, rewritten)
    for one in changed:
        _touch(touched, ids[one.tracked.id], one)
    _touch_lost_parents(session, connection, changed, touched)
    return ids


def _ids(session: Session, connection: str, tracker_ids: list[str]) -> dict[str, int]:
    found = session.connection().execute(_IDS, {"connection": connection, "ids": tracker_ids})
    return {row.tracker_id: row.id for row in found}


def _touch(touched: Touching, row_id: int, change: _Changed) -> None:
    if change.since is None:
        return
    item = change.tracked.item
    touched.items[row_id] = (frozenset((item.key, *item.aliases)), change.since)
    for state in change.old_states or ():
        for sprint in state.sprints:
            touched.touch_sprint(sprint, change.since)


def _touch_lost_parents(session: Session, connection: str, changed: Iterable[_Changed], touched: Touching) -> None:
    """What an item hung below until its history was told otherwise is named by nothing any more, and has changed."""
    lost: dict[str, datetime] = {}
    for one in changed:
        if one.since is not None and one.old_states:
            still = {state.parent for state in one.tracked.item.states}
            for key in {state.parent for state in one.old_states} - still - {None}:
                lost[str(key)] = min(one.since, lost.get(str(key), one.since))
    kin = Kin(session, connection)
    for key, since in lost.items():
        for row_id in kin.named((key,)):
            keys, before = touched.items.get(row_id, (frozenset((key,)), since))
            touched.items[row_id] = (keys, min(since, before))


def _write_states(session: Session, rewritten: list[tuple[int, _Changed]]) -> None:
    """Write each history from the first state that differs; what is equal before it stays untouched."""
    gone: list[Values] = []
    new: list[tuple[Any, ...]] = []
    for row_id, change in rewritten:
        states = change.tracked.item.states
        old = change.old_states or ()
        position = changes.first_difference(old, states)
        if position < len(old):
            gone.append({"of": row_id, "start": position})
        new += [rows.state_row(row_id, number, states[number]) for number in range(position, len(states))]
    if gone:
        mine = (col(ItemStateRow.item_id) == bindparam("of"), col(ItemStateRow.position) >= bindparam("start"))
        session.connection().execute(delete(ItemStateRow).where(*mine), gone)
    insert_rows(session, ItemStateRow, rows.STATE_COLUMNS, new)


def _write_names(session: Session, connection: str, rewritten: list[tuple[int, _Changed]]) -> None:
    """Keep which sprints and parents each item ever named: by these a change finds what it touches."""
    known = [row_id for row_id, change in rewritten if change.id is not None]
    named_sprints: list[Values] = []
    named_parents: list[Values] = []
    for row_id, change in rewritten:
        sprints_of, parents_of = _names(connection, row_id, change.tracked)
        named_sprints += sprints_of
        named_parents += parents_of
    if known:
        session.execute(delete(ItemSprintRow).where(col(ItemSprintRow.item_id).in_(known)))
        session.execute(delete(ItemParentRow).where(col(ItemParentRow.item_id).in_(known)))
    insert(session, ItemSprintRow, named_sprints)
    insert(session, ItemParentRow, named_parents)


def _names(connection: str, row_id: int, tracked: TrackedItem) -> tuple[list[Values], list[Values]]:
    """The sprints and the parents that the item ever named, as any mapping reads it."""
    histories = [tracked.item.states, *(then.states for _, then in tracked.earlier)]
    named = {sprint for states in histories for state in states for sprint in state.sprints}
    parents = {state.parent for states in histories for state in states if state.parent is not None}
    return (
        [{"connection": connection, "sprint": name, "item_id": row_id} for name in sorted(named)],
        [{"connection": connection, "parent": name, "item_id": row_id} for name in sorted(parents)],
    )


# --- what is not there, or not to be seen


def _save_missing(session: Session, connection: str, fetched: Fetched, touched: Touching) -> None:
    for some in batches(fetched.gone):
        values = [{"connection": connection, "tracker_id": gone, "at": fetched.at} for gone in some]
        upsert(session, GoneItemRow, values)
        missing = _missing(session, connection, some)
        for tracker_id, (row_id, known) in _known(session, connection, some).items():
            deleted = changes.deletion_of_known(known, missing[tracker_id], known.fetched_at)
            _write_ground(session, row_id, known, replace(known.item, deleted=deleted), touched)


def _save_hidden_parents(session: Session, connection: str, fetched: Fetched, touched: Touching) -> None:
    """A parent that we may not see stays hidden until it is seen; then its item is what counts."""
    if not fetched.hidden_parents:
        return
    question = select(col(HiddenParentRow.key)).where(col(HiddenParentRow.connection) == connection)
    new = sorted(fetched.hidden_parents - set(session.scalars(question)))
    upsert(session, HiddenParentRow, [{"connection": connection, "key": key, "seen_at": fetched.at} for key in new])
    for key in new:
        touched.parents[key] = changes.ALWAYS


def _save_refused(session: Session, connection: str, fetched: Fetched) -> None:
    """One bad item never stops a sync: it becomes a result, until it can be read."""
    for some in batches([*(one.id for one in fetched.items), *fetched.gone]):
        session.connection().execute(_FORGET_REFUSED, {"connection": connection, "ids": some})
    values = [
        {"connection": connection, "tracker_id": tracker_id, "reason": reason, "at": fetched.at}
        for tracker_id, reason in dict(fetched.refused).items()
    ]
    upsert(session, RefusedItemRow, values)
