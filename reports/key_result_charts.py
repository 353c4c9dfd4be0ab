"""The charts of key results as specifications: effort beside movement, shares sprint by sprint, values over time."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from mappings.exact import exact_text
from mappings.model import Exact, KeyResult
from reports import charts

if TYPE_CHECKING:
    from reports.key_result_views import KeyResultLine, SprintShare, ValueLine

MOST_POINTS = 400


def effort_chart(lines: "Sequence[KeyResultLine]") -> Any:
    """Each key result where its share of the work and its movement meet; None where there is nothing to draw."""
    rows = [_effort_row(line) for line in lines if _is_placed(line)]
    if len(rows) < 2:
        return None
    lowest, highest = min([0, *(row["moved"] for row in rows)]), max([0.5, *(row["moved"] for row in rows)])
    limit = min(float(line.effort.limit) for line in lines if _is_placed(line)) / 100
    place = {
        "x": {
            "field": "share",
            "type": "quantitative",
            "title": "share of its team’s work",
            "axis": {"format": "%", "tickCount": 6},
            "scale": {"domain": [0, max([0.2, *(row["share"] for row in rows)])], "nice": True},
        },
        "y": {
            "field": "moved",
            "type": "quantitative",
            "title": "progress since the beginning",
            "axis": {"format": "%", "tickCount": 6},
            "scale": {"domain": [lowest, highest], "nice": True},
        },
        "href": {"field": "href"},
        "description": {"field": "words"},
    }
    colour = {"field": "colour", "type": "nominal", "scale": None}
    points = {"mark": {"type": "circle", "size": 130, "opacity": 1, "stroke": "$surface"}, "encoding": {**place}}
    points["encoding"]["color"] = colour
    names = {
        "mark": {"type": "text", "align": "left", "dx": 9, "fontSize": 12, "color": "$text", "aria": False},
        "encoding": {"x": place["x"], "y": place["y"], "text": {"field": "code"}},
    }
    edges = [_rule("x", limit), _rule("y", 0)]
    return charts.on_page(
        {
            "description": "Key results by the share of work they got and the progress they made",
            "width": 520,
            "height": 260,
            "data": {"values": rows},
            "layer": [*edges, points, names],
        }
    )


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
    rows = [
        {
            "number": number,
            "name": one.name if one.point.closed else f"{one.name} (running)",
            "share": one.share,
            "href": charts.link(one.receipt),
            "words": f"{one.name}: {one.share * 100:.0f} %",
        }
        for number, one in enumerate(shares)
        if one.share is not None
    ]
    if len(rows) < 2:
        return None
    labels = {str(row["number"]): row["name"] for row in rows}
    label = f"{json.dumps(labels)}[datum.label]"
    return charts.on_page(
        {
            "description": f"The share of each sprint’s work that served {_plain(code)}",
            "width": {"step": 34},
            "height": 140,
            "data": {"values": rows},
            "mark": {"type": "bar", "color": f"$k{colour}", "stroke": "$strong-line", "strokeWidth": 0.6},
            "encoding": {
                "x": {
                    "field": "number",
                    "type": "ordinal",
                    "title": None,
                    "axis": {"labelExpr": label, "labelAngle": -40, "labelLimit": 110},
                },
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
