"""What share of a set of items serves each key result: exact amounts, intervals and percents that sum to 100.

share(k) = Σ w(i)·a(i,k) / Σ w(i)        (DOMAIN.md, "Share")
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from mappings.exact import plain
from mappings.model import Bucket, Exact, Figure, Link, Measure, Part, ReceiptLine

NO_PART = Part(0, None, None, None, None)


@dataclass(frozen=True, slots=True)
class Entry:
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
    """All ways of giving each unestimated item of a group a value from 0 to its cap: what is fixed
    (`amounts` by key, `total`), and the weights and cap of each item that is free."""

    size: int
    amounts: Mapping[Key, Exact]
    total: Exact
    free: tuple[tuple[Mapping[Key, Exact], Exact], ...]


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


def part_of(figure: Figure, entries: Sequence[Entry], codes: frozenset[str]) -> Part:
    """Several KRs of a figure taken together, as one part: amounts, shares and shown percents add up."""
    parts = [part for code, part in figure.shares if code in codes]
    amount = plain(sum((part.amount for part in parts), 0))
    share = plain(Fraction(amount) / figure.total)
    low, high = (share, share) if not figure.imputed else bounds(_ways(entries, figure.measure), codes)
    return Part(amount, share, sum(part.percent or 0 for part in parts), low, high)


def percents(shares: Sequence[Exact]) -> tuple[int, ...]:
    """Whole percents that sum to 100 (largest remainder; equal remainders in the order given)."""
    floors = [int(share * 100) for share in shares]
    missing = 100 - sum(floors)
    by_remainder = sorted(range(len(shares)), key=lambda at: (floors[at] - shares[at] * 100, at))
    for at in by_remainder[:missing]:
        floors[at] += 1
    return tuple(floors)


def bounds(groups: Sequence[Ways], keys: Iterable[Key]) -> tuple[Exact, Exact]:
    """The least and the greatest share that `keys` together take over all ways of all groups.

    Of several groups (boards) each weighs its number of items in every way in which it has work at
    all, and nothing in the others; one whose work is all free may go either way.
    """
    keys = tuple(keys)
    if len(groups) == 1:
        return _extreme(groups[0], keys, 1), _extreme(groups[0], keys, -1)
    return _extreme_of_groups(groups, keys, 1), _extreme_of_groups(groups, keys, -1)


def _figure(valued: list[tuple[Entry, Exact]], measure: Measure) -> Figure:
    valued.sort(key=lambda pair: pair[0].item)
    amounts: dict[Key, Exact] = defaultdict(int)
    for entry, value in valued:
        for link in entry.links:
            amounts[key_of(link)] += value * link.weight
    total = plain(sum((value for _, value in valued), 0))
    receipt = tuple(
        ReceiptLine(entry.item, value, entry.imputed, entry.moment, entry.links, entry.value) for entry, value in valued
    )
    if not total:
        return Figure(measure, 0, (), NO_PART, NO_PART, NO_PART, receipt)
    groups = _ways([entry for entry, _ in valued], measure) if any(entry.imputed for entry, _ in valued) else ()
    parts = _parts(amounts, total, groups)
    shares = tuple((key, part) for key, part in parts.items() if not isinstance(key, Bucket))
    others = (parts[Bucket.EXEMPT], parts[Bucket.DEAD_LINK], parts[Bucket.UNALIGNED])
    return Figure(measure, total, shares, *others, receipt)


def _parts(amounts: Mapping[Key, Exact], total: Exact, groups: Sequence[Ways]) -> dict[Key, Part]:
    """The parts in the order shown: KRs by share, then code; exempt, dead link, unaligned."""
    shown: list[tuple[Key, Exact, Exact, Exact]] = []
    for key in _order(amounts):
        share = plain(Fraction(amounts.get(key, 0)) / total)
        low, high = bounds(groups, (key,)) if groups else (share, share)
        if isinstance(key, Bucket) or high > 0:
            shown.append((key, share, low, high))
    rounded = percents([share for _, share, _, _ in shown])
    return {
        key: Part(plain(amounts.get(key, 0)), share, percent, low, high)
        for (key, share, low, high), percent in zip(shown, rounded, strict=True)
    }


def _order(amounts: Mapping[Key, Exact]) -> list[Key]:
    codes = sorted((key for key in amounts if not isinstance(key, Bucket)), key=lambda code: (-amounts[code], code))
    return [*codes, Bucket.EXEMPT, Bucket.DEAD_LINK, Bucket.UNALIGNED]


def _ways(entries: Sequence[Entry], measure: Measure) -> tuple[Ways, ...]:
    groups = _by_board(entries) if measure is Measure.POINTS_NORMALISED else [list(entries)]
    return tuple(_ways_of(group) for group in groups)


def _ways_of(entries: Sequence[Entry]) -> Ways:
    amounts: dict[Key, Exact] = defaultdict(int)
    total: Exact = 0
    free: list[tuple[Mapping[Key, Exact], Exact]] = []
    for entry in entries:
        if not entry.imputed:
            total += entry.value
            for link in entry.links:
                amounts[key_of(link)] += entry.value * link.weight
        elif entry.cap:
            free.append((_weights(entry), entry.cap))
    return Ways(len(entries), amounts, total, tuple(free))


def _weights(entry: Entry) -> Mapping[Key, Exact]:
    weights: dict[Key, Exact] = defaultdict(int)
    for link in entry.links:
        weights[key_of(link)] += link.weight
    return weights


def _extreme(ways: Ways, keys: tuple[Key, ...], sign: int) -> Exact:
    """The least (`sign` 1) or the greatest (-1) share over the ways of one group.

    A ratio of linear forms takes its extremes at the corners, and the best corner takes the free
    items in the order of their weights for as long as they move the ratio.
    """
    amount: Exact = sum((ways.amounts.get(key, 0) for key in keys), 0)
    total = ways.total
    free = [(sum((weights.get(key, 0) for key in keys), 0), cap) for weights, cap in ways.free]
    free.sort(key=lambda pair: sign * pair[0])
    if not total:
        return plain(free[0][0]) if free else 0  # any little work of the best one alone
    for weight, cap in free:
        if sign * weight * total >= sign * amount:
            break
        amount += cap * weight
        total += cap
    return plain(Fraction(amount) / total)


def _extreme_of_groups(groups: Sequence[Ways], keys: tuple[Key, ...], sign: int) -> Exact:
    amount: Exact = 0
    total = 0
    optional: list[tuple[Exact, int]] = []
    for group in groups:
        ratio = _extreme(group, keys, sign)
        if group.total:
            amount += ratio * group.size
            total += group.size
        elif group.free:
            optional.append((ratio, group.size))
    optional.sort(key=lambda pair: sign * pair[0])
    for ratio, size in optional:
        if total and sign * ratio * total >= sign * amount:
            break
        amount += ratio * size
        total += size
    return plain(Fraction(amount) / total) if total else 0


def _by_board(entries: Iterable[Entry]) -> list[list[Entry]]:
    groups: dict[str | None, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[entry.board].append(entry)
    return list(groups.values())
