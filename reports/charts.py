"""Charts: one Vega-Lite specification each, drawn on the server for the page, as PNG and as PDF.

Colours are written as names (`$text`, `$aligned`, …): on a page they become the style sheet's own, so that light and
dark are one picture; on paper those of the light ground. Marks say their figure, and may be links: a chart opens
receipts without a script.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from html import escape
from importlib.util import find_spec
from typing import Any

from markupsafe import Markup

from reports.drawing import DRAWER

Spec = Mapping[str, Any]
FORMS = {"svg": "image/svg+xml", "png": "image/png", "pdf": "application/pdf"}
KR_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#8c6d46")
_SITE = "https://chart.invalid"  # the drawing library takes whole addresses only
_PAPER = {
    "text": "#1b1f26",
    "muted": "#575e6a",
    "line": "#dde0e5",
    "strong-line": "#878e99",
    "surface": "#ffffff",
    "ground": "#ffffff",
    "aligned": "#31597f",
    "exempt": "url(#chart-exempt)",
    "dead-link": "url(#chart-dead-link)",
    "unaligned": "#ffffff",
    **{f"k{number}": colour for number, colour in enumerate(KR_COLOURS)},
}
_PATTERNS_ON_PAPER = (
    '<defs><pattern id="chart-exempt" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8"'
    ' fill="#e3e6ea"/><circle cx="2" cy="2" r="1.3" fill="#6d7480"/><circle cx="6" cy="6" r="1.3" fill="#6d7480"/>'
    '</pattern><pattern id="chart-dead-link" width="7" height="7" patternUnits="userSpaceOnUse"'
    ' patternTransform="rotate(45)"><rect width="7" height="7" fill="#e3e6ea"/><rect width="2.5" height="7"'
    ' fill="#6d7480"/></pattern></defs>'
)
_FONT = 'system-ui, "Noto Sans", "DejaVu Sans", sans-serif'
_CONFIG = {
    "font": _FONT,
    "background": None,
    "view": {"stroke": None},
    "axis": {
        "labelColor": "$muted",
        "titleColor": "$muted",
        "gridColor": "$line",
        "domainColor": "$strong-line",
        "tickColor": "$strong-line",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
    "legend": {"labelColor": "$text", "titleColor": "$muted", "labelFontSize": 12},
    "text": {"color": "$text"},
}
_LEVEL = 5  # signs of a label that still stand level beside the next
_STAGES = {"running": "runs", "planned": "planned"}


@cache
def can_draw() -> bool:
    """Is the extra `images` installed? Without it pages show the tables that stand beside each chart."""
    return find_spec("vl_convert") is not None


def make_ready() -> None:
    """Begin what takes long of the first chart, beside whatever the caller does."""
    if can_draw():
        DRAWER.make_ready()


def link(address: str) -> str:
    """An address of ours as a value of a chart's `href` channel."""
    return _SITE + address


def named_axis(names: Sequence[str], stages: Sequence[str]) -> dict[str, Any]:
    """The axis of sprints told by their number in `names`: what all begin and end with stands once, as its title.

    What is left is short then and stands level; long names are turned.
    """
    shared, short = _without_shared(names)
    labels = {
        str(number): name if stage == "closed" else [name, _STAGES[stage]]
        for number, (name, stage) in enumerate(zip(short, stages, strict=True))
    }
    is_level = max(map(len, short), default=0) <= _LEVEL
    return {
        "labelExpr": f"{json.dumps(labels)}[datum.label]",
        "labelAngle": 0 if is_level else -40,
        "labelLimit": 220,
        "title": shared or None,
    }


def _without_shared(names: Sequence[str]) -> tuple[str, list[str]]:
    """The words that all names begin and end with, and what is left of each."""
    first, others = _without_beginning([name.split() for name in names])
    last, short = _without_beginning([words[::-1] for words in others])
    return " ".join((*first, *last[::-1])), [" ".join(words[::-1]) for words in short]


def _without_beginning(names: Sequence[list[str]]) -> tuple[list[str], list[list[str]]]:
    shared = 0
    while len(names) > 1 and all(len(one) > shared + 1 for one in names) and len({one[shared] for one in names}) == 1:
        shared += 1
    return (names[0][:shared] if names else []), [one[shared:] for one in names]


def on_page(spec: Spec) -> Markup | None:
    """The chart as SVG for a page; None where nothing can draw it."""
    if not can_draw():
        return None
    return Markup(_page_svg(_text(spec)))  # noqa: S704 - the drawing library escapes every text it is given


def as_file(spec: Spec, form: str) -> bytes | None:
    """The chart as a file of that form, on white; None where nothing can draw it."""
    if not can_draw():
        return None
    svg = _paper_svg(_text(spec))
    if form == "png":
        return png_of(svg)
    return DRAWER.draw("pdf", svg) if form == "pdf" else svg.encode()


def png_of(svg: str, scale: float = 2) -> bytes | None:
    """Any SVG of ours as a picture with twice the points, or so many times; None where nothing can draw it."""
    return DRAWER.draw("png", svg, scale) if can_draw() else None


def _text(spec: Spec) -> str:
    return json.dumps({"$schema": "https://vega.github.io/schema/vega-lite/v5.json", **spec, "config": _CONFIG})


@lru_cache(maxsize=128)
def _page_svg(spec: str) -> str:
    drawn = _drawn(spec, {name: f"var(--{name})" for name in _PAPER} | _ON_PAGE)
    drawn = drawn.replace(' class="marks"', ' class="drawn"', 1)
    for needless in _NEEDLESS:
        drawn = drawn.replace(needless, "")
    drawn = _PLACE.sub(lambda found: _LONG_NUMBER.sub(r"\1", found[0]), drawn)
    return _MARK.sub(_told, drawn)


def _told(mark: re.Match[str]) -> str:
    """A mark says its figure to whoever points at it; where it is a link, the link does, and opens its receipt here."""
    link, words, rest = mark["link"] or "", mark["words"], mark["rest"]
    if link:
        receipt = " data-receipt" if "/receipt?" in link else ""
        link = f'{link[:-1]} aria-label="{words}"{receipt}>'
    return f'{link}<path aria-label="{words}"{rest}><title>{words}</title></path>'


_MARK = re.compile(r'(?P<link><a href="[^"]*">)?<path aria-label="(?P<words>[^"]*)"(?P<rest>[^>]*?)/>')
_PLACE = re.compile(r' (?:d|transform|x2|y2)="[^"]*"')
_LONG_NUMBER = re.compile(r"(\.\d{2})\d+")
# The style sheet says it once for all.
_NEEDLESS = (f' font-family="{escape(_FONT)}"', ' opacity="1"', ' xmlns:xlink="http://www.w3.org/1999/xlink"')
_ON_PAGE = {"exempt": "url(#chart-exempt)", "dead-link": "url(#chart-dead-link)", "unaligned": "var(--surface)"}


@lru_cache(maxsize=16)
def _paper_svg(spec: str) -> str:
    drawn = _drawn(spec, _PAPER)
    end = drawn.index(">") + 1
    return f'{drawn[:end]}<rect width="100%" height="100%" fill="#fff"/>{_PATTERNS_ON_PAPER}{drawn[end:]}'


def _drawn(spec: str, colours: Mapping[str, str]) -> str:
    for name, colour in colours.items():
        spec = spec.replace(f'"${name}"', json.dumps(colour))
    return DRAWER.draw("svg", spec).decode().replace(f'xlink:href="{_SITE}', 'href="')
