"""The charts of key results as specifications: effort beside movement, shares sprint by sprint, values over time."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Any

from mappings.exact import exact_text
from mappings.model import Exact, KeyResult
from reports import charts

if TYPE_CHECKING:
    from reports.key_result_views import KeyResultLine, SprintShare, ValueLine

MOST_POINTS = 400
_WIDE, _HIGH = 560, 300  # of the quadrants
_EDGE = 0.02  # of the progress, to the edge
_DOT, _SIGN, _LINE, _BESIDE = 7, 7.4, 14, 40  # a point's half, a sign, a line of text, the room at the right edge


def effort_chart(lines: "Sequence[KeyResultLine]") -> Any:
    """Each key result where its share of the work and its movement meet; None where there is nothing to draw."""
    rows = [_effort_row(line) for line in lines if _is_placed(line)]
    if len(rows) < 2:
        return None
    right = _tenth(max([0.2, *(row["share"] for row in rows)]))
    # No point stands at the very edge, where half of it and its name would be cut.
    low = -_tenth(max([0, *(-row["moved"] for row in rows)]) + _EDGE)
    high = _tenth(max([0.5, *(row["moved"] for row in rows)]) + _EDGE)
    limit = min(float(line.effort.limit) for line in lines if _is_placed(line)) / 100
    place = {
        "x": _percents("share", "share of its team’s work", (0, right)),
        "y": _percents("moved", "progress since the beginning", (low, high)),
        "href": {"field": "href"},
        "description": {"field": "words"},
    }
    colour = {"field": "colour", "type": "nominal", "scale": None}
    dot = {"type": "circle", "size": 130, "opacity": 1, "stroke": "$surface"}
    points = {"mark": dot, "encoding": {**place, "color": colour}}
    # What stands beside a point, in the units of the axes, so that no name lies over another.
    wide, tall = _WIDE / right, _HIGH / (high - low)
    spots = _spots([(row["share"] * wide, (high - row["moved"]) * tall, row["code"]) for row in rows])
    named = [
        {"code": row["code"], "share": x / wide, "moved": high - y / tall}
        for row, spot in zip(rows, spots, strict=True)
        if spot is not None
        for x, y in [spot]
    ]
    text = {"type": "text", "align": "left", "fontSize": 12, "color": "$text", "aria": False}
    names = {
        "data": {"values": named},
        "mark": text,
        "encoding": {"x": place["x"], "y": place["y"], "text": {"field": "code"}},
    }
    # Beneath each name its outline in the colour of the ground, so that no line strikes it through.
    outline = {**names, "mark": {**text, "color": "$ground", "stroke": "$ground", "strokeWidth": 4}}
    edges = [_rule("x", limit), _rule("y", 0)]
    return charts.on_page(
        {
            "description": "Key results by the share of work they got and the progress they made",
            "width": _WIDE,
            "height": _HIGH,
            "data": {"values": rows},
            "layer": [*edges, outline, points, names],
        }
    )


def _tenth(share: float) -> float:
    """The next tenth above it."""
    return ceil(round(share * 10, 6)) / 10


def _percents(field: str, title: str, domain: tuple[float, float]) -> dict[str, Any]:
    axis = {"format": "%", "tickCount": 6}
    scale = {"domain": list(domain), "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "title": title, "axis": axis, "scale": scale}


def _spots(points: Sequence[tuple[float, float, str]]) -> list[tuple[float, float] | None]:
    """Where the name of each point begins: right of it, left, above or below, wherever it covers no other name and no
    point; None where there is no room: the point itself says it.
    """
    taken = [(x - _DOT, y - _DOT, x + _DOT, y + _DOT) for x, y, _ in points]
    spots: list[tuple[float, float] | None] = []
    for x, y, name in points:
        wide = len(name) * _SIGN
        found = None
        for left, middle in _around(x, y, wide):
            box = (left, middle - _LINE / 2, left + wide, middle + _LINE / 2)
            if left >= 0 and box[2] <= _WIDE + _BESIDE and not any(_meet(box, other) for other in taken):
                found = (left, middle)
                taken.append(box)
                break
        spots.append(found)
    return spots


def _around(x: float, y: float, wide: float) -> Iterator[tuple[float, float]]:
    yield x + _DOT + 3, y
    yield x - _DOT - 3 - wide, y
    for step in range(1, 5):
        for side in (1, -1):
            yield x - wide / 2, y + side * (_DOT + _LINE / 2 + (step - 1) * _LINE)


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _is_placed(line: "KeyResultLine") -> bool:
    return line.effort.share is not None and line.effort.movement.moved is not None


def _effort_row(line: "KeyResultLine") -> dict[str, Any]:
    share, moved = float(line.effort.share or 0), float(line.effort.movement.moved or 0)
    words = f"{line.kr.code}: {share * 100:.0f} % of the work, {moved * 100:+.0f} % progress"
    return {
        "code": line.kr.code,
        "share": share,
        "moved": moved,
        "colour": f"$k{line.named.colour}",
        "href": charts.link(line.href),
        "words": words,
    }


def share_chart(code: str, colour: int, shares: "Sequence[SprintShare]") -> Any:
    """A bar a sprint; each opens the receipt of this key result."""
    shown = [one for one in shares if one.share is not None]
    if len(shown) < 2:
        return None
    rows = [
        {
            "number": number,
            "share": one.share,
            "href": charts.link(one.receipt),
            "words": f"{one.name}: {(one.share or 0) * 100:.0f} %",
        }
        for number, one in enumerate(shown)
    ]
    axis = charts.named_axis([one.name for one in shown], [one.point.stage for one in shown])
    return charts.on_page(
        {
            "description": f"The share of each sprint’s work that served {_plain(code)}",
            "width": {"step": 40},
            "height": 140,
            "data": {"values": rows},
            "mark": {"type": "bar", "color": f"$k{colour}", "stroke": "$strong-line", "strokeWidth": 0.6},
            "encoding": {
                "x": {"field": "number", "type": "ordinal", "axis": axis},
                "y": {"field": "share", "type": "quantitative", "title": None, "axis": {"format": "%", "tickCount": 4}},
                "href": {"field": "href"},
                "description": {"field": "words"},
            },
        }
    )


def value_chart(kr: KeyResult, values: "Sequence[ValueLine]", period: tuple[datetime, datetime], now: datetime) -> Any:
    """The metric over its period, with baseline and target as lines; None where there are not two values."""
    shown = values[:MOST_POINTS]
    if len(shown) < 2:
        return None
    is_binary = kr.kind == "binary"
    rows = [{"at": _time(one.at), "value": float(one.value), "words": _words(one, kr)} for one in reversed(shown)]
    first, over = min(period[0], shown[-1].at), max(min(period[1], now + timedelta(days=1)), shown[0].at)
    axis = {"format": "%"} if is_binary else {"tickCount": 5}
    place = {
        "x": {
            "field": "at",
            "type": "temporal",
            "title": None,
            "axis": {"tickCount": 6, "format": "%-d %b"},
            "scale": {"domain": [_time(first), _time(over)], "type": "utc"},
        },
        "y": {
            "field": "value",
            "type": "quantitative",
            "title": _plain(kr.unit) if kr.unit else None,
            "axis": axis,
            "scale": {"zero": is_binary},
        },
    }
    steps = {"type": "line", "color": "$aligned", "interpolate": "step-after", "aria": False}
    points = {"type": "circle", "color": "$aligned", "size": 45, "opacity": 1}
    line = {"mark": steps, "encoding": place}
    dots = {"mark": points, "encoding": {**place, "description": {"field": "words"}}}
    marks = [] if is_binary else [_rule("y", float(one)) for one in (kr.baseline, kr.target) if one is not None]
    return charts.on_page(
        {
            "description": f"The values of {_plain(kr.code)} over time; dashed: baseline and target",
            "width": 560,
            "height": 180,
            "data": {"values": rows},
            "layer": [*marks, line, dots],
        }
    )


def _rule(channel: str, at: float) -> dict[str, Any]:
    mark = {"type": "rule", "color": "$strong-line", "strokeDash": [5, 3], "aria": False}
    return {"mark": mark, "encoding": {channel: {"datum": at}}}


def _words(one: "ValueLine", kr: KeyResult) -> str:
    return f"{one.at:%Y-%m-%d}: {_number(one.value)} {kr.unit or ''}".strip()


def _number(value: Exact) -> str:
    return exact_text(value) if isinstance(value, int) else f"{float(value):g}"


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(text: str) -> str:
    """A name inside a specification: a `$` at its beginning would be read as a colour."""
    return text.lstrip("$")
