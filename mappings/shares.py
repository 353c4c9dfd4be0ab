"""What share of a set of items serves each key result: exact amounts, intervals and percents that sum to 100.

share(k) = Σ w(i)·a(i,k) / Σ w(i)        (DOMAIN.md, "Share")
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import attrgetter

from mappings.exact import plain
from mappings.model import Bucket, Exact, Figure, Measure, Part, ReceiptLine

NO_PART = Part(0, None, None, None, None)
Key = str | int  # a KR's code, or the place of one of the other three buckets (a KR may be called "exempt")
_PLACES = {Bucket.EXEMPT: 0, Bucket.DEAD_LINK: 1, Bucket.UNALIGNED: 2}
_ITEM = attrgetter("item")


@dataclass(frozen=True, slots=True)
class _Group:
    """The lines of one board (or of all, where nothing is scaled), added up in their own measure."""

    lines: Sequence[ReceiptLine]
    imputed: Sequence[ReceiptLine]  # those of them whose value may be any from 0 to their cap
    amounts: Mapping[Key, Exact]
    total: Exact


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


def figure_of(lines: Iterable[ReceiptLine], measure: Measure) -> Figure:
    """The figure of `lines`, each counted with its value."""
    ordered = tuple(sorted(lines, key=_ITEM))
    groups = [_added_up(ordered)]
    return _figure(measure, ordered, groups, groups[0].amounts, groups[0].total)


def normalised_figure(lines: Iterable[ReceiptLine]) -> Figure:
    """The figure in which each board's points are scaled to sum to the number of its items."""
    groups = [_added_up(group) for group in _by_board(lines)]
    scaled: list[ReceiptLine] = []
    amounts: dict[Key, Exact] = defaultdict(int)
    for group in groups:
        scale = Fraction(len(group.lines)) / group.total if group.total else 0
        scaled += _scaled(group.lines, scale)
        for key, amount in group.amounts.items():
            amounts[key] += amount * scale
    total = sum(len(group.lines) for group in groups if group.total)
    return _figure(Measure.POINTS_NORMALISED, tuple(sorted(scaled, key=_ITEM)), groups, amounts, total)


def together(figure: Figure, label: Mapping[str, str]) -> dict[str, Part]:
    """The figure's KRs taken together by their label: amounts, shares and shown percents add up."""
    ways: tuple[Ways, ...] = ()
    if any(line.imputed for line in figure.receipt):
        normalised = figure.measure is Measure.POINTS_NORMALISED
        groups = _by_board(figure.receipt) if normalised else [figure.receipt]
        ways = tuple(_ways(_added_up(group), label) for group in groups)
    shown: dict[str, list[Part]] = defaultdict(list)
    for code, part in figure.shares:
        if code in label:
            shown[label[code]].append(part)
    return {name: _sum(parts, figure.total, bounds(ways, name) if ways else None) for name, parts in shown.items()}


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


def _added_up(lines: Sequence[ReceiptLine]) -> _Group:
    """The lines of one board in its own points."""
    amounts: dict[Key, Exact] = defaultdict(int)
    imputed: list[ReceiptLine] = []
    total: Exact = 0
    for line in lines:
        value = line.unscaled
        total += value
        if line.imputed:
            imputed.append(line)
        for link in line.links:
            amounts[link.key_result or _PLACES[link.bucket]] += value * link.weight
    return _Group(lines, imputed, amounts, total)


def _scaled(lines: Iterable[ReceiptLine], scale: Exact) -> Iterable[ReceiptLine]:
    values: dict[Exact, Exact] = {}
    for item, value, imputed, moment, links, unscaled, cap, board, team in lines:
        if value not in values:
            values[value] = plain(value * scale)
        yield ReceiptLine(item, values[value], imputed, moment, links, unscaled, cap, board, team)


def _figure(
    measure: Measure,
    receipt: tuple[ReceiptLine, ...],
    groups: Sequence[_Group],
    amounts: Mapping[Key, Exact],
    total: Exact,
) -> Figure:
    if not total:
        return Figure(measure, 0, (), NO_PART, NO_PART, NO_PART, receipt)
    ways = tuple(_ways(group) for group in groups) if any(group.imputed for group in groups) else ()
    parts = _parts(amounts, plain(total), ways)
    shares = tuple((key, part) for key, part in parts.items() if isinstance(key, str))
    exempt, dead_link, unaligned = (parts[place] for place in _PLACES.values())
    return Figure(measure, plain(total), shares, exempt, dead_link, unaligned, receipt)


def _parts(amounts: Mapping[Key, Exact], total: Exact, groups: Sequence[Ways]) -> dict[Key, Part]:
    """The parts in the order shown: KRs by share, then code; exempt, dead link, unaligned."""
    shown: list[tuple[Key, Exact, tuple[Exact, Exact] | None]] = []
    for key in _order(amounts):
        amount = amounts.get(key, 0)
        interval = bounds(groups, key) if groups else None
        if not isinstance(key, str) or amount or (interval and interval[1]):
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
    codes = sorted((key for key in amounts if isinstance(key, str)), key=lambda code: (-amounts[code], code))
    return [*codes, *_PLACES.values()]


def _ways(group: _Group, label: Mapping[str, str] | None = None) -> Ways:
    """All ways of a group; with `label` its KRs are taken together."""
    amounts: dict[Key, Exact] = defaultdict(int)
    for key, amount in group.amounts.items():
        amounts[_labelled(key, label)] += amount
    free: dict[Key, dict[Exact, Exact]] = defaultdict(lambda: defaultdict(int))
    total = group.total
    caps: Exact = 0
    for line in group.imputed:
        total -= line.unscaled
        caps += line.cap
        for key, weight in _weights(line, label).items():
            amounts[key] -= line.unscaled * weight
            if line.cap:
                free[key][weight] += line.cap
    return Ways(len(group.lines), amounts, total, caps, free)


def _weights(line: ReceiptLine, label: Mapping[str, str] | None) -> Mapping[Key, Exact]:
    weights: dict[Key, Exact] = defaultdict(int)
    for link in line.links:
        weights[_labelled(link.key_result or _PLACES[link.bucket], label)] += link.weight
    return weights


def _labelled(key: Key, label: Mapping[str, str] | None) -> Key:
    return label.get(key, key) if label is not None and isinstance(key, str) else key


def _extreme(ways: Ways, key: Key, sign: int) -> Exact:
    """The least (`sign` 1) or the greatest (-1) share over the ways of one group.

    A ratio of linear forms takes its extremes at the corners, and the best corner takes the free
    items in the order of their weights for as long as they move the ratio.
    """
    amount = ways.amounts.get(key, 0)
    if not amount and key not in ways.free:
        return 0
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


def _by_board(lines: Iterable[ReceiptLine]) -> list[list[ReceiptLine]]:
    groups: dict[str | None, list[ReceiptLine]] = defaultdict(list)
    for line in lines:
        groups[line.board].append(line)
    return list(groups.values())
