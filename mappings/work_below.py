"""The work below epics as of now, outside all figures: how much there is, how much is left, and whom it serves."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from mappings.census import Census, Fact, census_of
from mappings.exact import exact_text, plain
from mappings.links import nearest_bearer
from mappings.measures import estimate, is_counted
from mappings.model import Exact, Item, Scope, Severity, Source, SprintState
from mappings.progress import is_open
from mappings.reckoning import Reckoning
from mappings.tags import fold

COSTLY = 10  # percent of the work of some board's active sprints


@dataclass(frozen=True, slots=True)
class Below:
    """The work below an epic as of now, and the greatest share of some board's active sprints in it."""

    items: tuple[str, ...]
    open_items: int
    total: Exact
    remaining: Exact
    active_sprint_share: Exact

    @property
    def severity(self) -> Severity:
        if self.active_sprint_share * 100 >= COSTLY:
            return Severity.HIGH
        return Severity.MEDIUM if self.active_sprint_share else Severity.LOW

    @property
    def evidence(self) -> dict[str, object]:
        return {
            "open_items": self.open_items,
            "items": self.items,
            "total": exact_text(self.total),
            "remaining": exact_text(self.remaining),
            "active_sprint_share": Fraction(self.active_sprint_share),
        }


class WorkBelow:
    """Answers about the counted items of one reckoning by what is above them; each is kept once given."""

    def __init__(self, reckoning: Reckoning, census: Census | None = None) -> None:
        self._census = census
        self._reckoning = reckoning
        self._timeline = reckoning.timeline
        self._as_of = reckoning.as_of
        self._below: dict[str, Below] = {}
        self._served: dict[str, Mapping[str, Exact]] = {}

    @cached_property
    def there(self) -> tuple[Item, ...]:
        """Every item that is there, counted or not."""
        return tuple(item for item in self._timeline.items.values() if self._timeline.is_there(item, self._as_of))

    @cached_property
    def counted(self) -> tuple[Item, ...]:
        register, measure = self._reckoning.register, self._reckoning.measure
        return tuple(item for item in self.there if is_counted(self._timeline, register, item, self._as_of, measure))

    @cached_property
    def facts(self) -> dict[str, Fact]:
        """What the census knows of each counted item, by key."""
        return {item.key: self._fact(item) for item in self.counted}

    @cached_property
    def census(self) -> Census:
        """That of the whole backlog."""
        return self._census if self._census is not None else census_of(self.facts.values())

    def below(self, key: str) -> Below:
        """All counted items under an epic, at any depth."""
        if key not in self._below:
            self._below[key] = self._look_below(key)
        return self._below[key]

    def served_directly(self, epic: Item) -> Mapping[str, Exact]:
        """By live KR: the share of the work below the epic that its items' own tags give to it."""
        if epic.key not in self._served:
            amounts: dict[str, Exact] = defaultdict(int)
            for item in self._counted_below.get(epic.key, ()):
                for link in self._reckoning.links[item.key]:
                    if link.source is Source.DIRECT and link.key_result is not None:
                        amounts[link.key_result] += self._weights[item.key] * link.weight
            total = self.below(epic.key).total
            self._served[epic.key] = {code: plain(Fraction(amounts[code]) / total) for code in amounts if amounts[code]}
        return self._served[epic.key]

    def _look_below(self, key: str) -> Below:
        items = self._counted_below.get(key, ())
        left = [item for item in items if is_open(self._reckoning, item)]
        return Below(
            items=tuple(sorted(item.key for item in items)),
            open_items=len(left),
            total=self._work(items),
            remaining=self._work(left),
            active_sprint_share=self._active_share(items),
        )

    def _work(self, items: Iterable[Item]) -> Exact:
        return plain(sum((self._weights[item.key] for item in items), 0))

    @cached_property
    def _counted_below(self) -> dict[str, list[Item]]:
        found: dict[str, list[Item]] = defaultdict(list)
        for item in self.counted:
            lineage = self._timeline.lineage(item, self._as_of)
            for above in lineage.items[1:]:
                found[above.key].append(item)
            if lineage.unseen is not None:
                found[lineage.unseen].append(item)
        return found

    @cached_property
    def _weights(self) -> dict[str, Exact]:
        """The measure of each counted item, by key."""
        imputed = self.census.imputed(self._reckoning.register)
        return {key: imputed[fact.type] if fact.value is None else fact.value for key, fact in self.facts.items()}

    def _fact(self, item: Item) -> Fact:
        register, timeline = self._reckoning.register, self._timeline
        value = estimate(timeline, item, self._as_of, self._reckoning.measure)
        if not is_open(self._reckoning, item):
            return Fact(fold(item.type), value, False, False)
        bearer = nearest_bearer(register, timeline.lineage(item, self._as_of))
        return Fact(fold(item.type), value, True, bearer is not None)

    def _active_share(self, items: Iterable[Item]) -> Exact:
        inside: dict[str, Exact] = defaultdict(int)
        for item in items:
            for board, value in self._active_work.get(item.key, ()):
                inside[board] += value
        shares = [plain(Fraction(amount, self._active_totals[board])) for board, amount in inside.items() if amount]
        return max(shares, default=0)

    @cached_property
    def _active_work(self) -> dict[str, list[tuple[str, Exact]]]:
        """By item: the boards in whose active sprints it is, with its work there."""
        found: dict[str, list[tuple[str, Exact]]] = defaultdict(list)
        for sprint in self._timeline.backlog.sprints:
            if self._timeline.sprint_state(sprint, self._as_of) is SprintState.ACTIVE:
                for line in self._reckoning.sprints.lines(sprint, Scope.FINAL, self._reckoning.measure) or ():
                    found[line.item].append((sprint.board, line.value))
        return found

    @cached_property
    def _active_totals(self) -> dict[str, Exact]:
        totals: dict[str, Exact] = defaultdict(int)
        for work in self._active_work.values():
            for board, value in work:
                totals[board] += value
        return totals
