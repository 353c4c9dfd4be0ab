"""What a source told, made into objectives and key results of the register, or refused with every fault it has.

Each fault names the key at the source and the mend; nothing is half taken over.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from zoneinfo import ZoneInfo

from integration.files.faults import Refused, shown
from integration.okr_sources.definition import Source
from integration.okr_sources.periods import cycle_named, cycle_of_days
from integration.okr_sources.told import Told, ToldKeyResult, ToldObjective
from mappings.exact import plain
from mappings.model import Cycle, Exact, KeyResult, Objective, Plan
from mappings.tags import fold

MOST_FAULTS = 50


@dataclass(frozen=True, slots=True)
class Part:
    """The part of the register that a source gives."""

    cycles: tuple[Cycle, ...]
    objectives: tuple[Objective, ...]
    key_results: tuple[KeyResult, ...]


def build(told: Told, source: Source, plan: Plan) -> Part:
    """`plan`: the version that holds, whose teams and cycles are known and whose other key results have their codes."""
    work = _Building(source, plan, list(told.faults))
    part = work.build(told)
    if work.faults:
        more = len(work.faults) - MOST_FAULTS
        rest = (f"and {more} more of the kind",) if more > 0 else ()
        raise Refused((*work.faults[:MOST_FAULTS], *rest))
    return part


class _Building:
    def __init__(self, source: Source, plan: Plan, faults: list[str]) -> None:
        self.source, self.plan, self.faults = source, plan, faults
        self.cycles: dict[str, Cycle] = {cycle.id: cycle for cycle in plan.cycles}
        self.used: dict[str, Cycle] = {}
        others = {one.id for one in plan.objectives if not source.is_of(one.team)}
        self.taken = {fold(id_) for id_ in others}
        self.taken |= {fold(one.code) for one in plan.key_results if one.objective in others}
        self.zone = ZoneInfo(plan.settings.time_zone)

    def build(self, told: Told) -> Part:
        named = {name: one for one in told.objectives for name in (*one.aliases, one.key)}
        of_objective = _by_objective(told.key_results, named)
        made: dict[str, Objective | None] = {}
        for one in told.objectives:
            below = of_objective.get(one.key, [])
            made[one.key] = self._objective(one, below)
            if made[one.key] is not None:
                self._code(one.key)
        found = [self._key_result(one, named.get(one.objective or ""), made) for one in told.key_results]
        return Part(
            cycles=tuple(self.used.values()),
            objectives=tuple(one for one in made.values() if one is not None),
            key_results=tuple(one for one in found if one is not None),
        )

    # --- objectives

    def _objective(self, one: ToldObjective, below: Sequence[ToldKeyResult]) -> Objective | None:
        """None: it is of a team whose OKRs are kept elsewhere, or says too little while nothing hangs below it."""
        known = len(self.faults)
        found = self._objective_or_faults(one, below)
        if not below:
            del self.faults[known:]
        return found

    def _objective_or_faults(self, one: ToldObjective, below: Sequence[ToldKeyResult]) -> Objective | None:
        team = self._team(one.key, one.team or next((kr.team for kr in below if kr.team), None))
        if team is None:
            return None
        cycle = self._cycle(one, below)
        return None if cycle is None else Objective(one.key, one.title or one.key, team, cycle.id)

    def _team(self, key: str, told: str | None) -> str | None:
        if told is None and len(self.source.teams) == 1:
            told = self.source.teams[0]
        if told is None:
            self._fault(key, "says no team; fill the field for the team, or name one team in this source")
            return None
        known = {fold(team.name): team.name for team in self.plan.teams}
        if known and fold(told) not in known:
            self._fault(key, f"there is no team {shown(told)} in the register; add it there, or mend the field")
            return None
        return known.get(fold(told), told.strip()) if self.source.is_of(told) else None

    def _cycle(self, one: ToldObjective, below: Sequence[ToldKeyResult]) -> Cycle | None:
        """The objective's own, else that of the first of its key results that says one."""
        tellers: tuple[ToldObjective | ToldKeyResult, ...] = (one, *below)
        for told in tellers:
            if told.cycle is not None or told.until is not None or told.since is not None:
                return self._found_cycle(told)
        self._fault(one.key, "says no cycle, nor do its key results; fill the field for the cycle, or a due date")
        return None

    def _found_cycle(self, told: ToldObjective | ToldKeyResult) -> Cycle | None:
        known = tuple(self.cycles.values())
        if told.cycle is not None:
            found = cycle_named(told.cycle, known)
        else:
            found = cycle_of_days(told.since, told.until, known)
        if found is None:
            names = ", ".join(cycle.id for cycle in self.plan.cycles[-4:]) or "none yet"
            said = shown(told.cycle) if told.cycle is not None else "of its dates"
            mend = "add it there, or mend the field"
            self._fault(told.key, f"there is no cycle {said}; the register has {names}: {mend}")
            return None
        self.cycles.setdefault(found.id, found)
        self.used[found.id] = self.cycles[found.id]
        return self.used[found.id]

    # --- key results

    def _key_result(
        self, one: ToldKeyResult, told: ToldObjective | None, made: Mapping[str, Objective | None]
    ) -> KeyResult | None:
        if one.objective is None:
            self._fault(one.key, "has no objective; give it one, as its parent or by the link that the source names")
            return None
        if told is None:
            self._fault(
                one.key,
                f"its objective {one.objective} is not among those read; check that it is of the right type, and that "
                "our account may see it",
            )
            return None
        objective = made.get(told.key)
        if objective is None:
            return None  # of a team whose OKRs are kept elsewhere, or said above
        self._code(one.key)
        since, until = self._period(one, objective)
        if since is not None and until is not None and until < since:
            if one.dropped is None:
                self._fault(one.key, f"would end on {until}, before its start on {since}; mend one of the dates")
            return None
        return self._as_model(one, objective, since, until)

    def _as_model(self, one: ToldKeyResult, objective: Objective, since: date | None, until: date | None) -> KeyResult:
        cycle = self.cycles[objective.cycle]
        self._direction(one)
        return KeyResult(
            code=one.key,
            objective=objective.id,
            title=one.title or one.key,
            aliases=tuple(dict.fromkeys(name for name in one.aliases if name and name != one.key)),
            metric=one.metric,
            unit=one.unit,
            direction=self._one_of(one, "direction", one.direction, ("up", "down")),
            baseline=one.baseline,
            target=one.target,
            kind=self._one_of(one, "kind", one.kind, ("metric", "binary")) or "metric",
            confidence=self._confidence(one),
            owner=one.owner,
            since=None if since == cycle.start else since,
            until=None if until == cycle.end else until,
            values=one.values,
        )

    def _period(self, one: ToldKeyResult, objective: Objective) -> tuple[date | None, date | None]:
        """Its own days, else those of its own cycle where it says another than its objective; given up: no later."""
        cycle = self.cycles[objective.cycle]
        own = self._found_cycle(one) if one.cycle is not None else cycle
        own = own or cycle
        since, until = one.since or own.start, one.until or own.end
        if one.dropped is not None:
            until = min(until, one.dropped.astimezone(self.zone).date())
        return since, until

    def _direction(self, one: ToldKeyResult) -> None:
        if one.direction is None or one.baseline is None or one.target is None or one.baseline == one.target:
            return
        way = "up" if one.target > one.baseline else "down"
        if fold(one.direction) in ("up", "down") and fold(one.direction) != way:
            self._fault(one.key, f"says {fold(one.direction)}, but baseline and target go {way}; mend one of them")

    def _one_of(self, one: ToldKeyResult, part: str, said: str | None, names: tuple[str, ...]) -> str | None:
        if said is None:
            return None
        if fold(said) not in names:
            self._fault(one.key, f"its {part} must be {' or '.join(names)}, not {shown(said)}")
            return None
        return fold(said)

    def _confidence(self, one: ToldKeyResult) -> Exact | None:
        """A part of one; numbers above it are percents."""
        if one.confidence is None:
            return None
        found = one.confidence if one.confidence <= 1 else plain(Fraction(one.confidence) / 100)
        if not 0 <= found <= 1:
            self._fault(one.key, "its confidence must lie between 0 and 100 percent")
            return None
        return found

    def _code(self, key: str) -> None:
        if fold(key) in self.taken:
            sentence = "something of this code is in the register already, from another source; rename one of them"
            self._fault(key, sentence)
        self.taken.add(fold(key))

    def _fault(self, key: str, sentence: str) -> None:
        line = f"{key}: {sentence}."
        if line not in self.faults:
            self.faults.append(line)


def _by_objective(
    key_results: Iterable[ToldKeyResult], named: Mapping[str, ToldObjective]
) -> dict[str, list[ToldKeyResult]]:
    found: dict[str, list[ToldKeyResult]] = {}
    for one in key_results:
        objective = named.get(one.objective or "")
        if objective is not None:
            found.setdefault(objective.key, []).append(one)
    return found


def without_values(part: Part) -> Part:
    return replace(part, key_results=tuple(replace(one, values=()) for one in part.key_results))


def composed(plan: Plan, source: Source, part: Part) -> Plan:
    """The plan with this part in place of what it had of the source's teams."""
    kept = tuple(one for one in plan.objectives if not source.is_of(one.team))
    ids = {one.id for one in kept}
    cycles = {cycle.id: cycle for cycle in (*part.cycles, *plan.cycles)}
    return replace(
        plan,
        cycles=tuple(sorted(cycles.values(), key=lambda cycle: (cycle.start, cycle.end, cycle.id)))
        if cycles.keys() != {cycle.id for cycle in plan.cycles}
        else plan.cycles,
        objectives=(*kept, *part.objectives),
        key_results=(*(one for one in plan.key_results if one.objective in ids), *part.key_results),
    )
