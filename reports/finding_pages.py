"""What the pages of epics and findings need, and what a person may do about a finding."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from integration.store import findings as lives
from integration.store import page_reads, reads
from integration.store.opened import Store
from integration.store.reads import FindingEvent, KeptFinding
from mappings.tags import Register, fold
from reports.finding_teams import of_team, team_names
from reports.finding_views import (
    OF_ITEMS,
    OF_SPRINTS,
    OF_TAGS,
    SEVERITIES,
    TITLES,
    FindingView,
    KindGroup,
    by_kind,
    by_tag,
    finding_views,
)
from reports.views import Ground, ground_of, waits_for

STATES = ("open", "acknowledged", "muted", "resolved")
LIVING = STATES[:3]
LONGEST_REASON = 500
SHOWN, MOST_SHOWN = 20, 1000  # of one kind, among all kinds and alone


@dataclass(frozen=True, slots=True)
class FindingsPage:
    ground: Ground
    groups: tuple[tuple[str, str, int, tuple[KindGroup, ...]], ...]  # severity, its words, how many, by kind
    kinds: tuple[tuple[str, str, int], ...]  # kind, its title, how many in these states
    kind: str | None
    state: str
    team: str
    teams: tuple[str, ...]
    connection: str
    waits_for: str


@dataclass(frozen=True, slots=True)
class FindingPage:
    ground: Ground
    view: FindingView
    events: tuple[FindingEvent, ...]
    tomorrow: date


@dataclass(frozen=True, slots=True)
class WrongAct(Exception):
    """`sentence` says what to write instead."""

    sentence: str


def findings_page(
    store: Store, now: datetime, kind: str | None, state: str, team: str = "", connection: str = ""
) -> FindingsPage:
    states = states_of(state)
    with store.reading() as session:
        ground, awaited = ground_of(session, now), waits_for(session)
        every = reads.open_findings(session, connection=connection or None, states=states)
        found = of_team(session, ground, every, team)
        wanted = [one for one in found if kind in (None, one.kind)]
        chosen = _some_of_each(wanted, SHOWN if kind is None else MOST_SHOWN)
        views = finding_views(session, chosen, ground)
    kinds = tuple((name, TITLES.get(name, name), number) for name, number in sorted(_numbers(found).items()))
    groups = []
    for severity, words in SEVERITIES.items():
        mine = [view for view in views if view.finding.severity == severity]
        number = sum(1 for one in wanted if one.severity == severity)
        tags = by_tag(one for one in wanted if one.severity == severity)
        groups.append((severity, words, number, by_kind(mine, _numbers(found, severity), tags)))
    return FindingsPage(ground, tuple(groups), kinds, kind, state, team, team_names(ground), connection, awaited)


def states_of(state: str) -> tuple[str, ...]:
    return LIVING if state == "living" else (state if state in STATES else "open",)


def _some_of_each(found: Iterable[KeptFinding], most: int) -> list[KeptFinding]:
    """The first ones of each kind, severity and tag: a page holds no ten thousand mistyped tags."""
    numbers: Counter[tuple[str, str, str]] = Counter()
    some = []
    for one in found:
        names = {fold(tag) for tag in one.evidence["tags"]} if one.kind in OF_TAGS else {""}
        numbers.update((one.kind, one.severity, name) for name in names)
        if any(numbers[one.kind, one.severity, name] <= most for name in names):
            some.append(one)
    return some


def _numbers(found: Iterable[KeptFinding], severity: str | None = None) -> Counter[str]:
    return Counter(one.kind for one in found if severity in (None, one.severity))


def finding_page(store: Store, now: datetime, number: int) -> FindingPage | None:
    with store.reading() as session:
        ground = ground_of(session, now)
        found = reads.finding(session, number)
        if found is None:
            return None
        (view,) = finding_views(session, [found[0]], ground)
    return FindingPage(ground, view, found[1], _today(now, ground.time_zone) + timedelta(days=1))


def teams_of(store: Store, now: datetime, number: int) -> frozenset[str]:
    """Whose finding is this: the team of its sprint, item or key result, and those above it; empty if nobody's."""
    with store.reading() as session:
        found = reads.finding(session, number)
        if found is None:
            return frozenset()
        register = Register(page_reads.plan_of_now(session, now))
        team = team_of(session, register, found[0])
    return frozenset(register.teams_above(team))


def team_of(session: Any, register: Register, finding: KeptFinding) -> str | None:
    if finding.kind in OF_SPRINTS:
        return page_reads.team_of_sprint(session, finding.connection, finding.subject)
    if finding.kind in OF_ITEMS:
        return page_reads.team_of_item(session, finding.connection, finding.subject)
    return register.team_of(finding.subject) if finding.subject in register.key_results else None


def act(store: Store, now: datetime, number: int, form: Mapping[str, str], actor: str) -> bool:
    """Acknowledge or mute a finding, as the form asks. False: there is no such finding."""
    reason = " ".join(form.get("reason", "").split())
    if not reason:
        raise WrongAct("Say why: the reason is kept with your name.")
    if len(reason) > LONGEST_REASON:
        raise WrongAct(f"Say it in at most {LONGEST_REASON} signs.")
    if form.get("act") == "acknowledged":
        with store.writing() as session:
            return lives.acknowledge(session, number, now, actor=actor, reason=reason)
    if form.get("act") != "muted":
        raise WrongAct("A finding can be acknowledged or muted.")
    with store.reading() as session:
        zone = page_reads.plan_of_now(session, now).settings.time_zone
    until = _until(form.get("until", ""), now, zone)
    with store.writing() as session:
        return lives.mute(session, number, now, actor=actor, reason=reason, until=until)


def _until(text: str, now: datetime, zone: str) -> datetime:
    """The end of that day, in the register's time zone."""
    try:
        day = date.fromisoformat(text)
        until = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise WrongAct("Name the last day of the mute, such as 2026-03-31.") from None
    if until <= now:
        raise WrongAct("That day is over: name one to come.")
    return until


def _today(now: datetime, zone: str) -> date:
    return now.astimezone(ZoneInfo(zone)).date()
