"""Giving back what was there before a run, from its records: planned like any other run, and sent only when said so.

What was changed by others since stays as it is: the present value is compared when it is sent.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Engine

from integration.contract import Misconfigured, Tracker, Writer
from integration.store import reads, write_back
from integration.store.engine import reading, writing
from integration.store.write_back_records import (
    SAME,
    SENDING,
    SENT,
    Change,
    NewChange,
    changes_of,
    run_of,
    undone_by,
)

_UNDER_WAY = frozenset({SENDING, SENT, SAME})  # a mere preview keeps nobody from another


def plan_undo(
    engine: Engine, trackers: Mapping[str, Tracker], run: int, actor: str, now: datetime, change: int | None = None
) -> int:
    """Plan to undo what was sent of a run, the last first, or one change of it; answer the new run's number."""
    with reading(engine) as session:
        found = run_of(session, run)
        if found is None:
            raise Misconfigured("write_back", f"There is no record {run}.")
        tracker = {one.id: one.tracker for one in reads.connections(session)}.get(found.connection, "")
        sent, begun = changes_of(session, run, (SENT,)), undone_by(session, run)
    writer = trackers[tracker].writer if tracker in trackers else None
    if writer is None:
        raise Misconfigured("write_back", f"Nothing can be written to {found.connection} any more.")
    left = [one for one in reversed(sent) if begun.get(one.id) not in _UNDER_WAY and change in (None, one.position)]
    if not left:
        raise Misconfigured("write_back", f"Of record {run} there is nothing to undo, or it is being undone already.")
    with writing(engine) as session:
        words = f"Undo record {run}: {found.words}"
        return write_back.undo(session, run, [_undoing(writer, one) for one in left], words, actor, now)


def _undoing(writer: Writer, change: Change) -> NewChange:
    assert change.edit is not None  # it was sent
    return NewChange(
        item=change.item,
        key=change.key,
        title=change.title,
        place=change.place,
        former=change.wanted,
        wanted=change.former,
        edit=writer.undone(change.edit, change.receipt),
        undoes=change.id,
    )
