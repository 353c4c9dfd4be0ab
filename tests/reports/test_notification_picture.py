"""Pictures of messages: what they show, how small they are, and hostile text in them."""

import struct
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest

from integration.messages.message import Bar, Message, Part
from integration.messages.picture import LARGEST, LARGEST_IN_A_CARD
from integration.store.opened import Store
from reports import charts
from reports.figures import NamedKR
from reports.notification_picture import drawer, drawn, svg_of
from reports.small_png import packed_tightly, with_few_colours
from tests.reports.material import HOSTILE, NOW, Site, shop

NAMES = {"KR-1": NamedKR("KR-1", "Activation", "O1", "Payments", 2, False)}
PARTS = (Part("KR-1", "key_result", 60), Part(HOSTILE, "key_result", 20), Part("unaligned", "unaligned", 20))
MESSAGE = Message(
    topic="sprint_closed",
    title=f"Sprint is closed {HOSTILE} ]]> &\u0000\ud800",
    at=NOW,
    paragraphs=(f"Goal: {HOSTILE} \u202e",),
    bars=(Bar(HOSTILE, "5 points, 3 items", PARTS), Bar("In the sprint", "0 points, 0 items", ())),
    facts=(("board", HOSTILE),),
)


@pytest.fixture
def small(sqlite_url: str) -> Iterator[Site]:
    with shop(sqlite_url) as found:
        yield found


def test_hostile_text_is_text_in_the_picture() -> None:
    root = ET.fromstring(svg_of(MESSAGE, NAMES))  # noqa: S314 - our own SVG
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "rect", "text", "defs", "pattern", "circle", "path"}
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on") or "href" in name]
    assert "\u202e" not in svg_of(MESSAGE, NAMES)


def test_a_key_result_has_its_colour_and_what_serves_none_says_so() -> None:
    svg = svg_of(MESSAGE, NAMES)
    assert charts.KR_COLOURS[2] in svg
    assert "unaligned 20 %" in svg
    assert "No work to share out." in svg


def test_many_key_results_are_told_as_one_after_the_largest() -> None:
    parts = tuple(Part(f"KR-{number}", "key_result", 5) for number in range(20))
    svg = svg_of(Message("digest", "Audit", NOW, bars=(Bar("B", "1 point", parts),)), {})
    assert "KR-11 5 %" in svg
    assert "KR-12 5 %" not in svg
    assert "8 more 40 %" in svg


def test_a_picture_fits_where_it_has_to() -> None:
    large, small = drawn(MESSAGE, NAMES, LARGEST), drawn(MESSAGE, NAMES, LARGEST_IN_A_CARD)
    assert large is not None
    assert small is not None
    assert len(small) <= LARGEST_IN_A_CARD < len(large) <= LARGEST
    assert drawn(MESSAGE, NAMES, 100) is None
    for png in (large, small):
        assert png.startswith(b"\x89PNG\r\n\x1a\n")
        assert _rows(png)


def _rows(png: bytes) -> bytes:
    """The rows of pixels, with every check sum proven."""
    at, found = 8, b""
    while at < len(png):
        size = int.from_bytes(png[at : at + 4])
        body = png[at + 4 : at + 8 + size]
        assert struct.unpack(">I", png[at + 8 + size : at + 12 + size]) == (zlib.crc32(body),)
        found += body[4:] if body[:4] == b"IDAT" else b""
        at += size + 12
    return zlib.decompress(found)


def test_few_colours_are_the_nearest_of_the_most_frequent_and_another_form_stays_as_it_is() -> None:
    png = charts.png_of(svg_of(MESSAGE, NAMES), 1)
    assert png is not None
    reduced = with_few_colours(png, 16)
    assert len(reduced) < len(packed_tightly(png)) < len(png)
    assert reduced[25] == 3, "a palette"
    assert with_few_colours(reduced, 16) == reduced
    assert with_few_colours(png, 64)[24] == 8, "bits"


@pytest.mark.parametrize("error", [RuntimeError("no glyph"), ValueError("surrogate"), KeyError(b"IHDR")])
def test_a_drawing_that_fails_is_no_picture_and_no_error(
    small: Site, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> bytes:
        raise error

    monkeypatch.setattr(charts, "png_of", fail)
    assert drawer(Store(small.engine))(MESSAGE, LARGEST) is None
    monkeypatch.setattr(charts, "can_draw", lambda: False)
    assert drawer(Store(small.engine))(MESSAGE, LARGEST) is None


def test_the_drawer_draws_with_the_plan_of_that_time(small: Site) -> None:
    assert drawer(Store(small.engine))(MESSAGE, LARGEST_IN_A_CARD)
