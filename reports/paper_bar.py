"""The share bar on paper: one SVG with its own colours, patterns and legend, for prints, PDF and pictures in chats.

It needs no style sheet, and its texts were made harmless: it may be put anywhere as it is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from zlib import crc32

from reports.charts import KR_COLOURS
from reports.figures import Bar, Segment
from reports.foreign_text import on_one_line, shortened

FONT = "Noto Sans, DejaVu Sans, Arial, sans-serif"
INK, MUTED, LINE, OTHER, OTHER_INK = "#1b1f26", "#575e6a", "#878e99", "#e3e6ea", "#6d7480"
WIDTH = 640
_HEIGHT, _ROW, _SIGN, _BOLD_SIGN = 26, 17, 6.6, 7.4  # of the bar, of a line of the legend, and about that of a sign
_MARGIN = 24
_LONGEST = 40  # signs of a name
_LIGHT_TEXT = frozenset({0, 7})  # colours on which white reads better


@dataclass(frozen=True, slots=True)
class PaperBar:
    """`words` say what the picture shows, for those who do not see it."""

    label: str
    total: str
    svg: str
    words: str


def paper_bar(bar: Bar, width: int = WIDTH) -> PaperBar:
    height, parts = _bar(bar, 0, width - 2, 1)  # the line around it has its width, too
    return PaperBar(bar.label, bar.total, _svg(width, height, parts, words_of(bar)), words_of(bar))


def words_of(bar: Bar) -> str:
    """The bar as a sentence: the alternative text of its picture."""
    if not bar.segments:
        return f"{_first_up(bar.label)}: no work to share out."
    named = ", ".join(f"{on_one_line(each.name)} {_percent(each)}" for each in bar.segments)
    return f"{_first_up(bar.label)}, {bar.total}: {named}."


def picture(title: str, lines: Iterable[str], bars: Iterable[Bar], width: int = 760) -> str:
    """A picture for a chat: title, some lines of text and share bars below each other, as SVG on white."""
    bars = tuple(bars)
    parts = [_text(_MARGIN, 40, shortened(on_one_line(title), 60), 20, INK, "bold")]
    top = 46.0
    for line in lines:
        for row in _wrapped(on_one_line(line), int((width - 2 * _MARGIN) / 6.9)):
            top += 20
            parts.append(_text(_MARGIN, top, row, 13, MUTED))
    top += 18
    for bar in bars:
        total = f"{bar.total}{f', {bar.estimated}' if bar.estimated else ''}"
        parts.append(_text(_MARGIN, top + 14, _first_up(bar.label), 13, INK, "bold"))
        parts.append(_text(_MARGIN + 9.0 * len(bar.label) + 10, top + 14, total, 13, MUTED))
        height, drawn = _bar(bar, top + 22, width - 2 * _MARGIN, _MARGIN)
        parts += drawn
        top = height + 20
    words = f"{on_one_line(title)}. {' '.join(map(words_of, bars))}"
    return _svg(width, top + 8, [f'<rect width="{width}" height="{top + 8}" fill="#ffffff"/>', *parts], words)


def _svg(width: float, height: float, parts: Iterable[str], words: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" viewBox="0 0 {width:g}'
        f' {height:g}" role="img" aria-label="{escape(words)}">{"".join(parts)}</svg>'
    )


def _bar(bar: Bar, top: float, width: float, left: float = 0) -> tuple[float, list[str]]:
    """Where it ends, and its parts."""
    if not bar.segments:
        return top + 20, [_text(left, top + 14, "No work to share out.", 12, MUTED)]
    mark = f"p{crc32(bar.key.encode()):x}-"
    parts = [_patterns(mark)]
    parts += [part for each in bar.segments if each.share for part in _segment(each, top, width, left, mark)]
    whiskers = [each for each in bar.segments if each.whisker is not None]
    parts += [_whisker(each, top + _HEIGHT + 4, width, left) for each in whiskers]
    end, legend = _legend(bar, top + _HEIGHT + (14 if whiskers else 5), width, left, mark)
    return end, [*parts, *legend]


def _patterns(mark: str) -> str:
    """Named apart for each bar, as several stand in one page."""
    ground = f'<rect width="8" height="8" fill="{OTHER}"/>'
    return (
        f'<defs><pattern id="{mark}dots" width="8" height="8" patternUnits="userSpaceOnUse">{ground}'
        f'<circle cx="2" cy="2" r="1.3" fill="{OTHER_INK}"/><circle cx="6" cy="6" r="1.3" fill="{OTHER_INK}"/>'
        "</pattern>"
        f'<pattern id="{mark}hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'{ground}<rect width="2.5" height="7" fill="{OTHER_INK}"/></pattern>'
        f'<pattern id="{mark}stripes" width="8" height="8" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(-45)"><rect width="3" height="8" fill="#ffffff" fill-opacity="0.38"/></pattern>'
        "</defs>"
    )


def _segment(segment: Segment, top: float, width: float, left: float, mark: str) -> Iterator[str]:
    x, wide = (float(each.rstrip("%")) * width / 100 for each in (segment.x, segment.width))
    place = f'x="{left + x:.2f}" y="{top + 0.5:g}" width="{wide:.2f}" height="{_HEIGHT}"'
    yield f"<rect {place} {_fill(segment, mark)}/>"
    if segment.striped:
        yield f'<rect {place} fill="url(#{mark}stripes)"/>'
    label = shortened(f"{on_one_line(segment.name)} {segment.percent} %", _LONGEST)
    if len(label) * _BOLD_SIGN + 12 <= wide:
        yield _label(segment, label, left + x + wide / 2, top + _HEIGHT / 2 + 4.5)


def _fill(segment: Segment, mark: str) -> str:
    if segment.kind == "key_result":
        return f'fill="{KR_COLOURS[segment.colour]}" stroke="#ffffff"'
    fills = {"exempt": f"url(#{mark}dots)", "dead_link": f"url(#{mark}hatch)"}
    if segment.kind in fills:
        return f'fill="{fills[segment.kind]}" stroke="#ffffff"'
    return f'fill="#ffffff" stroke="{LINE}" stroke-dasharray="3 2"'


def _label(segment: Segment, label: str, x: float, y: float) -> str:
    ink, halo = INK, "#ffffff"
    if segment.kind == "key_result":
        halo = KR_COLOURS[segment.colour]
        ink = "#ffffff" if segment.colour in _LIGHT_TEXT else "#111111"
    # The halo is drawn beneath, as a text of its own: not every drawer knows `paint-order`.
    shape = f'x="{x:.2f}" y="{y:g}" text-anchor="middle" font-family="{FONT}" font-size="12" font-weight="bold"'
    halo_text = f'<text {shape} stroke="{halo}" stroke-width="4" stroke-linejoin="round" fill="{halo}">'
    text = escape(label)
    return f'{halo_text}{text}</text><text {shape} fill="{ink}">{text}</text>'


def _whisker(segment: Segment, y: float, width: float, left: float) -> str:
    assert segment.whisker is not None
    y += segment.whisker.row * 5
    start, end = (left + float(each.rstrip("%")) * width / 100 for each in (segment.whisker.x1, segment.whisker.x2))
    ends = "".join(f"M{x:.2f} {y - 2:g}v4" for x in (start, end))
    return f'<path d="M{start:.2f} {y:g}H{end:.2f}{ends}" stroke="{MUTED}" stroke-width="1.3" fill="none"/>'


def _legend(bar: Bar, top: float, width: float, left: float, mark: str) -> tuple[float, list[str]]:
    parts: list[str] = []
    x, y = 0.0, top + 12
    for each in bar.segments:
        if not (each.percent or each.high):
            continue
        words = f"{shortened(on_one_line(each.name), _LONGEST)} {_percent(each)}"
        needed = len(words) * _SIGN + 26
        if x and x + needed > width:
            x, y = 0.0, y + _ROW
        parts.append(f'<rect x="{left + x + 0.5:.2f}" y="{y - 9.5:g}" width="10" height="10" {_fill(each, mark)}/>')
        if each.striped:
            parts.append(f'<rect x="{left + x:.2f}" y="{y - 10:g}" width="11" height="11" fill="url(#{mark}stripes)"/>')
        parts.append(_text(left + x + 16, y, words, 12, INK))
        x += needed
    return y + 6, parts


def _text(x: float, y: float, text: str, size: int, colour: str, weight: str = "normal") -> str:
    shape = f'x="{x:.2f}" y="{y:g}" font-family="{FONT}" font-size="{size}" font-weight="{weight}" fill="{colour}"'
    return f"<text {shape}>{escape(text)}</text>"


def _wrapped(text: str, signs: int) -> Iterator[str]:
    """Lines of at most so many signs, broken at blanks, else within a word; at most three."""
    rows: list[str] = []
    for word in text.split(" "):
        if rows and len(rows[-1]) + len(word) < signs:
            rows[-1] = f"{rows[-1]} {word}"
        else:
            rows.append(shortened(word, signs))
    yield from rows[:2]
    if len(rows) > 2:
        yield shortened(" ".join(rows[2:]), signs)


def _percent(segment: Segment) -> str:
    """With what it could be, however the unestimated items turn out."""
    return f"{segment.percent} %{f' ({segment.range})' if segment.between else ''}"


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]
