"""What all channels say alike: the share bar as text, and tracker text on one line."""

import re
import unicodedata
from collections.abc import Sequence

from integration.messages.message import Bar, Part

WIDTH = 24  # signs of a bar
LONGEST = 300  # of a piece of tracker text
_FILLS = {"exempt": "▒", "dead_link": "▚", "unaligned": "░"}
_KR_FILLS = "█▓"  # in turns, so that neighbours stay apart without colour
_BLANKS = re.compile(r"\s+")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def plain(text: str, most: int = LONGEST) -> str:
    """One line without control signs and signs that turn the writing round, cut where it is too long."""
    line = "".join(
        "\ufffd" if unicodedata.category(sign) in _UNSEEN else sign for sign in _BLANKS.sub(" ", text)
    ).strip()
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def bar_text(bar: Bar, width: int = WIDTH) -> str:
    """The bar as block signs; "" where there is nothing to share out."""
    shown = [part for part in bar.parts if part.percent]
    fills = _fills(shown)
    return "".join(
        fill * cells for fill, cells in zip(fills, _cells([part.percent for part in shown], width), strict=True)
    )


def legend_text(bar: Bar, *, is_drawn: bool = False) -> str:
    """Every part that has work, with its percent; the signs are those of the bar, where no picture shows it."""
    shown = [part for part in bar.parts if part.percent]
    signs = ["" if is_drawn else f"{fill} " for fill in _fills(shown)]
    told = zip(signs, shown, strict=True)
    return " · ".join(f"{sign}{name_of(part)} {part.percent} %" for sign, part in told) or "no work to share out"


def name_of(part: Part) -> str:
    return plain(part.name, 60)


def head_text(bar: Bar) -> str:
    return f"{bar.label}: {bar.total}"


def _fills(parts: Sequence[Part]) -> list[str]:
    krs = [part for part in parts if part.kind == "key_result"]
    return [
        _KR_FILLS[krs.index(part) % len(_KR_FILLS)] if part.kind == "key_result" else _FILLS[part.kind]
        for part in parts
    ]


def _cells(percents: Sequence[int], width: int) -> list[int]:
    """Whole signs by largest remainder; each part keeps at least one."""
    exact = [percent * width / 100 for percent in percents]
    cells = [max(int(one), 1) for one in exact]
    for number in sorted(range(len(cells)), key=lambda number: int(exact[number]) - exact[number]):
        if sum(cells) < width:
            cells[number] += 1
    while sum(cells) > width and max(cells) > 1:
        cells[cells.index(max(cells))] -= 1
    return cells
