"""The sentences that stand beside a figure, the same in the terminal, in Markdown and on a page."""

from collections.abc import Iterator
from dataclasses import dataclass

from mappings.model import Exact, Figure, GoalReading, Measure, Part, Scope, SprintReport

_UNITS = {Measure.POINTS: ("point", "points"), Measure.COUNT: ("item", "items")}
_HOUR = 3600


@dataclass(frozen=True, slots=True)
class NamedPart:
    """A segment of the share bar: `name` is a KR's code, or exempt, dead link, unaligned."""

    name: str
    is_key_result: bool
    amount: Exact
    share: Exact
    percent: int
    low: Exact
    high: Exact

    @property
    def is_uncertain(self) -> bool:
        return self.low != self.high


def parts_of(figure: Figure) -> tuple[NamedPart, ...]:
    """The segments in the order shown: KRs by share, then exempt, dead link, unaligned; none without work."""
    named = [(code, True, part) for code, part in figure.shares]
    named += [
        ("exempt", False, figure.exempt),
        ("dead link", False, figure.dead_link),
        ("unaligned", False, figure.unaligned),
    ]
    return tuple(found for name, is_kr, part in named if (found := _named(name, is_kr, part)) is not None)


def part_words(part: NamedPart) -> str:
    """Between what values the share lies, however the unestimated items turn out; "" where it is certain."""
    if not part.is_uncertain:
        return ""
    return f"{part.name} between {_percent(part.low)} and {_percent(part.high)} %"


def totals_words(figure: Figure) -> str:
    """How much work, and how much of it is imputed."""
    known = sum((line.unscaled for line in figure.receipt if not line.imputed), 0)
    imputed = sum((line.unscaled for line in figure.receipt if line.imputed), 0)
    if not figure.imputed:
        return amount_words(figure.total, figure.measure)
    if figure.measure is Measure.POINTS_NORMALISED:
        return f"{amount_words(figure.total, figure.measure)}, partly imputed"
    return f"{amount_words(known, figure.measure)} + {_short(imputed, figure.measure)} imputed"


def amount_words(value: Exact, measure: Measure) -> str:
    if measure in (Measure.TIME_SPENT, Measure.ORIGINAL_ESTIMATE):
        return f"{_short(value, measure)} h"
    one, many = _UNITS.get(measure, _UNITS[Measure.POINTS])
    if measure is Measure.POINTS_NORMALISED:
        return f"{_short(value, measure)} normalised {one if value == 1 else many}"
    return f"{_short(value, measure)} {one if value == 1 else many}"


def estimated_words(figure: Figure) -> str:
    """How much of the work is estimated, in words."""
    items, missing = len(figure.items), len(figure.imputed)
    if not items or figure.measure in (Measure.COUNT, Measure.TIME_SPENT):
        return ""
    return f"{missing} of {items} unestimated" if missing else "all estimated"


def goal_words(goal: GoalReading) -> str:
    if not goal.is_known:
        return "Whether there is a goal cannot be told from this source."
    if goal.text is None or not goal.text.strip():
        return "No goal is written."
    return f"Goal: {goal.text}"


def bare_reason(item: str, reason: str) -> str:
    """Why a link is there, for a table that has the item, the key result and the weight beside it already."""
    head, sign, rest = reason.partition("), ")
    return rest if sign and head.startswith(f"{item} → ") else reason


def notes(report: SprintReport) -> Iterator[str]:
    """All that must be said beside a sprint's figures."""
    if report.goal.first is not None or _was_blank_at_first(report.goal):
        yield f"The goal was changed after the start; it was: {report.goal.first or 'none'}"
    if report.late_close and report.sprint.completed is not None and report.sprint.end is not None:
        days = (report.sprint.completed - report.sprint.end).days
        yield f"The sprint was completed {days} {'day' if days == 1 else 'days'} after its planned end."
    if report.upper_bound:
        yield "The final scope is an upper bound: without history, items that left before completion are in it."
    for scope, why in _by_reason(report):
        yield f"Not known: {scope} ({why})."
    if report.outside_filter:
        yield f"{report.outside_filter} of its items are hidden by the board's filter and counted here."


def _named(name: str, is_key_result: bool, part: Part) -> NamedPart | None:
    if part.share is None or part.percent is None or part.low is None or part.high is None:
        return None
    return NamedPart(name, is_key_result, part.amount, part.share, part.percent, part.low, part.high)


def _was_blank_at_first(goal: GoalReading) -> bool:
    return goal.first is not None and not goal.first.strip()


def _by_reason(report: SprintReport) -> Iterator[tuple[str, str]]:
    by_reason: dict[str, list[str]] = {}
    for scope in Scope:
        if scope in report.unknown:
            by_reason.setdefault(report.unknown[scope], []).append(scope.value.replace("_", " "))
    for why, scopes in by_reason.items():
        yield ", ".join(scopes), why


def _percent(share: Exact) -> str:
    return f"{float(share * 100):.3g}" if share not in (0, 1) else str(int(share * 100))


def _short(value: Exact, measure: Measure) -> str:
    """At most two decimals, hours for seconds."""
    number = value / _HOUR if measure in (Measure.TIME_SPENT, Measure.ORIGINAL_ESTIMATE) else value
    return f"{float(number):.2f}".rstrip("0").rstrip(".")
