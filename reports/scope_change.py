"""How a sprint's work came from what was committed to what was completed: a waterfall of exact steps, each with its
receipt, told from the kept receipts alone."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mappings.exact import exact_number, plain
from mappings.model import Exact, Measure
from reports import charts
from reports.addresses import receipt_address
from reports.figure_words import amount_words

Document = Mapping[str, Any]
_SHOWN = 12  # items named of one step
_NOTHING: Exact = 0
_DIGITS = {Measure.TIME_SPENT.value: 3600, Measure.ORIGINAL_ESTIMATE.value: 3600}


@dataclass(frozen=True, slots=True)
class Step:
    """`start` and `end` are the level before and after; a level itself (committed, final, completed) starts at 0."""

    name: str
    is_level: bool
    start: Exact
    end: Exact
    amount: str  # in words, with its sign
    items: tuple[str, ...]
    more: int  # items beyond those named
    note: str
    href: str  # of the receipt; "" where no single one tells it


@dataclass(frozen=True, slots=True)
class ScopeChange:
    measure: str
    steps: tuple[Step, ...]

    @property
    def sentence(self) -> str:
        return ", ".join(f"{step.name} {step.amount}" for step in self.steps) + "."


@dataclass(frozen=True, slots=True)
class _Of:
    connection: str
    sprint: str
    measure: str

    def receipt(self, scope: str) -> str:
        return receipt_address(self.connection, self.sprint, scope, self.measure, "")


def scope_change(connection: str, sprint: str, measure: str, document: Document) -> ScopeChange | None:
    """None: what was committed is not known, or does not exist in this measure."""
    values = {name: _values(document, name) for name in document["scopes"]}
    if values.get("committed") is None or values.get("final") is None:
        return None
    return ScopeChange(measure, tuple(_steps(_Of(connection, sprint, measure), values)))


def _values(document: Document, scope: str) -> dict[str, Exact] | None:
    if document["scopes"].get(scope) is None:
        return None
    return {line["item"]: exact_number(line["value"]) for line in document["receipts"].get(scope, ())}


def _steps(asked: _Of, values: Mapping[str, dict[str, Exact] | None]) -> Iterator[Step]:
    none: dict[str, Exact] = {}
    committed, final = values["committed"] or none, values["final"] or none
    added, left = values.get("added") or none, values.get("removed") or none
    level = _sum(committed)
    yield _level(asked, "committed", committed)
    removed = {key: value for key, value in left.items() if key in committed}
    estimates = {key: final[key] - committed[key] for key in committed if key in final}
    estimates |= {key: value - committed[key] for key, value in removed.items()}
    passing = [key for key in left if key not in committed]
    moves: list[tuple[str, dict[str, Exact], str, str]] = [
        ("added", added, "added", ""),
        ("removed", {key: -value for key, value in removed.items()}, "removed", _passing_words(passing)),
        ("re-estimated", {key: value for key, value in estimates.items() if value}, "", _estimate_words(estimates)),
    ]
    told = level + _sum({name: _sum(items) for name, items, _, _ in moves})
    rest = _sum(final) - told
    moves.append(("counted otherwise", {"": rest} if rest else {}, "", "Sub-tasks in place of their item, or back."))
    for name, items, scope, note in moves:
        if items or (note and name == "removed"):
            yield (step := _move(asked, name, items, scope, note, level))
            level = step.end
    yield _level(asked, "final", final)
    yield from _ends(asked, values, _sum(final))


def _ends(asked: _Of, values: Mapping[str, dict[str, Exact] | None], level: Exact) -> Iterator[Step]:
    """From what is in the sprint to what is completed."""
    if values.get("completed") is None:
        return
    is_open = values.get("carried_over") is None
    names = {"carried_over": "carried over", "dropped": "dropped", "done_before": "done before"}
    for scope, name in names.items():
        items = values.get(scope) or {}
        if items:
            yield (step := _move(asked, name, {key: -value for key, value in items.items()}, scope, "", level))
            level = step.end
    completed = values["completed"] or {}
    done = {key for scope in ("completed", "dropped", "done_before") for key in values.get(scope) or {}}
    still = {key: -value for key, value in (values["final"] or {}).items() if key not in done}
    if is_open and still:
        yield _move(asked, "still open", still, "", "", level)
    yield _level(asked, "completed", completed)


def _level(asked: _Of, name: str, items: Mapping[str, Exact]) -> Step:
    total = _sum(items)
    words = amount_words(total, Measure(asked.measure))
    return Step(name, True, _NOTHING, total, words, (), len(items), "", asked.receipt(name))


def _move(asked: _Of, name: str, items: Mapping[str, Exact], scope: str, note: str, level: Exact) -> Step:
    change = _sum(items)
    words = amount_words(change if change > 0 else -change, Measure(asked.measure))
    sign = "+" if change > 0 else "−" if change < 0 else "±"
    keys = [key for key in sorted(items) if key]
    href = asked.receipt(scope) if scope else ""
    return Step(
        name, False, level, level + change, f"{sign}{words}", tuple(keys[:_SHOWN]), len(keys[_SHOWN:]), note, href
    )


def _sum(values: Mapping[str, Exact]) -> Exact:
    return plain(sum(values.values(), _NOTHING))


def _passing_words(passing: list[str]) -> str:
    if not passing:
        return ""
    which = f"{', '.join(passing[:_SHOWN])} came after the commitment and" if len(passing) <= _SHOWN else ""
    return f"{which or f'{len(passing)} items came after the commitment and'} left again: in its receipt, not in this."


def _estimate_words(estimates: Mapping[str, Exact]) -> str:
    up = sum(1 for value in estimates.values() if value > 0)
    down = sum(1 for value in estimates.values() if value < 0)
    ways = [f"{number} estimated {way}" for number, way in ((up, "higher"), (down, "lower")) if number]
    return f"{' and '.join(ways)} than at the commitment." if ways else ""


# --- the chart


def scope_chart(change: ScopeChange) -> charts.Spec:
    """The waterfall, a line a step: levels are full bars, changes hang between them; a bar leads to its receipt."""
    unit = _DIGITS.get(change.measure, 1)
    rows = list(_chart_rows(change.steps, unit))
    y: dict[str, Any] = {"field": "step", "type": "nominal", "sort": [row["step"] for row in rows], "title": None}
    y["axis"] = {"ticks": False, "domain": False, "labelPadding": 8, "labelLimit": 120, "labelColor": "$text"}
    title = {1: "items" if change.measure == Measure.COUNT else "points", 3600: "hours"}[unit]
    most = max((row["high"] for row in rows), default=1.0) * 1.15 or 1.0  # room for the figure behind the bar
    scale = {"domain": [0, most], "nice": False}
    x = {"field": "low", "type": "quantitative", "title": title, "scale": scale, "axis": {"tickCount": 5}}
    colour = {"field": "fill", "type": "nominal", "scale": None, "legend": None}
    bars: dict[str, Any] = {
        "mark": {"type": "bar", "height": {"band": 0.66}, "stroke": "$strong-line", "strokeWidth": 1},
        "encoding": {"y": y, "x": x, "x2": {"field": "high"}, "color": colour, "href": {"field": "href"}},
    }
    bars["encoding"]["description"] = {"field": "words"}
    label = {"text": {"field": "amount"}, "y": y, "x": {**x, "field": "high"}}
    labels = {"mark": {"type": "text", "dx": 6, "align": "left", "fontSize": 12, "aria": False}, "encoding": label}
    return {
        "title": None,
        "description": f"From what was committed to what was completed: {change.sentence}",
        "width": 240,
        "height": {"step": 32},
        "data": {"values": rows},
        "layer": [bars, labels],
    }


def _chart_rows(steps: Iterable[Step], unit: int) -> Iterator[dict[str, Any]]:
    for step in steps:
        low, high = sorted((float(step.start) / unit, float(step.end) / unit))
        fill = "$aligned" if step.is_level else "$muted" if step.end >= step.start else "$surface"
        row = {"step": step.name, "low": low, "high": high, "amount": step.amount.rsplit(" ", 1)[0], "fill": fill}
        row["words"] = f"{step.name}: {step.amount}"
        if step.href:
            row["href"] = charts.link(step.href)
        yield row
