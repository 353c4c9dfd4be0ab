"""What could be said at a past moment: reckoned from the history in the store, for what is kept is of now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from integration.store import backlog, page_reads, reads
from integration.store.opened import Store
from integration.store.reads import KeptFinding
from mappings.analysis import analysis_of
from mappings.document import finding_document, moment_text
from mappings.model import Analysis, Measure
from mappings.reckoning import Reckoning


class NoMoment(Exception):
    """Says why nothing can be told of this moment."""


@dataclass(frozen=True, slots=True)
class Then:
    """One connection as of a moment."""

    connection: str
    reckoning: Reckoning
    analysis: Analysis

    @property
    def findings(self) -> tuple[KeptFinding, ...]:
        """Those that were true then; they have no number, for acts are about findings of now."""
        return tuple(_findings(self))


def moment_of(store: Store, text: str, now: datetime) -> datetime:
    """A moment with its offset, or a day: then its end, in the time zone of the register."""
    try:
        if len(text) == len("2026-03-01"):
            with store.reading() as session:
                zone = page_reads.plan_of_now(session, now).settings.time_zone
            end = datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), ZoneInfo(zone))
            return min(end.astimezone(UTC), now)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise NoMoment("Name a day, such as 2026-03-01, or a moment with its offset, such as 2026-03-01T12:00:00Z.")
    if moment > now:
        raise NoMoment(f"It is {moment_text(now)}: nothing can be said yet of a later moment.")
    return moment


def analyses_at(store: Store, as_of: datetime, now: datetime, measure: str | None = None) -> Iterator[Then]:
    """Everything about each connection as of then, by the versions of register and rules that held."""
    with store.reading() as session:
        connections = [one.id for one in reads.connections(session)]
    for connection in connections:
        with store.reading() as session:
            known = backlog.backlog_at(session, connection, now)
        reckoning = Reckoning(known, as_of, None if measure is None else Measure(measure))
        yield Then(connection, reckoning, analysis_of(reckoning))


def _findings(then: Then) -> Iterator[KeptFinding]:
    for one in then.analysis.findings:
        evidence = finding_document(one)["evidence"]
        assert isinstance(evidence, dict)
        yield KeptFinding(
            id=0,
            connection=then.connection,
            kind=one.kind,
            subject=one.subject,
            severity=one.severity.value,
            evidence=evidence,
            suggestion=one.suggestion,
            state="open",
            opened_at=then.analysis.as_of,
            resolved_at=None,
            muted_until=None,
            actor=None,
            reason=None,
        )
