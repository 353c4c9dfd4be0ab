"""What a source tells of objectives and key results, in one shape for issues and goals."""

from dataclasses import dataclass
from datetime import date, datetime

from mappings.model import Exact, MeasuredValue


@dataclass(frozen=True, slots=True)
class ToldObjective:
    key: str
    title: str
    team: str | None = None
    cycle: str | None = None  # as it is written there
    since: date | None = None
    until: date | None = None
    aliases: tuple[str, ...] = ()  # earlier keys


@dataclass(frozen=True, slots=True)
class ToldKeyResult:
    key: str
    title: str
    objective: str | None = None  # key
    team: str | None = None
    cycle: str | None = None
    since: date | None = None
    until: date | None = None
    dropped: datetime | None = None  # given up at that moment
    aliases: tuple[str, ...] = ()
    metric: str | None = None
    unit: str | None = None
    direction: str | None = None
    baseline: Exact | None = None
    target: Exact | None = None
    kind: str | None = None
    confidence: Exact | None = None
    owner: str | None = None
    values: tuple[MeasuredValue, ...] = ()


@dataclass(frozen=True, slots=True)
class ToldLink:
    """A work item, by its tracker's id, serves a goal; not before the goal was made."""

    item: str
    code: str
    earliest: datetime | None


@dataclass(frozen=True, slots=True)
class Told:
    """One whole look at a source. `faults` name a key each, and the mend; with any, nothing is taken over."""

    objectives: tuple[ToldObjective, ...] = ()
    key_results: tuple[ToldKeyResult, ...] = ()
    faults: tuple[str, ...] = ()
    changed_at: datetime | None = None  # the last change that the tracker tells of
    digest: str = ""  # the same digest next time: nothing has changed
    links: tuple[ToldLink, ...] = ()
    links_unsure: frozenset[str] = frozenset()  # codes of which not all links could be seen
    calls: int = 1  # what the look cost


@dataclass(frozen=True, slots=True)
class Seen:
    """What the last good look left: with the same digest the next one may end early (`Told` is None then)."""

    digest: str = ""
    read_at: datetime | None = None
