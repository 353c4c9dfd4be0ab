"""The ten-minute audit: what a backlog tells before there are OKRs or tags, with the list behind every number."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mappings.measures import estimate
from mappings.model import Backlog, Exact, Item, Measure, SprintState, Status
from mappings.reckoning import Reckoning
from mappings.survey import Survey

_SAMPLES = 5


@dataclass(frozen=True, slots=True)
class EpicAudit:
    """An epic with what hangs below it: `children` of level 0 and up, `subtasks` right under it (it was a story once),
    and the counted `items` at any depth."""

    key: str
    title: str
    status: Status
    children: tuple[str, ...]
    subtasks: tuple[str, ...]
    items: tuple[str, ...]
    open_items: int
    total: Exact


@dataclass(frozen=True, slots=True)
class Carrier:
    """A place in the tracker where KR tags could stand: `kind` is epics, field, labels or components."""

    kind: str
    name: str | None
    items: int  # how many counted items it would reach, or has something written there already
    values: tuple[tuple[str, int], ...]  # the most frequent ones, with the number of items


@dataclass(frozen=True, slots=True)
class Audit:
    measure: Measure
    sprints: tuple[tuple[SprintState, tuple[str, ...]], ...]
    statuses: tuple[tuple[Status, tuple[str, ...]], ...]  # of the counted items
    estimated: tuple[str, ...]
    unestimated: tuple[str, ...]
    without_history: tuple[str, ...]
    epics: tuple[EpicAudit, ...]  # most open items first
    unseen_parents: tuple[tuple[str, tuple[str, ...]], ...]  # with the items below each
    carriers: tuple[Carrier, ...]

    @property
    def counted(self) -> int:
        return len(self.estimated) + len(self.unestimated)

    @property
    def childless_epics(self) -> tuple[str, ...]:
        return tuple(epic.key for epic in self.epics if not epic.children)


def wants_audit(backlog: Backlog) -> bool:
    """Whether there is nothing yet that would tie work to key results."""
    has_key_results = any(plan.key_results for plan in backlog.plans)
    has_rules = any(plan.rules for plan in backlog.plans)
    return not has_key_results or not (has_rules or any(state.tags for item in backlog.items for state in item.states))


def audit(reckoning: Reckoning) -> Audit:
    """Look at everything that is there as of the reckoning's moment."""
    survey = Survey(reckoning)
    counted = sorted(survey.work.counted, key=lambda item: item.key)
    by_estimate = _by_estimate(reckoning, counted)
    return Audit(
        measure=reckoning.measure,
        sprints=_sprints(reckoning),
        statuses=_statuses(reckoning, counted),
        estimated=by_estimate[True],
        unestimated=by_estimate[False],
        without_history=tuple(item.key for item in counted if not item.history_known),
        epics=_epics(survey),
        unseen_parents=tuple((key, survey.work.below(key).items) for key in survey.hidden),
        carriers=tuple(_carriers(survey, counted)),
    )


def _sprints(reckoning: Reckoning) -> tuple[tuple[SprintState, tuple[str, ...]], ...]:
    found: dict[SprintState, list[str]] = {state: [] for state in SprintState}
    for sprint in reckoning.timeline.backlog.sprints:
        found[reckoning.timeline.sprint_state(sprint, reckoning.as_of)].append(sprint.id)
    return tuple((state, tuple(ids)) for state, ids in found.items())


def _statuses(reckoning: Reckoning, counted: Iterable[Item]) -> tuple[tuple[Status, tuple[str, ...]], ...]:
    found: dict[Status, list[str]] = {status: [] for status in Status}
    for item in counted:
        found[reckoning.timeline.state(item, reckoning.as_of).status].append(item.key)
    return tuple((status, tuple(keys)) for status, keys in found.items())


def _by_estimate(reckoning: Reckoning, counted: Iterable[Item]) -> dict[bool, tuple[str, ...]]:
    found: dict[bool, list[str]] = {True: [], False: []}
    for item in counted:
        value = estimate(reckoning.timeline, item, reckoning.as_of, reckoning.measure)
        found[value is not None].append(item.key)
    return {is_estimated: tuple(keys) for is_estimated, keys in found.items()}


def _epics(survey: Survey) -> tuple[EpicAudit, ...]:
    timeline, as_of = survey.timeline, survey.as_of
    there = [item for item in timeline.items.values() if timeline.is_there(item, as_of)]
    under: dict[str, list[Item]] = defaultdict(list)
    for item in there:
        parent = timeline.state(item, as_of).parent
        if parent is not None:
            under[parent].append(item)
    epics = (item for item in there if item.level == 1 and survey.register.is_work(item))
    found = [_epic(survey, item, under[item.key]) for item in epics]
    return tuple(sorted(found, key=lambda epic: (-epic.open_items, -len(epic.items), epic.key)))


def _epic(survey: Survey, item: Item, under: Iterable[Item]) -> EpicAudit:
    below = survey.work.below(item.key)
    keys = sorted((each.key, each.level) for each in under)
    return EpicAudit(
        key=item.key,
        title=item.title,
        status=survey.timeline.state(item, survey.as_of).status,
        children=tuple(key for key, level in keys if level >= 0),
        subtasks=tuple(key for key, level in keys if level < 0),
        items=below.items,
        open_items=below.open_items,
        total=below.total,
    )


def _carriers(survey: Survey, counted: list[Item]) -> Iterator[Carrier]:
    states = [survey.timeline.state(item, survey.as_of) for item in counted]
    under_epics = sum(
        1 for item in counted if any(each.level == 1 for each in survey.timeline.lineage(item, survey.as_of).items)
    )
    yield Carrier("epics", None, under_epics, ())
    yield _carrier("labels", None, (state.labels for state in states))
    yield _carrier("components", None, (state.components for state in states))
    for name in sorted({name for state in states for name in state.fields}):
        values = (state.fields.get(name) for state in states)
        yield _carrier(
            "field", name, (((value,) if value else ()) if isinstance(value, str) else value or () for value in values)
        )


def _carrier(kind: str, name: str | None, values: Iterable[tuple[str, ...]]) -> Carrier:
    filled = 0
    counts: Counter[str] = Counter()
    for each in values:
        filled += bool(each)
        counts.update(set(each))
    frequent = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return Carrier(kind, name, filled, tuple(frequent[:_SAMPLES]))
