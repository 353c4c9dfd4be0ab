"""How far behind a connection is: its items by what waits to be worked on, its sprints by when each board was asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from integration.connecting import Check
from integration.store import page_reads, positions, reads
from integration.store.reads import BoardLine, ConnectionHealth

LATE = timedelta(minutes=20)  # beyond what a look every five minutes leaves
BOARDS_LATE = timedelta(hours=2)  # each board is asked for its sprints once an hour
NAMED = 5
SECONDS = 120  # up to which a pause is told by the second


@dataclass(frozen=True, slots=True)
class BoardBehind:
    """A board, and when the site last told of its sprints; None: never, or it has none."""

    board: BoardLine
    seen: datetime | None
    lag: timedelta | None

    @property
    def words(self) -> str:
        return in_words(self.lag) if self.lag is not None else ""


@dataclass(frozen=True, slots=True)
class Behind:
    """`lag` None: nothing was ever asked. `notice`: a state of the site that is no failure."""

    lag: timedelta | None
    words: str
    notice: str | None
    boards: tuple[BoardBehind, ...]

    @property
    def is_late(self) -> bool:
        return self.lag is None or self.lag > LATE


def behind_of(session: Session, health: ConnectionHealth, now: datetime) -> Behind:
    position = positions.position_of(session, health.id)
    told = page_reads.boards_seen(session, health.id)
    boards = []
    for board in reads.boards(session, health.id):
        moments = [at for at in (told.get(board.id), position.seen_at(board.id)) if at is not None]
        seen = max(moments) if moments and board.periods is None else None
        boards.append(BoardBehind(board, seen, max(now - seen, timedelta()) if seen is not None else None))
    lag, words = _of_items(positions.oldest_waiting(session, health.id), health.last_sync_at, now)
    if health.lag_seconds is not None:
        took = (
            f"{health.lag_seconds} s"
            if health.lag_seconds < SECONDS
            else in_words(timedelta(seconds=health.lag_seconds))
        )
        words += f" The last delivery was saved {took} after it arrived."
    return Behind(lag, words, health.notice, tuple(boards))


def _of_items(waiting: datetime | None, asked: datetime | None, now: datetime) -> tuple[timedelta | None, str]:
    if waiting is not None:
        lag = max(now - waiting, timedelta())
        return lag, f"Items are {in_words(lag)} behind: for so long a delivery has waited to be worked on."
    if asked is None:
        return None, "Nothing was asked of the site yet."
    lag = max(now - asked, timedelta())
    return lag, f"Items are at most {in_words(lag)} behind: no delivery waits, and the site was asked then."


def checks(behind: Behind) -> Iterator[Check]:
    """As the doctor tells it."""
    if behind.notice is not None:
        yield Check("state", is_good=None, sentence=behind.notice)
    yield Check("lag", is_good=not behind.is_late, sentence=f"{behind.words}{_mend(behind)}")
    with_sprints = [one for one in behind.boards if one.lag is not None]
    if with_sprints:
        yield _of_boards(with_sprints)


def _mend(behind: Behind) -> str:
    return " Is `tieline serve` running? Else more workers (TIELINE_WORKERS), or wait it out." if behind.is_late else ""


def _of_boards(boards: list[BoardBehind]) -> Check:
    by_lag = sorted(boards, key=lambda one: one.lag or timedelta(), reverse=True)
    shown = ", ".join(f"{one.board.name} {one.words}" for one in by_lag[:NAMED])
    more = f", and {len(by_lag) - NAMED} others less" if len(by_lag) > NAMED else ""
    is_fine = (by_lag[0].lag or timedelta()) <= BOARDS_LATE
    said = f"Goals and dates of sprints may be behind, by board: {shown}{more}."
    return Check("sprints", is_good=True if is_fine else None, sentence=said)


def in_words(lag: timedelta) -> str:
    seconds = int(lag.total_seconds())
    if seconds < 60:
        return "a minute"  # by the second the page would change all the time
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 48 * 3600:
        return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min"
    return f"{seconds // 86_400} days"
