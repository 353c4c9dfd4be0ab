"""The share bar as a small picture for pages of others: no script, no link, no address, and every text escaped."""

from collections.abc import Sequence
from html import escape

from integration.messages.message import Bar, Part
from integration.messages.words import name_of, plain
from reports.figures import Names
from reports.share_bar import PALETTE

HEIGHT, PADDING, BAR = 20, 8, 140
SIGN = 6.6  # about the width of a sign of 11 pixels
_LONGEST_NAME = 40
_OTHERS = {"exempt": "#9aa0a6", "dead_link": "#c9ccd1", "unaligned": "#ffffff"}


def badge(name: str, bar: Bar | None, names: Names) -> str:
    """`bar` None, or without parts: there is nothing to share out yet."""
    label = plain(name, _LONGEST_NAME)
    left = PADDING * 2 + round(len(label) * SIGN)
    parts = [part for part in bar.parts if part.percent] if bar is not None else []
    said = f"{_aligned(parts)} % serve key results" if parts else "no work to share out"
    middle = BAR if parts else 0
    right = PADDING * 2 + round(len(said) * SIGN)
    width = left + middle + right
    words = f"{label}: {', '.join(f'{name_of(part)} {part.percent} %' for part in parts) or said}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT}" viewBox="0 0 {width} {HEIGHT}" '
        f'role="img" aria-label="{escape(words)}"><title>{escape(words)}</title>'
        f'<clipPath id="c"><rect width="{width}" height="{HEIGHT}" rx="3"/></clipPath><g clip-path="url(#c)">'
        f'<rect width="{width}" height="{HEIGHT}" fill="#24292f"/>'
        f'<rect x="{left}" width="{middle}" height="{HEIGHT}" fill="#ffffff"/>{_segments(parts, left, names)}</g>'
        '<g fill="#ffffff" font-family="system-ui,-apple-system,Segoe UI,Verdana,sans-serif" font-size="11">'
        f'<text x="{PADDING}" y="14">{escape(label)}</text>'
        f'<text x="{left + middle + PADDING}" y="14">{escape(said)}</text></g></svg>\n'
    )


def _aligned(parts: Sequence[Part]) -> int:
    return sum(part.percent for part in parts if part.kind == "key_result")


def _segments(parts: Sequence[Part], start: int, names: Names) -> str:
    drawn, x = [], float(start)
    for part in parts:
        width = part.percent * BAR / 100
        drawn.append(
            f'<rect x="{x:.2f}" width="{width:.2f}" height="{HEIGHT}" fill="{colour_of(part, names)}" '
            f'stroke="#24292f" stroke-width=".5"/>'
        )
        x += width
    return "".join(drawn)


def colour_of(part: Part, names: Names) -> str:
    """A key result has the colour that it has on every page."""
    if part.kind != "key_result":
        return _OTHERS[part.kind]
    known = names.get(part.name)
    return PALETTE[known.colour % len(PALETTE)] if known is not None else PALETTE[-1]
