"""What an unestimated item counts for: the policy of its type, and the pools that a median is taken from."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from mappings.exact import plain
from mappings.model import Exact, Item, Link, Policy, ReceiptLine
from mappings.tags import Register, fold

ENOUGH = 3  # estimates that make a pool
ByType = Mapping[str, Sequence[Exact]]  # estimates by folded type


class Measured(NamedTuple):
    """An item with its measure at a moment; None where it is not estimated."""

    item: Item
    moment: datetime
    value: Exact | None


class Pool:
    """Estimates by folded type out of several sources, gathered when first asked for."""

    def __init__(self, sources: Sequence[ByType]) -> None:
        self._sources = sources

    def of(self, item_type: str) -> list[Exact]:
        return [value for source in self._sources for value in source.get(fold(item_type), ())]


class Frame:
    """What all lines of one figure share: the version, the board, and the estimates "in the sprint"."""

    def __init__(self, register: Register, board: str | None, estimates: Iterable[Exact | None]) -> None:
        self._register = register
        self._board = board
        self._together = [value for value in estimates if value is not None]
        self._largest = max(self._together, default=0)
        self._imputed: dict[tuple[Pool, str], Exact] = {}

    def line(
        self, each: Measured, pool_of: Callable[[datetime], Pool], links: tuple[Link, ...], team: str | None
    ) -> ReceiptLine:
        """The line of an item; `pool_of` gives the pool of a moment, asked for only where the estimate lacks."""
        item, moment, value = each
        if value is not None:
            return ReceiptLine(item.key, value, False, moment, links, value, 0, self._board, team)
        value = self._value(item.type, pool_of(moment))
        cap = max(value, self._largest)
        return ReceiptLine(item.key, value, True, moment, links, value, cap, self._board, team)

    def _value(self, item_type: str, pool: Pool) -> Exact:
        key = (pool, item_type)
        if key not in self._imputed:
            self._imputed[key] = impute(policy_for(self._register, item_type), pool.of(item_type), self._together)
        return self._imputed[key]


def policy_for(register: Register, item_type: str) -> Policy:
    return register.policies.get(fold(item_type), register.policies.get("*", "median"))


def impute(policy: Policy, *pools: Sequence[Exact]) -> Exact:
    """The value of an unestimated item; the median is that of the first pool with enough estimates, else 1."""
    if policy == "zero":
        return 0
    if not isinstance(policy, str):
        return policy
    return next((median(pool) for pool in pools if len(pool) >= ENOUGH), 1)


def median(values: Sequence[Exact]) -> Exact:
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return plain(Fraction(ordered[middle - 1] + ordered[middle]) / 2)


def by_type(measured: Iterable[Measured]) -> ByType:
    """The estimates among these, by folded type."""
    found: dict[str, list[Exact]] = {}
    for item, _, value in measured:
        if value is not None:
            found.setdefault(fold(item.type), []).append(value)
    return found
