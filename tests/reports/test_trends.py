"""Trends of teams: what the page, its charts and its files say; and that charts are drawn from one specification."""

import csv
import io
import re
from dataclasses import replace

import pytest

from integration.answers import decide_due
from integration.contract import Fetched
from integration.store import plans
from mappings.model import Band, Board, Objective, Split, Team
from reports import charts
from tests.integration.store.material import day, state, tracked
from tests.reports.material import BOARDS, HOSTILE, NOW, PLAN, SPRINTS, Site, save

TEAM = Team("Payments", split=Split(70, 20, 10), band=Band(80, 90))


def apply_team(site: Site) -> None:
    """The team declares a band and a split, and its objective a horizon."""
    objectives = tuple(Objective(one.id, one.title, one.team, one.cycle, "secondary") for one in PLAN.objectives)
    with site.store.writing() as session:
        plans.apply_plan(session, replace(PLAN, teams=(TEAM,), objectives=objectives), day(-30), author="Ada")
    decide_due(site.engine, NOW)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_page_shows_each_team_with_its_sprints_and_their_receipts(site: Site) -> None:
    text = site.client.get("/trends?scope=final&measure=points").text
    assert "Payments" in text
    assert 'href="/sprints/shop/S1?measure=points#final"' in text
    assert 'href="/sprints/shop/S1/receipt?scope=final&amp;measure=points&amp;part=unaligned"' in text
    assert "chart.invalid" not in text


def test_parts_of_a_trend_open_receipts_that_exist(site: Site) -> None:
    text = site.client.get("/trends?scope=final").text
    links = set(re.findall(r'href="(/(?:sprints|periods)/[^"]+receipt[^"]*)"', text))
    assert links
    for link in links:
        assert site.client.get(link.replace("&amp;", "&")).status_code == 200, link


def test_an_empty_time_says_what_would_fill_it(small: Site) -> None:
    assert "No sprint ended in this time" in small.client.get("/trends?team=Nobody").text


@pytest.mark.parametrize(
    "query", ["months=0", "months=x", "scope=eaten", "measure=beer", "team=%00", "team=" + "x" * 5000]
)
def test_a_wrong_question_gets_a_page_all_the_same(site: Site, query: str) -> None:
    assert site.client.get(f"/trends?{query}").status_code == 200


def test_a_band_and_a_split_that_a_team_declares_are_held_against_its_sprints(site: Site) -> None:
    assert "in this band" not in site.client.get("/trends").text
    apply_team(site)
    text = site.client.get("/trends?scope=final").text
    assert "wants 80 to 90 % of its work to serve key results: 0 of 2 lie in this band" in text
    assert "Declared split 70/20/10" in text
    assert '<td class="n" data-label="secondary, %">100</td>' in text


def test_the_csv_has_every_point_and_no_cell_that_a_spreadsheet_runs(site: Site) -> None:
    found = {row["id"]: row for row in rows_of(site.client.get("/trends.csv?scope=final&measure=count").text)}
    assert found["S1"]["items"] == "5"
    assert float(found["S1"]["aligned"]) == pytest.approx(0.4)
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in found.values() for cell in row.values())


@pytest.mark.parametrize(("form", "start"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_a_chart_is_kept_as_a_picture(small: Site, form: str, start: bytes) -> None:
    answer = small.client.get(f"/trends.{form}?team=Payments&scope=final")
    assert answer.status_code == 200
    assert answer.data.startswith(start)


@pytest.mark.parametrize("address", ["/trends.gif?team=Payments", "/trends.png", "/trends.png?team=Nobody"])
def test_a_picture_that_cannot_be_is_not_there(small: Site, address: str) -> None:
    assert small.client.get(address).status_code == 404


def test_without_the_drawing_library_the_tables_stand_alone(small: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "can_draw", lambda: False)
    text = small.client.get("/trends").text
    assert "<details open>" in text
    assert 'class="drawn"' not in text
    assert small.client.get("/trends.png?team=Payments").status_code == 501


def test_a_hostile_text_stays_a_text_in_a_chart() -> None:
    spec = {
        "data": {"values": [{"name": HOSTILE, "share": 1, "href": charts.link('/x?a=1&b="><script>')}]},
        "mark": "bar",
        "encoding": {
            "x": {"field": "name", "type": "nominal"},
            "y": {"field": "share", "type": "quantitative"},
            "href": {"field": "href"},
        },
    }
    drawn = charts.on_page(spec)
    assert drawn is not None
    assert "<script" not in drawn
    assert "<img" not in drawn


def test_a_chart_takes_the_colours_of_the_style_sheet_on_a_page_and_those_of_paper_in_a_file() -> None:
    spec = {
        "data": {"values": [{"x": 1}]},
        "mark": {"type": "bar", "color": "$aligned"},
        "encoding": {"x": {"field": "x"}},
    }
    on_page, on_paper = charts.on_page(spec), charts.as_file(spec, "svg")
    assert on_page is not None
    assert on_paper is not None
    assert "var(--aligned)" in on_page
    assert b"#31597f" in on_paper
    assert b"var(" not in on_paper


def test_how_a_figure_came_about_stands_beside_it(small: Site) -> None:
    with small.engine.begin() as connection:
        connection.exec_driver_sql("update findings set kind = 'late_tagging', subject = 'S1' where id = 1")
    text = small.client.get("/trends?scope=final").text
    assert '<a href="/findings/1">tagged late</a>' in text


def test_a_board_whose_items_decide_of_which_team_they_are_stands_by_its_own_name_behind_the_teams(site: Site) -> None:
    boards = (replace(BOARDS[0], team=None), BOARDS[1])
    save(site.engine, Fetched(at=NOW, items=(), sprints=SPRINTS, boards=boards))
    text = site.client.get("/trends?scope=final").text
    assert "<h2>Payments (no team of its own)</h2>" in text


def test_where_nothing_was_completed_no_empty_chart_is_drawn_but_said_where_to_look(small: Site) -> None:
    begun = replace(SPRINTS[1], id="S9", board="B3", name="First")
    item = tracked("PAY-90", state(-1, sprints=("S9",), points=3))
    boards = (*BOARDS, Board("B3", "New"))
    save(small.engine, Fetched(at=NOW, items=(item,), sprints=(*SPRINTS, begun), boards=boards))
    text = small.client.get("/trends?scope=completed&months=3").text
    assert 'Nothing was completed in it yet. <a href="/trends?measure=points&amp;scope=final&amp;months=3">' in text
    assert "divides, sprint by sprint" not in text.partition("<h2>New (no team of its own)</h2>")[2]


def test_words_that_all_names_end_with_stand_once_beside_those_that_they_begin_with() -> None:
    axis = charts.named_axis(["Web 21 (sample)", "Web 22 (sample)"], ["closed", "closed"])
    assert axis["title"] == "Web (sample)"
    assert axis["labelExpr"] == '{"0": "21", "1": "22"}[datum.label]'
