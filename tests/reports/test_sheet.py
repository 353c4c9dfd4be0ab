"""The sprint review on one sheet, in each form: the figures of the page, and foreign text that stays text."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from integration.contract import Fetched
from mappings.model import Status
from reports import charts, sheet_pdf
from reports.paper_bar import paper_bar, picture, words_of
from reports.sheet import Correction, Sheet, Table, picture_bars, sheet_of
from reports.sprint_views import SprintPage, sprint_page
from tests.integration.store.material import day, sprint, state, tracked
from tests.reports.material import BOARDS, HOSTILE, NOW, SPRINTS, Site, save

SHEET = "/sprints/shop/S1/sheet"
TRAPS = '#import "x" *b* _i_ $x$ `code` [link](https://evil.example) | </svg><script>alert(1)</script> \u202e @here'


@pytest.fixture
def review(small: Site) -> SprintPage:
    found = sprint_page(small.store, NOW, "shop", "S1", None)
    assert found is not None
    return found


@pytest.fixture
def sheet(review: SprintPage) -> Sheet:
    return sheet_of(review, "https://tieline.example/sprints/shop/S1?measure=points")


def test_a_sheet_has_goal_figures_key_results_scope_intervals_and_findings(sheet: Sheet) -> None:
    assert "".join(text for text, _ in sheet.goal).startswith("Merchants sign up alone")
    assert [text for text, is_marked in sheet.goal if is_marked] == ["Merchants sign up"]
    assert sheet.headline == "Of what is final, this serves key results: 59 % in points, 40 % in items."
    assert [pictures.measure for pictures in sheet.pictures] == ["points", "items"]
    assert sheet.key_results is not None
    assert [row[0].split(" ")[0] for row in sheet.key_results.rows[:2]] == ["KR-1", "KR-2"]
    assert sheet.scope is not None
    assert [row[0] for row in sheet.scope.rows] == ["committed", "final", "still open", "completed"]
    final = sheet.pictures[0].bars[1].words
    assert final.startswith("Final, 11 points + 2.5 imputed: KR-1 37 % (31–45 %), KR-2 22 % (19–27 %), ")
    assert sheet.beside[-1].endswith("; the figures in brackets say where the shares could lie instead.")
    assert [finding.title for finding in sheet.findings] == ["Work without estimates"]


def test_a_sheet_says_as_of_when_and_in_what_measure_it_is(small: Site) -> None:
    for form in ("", ".md", ".svg"):
        text = small.client.get(f"{SHEET}{form}?measure=count").text.replace("\\", "")
        assert "As of 7 Mar 2026, 09:00 UTC, measured in items" in re.sub(r"</text><text [^>]*>", " ", text)


@pytest.mark.parametrize("form", ["", ".md", ".svg"])
def test_hostile_text_stays_text_on_the_sheet(small: Site, form: str) -> None:
    again = tracked("PAY-1", state(-9, sprints=("S1",), points=5, tags=(TRAPS,)), updated=5.1, title=TRAPS)
    boards, sprints = BOARDS, (SPRINTS[0], sprint("S1", "active", TRAPS), SPRINTS[2])
    save(small.engine, Fetched(at=day(5.1), items=(again,), sprints=sprints, boards=boards))
    text = small.client.get(f"{SHEET}{form}").text
    assert "alert(1)" in text.replace("\\", "") or form == ".svg"
    assert [trap for trap in ("<script>alert", HOSTILE, "</svg><script") if trap in text] == []
    assert "\u202e" not in text or form == ""
    if form == ".md":
        assert [trap for trap in ("](https", "`code`", "@here") if trap in text] == []
    if form == ".svg":
        assert {each.tag.rpartition("}")[2] for each in _parsed(text).iter()} <= {
            "svg", "defs", "pattern", "rect", "circle", "text", "path",
        }  # fmt: skip


def test_a_pdf_is_tagged_by_the_standard_and_holds_hostile_text_as_text(small: Site) -> None:
    sprints = (SPRINTS[0], sprint("S1", "active", TRAPS), SPRINTS[2])
    save(small.engine, Fetched(at=day(5.1), items=(), sprints=sprints, boards=BOARDS))
    answer = small.client.get(f"{SHEET}.pdf")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.data.startswith(b"%PDF-")
    assert b"pdfuaid" in answer.data
    assert b"/StructTreeRoot" in answer.data


def test_a_sign_that_no_font_has_does_not_keep_the_sheet_from_being_set(sheet: Sheet) -> None:
    made = sheet_pdf.pdf(replace(sheet, title="Sprint \ue000\U000f0000 \U0001f9ff"), "a4")
    assert made is not None
    assert made.startswith(b"%PDF-")


def test_a_sheet_with_much_to_say_is_still_one_sheet_and_only_then_in_smaller_letters(sheet: Sheet) -> None:
    rows = (("KR-1", "40 % (8 points)", "50 % (10 points)"),) * 8
    figures = Table("Final", ("What it serves", "final, closed", "final, corrected"), rows)
    moved = Table("Items", ("Item", "Why now"), (("PAY-1", "Tagged since"),) * 10)
    more = replace(sheet, findings=sheet.findings * 5, corrections=(Correction("Changed.", (figures, moved)),))
    for paper in ("a4", "us-letter"):
        assert pages_of(more, paper) == 1
    endless = replace(more, corrections=more.corrections * 12)
    assert pages_of(endless, "a4") > 1


def pages_of(sheet: Sheet, paper: str) -> int:
    made = sheet_pdf.pdf(sheet, paper)
    assert made is not None
    return len(re.findall(rb"/Type\s*/Page\b", made))


def test_letter_paper_is_as_wide_as_letter_paper(sheet: Sheet) -> None:
    made = sheet_pdf.pdf(sheet, "us-letter")
    assert made is not None
    assert re.search(rb"/MediaBox\s*\[0 0 612 792\]", made)


def test_a_picture_of_the_sheet_is_a_png(small: Site) -> None:
    answer = small.client.get(f"{SHEET}.png")
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.data.startswith(b"\x89PNG")


def test_without_the_extras_a_sheet_says_what_is_missing_and_still_prints(
    small: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(charts, "can_draw", lambda: False)
    monkeypatch.setattr(sheet_pdf, "can_set", lambda: False)
    for form, extra in (("pdf", "pdf"), ("png", "images")):
        answer = small.client.get(f"{SHEET}.{form}")
        assert answer.status_code == 501
        assert f"extra “{extra}”" in answer.text
    assert small.client.get(f"{SHEET}.md").status_code == 200
    assert "sheet.pdf" not in small.client.get(SHEET).text


@pytest.mark.parametrize(
    "address", ["/sprints/shop/nowhere/sheet", "/sprints/shop/S1/sheet.exe", "/sprints/x/S1/sheet.md"]
)
def test_there_is_no_sheet_of_what_there_is_not(small: Site, address: str) -> None:
    assert small.client.get(address).status_code == 404


def test_what_was_corrected_after_the_close_stands_old_beside_new_with_when_and_why(small: Site) -> None:
    again = tracked(
        "PAY-6",
        state(-13, sprints=("S0",), points=3, tags=("KR-1",)),
        state(-5, sprints=("S0",), points=3, tags=("KR-1",), status=Status.DONE),
        state(3, sprints=("S0",), points=3, tags=("KR-2",), status=Status.DONE),
    )
    save(small.engine, Fetched(at=day(5.1), items=(again,), sprints=SPRINTS, boards=BOARDS))
    page = sprint_page(small.store, NOW + timedelta(days=1), "shop", "S0", None)
    assert page is not None
    (correction,) = sheet_of(page, "https://tieline.example/").corrections
    assert correction.words.endswith("the corrected one has the links as of 8 Mar 2026, 09:00 UTC.")
    both = correction.tables[0]
    assert both.caption == "Final and completed"
    assert both.heads == (
        "What it serves",
        "final, closed",
        "final, corrected",
        "completed, closed",
        "completed, corrected",
    )
    assert both.rows == (
        ("KR-1", "100 % (3 points)", "–", "100 % (3 points)", "–"),
        ("KR-2", "–", "100 % (3 points)", "–", "100 % (3 points)"),
        ("all of it", *["3 points"] * 4),
    )
    assert correction.tables[-1].rows[0][:4] == ("PAY-6", "Title of PAY-6", "KR-1", "KR-2")


def test_what_is_restated_stands_on_page_and_sheet_work_outside_sprints_too(small: Site) -> None:
    late = tracked("PAY-9", state(-12, points=8, board="B1"), state(-6, points=8, board="B1", status=Status.DONE))
    save(small.engine, Fetched(at=day(5.1), items=(late,), sprints=SPRINTS, boards=BOARDS))
    later = tracked("PAY-8", state(-12, points=2, board="B1"), state(-6, points=2, board="B1", status=Status.DONE))
    save(small.engine, Fetched(at=day(5.2), items=(later,), sprints=SPRINTS, boards=BOARDS))
    assert "done outside sprints, before" in small.client.get("/sprints/shop/S0").text
    text = small.client.get("/sprints/shop/S0/sheet.md").text.replace("\\", "")
    assert "Learnt 7 Mar 2026, 13:48 UTC." in text
    assert "| all of it | 8 points | 10 points |" in text


def test_the_bar_on_paper_is_as_wide_as_its_shares_and_says_them(review: SprintPage) -> None:
    bar = picture_bars(review)[1]
    root = _parsed(paper_bar(bar, 600).svg)
    widths = [float(each.attrib["width"]) for each in _rects(root) if each.attrib["height"] == "26"]
    assert sum(widths) == pytest.approx(598, abs=0.1)
    assert widths[0] == pytest.approx(598 * 5 / 13.5, abs=0.1)
    assert words_of(bar).startswith("Final, 11 points + 2.5 imputed: KR-1 37 % (31–45 %), KR-2 22 %")
    assert root.attrib["aria-label"] == words_of(bar)


def test_a_picture_of_very_long_texts_is_still_a_picture(review: SprintPage) -> None:
    drawn = picture("word" * 400, ("x" * 5000, "many words " * 900), picture_bars(review))
    assert len(_parsed(drawn).findall("{*}text")) < 80


def _parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - what we have drawn ourselves


def _rects(root: ET.Element) -> Iterator[ET.Element]:
    return (each for each in root.findall("{*}rect"))
