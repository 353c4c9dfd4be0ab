"""A kept figure as a share bar: segments with their places, words and intervals, from the document and nothing else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mappings.exact import exact_number
from mappings.model import Exact, Measure, Plan
from reports.figure_words import amount_words

Document = Mapping[str, Any]
AddressOf = Callable[[str], str]  # of the receipt of a part: a KR's code, or exempt, dead_link, unaligned

OTHERS = {"exempt": "exempt", "dead_link": "dead link", "unaligned": "unaligned"}
COLOURS = 8
SLIVER = 0.9  # percent of the bar's width that any segment with work keeps
_SIGN, _PADDING = 7.6, 14  # about the width of a sign of a label, in pixels, and the room around it
_ROOMS = (320, 480, 640, 800, 960, 1200, 1600)  # widths of the bar for which the style sheet shows labels
_MEANINGS = {
    "exempt": "Declared outside OKRs by a rule, with its reason.",
    "dead_link": "Its tag names no key result, several at once, or only one of another time.",
    "unaligned": "Serves no key result.",
}


@dataclass(frozen=True, slots=True)
class NamedKR:
    """A key result as bars and tables show it. `colour` is its place in the cycle, so it is the same everywhere."""

    code: str
    title: str
    objective: str
    team: str
    colour: int
    striped: bool  # the palette begins anew


_MOST_DIGITS = 3  # of an interval's ends
Names = Mapping[str, NamedKR]


@dataclass(frozen=True, slots=True)
class Whisker:
    """Where a segment may end, however the unestimated items turn out."""

    x1: str
    x2: str
    row: int


@dataclass(frozen=True, slots=True)
class Segment:
    part: str  # a KR's code, or exempt, dead_link, unaligned
    name: str
    title: str
    kind: str  # key_result, exempt, dead_link, unaligned
    colour: int
    striped: bool
    amount: str
    share: float
    percent: int
    low: float
    high: float
    between: str  # the interval in words; "" where it is certain
    words: str  # all of it, as a screen reader says it
    href: str
    x: str
    width: str
    middle: str
    room: int | None  # from which width of the bar the label fits inside; None: never
    whisker: Whisker | None

    @property
    def range(self) -> str:
        """The interval in as few digits as tell its ends apart."""
        low, high = self.low * 100, self.high * 100
        digits = next((each for each in range(_MOST_DIGITS) if f"{low:.{each}f}" != f"{high:.{each}f}"), _MOST_DIGITS)
        return f"{low:.{digits}f}–{high:.{digits}f} %"


@dataclass(frozen=True, slots=True)
class Bar:
    """`key` tells this figure from all others on a page. Without segments there is no work to share out."""

    key: str
    scope: str
    label: str
    measure: str
    total: str
    estimated: str  # how much of the work is estimated, in words
    items: int
    imputed: int
    segments: tuple[Segment, ...]
    serves: int  # percent that serves key results


def names_of(plan: Plan) -> Names:
    objectives = {objective.id: objective for objective in plan.objectives}
    places: dict[str, int] = {}
    found = {}
    for kr in plan.key_results:
        objective = objectives.get(kr.objective)
        title, team, cycle = (objective.title, objective.team, objective.cycle) if objective is not None else ("",) * 3
        place = places[cycle] = places.get(cycle, -1) + 1
        found[kr.code] = NamedKR(kr.code, kr.title, title, team, place % COLOURS, place >= COLOURS)
    return found


def bar_of(
    figure: Document, measure: str, names: Names, address_of: AddressOf, *, key: str, scope: str, label: str
) -> Bar:
    items, imputed = _number(figure["items"]), _number(figure["imputed"])
    segments = _segments(figure, measure, names, address_of, imputed)
    return Bar(
        key=key,
        scope=scope,
        label=label,
        measure=measure,
        total=total_words(figure, measure),
        estimated=estimated_words(items, imputed, measure),
        items=items,
        imputed=imputed,
        segments=segments,
        serves=sum(segment.percent for segment in segments if segment.kind == "key_result"),
    )


def total_words(figure: Document, measure: str) -> str:
    """How much work; what is imputed of it is named apart where the document tells it."""
    total, imputed = exact_number(figure["total"]), figure["imputed"]
    if not imputed or not isinstance(imputed, Sequence) or measure == Measure.POINTS_NORMALISED:
        return amount_words(total, Measure(measure))
    guessed = sum((exact_number(line["value"]) for line in imputed), 0)
    known = amount_words(total - guessed, Measure(measure))
    return f"{known} + {_bare(guessed, measure)} imputed"


def estimated_words(items: int, imputed: int, measure: str) -> str:
    if not items or measure in (Measure.COUNT, Measure.TIME_SPENT):
        return ""
    return f"{imputed} of {items} unestimated" if imputed else "all estimated"


def items_words(number: int) -> str:
    return "1 item" if number == 1 else f"{number} items"


def parts_of(figure: Document) -> list[tuple[str, Document]]:
    """The parts in the order shown: KRs by share, then exempt, dead link, unaligned."""
    named = [(part["key_result"], part) for part in figure["shares"]]
    return [*named, *((name, figure[name]) for name in OTHERS)]


def percent_words(share: float) -> str:
    """A share in percent with as many digits as tell something."""
    return f"{share * 100:.3g}" if 0 < share < 1 else f"{share * 100:.0f}"


def _segments(figure: Document, measure: str, names: Names, address_of: AddressOf, imputed: int) -> tuple[Segment, ...]:
    shown = [(name, part) for name, part in parts_of(figure) if part["share"] is not None and part["high"]]
    widths = _widths([part["share"] for _, part in shown])
    found: list[Segment] = []
    left, whiskers = 0.0, 0
    for (name, part), width in zip(shown, widths, strict=True):
        found.append(_segment(name, part, measure, names, address_of(name), imputed, (left, width), whiskers % 2))
        whiskers += found[-1].whisker is not None
        left += width
    return tuple(found)


def _segment(
    name: str,
    part: Document,
    measure: str,
    names: Names,
    href: str,
    imputed: int,
    place: tuple[float, float],
    row: int,
) -> Segment:
    kr = names.get(name) if name not in OTHERS else None
    left, width = place
    shown, title = OTHERS.get(name, name), kr.title if kr is not None else _MEANINGS.get(name, "")
    between = _between(part, imputed)
    amount = amount_words(exact_number(part["amount"]), Measure(measure))
    kind = name if name in OTHERS else "key_result"
    # It begins with the label that is seen: https://www.w3.org/WAI/WCAG22/Understanding/label-in-name
    said = ", ".join(each for each in (f"{shown} {part['percent']} %", title if kr is not None else "", amount) if each)
    words = f"{said}; {between}" if between else said
    label_width = _SIGN * len(f"{shown} {part['percent']} %") + _PADDING
    return Segment(
        part=name,
        name=shown,
        title=title,
        kind=kind,
        colour=kr.colour if kr is not None else COLOURS - 1,
        striped=kr is not None and kr.striped,
        amount=amount,
        share=part["share"],
        percent=part["percent"],
        low=part["low"],
        high=part["high"],
        between=between,
        words=words,
        href=href,
        x=_percents(left),
        width=_percents(width),
        middle=_percents(left + width / 2),
        room=next((room for room in _ROOMS if room * width / 100 >= label_width), None),
        whisker=None if not between else _whisker(left, part, row),
    )


def _between(part: Document, imputed: int) -> str:
    if part["low"] == part["high"]:
        return ""
    which = "the unestimated item turns out" if imputed == 1 else f"the {imputed} unestimated items turn out"
    return f"between {percent_words(part['low'])} % and {percent_words(part['high'])} % however {which}"


def _whisker(left: float, part: Document, row: int) -> Whisker:
    return Whisker(_percents(min(left + part["low"] * 100, 100)), _percents(min(left + part["high"] * 100, 100)), row)


def _widths(shares: Sequence[float]) -> list[float]:
    """Percents of the bar: the exact shares, but a sliver for the smallest, taken from the largest."""
    exact = [share * 100 for share in shares]
    widths = [max(width, SLIVER) if width else 0.0 for width in exact]
    if widths:
        widths[widths.index(max(widths))] -= sum(widths) - sum(exact)
    return widths


def _percents(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") + "%"


def _number(items: int | Sequence[object]) -> int:
    return items if isinstance(items, int) else len(items)


def _bare(value: Exact, measure: str) -> str:
    return amount_words(value, Measure(measure)).rsplit(" ", 1)[0]
