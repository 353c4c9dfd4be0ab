"""What the texts that people put on items name: tags are matched to key results, weighed and split here."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mappings.calendar import Days
from mappings.exact import exact_number, plain
from mappings.model import Exact, Item, KeyResult, Plan, Team

_WEIGHT = re.compile(r"^(?P<name>.*\S)\s*[:：]\s*(?P<weight>\d+(?:\.\d+)?)\s*[%％]?\s*$", re.DOTALL)
_SEPARATORS = (re.compile(r"[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+"), re.compile("[;；]"), re.compile("[,，]"))


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """The form in which names are compared: NFKC, caseless, without surrounding blanks."""
    folded = unicodedata.normalize("NFKC", text).strip().casefold()
    return unicodedata.normalize("NFKC", folded)


@dataclass(frozen=True, slots=True)
class NamedTag:
    """One name read out of a tag's text, with its weight in percent where one was given."""

    name: str
    weight: Exact | None


class LiveTime(NamedTuple):
    """The time for which a key result must be live: both ends belong to it; `end` None: for ever."""

    start: datetime
    end: datetime | None


class Standpoint(NamedTuple):
    """From where an item's links are seen: the moment of its state, the time for which KRs must be
    live, and the team whose KRs come first among those of one name."""

    moment: datetime
    time: LiveTime
    team: str | None


class DeadTag(NamedTuple):
    """Why a tag is dead: `why` is unknown, ambiguous or stale; `candidates` are the codes it may mean."""

    name: str
    why: str
    candidates: tuple[str, ...] = ()


Target = str | DeadTag  # a KR's code, or why there is none


@dataclass(frozen=True, slots=True)
class Allotment:
    """What a bearer's tags come to: `parts` sum to at most 1, each a target with its weight."""

    parts: tuple[tuple[Target, Exact], ...]
    is_none: bool = False  # an explicit "serves no KR" and nothing else
    is_over_allocated: bool = False


class Register:
    """The key results of one plan, findable by what people call them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.days = Days(ZoneInfo(plan.settings.time_zone))
        self.key_results = {kr.code: kr for kr in plan.key_results}
        self.objectives = {objective.id: objective for objective in plan.objectives}
        self._cycles = {cycle.id: cycle for cycle in plan.cycles}
        self._parents = {team.name: team.parent for team in plan.teams}
        self._not_work = frozenset(fold(name) for name in plan.settings.not_work)
        self._nones = frozenset(fold(value) for value in plan.settings.none_values)
        self._levels = _names_by_level(plan.key_results)
        self._periods = {kr.code: self._period(kr) for kr in plan.key_results}
        self._starts = sorted(start for start, _ in self._periods.values())
        self._overs = sorted(over for _, over in self._periods.values())
        self.teams = {team.name: team for team in plan.teams}
        self.policies = {fold(name): policy for name, policy in plan.settings.unestimated}
        self._named: dict[tuple[str, ...], tuple[NamedTag, ...]] = {(): ()}
        self._subteams: dict[str, frozenset[str]] = {}
        self._allotted: dict[object, Allotment] = {}

    def team_of(self, code: str) -> str:
        return self.objectives[self.key_results[code].objective].team

    def teams_above(self, team: str | None) -> Iterable[str]:
        """The team, then each team above it."""
        while team is not None:
            yield team
            team = self._parents.get(team)

    def subteams(self, top: str) -> frozenset[str]:
        """The team and all teams below it."""
        if top not in self._subteams:
            self._subteams[top] = subteams(self.plan.teams, top)
        return self._subteams[top]

    def is_live(self, code: str, time: LiveTime) -> bool:
        first, over = self._periods[code]
        return over > time.start and (time.end is None or first <= time.end)

    def period(self, code: str) -> tuple[datetime, datetime]:
        """When the KR's period begins, and the moment at which it is over."""
        return self._periods[code]

    def cycle_began(self, code: str) -> datetime:
        """When the cycle of the KR's objective began."""
        return self.days.start(self._cycles[self.objectives[self.key_results[code].objective].cycle].start)

    def is_work(self, item: Item) -> bool:
        """Neither of a type that the settings call no work, nor itself an objective or key result."""
        if item.key in self.key_results or item.key in self.objectives:
            return False
        return not self._not_work or fold(item.type) not in self._not_work

    def allot(self, tags: tuple[str, ...], time: LiveTime, team: str | None) -> Allotment:
        """What `tags` come to for an item of `team` at `time`; the same as long as the same KRs are live."""
        begun = len(self._starts) if time.end is None else bisect_right(self._starts, time.end)
        key = (tags, begun, bisect_right(self._overs, time.start), team)
        found = self._allotted.get(key)
        if found is None:
            found = self._allotted[key] = self._weigh(self.names(tags), time, team)
        return found

    def targets(self, tags: tuple[str, ...], time: LiveTime, team: str | None) -> tuple[tuple[Target, ...], bool]:
        """What `tags` name, weights aside, and whether they say nothing but "none"."""
        real = [tag for tag in self.names(tags) if not self._is_none(tag)]
        return tuple(self._target(tag.name, time, team) for tag in real), not real

    def names(self, tags: tuple[str, ...]) -> tuple[NamedTag, ...]:
        found = self._named.get(tags)
        if found is None:
            found = self._named[tags] = tuple(name for text in tags for name in self._parse(text, 0))
        return found

    def _period(self, kr: KeyResult) -> tuple[datetime, datetime]:
        cycle = self._cycles[self.objectives[kr.objective].cycle]
        return self.days.start(kr.since or cycle.start), self.days.over(kr.until or cycle.end)

    def _is_none(self, tag: NamedTag) -> bool:
        return fold(tag.name) in self._nones

    def _knows(self, name: str) -> bool:
        folded = fold(name)
        return folded in self._nones or any(folded in level for level in self._levels)

    def _parse(self, text: str, separator: int) -> Iterable[NamedTag]:
        """One name; else name and weight; else split at line breaks, else semicolons, else commas."""
        text = text.strip()
        if not text:
            return
        if self._knows(text):
            yield NamedTag(text, None)
            return
        weighed = _WEIGHT.match(text)
        if weighed and self._knows(weighed["name"]):
            yield NamedTag(weighed["name"], _percent(weighed["weight"]))
            return
        for at, pattern in enumerate(_SEPARATORS[separator:], start=separator):
            parts = pattern.split(text)
            if len(parts) > 1:
                for part in parts:
                    yield from self._parse(part, at + 1)
                return
        yield NamedTag(weighed["name"], _percent(weighed["weight"])) if weighed else NamedTag(text, None)

    def _weigh(self, named: tuple[NamedTag, ...], time: LiveTime, team: str | None) -> Allotment:
        real = [tag for tag in named if not self._is_none(tag)]
        if not real:
            return Allotment((), is_none=bool(named))
        weights: dict[Target, Exact | None] = {}
        seen: dict[object, Target] = {}
        for tag in real:
            target = self._target(tag.name, time, team)
            target = seen.setdefault(identity(target), target)
            if tag.weight is not None:
                weights[target] = (weights.get(target) or 0) + tag.weight
            else:
                weights.setdefault(target, None)
        return _share_out(weights)

    def _target(self, name: str, time: LiveTime, team: str | None) -> Target:
        folded = fold(name)
        codes: tuple[str, ...] = next((level[folded] for level in self._levels if folded in level), ())
        if not codes:
            return DeadTag(name, "unknown")
        live = tuple(code for code in codes if self.is_live(code, time))
        if not live:
            return DeadTag(name, "stale", codes)
        for nearest in self.teams_above(team) if len(live) > 1 else ():
            own = tuple(code for code in live if self.team_of(code) == nearest)
            if own:
                live = own
                break
        return live[0] if len(live) == 1 else DeadTag(name, "ambiguous", tuple(sorted(live)))


def identity(target: Target) -> object:
    """What makes two targets one tag: the KR, or for a dead tag what it may mean, else its name."""
    return target if isinstance(target, str) else (target.why, target.candidates or fold(target.name))


def subteams(teams: Iterable[Team], top: str) -> frozenset[str]:
    """The team and all teams below it."""
    parents = {team.name: team.parent for team in teams}
    found = {top}
    for name in parents:
        path = [name]
        while (above := parents.get(path[-1])) is not None:
            path.append(above)
        if top in path:
            found.update(path[: path.index(top)])
    return frozenset(found)


def _percent(text: str) -> Exact:
    return exact_number(unicodedata.normalize("NFKC", text))


def _names_by_level(key_results: Iterable[KeyResult]) -> tuple[Mapping[str, tuple[str, ...]], ...]:
    """Codes by folded code, by folded alias, by folded title."""
    levels: tuple[dict[str, tuple[str, ...]], ...] = ({}, {}, {})
    for kr in key_results:
        for level, names in zip(levels, ((kr.code,), kr.aliases, (kr.title,)), strict=True):
            for name in {fold(name) for name in names} - {""}:
                level[name] = (*level.get(name, ()), kr.code)
    return levels


def _share_out(weights: Mapping[Target, Exact | None]) -> Allotment:
    """Turn percents into weights that sum to at most 1; tags without a weight share the rest."""
    if all(weight is None for weight in weights.values()):
        equal = plain(Fraction(1, len(weights)))
        return Allotment(tuple((target, equal) for target in weights))
    given = sum((weight for weight in weights.values() if weight is not None), 0)
    free = sum(1 for weight in weights.values() if weight is None)
    whole = max(given, 100)
    rest: Exact = Fraction(whole - given, whole * free) if free else 0
    parts = ((target, rest if weight is None else Fraction(weight) / whole) for target, weight in weights.items())
    return Allotment(tuple((target, plain(weight)) for target, weight in parts if weight), False, given > 100)
