"""The share bar in a terminal: widths are the exact shares, every segment keeps a sliver, nothing depends on colour."""

from collections.abc import Sequence
from fractions import Fraction

from rich.cells import cell_len
from rich.text import Text

from mappings.model import Exact
from reports.figure_words import NamedPart
from reports.foreign_text import on_one_line

# Okabe and Ito's palette without black, in colours that read on light and dark grounds.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#8C6D46")
_FILLS = {"exempt": "▒", "dead link": "▚", "unaligned": "░"}
_KR_FILL = "█"
_GREY = "bright_black"


def style_of(code: str, codes: Sequence[str]) -> str:
    """A KR's colour: by its place in the register, so that it is the same in every bar."""
    return PALETTE[codes.index(code) % len(PALETTE)] if code in codes else PALETTE[-1]


def share_bar(parts: Sequence[NamedPart], codes: Sequence[str], width: int) -> Text:
    """The bar of a figure; labels stand inside where they fit."""
    shown = [part for part in parts if part.share > 0]
    bar = Text(no_wrap=True)
    for part, cells in zip(shown, _widths([part.share for part in shown], width), strict=True):
        style = style_of(part.name, codes) if part.is_key_result else _GREY
        bar.append(_segment(part, cells), style)
    return bar


def legend(parts: Sequence[NamedPart], codes: Sequence[str]) -> Text:
    """Every part that has or may have work, with its percent; uncertain ones with their interval."""
    line = Text()
    for part in parts:
        if not part.high:
            continue
        if line:
            line.append(" · ")
        style = style_of(part.name, codes) if part.is_key_result else _GREY
        line.append(_KR_FILL if part.is_key_result else _FILLS[part.name], style)
        line.append(f" {on_one_line(part.name)} {part.percent} %")
        if part.is_uncertain:
            line.append(f" ({_whole(part.low)}–{_whole(part.high)} %)", "dim")
    return line


def _segment(part: NamedPart, cells: int) -> str:
    fill = _KR_FILL if part.is_key_result else _FILLS[part.name]
    if cells < 3:
        return fill * cells
    label = f" {on_one_line(part.name)} {part.percent} % "
    inner = cells - 2
    if cell_len(label) + 2 > inner:
        label = ""
    room = inner - cell_len(label)
    return f"▕{fill * (room // 2)}{label}{fill * (room - room // 2)}▏"


def _widths(shares: Sequence[Exact], width: int) -> list[int]:
    """Whole cells for exact shares by largest remainder; each segment has at least one."""
    exact = [Fraction(share) * width for share in shares]
    cells = [max(int(one), 1) for one in exact]
    order = sorted(range(len(cells)), key=lambda number: int(exact[number]) - exact[number])
    for number in order:
        if sum(cells) < width:
            cells[number] += 1
    while sum(cells) > width and max(cells) > 1:
        cells[cells.index(max(cells))] -= 1
    return cells


def _whole(share: Exact) -> str:
    return str(round(share * 100))
