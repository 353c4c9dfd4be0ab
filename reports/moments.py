"""What a past moment is that somebody names, and a store of it: page, API and command line ask here alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from integration.past import past_store
from integration.store import pruning
from integration.store.opened import Store
from mappings.calendar import INSTANT, Days
from mappings.document import moment_text
from reports.views import time_zone

EARLIEST = 1970
WANTED = "Name a day, such as 2026-03-01, or a moment with its offset, such as 2026-03-01T12:00:00Z."


class NoMoment(Exception):
    """Says why nothing can be told of this moment; `is_beyond`: it is one, but nothing is known of that time."""

    def __init__(self, sentence: str, *, is_beyond: bool = False) -> None:
        super().__init__(sentence)
        self.sentence, self.is_beyond = sentence, is_beyond


def moment_named(store: Store, text: str, now: datetime) -> datetime:
    """A moment with its offset, or a day: then its last instant in the register's time zone, for a change at exactly
    midnight belongs to the day that begins. It may lie ahead."""
    moment = _read(store, text, now)
    if moment is None:
        raise NoMoment(WANTED)
    if moment.year < EARLIEST:
        raise NoMoment(f"Nothing is known of a time before {EARLIEST}.", is_beyond=True)
    _refuse_forgotten(store, moment)
    return moment


def earliest(store: Store) -> datetime | None:
    """Of which moment can be told at the earliest? None: of any."""
    with store.reading() as session:
        return pruning.earliest(session)


def _refuse_forgotten(store: Store, moment: datetime) -> None:
    """Never answered from less than there was: see `integration.pruning`."""
    limit = earliest(store)
    if limit is not None and moment < limit:
        sentence = f"The earliest moment that can be asked is {moment_text(limit)}: what was before is not kept."
        raise NoMoment(sentence, is_beyond=True)


def past_moment(store: Store, text: str, now: datetime) -> datetime | None:
    """The same; None where that is now, as today is. What is to come is refused."""
    moment = moment_named(store, text, now)
    if moment < now:
        return moment
    days = Days(ZoneInfo(time_zone(store, now)))
    if moment == now or (_is_day(text) and moment < days.over(days.of(now))):
        return None
    sentence = f"It is {moment_text(now)}: nothing can be said yet of a later moment."
    raise NoMoment(sentence, is_beyond=True)


@contextmanager
def store_of(store: Store, moment: datetime, now: datetime) -> Iterator[Store]:
    """A store of that moment, as long as it is looked at."""
    with TemporaryDirectory(prefix="tieline-past-", ignore_cleanup_errors=True) as folder:
        found = past_store(store, moment, now, str(Path(folder) / "past.sqlite"))
        try:
            yield found
        finally:
            found.engine.dispose()


def _read(store: Store, text: str, now: datetime) -> datetime | None:
    try:
        if _is_day(text):
            return Days(ZoneInfo(time_zone(store, now))).over(date.fromisoformat(text)) - INSTANT
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _is_day(text: str) -> bool:
    return len(text) == len("2026-03-01")
