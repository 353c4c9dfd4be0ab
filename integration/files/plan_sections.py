"""Reads register, rules and settings out of plain data into a `Plan`: the same in a backlog file and in a register."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from integration.files.circles import circles
from integration.files.faults import Fault, Step, shown
from integration.files.plan_models import (
    CycleIn,
    KeyResultIn,
    ObjectiveIn,
    RegisterSettingsIn,
    RegisterTeamIn,
    RuleIn,
    SettingsIn,
    TeamIn,
    ThresholdsIn,
    ValueIn,
    WordingIn,
)
from integration.files.scalars import decimal_text
from integration.files.sections import Raw, elements, names, taken
from mappings.model import (
    Band,
    Cycle,
    Exact,
    Inherit,
    KeyResult,
    MappingRule,
    Measure,
    MeasuredValue,
    Objective,
    Plan,
    Settings,
    Split,
    Team,
    Wording,
)
from mappings.tags import Register, fold

_ALWAYS = Cycle("always", date(1900, 1, 1), date(9000, 12, 31))
_ANY = Objective("any", "", "", "always")


class Known(NamedTuple):
    """What the sections name, broken elements included: only what nobody wrote down is unknown."""

    teams: frozenset[str] | None  # None: no teams are given, so any name will do
    cycles: frozenset[str]
    objectives: frozenset[str]
    codes: Mapping[str, str]  # KR codes as written, by folded code
    is_whole: bool = True  # False: other key results are kept elsewhere, and may be named here


class Shapes(NamedTuple):
    """What settings and teams may hold: a register says more of both than a backlog file."""

    settings: type[SettingsIn]
    team: type[TeamIn]


BACKLOG_FILE = Shapes(SettingsIn, TeamIn)
REGISTER = Shapes(RegisterSettingsIn, RegisterTeamIn)


def known_names(raw: Raw) -> Known:
    teams = frozenset(name for _, name in names(raw, "teams", "name"))
    return Known(
        teams or None,
        frozenset(name for _, name in names(raw, "cycles", "id")),
        frozenset(name for _, name in names(raw, "objectives", "id")),
        {fold(code): code for _, code in names(raw, "key_results", "code")},
    )


def read_plan(raw: Raw, known: Known, shapes: Shapes = BACKLOG_FILE) -> Plan:
    """Read the plan's sections; of what is wrong the faults are noted and the rest is read on."""
    settings = _settings(raw, shapes)
    teams = _teams(raw, known, shapes)
    cycles = _cycles(raw)
    objectives = _objectives(raw, known)
    key_results = _key_results(raw, known, objectives, cycles)
    rules = _rules(raw, settings, key_results, is_whole=known.is_whole)
    return Plan(settings, rules, teams, cycles, objectives, key_results)


def unique(raw: Raw, section: str, key: str, *, caseless: bool = False) -> None:
    """Note each name that was there before."""
    first: dict[str, int] = {}
    for index, name in names(raw, section, key):
        earlier = first.setdefault(fold(name) if caseless else name, index)
        if earlier != index:
            sentence = f"{shown(name)} is the {key} of {section}[{earlier}] already; give each its own"
            raw.faults.append(Fault((section, index, key), sentence))


def team_is_known(raw: Raw, known: Known, team: str | None, *steps: Step) -> None:
    if team is not None and known.teams is not None and team not in known.teams:
        raw.faults.append(Fault(steps, f"there is no team {shown(team)} among teams; add it or mend the name"))


def exists(raw: Raw, what: str, name: str, is_there: bool, *steps: Step) -> None:
    if not is_there:
        raw.faults.append(Fault(steps, no_such(what, name)))


def no_such(what: str, name: str) -> str:
    return f"there is no {what} {shown(name)}; add it or mend the name"


def _settings(raw: Raw, shapes: Shapes) -> Settings:
    value = raw.data.get("settings")
    found = taken(raw.faults, {} if value is None else value, shapes.settings, "settings")
    if found is None:
        return Settings()
    return Settings(
        measure=Measure(found.measure),
        unestimated=found.unestimated,
        inherit=Inherit(found.inherit),
        none_values=tuple(found.none_values),
        not_work=tuple(found.not_work),
        count_subtasks=found.count_subtasks,
        commit_grace=found.commit_grace,
        time_zone=found.time_zone,
        thresholds=_given(found.thresholds),
        wording=_wording(found.wording) if isinstance(found, RegisterSettingsIn) else Wording(),
    )


def _given(thresholds: ThresholdsIn) -> dict[str, Exact]:
    return {kind: getattr(thresholds, kind) for kind in sorted(thresholds.model_fields_set)}


def _wording(found: WordingIn) -> Wording:
    return Wording(found.check, found.capability)


def _teams(raw: Raw, known: Known, shapes: Shapes) -> tuple[Team, ...]:
    unique(raw, "teams", "name")
    found = elements(raw, "teams", shapes.team)
    for index, team in found:
        team_is_known(raw, known, team.parent, "teams", index, "parent")
        if team.split is not None and (total := _total(team)) != 100:
            sentence = f"primary, secondary and exploration sum to {decimal_text(total)}; make them 100"
            raw.faults.append(Fault(("teams", index, "split"), sentence))
        if isinstance(team, RegisterTeamIn) and team.band is not None and team.band.low > team.band.high:
            raw.faults.append(Fault(("teams", index, "band"), "begins above its end; write from below to"))
    edges = {team.name: [team.parent] for _, team in found if team.parent is not None}
    _no_circle(raw, edges, {team.name: index for index, team in found}, "teams", "parent")
    return tuple(_team(team) for _, team in found)


def _team(team: TeamIn) -> Team:
    if not isinstance(team, RegisterTeamIn):
        return Team(team.name, team.parent, _split(team))
    band = None if team.band is None else Band(team.band.low, team.band.high)
    return Team(team.name, team.parent, _split(team), _given(team.thresholds), _wording(team.wording), band)


def _total(team: TeamIn) -> Exact:
    split = team.split
    return 100 if split is None else split.primary + split.secondary + split.exploration


def _split(team: TeamIn) -> Split | None:
    split = team.split
    return None if split is None else Split(split.primary, split.secondary, split.exploration)


def _cycles(raw: Raw) -> tuple[Cycle, ...]:
    unique(raw, "cycles", "id")
    found = elements(raw, "cycles", CycleIn)
    for index, cycle in found:
        _in_order(raw, cycle.start, cycle.end, "cycles", index, "end")
    return tuple(Cycle(cycle.id, cycle.start, cycle.end) for _, cycle in found)


def _objectives(raw: Raw, known: Known) -> tuple[Objective, ...]:
    unique(raw, "objectives", "id")
    found = elements(raw, "objectives", ObjectiveIn)
    for index, objective in found:
        team_is_known(raw, known, objective.team, "objectives", index, "team")
        exists(raw, "cycle", objective.cycle, objective.cycle in known.cycles, "objectives", index, "cycle")
    return tuple(Objective(one.id, one.title, one.team, one.cycle, one.horizon) for _, one in found)


def _key_results(
    raw: Raw, known: Known, objectives: tuple[Objective, ...], cycles: tuple[Cycle, ...]
) -> tuple[KeyResult, ...]:
    unique(raw, "key_results", "code", caseless=True)
    found = elements(raw, "key_results", KeyResultIn)
    by_id = {cycle.id: cycle for cycle in cycles}
    cycle_of = {objective.id: by_id.get(objective.cycle) for objective in objectives}
    for index, one in found:
        at = ("key_results", index)
        exists(raw, "objective", one.objective, one.objective in known.objectives, *at, "objective")
        for number, code in enumerate(one.supports or ()):
            is_there = fold(code) in known.codes or not known.is_whole
            exists(raw, "key result", code, is_there, *at, "supports", number)
        _period(raw, one, cycle_of.get(one.objective), index)
        _direction(raw, one, index)
    edges = {one.code: _supported(one, known) for _, one in found}
    _no_circle(raw, edges, {one.code: index for index, one in found}, "key_results", "supports")
    return tuple(_key_result(one, known) for _, one in found)


def _supported(one: KeyResultIn, known: Known) -> list[str]:
    folded = [fold(code) for code in one.supports or ()]
    return [known.codes[code] for code in folded if code in known.codes]


def _period(raw: Raw, one: KeyResultIn, cycle: Cycle | None, index: int) -> None:
    since = one.since or (cycle.start if cycle else None)
    until = one.until or (cycle.end if cycle else None)
    if since is not None and until is not None and (one.since or one.until):
        _in_order(raw, since, until, "key_results", index, "until" if one.until else "from")


def _direction(raw: Raw, one: KeyResultIn, index: int) -> None:
    if one.direction is None or one.baseline is None or one.target is None or one.baseline == one.target:
        return
    way = "up" if one.target > one.baseline else "down"
    if way != one.direction:
        ends = f"from {decimal_text(one.baseline)} to {decimal_text(one.target)}"
        sentence = f"says {one.direction}, but {ends} is {way}; mend one of them"
        raw.faults.append(Fault(("key_results", index, "direction"), sentence))


def _key_result(one: KeyResultIn, known: Known) -> KeyResult:
    return KeyResult(
        code=one.code,
        objective=one.objective,
        title=one.title,
        aliases=tuple(one.aliases or ()),
        metric=one.metric,
        unit=one.unit,
        direction=one.direction,
        baseline=one.baseline,
        target=one.target,
        kind=one.kind or "metric",
        confidence=one.confidence,
        owner=one.owner,
        supports=tuple(known.codes.get(fold(code), code) for code in one.supports or ()),
        cadence_days=one.cadence_days,
        since=one.since,
        until=one.until,
        values=_values(one.values or ()),
    )


def _values(values: Iterable[ValueIn]) -> tuple[MeasuredValue, ...]:
    """In order of time; of two at the same time the later in the file."""
    by_time = {value.at: value.value for value in values}
    return tuple(MeasuredValue(at, by_time[at]) for at in sorted(by_time))


def _rules(
    raw: Raw, settings: Settings, key_results: tuple[KeyResult, ...], *, is_whole: bool
) -> tuple[MappingRule, ...]:
    found = elements(raw, "rules", RuleIn)
    register = _register_of_names(settings, key_results)
    broken = not is_whole or len(key_results) != sum(1 for _ in names(raw, "key_results", "code"))
    called = {fold(name) for one in key_results for name in (one.code, one.title, *one.aliases)}
    called |= {fold(code) for _, code in names(raw, "key_results", "code")}
    for index, rule in found:
        if rule.since is not None and rule.until is not None:
            _in_order(raw, rule.since, rule.until, "rules", index, "until")
        if not broken:
            _rule_gives(raw, rule, register, called, index)
    return tuple(MappingRule(rule.when, rule.then, rule.reason, rule.since, rule.until) for _, rule in found)


def _rule_gives(raw: Raw, rule: RuleIn, register: Register, called: set[str], index: int) -> None:
    """A rule names key results as a tag does: whole, or with a weight in percent."""
    for number, text in enumerate(rule.then):
        named = register.names((text,))
        for tag in named:
            exists(raw, "key result", tag.name, fold(tag.name) in called, "rules", index, "then", number)
        if not named:
            raw.faults.append(Fault(("rules", index, "then", number), "is blank; name a key result"))
    total = sum((tag.weight for tag in register.names(rule.then) if tag.weight is not None), 0)
    if total > 100:
        sentence = f"the weights sum to {decimal_text(total)}; make them at most 100"
        raw.faults.append(Fault(("rules", index, "then"), sentence))


def _register_of_names(settings: Settings, key_results: tuple[KeyResult, ...]) -> Register:
    """The register as far as names go: it reads rules before objectives and cycles are known to be right."""
    named = tuple(replace(one, objective=_ANY.id, since=None, until=None) for one in key_results)
    return Register(Plan(replace(settings, time_zone="UTC"), (), (), (_ALWAYS,), (_ANY,), named))


def _in_order(raw: Raw, start: date, end: date, *steps: Step) -> None:
    if end < start:
        raw.faults.append(Fault(steps, f"it would end on {end}, before its start on {start}; mend one of them"))


def _no_circle(raw: Raw, edges: Mapping[str, list[str]], index: Mapping[str, int], section: str, key: str) -> None:
    for circle in circles(edges):
        members = sorted((name for name in circle if name in index), key=index.__getitem__)
        shown_members = ", ".join(shown(name) for name in members[:5])
        sentence = f"goes round in a circle ({shown_members}); take one of these out of it"
        raw.faults.append(Fault((section, index[members[0]], key), sentence))
