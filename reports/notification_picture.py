"""The picture of a message for chats and mail: title, goal and share bars as the message tells them, and no more."""

import logging
import struct
import zlib
from collections.abc import Iterator, Sequence

from integration.messages import message as messages
from integration.messages.message import Message, Part
from integration.messages.picture import MOST_BARS, Draw
from integration.messages.words import name_of, plain
from integration.store.opened import Store
from integration.store.plans import plan_in_force
from reports import charts
from reports.figures import COLOURS, Bar, Names, Segment, names_of
from reports.foreign_text import shortened
from reports.paper_bar import picture
from reports.small_png import packed_tightly, with_few_colours

log = logging.getLogger(__name__)

_MOST_LINES = 6
_LONGEST_LINE = 200
_WIDTH, _NARROW = 760, 560
_MOST_PARTS = 12  # of a bar; what follows is one
_COLOURS = 16
_LEAST_OF_LARGE = 50_000  # bytes that a large one takes at least


def drawer(store: Store) -> Draw:
    """Key results have the colours that they have on every page."""

    def draw(message: Message, most: int) -> bytes | None:
        if not charts.can_draw():
            return None
        with store.reading() as session:
            names = names_of(plan_in_force(session, message.at))
        try:
            return drawn(message, names, most)
        except (RuntimeError, ValueError, LookupError, struct.error, zlib.error) as error:
            # What the drawing library raises, or writes in a form that nobody knows: no message waits for its picture.
            log.warning("picture not drawn", extra={"topic": message.topic, "reason": type(error).__name__})
            return None

    return draw


def drawn(message: Message, names: Names, most: int) -> bytes | None:
    """As much as fits into so many bytes of PNG: whole and large, else small, with fewer bars and lines."""
    large = charts.png_of(svg_of(message, names), 2) if most > _LEAST_OF_LARGE else None
    if large is not None and len(packed := packed_tightly(large)) <= most:
        return packed
    for bars, lines, width in ((MOST_BARS, _MOST_LINES, _WIDTH), (3, 1, _NARROW), (1, 0, _NARROW)):
        small = charts.png_of(svg_of(message, names, bars, lines, width), 1)
        if small is not None and len(reduced := with_few_colours(small, _COLOURS)) <= most:
            return reduced
    return None


def svg_of(message: Message, names: Names, bars: int = MOST_BARS, lines: int = _MOST_LINES, width: int = _WIDTH) -> str:
    said = (*message.paragraphs, *(f"{name}: {words}" for name, words in message.facts))
    shown = (shortened(plain(line, _LONGEST_LINE), _LONGEST_LINE) for line in said[:lines])
    title = shortened(plain(message.title), width // 14)
    return picture(title, shown, [_bar(bar, names) for bar in message.bars[:bars]], width)


def _bar(bar: messages.Bar, names: Names) -> Bar:
    return Bar(
        key=bar.label,
        scope="",
        label=plain(bar.label, 60),
        measure="",
        total=bar.total,
        estimated="",
        items=0,
        imputed=0,
        segments=tuple(_segments(bar.parts, names)),
        serves=sum(part.percent for part in bar.parts if part.kind == "key_result"),
    )


def _segments(parts: Sequence[Part], names: Names) -> Iterator[Segment]:
    left = 0
    for place, part in enumerate(_few([part for part in parts if part.percent])):
        yield _segment(part, left, names, place)
        left += part.percent


def _few(parts: Sequence[Part]) -> list[Part]:
    """The largest key results, all others as one; then what serves none."""
    krs = [part for part in parts if part.kind == "key_result"]
    rest = krs[_MOST_PARTS:]
    others = [part for part in parts if part.kind != "key_result"]
    more = [Part(f"{len(rest)} more", "key_result", sum(part.percent for part in rest))] if rest else []
    return [*krs[:_MOST_PARTS], *more, *others]


def _segment(part: Part, left: int, names: Names, place: int) -> Segment:
    """A key result that the register does not know has the colour of its place in the bar."""
    known = names.get(part.name) if part.kind == "key_result" else None
    share = part.percent / 100
    return Segment(
        part=part.name,
        name=name_of(part),
        title="",
        kind=part.kind,
        colour=known.colour if known is not None else place % COLOURS,
        striped=known is not None and known.striped,
        amount="",
        share=share,
        percent=part.percent,
        low=share,
        high=share,
        between="",
        words=f"{name_of(part)} {part.percent} %",
        href="",
        x=f"{left}%",
        width=f"{part.percent}%",
        middle=f"{left + part.percent / 2}%",
        room=None,
        whisker=None,
    )
