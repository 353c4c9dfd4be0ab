"""What share of a set of items serves each key result: exact amounts, intervals and percents that sum to 100.

share(k) = Σ w(i)·a(i,k) / Σ w(i)        (DOMAIN.md, "Share")
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from mappings.exact import plain
from mappings.model import Bucket, Exact, Figure, Link, Measure, Part, ReceiptLine

NO_PART = Part(0, None, None, None, None)


class Entry(NamedTuple):
    """One item in a figure. `cap` is the most that an unestimated item may be worth."""

    item: str
    value: Exact
    imputed: bool
    cap: Exact
    moment: datetime
    links: tuple[Link, ...]
    board: str | None = None
    team: str | None = None


Key = str | Bucket  # a KR's code, or one of the other three buckets


@dataclass(frozen=True, slots=True)
class Ways:
    """All ways of giving each unestimated item of a group a value from 0 to its cap.

    `amounts` by key and `total` are what is fixed; `caps` are those of the free items, `free` by key
    the caps of the items that give the key a weight, summed by that weight.
    """

    size: int
    amounts: Mapping[Key, Exact]
    total: Exact
    caps: Exact
    free: Mapping[Key, Mapping[Exact, Exact]]


def key_of(link: Link) -> Key:
    return link.key_result if link.key_result is not None else link.bucket


def figure_of(entries: Iterable[Entry], measure: Measure) -> Figure:
    """The figure of `entries`, each counted with its value."""
    return _figure([(entry, entry.value) for entry in entries], measure)


def normalised_figure(entries: Iterable[Entry]) -> Figure:
    """The figure in which each board's points are scaled to sum to the number of its items."""
    valued: list[tuple[Entry, Exact]] = []
    for group in _by_board(entries):
        total = sum(entry.value for entry in group)
        scale = Fraction(len(group)) / total if total else 0
        valued += [(entry, plain(entry.value * scale)) for entry in group]
    return _figure(valued, Measure.POINTS_NORMALISED)


def together(figure: Figure, entries: Sequence[Entry], label: Mapping[str, str]) -> dict[str, Part]:
    """The figure's KRs taken together by their label: amounts, shares and shown percents add up."""
    groups = _ways(entries, figure.measure, label) if figure.imputed else ()
    shown: dict[str, list[Part]] = defaultdict(list)
    for code, part in figure.shares:
        if code in label:
            shown[label[code]].append(part)
    return {name: _sum(parts, figure.total, bounds(groups, name) if groups else None) for name, parts in shown.items()}


def percents(amounts: Sequence[Exact], total: Exact) -> tuple[int, ...]:
    """Whole percents that sum to 100 (largest remainder; equal remainders in the order given)."""
    halves = [divmod(amount * 100, total) for amount in amounts]
    whole = [int(percent) for percent, _ in halves]
    by_remainder = sorted(range(len(halves)), key=lambda at: (-halves[at][1], at))
    for at in by_remainder[: 100 - sum(whole)]:
        whole[at] += 1
    return tuple(whole)


def bounds(groups: Sequence[Ways], key: Key) -> tuple[Exact, Exact]:
    """The least and the greatest share that `key` takes over all ways of all groups.

    Of several groups (boards) each weighs its number of items in every way in which it has work at
    all, and nothing in the others; one whose work is all free may go either way.
    """
    if len(groups) == 1:
        return _extreme(groups[0], key, 1), _extreme(groups[0], key, -1)
    return _extreme_of_groups(groups, key, 1), _extreme_of_groups(groups, key, -1)


def _figure(valued: list[tuple[Entry, Exact]], measure: Measure) -> Figure:
    valued.sort(key=lambda pair: pair[0].item)
    amounts: dict[Key, Exact] = defaultdict(int)
    total: Exact = 0
    for entry, value in valued:
        total += value
        for link in entry.links:
            amounts[key_of(link)] += value * link.weight
    receipt = tuple(
        ReceiptLine(entry.item, value, entry.imputed, entry.moment, entry.links, entry.value) for entry, value in valued
    )
    if not total:
        return Figure(measure, 0, (), NO_PART, NO_PART, NO_PART, receipt)
    groups = _ways([entry for entry, _ in valued], measure) if any(entry.imputed for entry, _ in valued) else ()
    parts = _parts(amounts, plain(total), groups)
    shares = tuple((key, part) for key, part in parts.items() if not isinstance(key, Bucket))
    others = (parts[Bucket.EXEMPT], parts[Bucket.DEAD_LINK], parts[Bucket.UNALIGNED])
    return Figure(measure, plain(total), shares, *others, receipt)


def _parts(amounts: Mapping[Key, Exact], total: Exact, groups: Sequence[Ways]) -> dict[Key, Part]:
    """The parts in the order shown: KRs by share, then code; exempt, dead link, unaligned."""
    shown: list[tuple[Key, Exact, tuple[Exact, Exact] | None]] = []
    for key in _order(amounts):
        amount = amounts.get(key, 0)
        interval = bounds(groups, key) if groups else None
        if isinstance(key, Bucket) or amount or (interval and interval[1]):
            shown.append((key, amount, interval))
    rounded = percents([amount for _, amount, _ in shown], total)
    parts: dict[Key, Part] = {}
    for (key, amount, interval), percent in zip(shown, rounded, strict=True):
        share = plain(Fraction(amount, total))
        low, high = interval or (share, share)
        parts[key] = Part(plain(amount), share, percent, low, high)
    return parts


def _sum(parts: Sequence[Part], total: Exact, interval: tuple[Exact, Exact] | None) -> Part:
    amount = sum((part.amount for part in parts), 0)
    share = plain(Fraction(amount, total))
    low, high = interval or (share, share)
    return Part(plain(amount), share, sum(part.percent or 0 for part in parts), low, high)


def _order(amounts: Mapping[Key, Exact]) -> list[Key]:
    codes = sorted((key for key in amounts if not isinstance(key, Bucket)), key=lambda code: (-amounts[code], code))
    return [*codes, Bucket.EXEMPT, Bucket.DEAD_LINK, Bucket.UNALIGNED]


def _ways(entries: Sequence[Entry], measure: Measure, label: Mapping[str, str] | None = None) -> tuple[Ways, ...]:
    groups = _by_board(entries) if measure is Measure.POINTS_NORMALISED else [list(entries)]
    return tuple(_ways_of(group, label) for group in groups)


def _ways_of(entries: Sequence[Entry], label: Mapping[str, str] | None) -> Ways:
    amounts: dict[Key, Exact] = defaultdict(int)
    free: dict[Key, dict[Exact, Exact]] = defaultdict(lambda: defaultdict(int))
    total: Exact = 0
    caps: Exact = 0
    for entry in entries:
        weights = _weights(entry, label)
        if not entry.imputed:
            total += entry.value
            for key, weight in weights.items():
                amounts[key] += entry.value * weight
        elif entry.cap:
            caps += entry.cap
            for key, weight in weights.items():
                free[key][weight] += entry.cap
    return Ways(len(entries), amounts, total, caps, free)


def _weights(entry: Entry, label: Mapping[str, str] | None) -> Mapping[Key, Exact]:
    weights: dict[Key, Exact] = defaultdict(int)
    for link in entry.links:
        key = key_of(link)
        weights[key if label is None else label.get(key, key)] += link.weight
    return weights


def _extreme(ways: Ways, key: Key, sign: int) -> Exact:
    """The least (`sign` 1) or the greatest (-1) share over the ways of one group.

    A ratio of linear forms takes its extremes at the corners, and the best corner takes the free
    items in the order of their weights for as long as they move the ratio.
    """
    amount = ways.amounts.get(key, 0)
    total = ways.total
    free = list(ways.free.get(key, {}).items())
    weightless = ways.caps - sum((cap for _, cap in free), 0)
    if weightless:
        free.append((0, weightless))
    free.sort(key=lambda pair: sign * pair[0])
    if not total:
        return plain(free[0][0]) if free else 0  # any little work of the best one alone
    for weight, cap in free:
        if sign * weight * total >= sign * amount:
            break
        amount += cap * weight
        total += cap
    return plain(Fraction(amount, total))


def _extreme_of_groups(groups: Sequence[Ways], key: Key, sign: int) -> Exact:
    amount: Exact = 0
    total = 0
    optional: list[tuple[Exact, int]] = []
    for group in groups:
        ratio = _extreme(group, key, sign)
        if group.total:
            amount += ratio * group.size
            total += group.size
        elif group.caps:
            optional.append((ratio, group.size))
    optional.sort(key=lambda pair: sign * pair[0])
    for ratio, size in optional:
        if total and sign * ratio * total >= sign * amount:
            break
        amount += ratio * size
        total += size
    return plain(Fraction(amount, total)) if total else 0


def _by_board(entries: Iterable[Entry]) -> list[list[Entry]]:
    groups: dict[str | None, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[entry.board].append(entry)
    return list(groups.values())
