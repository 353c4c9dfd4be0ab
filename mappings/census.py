"""How the counted items of a whole backlog divide as of now: what medians outside all figures, and the share of tagged
items, rest on. It adds up, so that one changed item changes it without a look at the others."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from mappings.estimates import impute, policy_for
from mappings.model import Exact
from mappings.tags import Register


class Fact(NamedTuple):
    """What the census knows of one counted item; `is_tagged` of open ones only."""

    type: str  # folded
    value: Exact | None  # its measure; None: not estimated
    is_open: bool
    is_tagged: bool


class Census:
    """Facts with the number of items of each."""

    def __init__(self, counts: Mapping[Fact, int]) -> None:
        self.counts = {fact: number for fact, number in counts.items() if number}

    def changed(self, gone: Iterable[Fact], come: Iterable[Fact]) -> "Census":
        counts = Counter(self.counts)
        counts.update(come)
        counts.subtract(gone)
        return Census(counts)

    @property
    def open_items(self) -> int:
        return sum(number for fact, number in self.counts.items() if fact.is_open)

    @property
    def tagged(self) -> int:
        """How many of the open items have a tag, their own or inherited."""
        return sum(number for fact, number in self.counts.items() if fact.is_tagged)

    def imputed(self, register: Register) -> dict[str, Exact]:
        """What an unestimated item counts for outside all figures, by folded type, where there is any."""
        lacking = {fact.type for fact in self.counts if fact.value is None}
        all_types = self._estimates({fact.type for fact in self.counts}) if lacking else []
        return {name: impute(policy_for(register, name), self._estimates({name}), all_types) for name in lacking}

    def _estimates(self, types: Iterable[str]) -> list[Exact]:
        known = ((fact, number) for fact, number in self.counts.items() if fact.type in types)
        return [fact.value for fact, number in known if fact.value is not None for _ in range(number)]


def census_of(facts: Iterable[Fact]) -> Census:
    return Census(Counter(facts))
