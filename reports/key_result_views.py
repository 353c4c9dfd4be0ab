"""What the pages of key results show: the tree of objectives, effort beside movement, and one key result from near."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from integration.store import check_ins, kr_reads, trends
from integration.store.check_ins import CheckIn
from integration.store.due import OF_ALL
from integration.store.kr_reads import KeyResultFinding, Linked, ServingEpic, TeamWork
from integration.store.okr_shown import ShownSource, shown_sources
from integration.store.opened import Store
from integration.store.trends import TrendPoint
from integration.store.value_sources import ShownValueSource, shown_value_sources
from mappings.effort import EffortReading, Quadrant, read_effort
from mappings.exact import plain
from mappings.model import Exact, KeyResult, MeasuredValue, Objective, Plan
from mappings.progress import to_go, value_at
from mappings.tags import LiveTime, Register, fold
from reports import key_result_charts
from reports.addresses import (
    board_address,
    key_result_address,
    period_receipt_address,
    receipt_address,
    safe_link,
    sprint_address,
)
from reports.figures import NamedKR
from reports.rolled_up import RolledUp, rolled_measure, rolled_up
from reports.views import Ground, chosen_measure, ground_of

SHOWN_CHECK_INS = 200
SHOWN_EPICS = 100
QUADRANTS = (
    (
        Quadrant.FED_AND_STUCK.value,
        "Fed and stuck",
        "Work goes in, and it is no nearer: ask what the work was meant to change.",
    ),
    (Quadrant.STARVED_AND_STUCK.value, "Starved and stuck", "Plan work for it, or give it up."),
    (Quadrant.FED_AND_MOVING.value, "Fed and moving", "Work goes in, and it comes nearer."),
    (
        Quadrant.STARVED_AND_MOVING.value,
        "Starved and moving",
        "It comes nearer without this team’s work: does it need any?",
    ),
)


@dataclass(frozen=True, slots=True)
class KeyResultLine:
    """One key result in the tree: what it says of itself, beside the work it gets."""

    kr: KeyResult
    named: NamedKR
    team: str
    cycle: str
    is_live: bool
    current: Exact | None
    to_go: Exact | None
    effort: EffortReading
    planned: Exact | None
    supports: tuple[KeyResult, ...]  # key results of others that it supports
    supported_by: tuple[KeyResult, ...]
    findings: tuple[KeyResultFinding, ...]
    check_in: CheckIn | None
    source: ShownValueSource | None

    @property
    def href(self) -> str:
        return key_result_address(self.kr.code)

    def has(self, kind: str) -> bool:
        return any(finding.kind == kind for finding in self.findings)


@dataclass(frozen=True, slots=True)
class ObjectiveLine:
    objective: Objective
    lines: tuple[KeyResultLine, ...]


@dataclass(frozen=True, slots=True)
class TeamBranch:
    """A team with its objectives; `depth`: how far below the topmost team it stands."""

    team: str
    depth: int
    objectives: tuple[ObjectiveLine, ...]


@dataclass(frozen=True, slots=True)
class KeyResultsPage:
    ground: Ground
    measure: str
    cycle: str | None  # None: those live now
    cycles: tuple[str, ...]
    teams: tuple[TeamBranch, ...]
    quadrants: Mapping[str, tuple[KeyResultLine, ...]]
    untold: tuple[KeyResultLine, ...]  # of the live ones, those that stand in no quadrant
    limits: tuple[str, ...]  # from how many percent a key result is fed, where teams differ several
    chart: Any
    others: int  # key results of other cycles
    completed: tuple[RolledUp, ...]
    sources: tuple[ShownSource, ...]

    @property
    def lines(self) -> tuple[KeyResultLine, ...]:
        return tuple(line for team in self.teams for one in team.objectives for line in one.lines)


@dataclass(frozen=True, slots=True)
class SprintShare:
    """What a sprint or period gave to the key result; nothing is a share of 0, no work at all is None."""

    point: TrendPoint
    name: str  # with its connection, where there are several
    share: float | None
    href: str
    receipt: str


@dataclass(frozen=True, slots=True)
class ValueLine:
    at: datetime
    value: Exact
    origin: str


@dataclass(frozen=True, slots=True)
class KeyResultPage:
    ground: Ground
    measure: str
    line: KeyResultLine
    objective: Objective
    first: datetime
    last: datetime
    shares: tuple[SprintShare, ...]
    share_chart: Any
    values: tuple[ValueLine, ...]
    value_chart: Any
    epics: tuple[ServingEpic, ...]  # the open ones that are linked to it
    check_ins: tuple[CheckIn, ...]
    teams: frozenset[str]  # a role for any of these holds for it
    today: str

    @property
    def enough(self) -> bool | None:
        """Whether what is planned covers the distance still to go; None where one of the two is not known."""
        if self.line.planned is None or self.line.to_go is None:
            return None
        return self.line.planned >= self.line.to_go


def key_results_page(store: Store, now: datetime, cycle: str | None, measure: str | None) -> KeyResultsPage:
    with store.reading() as session:
        ground = ground_of(session, now)
        chosen = chosen_measure(ground, measure)
        desk = _desk(session, ground, now, chosen)
        asked = cycle if cycle in {one.id for one in desk.plan.cycles} else None
        today = desk.register.days.of(now)
        wanted = [
            one.id for one in desk.plan.cycles if (one.start <= today <= one.end if asked is None else one.id == asked)
        ]
        completed = rolled_up(session, ground, wanted, chosen)
        sources = shown_sources(session, now)
    plan, register = desk.plan, desk.register
    lines = {kr.code: desk.line(kr) for kr in plan.key_results}
    shown = [line for line in lines.values() if (line.is_live if asked is None else line.cycle == asked)]
    limits = sorted({line.effort.limit for line in shown})
    return KeyResultsPage(
        ground=ground,
        measure=chosen,
        cycle=asked,
        cycles=tuple(one.id for one in sorted(plan.cycles, key=lambda one: one.start, reverse=True)),
        teams=_branches(register, plan, shown),
        quadrants={one.value: tuple(line for line in shown if line.effort.quadrant is one) for one in Quadrant},
        untold=tuple(line for line in shown if line.effort.quadrant is None),
        limits=tuple(f"{float(limit):g}" for limit in limits),
        chart=key_result_charts.effort_chart(shown),
        others=len(lines) - len(shown),
        completed=completed,
        sources=sources,
    )


def key_result_page(store: Store, now: datetime, code: str, measure: str | None) -> KeyResultPage | None:
    """None: there is no such key result in the register that holds now."""
    with store.reading() as session:
        ground = ground_of(session, now)
        kr = next((one for one in ground.plan.key_results if one.code == code), None)
        if kr is None:
            return None
        chosen = chosen_measure(ground, measure)
        desk = _desk(session, ground, now, chosen, kr)
        kr = desk.register.key_results[code]
        first, over = desk.register.period(code)
        shares = _shares(session, desk, kr, chosen, (first, over))
        said = check_ins.check_ins_of(session, code, SHOWN_CHECK_INS)
        epics = kr_reads.serving_epics(session, desk.linked.get(code, ()))
    line = desk.line(kr)
    values = _values(kr, ground.plan, said, now)
    return KeyResultPage(
        ground=ground,
        measure=chosen,
        line=line,
        objective=desk.register.objectives[kr.objective],
        first=first,
        last=over - timedelta(seconds=1),
        shares=shares,
        share_chart=key_result_charts.share_chart(kr.code, line.named.colour, shares),
        values=values,
        value_chart=key_result_charts.value_chart(kr, values, (first, over), now),
        epics=tuple(replace(epic, url=safe_link(epic.url)) for epic in epics),
        check_ins=said,
        teams=frozenset(desk.register.teams_above(line.team)),
        today=desk.register.days.of(now).isoformat(),
    )


# --- what one line rests on


@dataclass(frozen=True, slots=True)
class _Desk:
    """What was read once for all key results."""

    ground: Ground
    now: datetime
    plan: Plan  # with the values of check-ins
    register: Register
    work: Mapping[tuple[str, str, str], TeamWork]
    linked: Mapping[str, tuple[Linked, ...]]
    findings: tuple[KeyResultFinding, ...]
    check_ins: Mapping[str, CheckIn]
    sources: Mapping[str, ShownValueSource]

    def line(self, kr: KeyResult) -> KeyResultLine:
        team, cycle = self.register.team_of(kr.code), self.register.objectives[kr.objective].cycle
        work = self.work.get((team, cycle, self.ground.brought_by.get(kr.code, OF_ALL)))
        linked = (epic for one in self.linked.get(kr.code, ()) for epic in one.epics)
        planned = [epic.impact for epic in linked if epic.impact is not None]
        current = None if kr.kind == "binary" else value_at(kr, self.now)
        return KeyResultLine(
            kr=kr,
            named=self.ground.names[kr.code],
            team=team,
            cycle=cycle,
            is_live=self.register.is_live(kr.code, LiveTime(self.now, self.now)),
            current=current,
            to_go=None if kr.kind == "binary" else to_go(kr, current),
            effort=read_effort(self.register, kr, work.share_of(kr.code) if work is not None else None, self.now),
            planned=plain(sum(planned, 0)) if planned else None,
            supports=self._named(kr.supports),
            supported_by=tuple(
                one for one in self.plan.key_results if fold(kr.code) in {fold(name) for name in one.supports}
            ),
            findings=tuple(finding for finding in self.findings if finding.key_result == kr.code),
            check_in=self.check_ins.get(kr.code),
            source=self.sources.get(kr.code),
        )

    def _named(self, codes: Iterable[str]) -> tuple[KeyResult, ...]:
        wanted = {fold(code) for code in codes}
        return tuple(one for one in self.plan.key_results if fold(one.code) in wanted)


def _desk(session: Any, ground: Ground, now: datetime, measure: str, kr: KeyResult | None = None) -> _Desk:
    """`kr`: only for this one and those it hangs together with."""
    (plan,) = check_ins.with_check_ins(session, (ground.plan,))
    register = Register(plan)
    wanted = plan.key_results if kr is None else (kr,)
    pairs = {(register.team_of(one.code), register.objectives[one.objective].cycle) for one in wanted}
    return _Desk(
        ground=ground,
        now=now,
        plan=plan,
        register=register,
        work=kr_reads.team_work(session, pairs, rolled_measure(measure)),
        linked=kr_reads.linked_epics(session, kr.code if kr is not None else None),
        findings=kr_reads.findings_of_key_results(session, kr.code if kr is not None else None),
        check_ins=check_ins.last_check_ins(session, now),
        sources=shown_value_sources(session, now),
    )


def _branches(register: Register, plan: Plan, shown: Iterable[KeyResultLine]) -> tuple[TeamBranch, ...]:
    """The teams, each above those below it, with the objectives that have something to show; the others are left out
    unless something hangs below them."""
    by_objective: dict[str, list[KeyResultLine]] = {}
    for line in shown:
        by_objective.setdefault(line.kr.objective, []).append(line)
    by_team: dict[str, list[ObjectiveLine]] = {}
    for objective in plan.objectives:
        if objective.id in by_objective:
            found = ObjectiveLine(objective, tuple(by_objective[objective.id]))
            by_team.setdefault(objective.team, []).append(found)
    order = _in_order(plan, by_team)
    return tuple(
        TeamBranch(team, len(tuple(register.teams_above(team))) - 1, tuple(by_team.get(team, ())))
        for team in order
        if any(below in by_team for below in register.subteams(team))
    )


def _in_order(plan: Plan, also: Iterable[str]) -> tuple[str, ...]:
    """Each team, then those below it; as the register has them."""
    below: dict[str | None, list[str]] = {}
    known = {team.name for team in plan.teams}
    for team in plan.teams:
        below.setdefault(team.parent if team.parent in known else None, []).append(team.name)
    found: list[str] = []

    def walk(parent: str | None) -> None:
        for name in below.get(parent, ()):
            found.append(name)
            walk(name)

    walk(None)
    return tuple(dict.fromkeys([*found, *also]))


# --- sprint by sprint


def _shares(
    session: Any, desk: _Desk, kr: KeyResult, measure: str, period: tuple[datetime, datetime]
) -> tuple[SprintShare, ...]:
    """The closed sprints and periods by what they completed, the running ones by what is in them: those of the team
    and those below it, and any other that gave something; within the key result's period."""
    family = desk.register.subteams(desk.register.team_of(kr.code))
    first, over = period
    found = []
    for scope in trends.SCOPES:
        given = trends.parts_of(session, first, over, measure, scope)
        for point in trends.trends(session, first, over, measure, scope):
            if point.closed is not (scope == "completed"):
                continue
            share = given.get((point.connection, point.subject), {}).get(kr.code)
            if share or point.team in family:
                found.append(_sprint_share(point, desk.ground.name_of(point), share, kr.code, measure, scope))
    return tuple(sorted(found, key=lambda one: (one.point.at, one.point.connection, one.point.subject)))


def _sprint_share(
    point: TrendPoint, name: str, share: float | None, code: str, measure: str, scope: str
) -> SprintShare:
    shown = None if point.aligned is None else share or 0.0
    if point.kind == "period":
        href = board_address(point.connection, point.board)
        receipt = period_receipt_address(point.connection, point.subject, measure, code)
        return SprintShare(point, name, shown, href, receipt)
    receipt = receipt_address(point.connection, point.subject, scope, measure, code)
    return SprintShare(point, name, shown, sprint_address(point.connection, point.subject), receipt)


# --- values


def _values(kr: KeyResult, plan: Plan, said: Iterable[CheckIn], now: datetime) -> tuple[ValueLine, ...]:
    """Every value by now with where it comes from, the latest first."""
    entered = {one.at: one.author for one in said if one.taken_back_at is None}
    stated = {value.at for one in plan.key_results if one.code == kr.code for value in one.values}
    by_now = (value for value in reversed(kr.values) if value.at <= now)
    return tuple(ValueLine(value.at, value.value, _origin(value, entered, stated)) for value in by_now)


def _origin(value: MeasuredValue, entered: Mapping[datetime, str], stated: Collection[datetime]) -> str:
    if value.at in entered:
        return entered[value.at]
    return "register" if value.at in stated else "check-in"
