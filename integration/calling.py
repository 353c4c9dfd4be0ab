"""How often a site is called, in words: what our budget allows, what the site says of its own limit, and what is
waited for."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from integration.connecting import Check
from integration.limits import Said
from integration.store import calls
from integration.store.calls import Calls, Wait

log = logging.getLogger(__name__)

NEARLY = 5  # of its limit a fifth is left, or less: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
REASONS = {
    "jira-quota-global-based": "the hourly quota of the app is used up",
    "jira-quota-tenant-based": "the hourly quota of this site is used up",
    "jira-burst-based": "too many of these calls in one second",
    "jira-per-issue-on-write": "too many changes to one item",
}
_WAITS = {
    "quota_used_up": "the quota of calls is used up",
    "rate_limited": "too many calls at once",
    "unavailable": "the site is in trouble and asked us to come back",
}


def run(engine: Engine, clock: Callable[[], datetime], stop: threading.Event, every: float = calls.EVERY) -> None:
    """Keep what was counted until `stop` is set."""
    while not stop.wait(every):
        keep(engine, clock())


def keep(engine: Engine, now: datetime) -> None:
    """Keep what this process has counted; what the database does not take is offered again."""
    try:
        calls.keep(engine, now)
    except SQLAlchemyError as error:
        log.warning("calls were not kept", extra={"reason": type(error).__name__})


def made_words(known: Calls) -> str:
    """Such as "214 calls in the last hour"."""
    if known.pace is None:
        return "No call was made yet."
    many = "call" if known.last_hour == 1 else "calls"
    return f"{known.last_hour:,} {many} in the last hour."


def pace_words(known: Calls) -> str:
    """ "": no call was made yet."""
    if known.pace is None:
        return ""
    pace = known.pace
    return f"Our own limit: {pace.per_second:g} calls a second, and {pace.burst} at once, of each process."


def said_words(known: Calls, now: datetime) -> str:
    """What the site last said; "": nothing was called yet."""
    if known.pace is None:
        return ""
    if known.said is None or known.said_at is None:
        return "The site has said nothing of a limit of its own."
    return f"The site last said ({_time(known.said_at, now)}): {_said(known.said, now)}."


def _said(said: Said, now: datetime) -> str:
    parts = []
    if said.is_refusal:
        parts.append(f"no more for now ({reason_words(said.reason, 'too many calls')})")
    if said.remaining is not None:
        parts.append(
            f"{said.remaining:,} of {said.limit:,} left" if said.limit is not None else f"{said.remaining:,} left"
        )
    elif said.limit is not None:
        parts.append(f"its limit is {said.limit:,}")
    if said.resets_at is not None:
        parts.append(f"anew from {_time(said.resets_at, now)}")
    return ", ".join(parts) or reason_words(said.reason, "nothing of numbers")


def reason_words(reason: str, otherwise: str) -> str:
    """The site's own word for why, beside ours."""
    if reason in REASONS:
        return f"{REASONS[reason]}: {reason}"
    return reason or otherwise


def wait_words(known: Calls, now: datetime) -> str:
    """ "": nothing is waited for."""
    if known.wait is None:
        return ""
    what = "No call is made" if known.wait.call is None else f"No call such as {known.wait.call} is made"
    return f"{what} until {_time(known.wait.until, now, seconds=True)}: {_why(known.wait, known.said)}."


def _why(wait: Wait, said: Said | None) -> str:
    if (
        said is not None
        and said.is_refusal
        and said.reason in REASONS
        and wait.reason in ("quota_used_up", "rate_limited")
    ):
        return REASONS[said.reason]
    return _WAITS.get(wait.reason, "the site asked us to wait")


@dataclass(frozen=True, slots=True)
class CallsTold:
    """The calls to a connection with their sentences; "" where there is nothing to say."""

    known: Calls
    made: str
    pace: str
    said: str
    wait: str
    is_near: bool

    @property
    def words(self) -> str:
        return " ".join(sentence for sentence in (self.wait, self.made, self.pace, self.said) if sentence)


def told(known: Calls, now: datetime) -> CallsTold:
    made, pace = made_words(known), pace_words(known)
    return CallsTold(known, made, pace, said_words(known, now), wait_words(known, now), is_near(known, now))


def told_of_all(session: Session, now: datetime) -> dict[str, CallsTold]:
    """By connection; those that were never called are absent."""
    return {name: told(known, now) for name, known in calls.calls_by_connection(session, now).items()}


def told_of(session: Session, connection: str, now: datetime) -> CallsTold:
    return told(calls.calls_of(session, connection, now), now)


def check(one: CallsTold) -> Check:
    """As the doctor tells it: waiting is no fault, but somebody should know."""
    return Check("calls", is_good=None if one.wait or one.is_near else True, sentence=one.words)


def is_near(known: Calls, now: datetime) -> bool:
    """Is little left of what the site allows, as far as it has said so since its last reset? After a refusal that is
    told by what is waited for."""
    said = known.said
    if said is None or said.is_refusal or said.remaining is None or not said.limit or known.said_at is None:
        return False
    is_over = said.resets_at is not None and said.resets_at <= now
    return not is_over and now - known.said_at < calls.HOUR and said.remaining * NEARLY <= said.limit


def _time(moment: datetime, now: datetime, *, seconds: bool = False) -> str:
    day = "" if moment.date() == now.date() else f"{moment:%Y-%m-%d} "
    return f"{day}{moment:{'%H:%M:%S' if seconds else '%H:%M'}} UTC"
