"""Where the looks at a connection stand: what the next one goes on from, and what the last one saw besides items."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from integration.store import connections
from webhooks.inbox import DeliveryRow


@dataclass(frozen=True, slots=True)
class Position:
    """The tracker's own cursor, the last item swept, and what was absent there.

    `notice` is a sentence about a state that is no failure, such as a project that was archived; `boards` are the
    moments at which the sprints of each board were asked for last.
    """

    cursor: str | None = None
    swept: str = ""
    absent: tuple[str, ...] = ()
    notice: str | None = None
    boards: Mapping[str, str] = field(default_factory=dict)

    def text(self) -> str:
        return json.dumps(asdict(self))

    def with_boards(self, seen: tuple[str, ...], at: datetime) -> "Position":
        return replace(self, boards={**self.boards, **dict.fromkeys(seen, at.isoformat())}) if seen else self

    def seen_at(self, board: str) -> datetime | None:
        at = self.boards.get(board)
        return datetime.fromisoformat(at) if at is not None else None


def position_of(session: Session, connection: str) -> Position:
    """Where does the next look begin?"""
    return read_position(connections.reconcile_cursor(session, connection)[0])


def read_position(text: str | None) -> Position:
    if text is None:
        return Position()
    known = json.loads(text)
    return Position(**{**known, "absent": tuple(known["absent"])})


def oldest_waiting(session: Session, connection: str) -> datetime | None:
    """When did the oldest delivery arrive that is still to be worked on?"""
    waits = (col(DeliveryRow.connection) == connection, col(DeliveryRow.run_at).is_not(None))
    return session.scalar(select(func.min(col(DeliveryRow.received_at))).where(*waits))
