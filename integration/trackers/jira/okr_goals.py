"""Objectives and key results that are kept as Atlassian Goals, and the work items that are linked to them.

A goal below another one is a key result of it, unless the source names the type of key results. Its metric, start and
target values are those of its first success measure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from fractions import Fraction

from integration.contract import Connection, Malformed
from integration.files.circles import circles
from integration.okr_sources.definition import Source
from integration.okr_sources.told import Told, ToldKeyResult, ToldLink, ToldObjective
from integration.trackers.jira.answered import Json
from integration.trackers.jira.goal_calls import RawGoal, all_goals, container_of, goals_client
from integration.trackers.jira.sprints import moment_of
from mappings.model import Exact, KeyResult, MeasuredValue, Plan

_GIVEN_UP = frozenset({"cancelled", "canceled", "archived"})
_UNITS = {"PERCENTAGE": "%"}
_LARGEST = 10**30


def read_goals(connection: Connection, source: Source, held: Plan, now: datetime) -> Told:
    """One look at all goals. `held`: the plan that holds, for of a metric only its last value is told."""
    http = goals_client(connection)
    before = http.calls
    container = container_of(http, source.container)
    look = _Look(source, {one.code: one for one in held.key_results}, now)
    for raw in all_goals(http, container, source.search):
        look.take(raw)
    return look.told(http.calls - before)


@dataclass(slots=True)
class _Look:
    source: Source
    held: Mapping[str, KeyResult]
    now: datetime
    goals: dict[str, RawGoal] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    above: set[str] = field(default_factory=set)  # keys that some goal is below
    faults: list[str] = field(default_factory=list)

    def take(self, raw: RawGoal) -> None:
        key = raw.node.get("key")
        if not isinstance(key, str) or not key.strip():
            raise Malformed("goals_search.edges.node.key", "must be a text.")
        if key in self.goals:  # it moved on to a later page meanwhile
            return
        self.goals[key] = raw
        above = raw.node.get("parentGoal")
        if isinstance(above, dict) and isinstance(above.get("key"), str):
            self.parents[key] = above["key"]
            self.above.add(above["key"])

    def told(self, calls: int) -> Told:
        round_ = {key for circle in circles({key: [above] for key, above in self.parents.items()}) for key in circle}
        for key in sorted(round_ & self.goals.keys()):
            self._fault(key, "goes round in a circle with the goals above it; take one of them out of it")
        wanted = [key for key in self.goals if self._is_key_result(key) and key not in round_]
        key_results = [one for key in wanted if (one := self._read(key)) is not None]
        above = {one.objective for one in key_results}
        codes = {one.key for one in key_results} | {key for key in above if key is not None}
        objectives = [self._objective(key) for key in self.goals if key in above]
        return Told(
            objectives=tuple(objectives),
            key_results=tuple(key_results),
            faults=tuple(self.faults),
            links=tuple(self._links({one.key for one in key_results})),
            links_unsure=frozenset(key for key in codes & self.goals.keys() if self.goals[key].is_unsure),
            calls=calls,
        )

    # --- which is which

    def _is_key_result(self, key: str) -> bool:
        if self.source.key_results is not None:
            return self._type(key) == self.source.key_results.casefold()
        return key in self.parents and key not in self.above

    def _type(self, key: str) -> str:
        kind = self.goals[key].node.get("goalType")
        name = kind.get("name") if isinstance(kind, dict) else None
        said = (name.get("value") or name.get("defaultValue")) if isinstance(name, dict) else name
        return str(said).strip().casefold()

    def _objective_of(self, key: str) -> str | None:
        """The nearest goal above of the type of objectives, else that is no key result itself."""
        wanted = self.source.objectives
        seen: set[str] = set()
        at = self.parents.get(key)
        while at is not None and at in self.goals and at not in seen:
            seen.add(at)
            if self._type(at) == wanted.casefold() if wanted is not None else not self._is_key_result(at):
                return at
            at = self.parents.get(at)
        return at

    # --- what they say

    def _objective(self, key: str) -> ToldObjective:
        node = self.goals[key].node
        since, until, label = _dates(node)
        return ToldObjective(key, _title(node), self._team(key), label, since, until)

    def _read(self, key: str) -> ToldKeyResult | None:
        node = self.goals[key].node
        since, until, label = _dates(node)
        target, metric = self._metric(key)
        baseline, aim = _exact(target.get("startValue")), _exact(target.get("targetValue"))
        name, unit = metric.get("name"), _UNITS.get(str(metric.get("type")))
        return ToldKeyResult(
            key=key,
            title=_title(node),
            objective=self._objective_of(key),
            team=self._team(key),
            cycle=label,
            since=since,
            until=until,
            dropped=self._dropped(key),
            metric=name if isinstance(name, str) and name.strip() else None,
            unit=unit,
            baseline=baseline,
            target=aim,
            values=self._values(key, metric),
        )

    def _team(self, key: str) -> str | None:
        """Its own team, else that of the nearest goal above that has one."""
        seen: set[str] = set()
        at: str | None = key
        while at is not None and at in self.goals and at not in seen:
            names = [str(node["displayName"]) for node in _nodes(self.goals[at].node.get("teams")) if _named(node)]
            own = [name for name in names if self.source.is_of(name)] if self.source.teams else names
            if names:
                return (own or names)[0]
            seen.add(at)
            at = self.parents.get(at)
        return None

    def _metric(self, key: str) -> tuple[Json, Json]:
        """The first success measure that is in use, with its metric."""
        for node in _nodes(self.goals[key].node.get("metricTargets")):
            metric = node.get("metric")
            if isinstance(metric, dict) and metric.get("archived") is not True:
                return node, metric
        return {}, {}

    def _values(self, key: str, metric: Json) -> tuple[MeasuredValue, ...]:
        """Those that were seen before, and the last one."""
        held = self.held.get(key)
        known = {one.at: one.value for one in held.values} if held is not None else {}
        latest = metric.get("latestValue")
        value = _exact(latest.get("value")) if isinstance(latest, dict) else None
        at = moment_of(latest.get("time")) if isinstance(latest, dict) else None
        if value is not None:
            seen_at = at if at is not None and at <= self.now else self.now
            if at is not None or not known or known[max(known)] != value:
                known[seen_at] = value
        return tuple(MeasuredValue(moment, known[moment]) for moment in sorted(known))

    def _dropped(self, key: str) -> datetime | None:
        """Since when it is given up: goals do not tell, so since it was seen so first."""
        node = self.goals[key].node
        status = node.get("status")
        value = str(status.get("value")).casefold() if isinstance(status, dict) else ""
        if value not in _GIVEN_UP and node.get("isArchived") is not True:
            return None
        held = self.held.get(key)
        if held is not None and held.until is not None and held.until <= self.now.date():
            return datetime.combine(held.until, time(12), UTC)
        return self.now

    def _links(self, codes: set[str]) -> Iterable[ToldLink]:
        for code in sorted(codes):
            raw = self.goals[code]
            earliest = moment_of(raw.node.get("creationDate"))
            ids = {str(node.get("issueId")) for node in raw.links if str(node.get("issueId")).isdecimal()}
            for id_ in sorted(ids, key=int):
                yield ToldLink(id_, code, earliest)

    def _fault(self, key: str, sentence: str) -> None:
        self.faults.append(f"{key}: {sentence}.")


def _title(node: Json) -> str:
    name = node.get("name")
    return name if isinstance(name, str) else ""


def _named(node: Json) -> bool:
    return isinstance(node.get("displayName"), str) and bool(node["displayName"].strip())


def _nodes(connection: object) -> Sequence[Json]:
    edges = connection.get("edges") if isinstance(connection, dict) else None
    nodes = [edge.get("node") for edge in edges if isinstance(edge, dict)] if isinstance(edges, list) else []
    return [node for node in nodes if isinstance(node, dict)]


def _dates(node: Json) -> tuple[date | None, date | None, str | None]:
    """First day, last day, and what the period is called where only that is told."""
    aim = node.get("targetDate")
    range_ = aim.get("dateRange") if isinstance(aim, dict) else None
    until = _day(range_.get("end")) if isinstance(range_, dict) else None
    label = aim.get("label") if isinstance(aim, dict) else None
    return _day(node.get("startDate")), until, label if until is None and isinstance(label, str) and label else None


def _day(value: object) -> date | None:
    moment = moment_of(value)
    return None if moment is None else moment.date()


def _exact(value: object) -> Exact | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and (value != value or abs(value) > _LARGEST):  # noqa: PLR0124 - NaN
        return None
    found = Fraction(repr(value))
    return found.numerator if found.denominator == 1 else found
