"""What people see in a terminal: bars that fill their width, words beside them, hostile text made harmless."""

import io
import re
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from mappings.analysis import analyse, outside_beside, sprint_report
from mappings.audit import audit
from mappings.model import Backlog, Board, Measure, Periods, Plan, Scope
from mappings.reckoning import Reckoning
from reports.figure_words import NamedPart, amount_words, part_words, parts_of, totals_words
from reports.share_bar import PALETTE, legend, share_bar, style_of
from reports.terminal import Page, print_page, shown_sprints
from tests.builders import NOW, at, backlog, board, epic, future, item, plan, sprint

EVIL = "\x1b[31m[red]boom[/red]\x07\n\u202e$HOME"


def page(found: Backlog, *, width: int = 80, only: frozenset[str] | None = None, colour: bool = False) -> str:
    analysis = analyse(found)
    reckoning = Reckoning(found)
    counts = {each.id: sprint_report(reckoning, each, Measure.COUNT) for each in found.sprints}
    has_audit = not found.plans[0].key_results
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False, markup=False, emoji=False, force_terminal=colour)
    beside = {each.id: outside_beside(reckoning, each, Measure.POINTS) for each in found.sprints}
    outside = {name: figure for name, figure in beside.items() if figure is not None}
    print_page(Page(analysis, found, counts, audit(reckoning) if has_audit else None, only, outside), console)
    return out.getvalue()


def worked() -> Backlog:
    return backlog(
        sprint("S1"),
        item("A", sprints=("S1",), points=5, tags=("KR-1",), status="done", since=at("03-10")),
        item("B", sprints=("S1",), points=3, tags=("KR-2",)),
        item("C", sprints=("S1",), labels=("x",)),
    )


def part(name: str, share: Fraction, *, high: Fraction | None = None) -> NamedPart:
    return NamedPart(name, name.startswith("KR"), share * 10, share, round(share * 100), share, high or share)


def test_work_outside_sprints_stands_beside_the_sprint_in_a_line_of_its_own() -> None:
    found = backlog(
        sprint("S1"),
        item("A", sprints=("S1",), points=5, tags=("KR-1",), status="done", since=at("03-10")),
        item("B", ("03-05", {"status": "done"}), board="B1", points=3, tags=("KR-2",)),
        item("C", ("03-06", {"status": "done"}), board="B1", points=1),
    )
    (line,) = (line for line in page(found, width=100).splitlines() if "beside" in line)
    assert " ".join(line.split()) == "beside done outside sprints, 4 points, 2 items: █ KR-2 75 % · ░ unaligned 25 %"
    assert "beside" not in page(worked())


# --- the bar


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=12), st.integers(20, 120))
def test_a_bar_fills_its_width_and_every_segment_keeps_a_sliver(weights: list[int], width: int) -> None:
    parts = [part(f"KR-{number}", Fraction(weight, sum(weights))) for number, weight in enumerate(weights)]
    bar = share_bar(parts, (), width)
    assert cell_len(bar.plain) == width
    assert len(bar.spans) == len(parts)


def test_a_label_stands_inside_where_it_fits() -> None:
    bar = share_bar([part("KR-1", Fraction(9, 10)), part("exempt", Fraction(1, 10))], ("KR-1",), 40).plain
    assert "KR-1 90 %" in bar
    assert "exempt" not in bar
    assert "▒" in bar


def test_a_bar_of_one_cell_is_still_a_bar() -> None:
    assert share_bar([part("KR-1", Fraction(1))], (), 1).plain == "█"


def test_a_key_result_has_its_colour_by_its_place_in_the_register() -> None:
    assert style_of("KR-2", ("KR-1", "KR-2")) == PALETTE[1]
    assert style_of("KR-9", ("KR-1", "KR-2")) in PALETTE


def test_the_legend_tells_the_interval_where_there_is_one() -> None:
    words = legend([part("KR-1", Fraction(1, 2), high=Fraction(3, 4)), part("exempt", Fraction(0))], ()).plain
    assert words == "█ KR-1 50 % (50–75 %)"


# --- words


def test_amounts_are_in_the_words_of_their_measure() -> None:
    assert amount_words(1, Measure.POINTS) == "1 point"
    assert amount_words(Fraction(5, 2), Measure.POINTS) == "2.5 points"
    assert amount_words(2, Measure.COUNT) == "2 items"
    assert amount_words(5400, Measure.TIME_SPENT) == "1.5 h"
    assert amount_words(3, Measure.POINTS_NORMALISED) == "3 normalised points"


def test_totals_tell_known_and_imputed_work_apart() -> None:
    figure = analyse(worked()).sprints[0].scopes[Scope.FINAL]
    assert figure is not None
    assert totals_words(figure) == "8 points + 1 imputed"
    assert totals_words(replace(figure, measure=Measure.POINTS_NORMALISED)) == "9 normalised points, partly imputed"
    assert part_words(parts_of(figure)[0]) == "KR-1 between 38.5 and 62.5 %"


# --- the page


def test_a_sprint_is_told_with_goal_bars_and_other_scopes() -> None:
    text = page(worked())
    assert "Sprint S1  closed · Board B1 · 2026-03-02 to 2026-03-13" in text
    assert "Goal: Serve the customers" in text
    for scope in ("committed", "final", "completed", "by count"):
        assert f"  {scope}" in text
    assert "1 of 3 unestimated" in text
    assert "carried over 3 points + 1 imputed (2 items)" in text
    assert "measure points · unestimated items count median" in text


@pytest.mark.parametrize("width", [40, 60, 80, 132])
def test_no_line_is_longer_than_the_terminal(width: int) -> None:
    text = page(worked(), width=width)
    assert max(cell_len(line) for line in text.splitlines()) <= width


def test_without_colour_there_are_no_terminal_codes_and_with_it_there_are() -> None:
    assert "\x1b" not in page(worked())
    assert "\x1b[" in page(worked(), colour=True)


def test_hostile_text_does_nothing() -> None:
    found = backlog(
        replace(sprint("S1", completed=None, goal=EVIL), name=EVIL),
        item("A", sprints=("S1",), tags=(EVIL,), labels=(EVIL,), fields={EVIL: EVIL}, title=EVIL),
        epic("E1", title=EVIL),
        Board("B1", EVIL, EVIL),
        plans=Plan(),
    )
    text = page(found)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\u202e" not in text
    assert "[red]boom[/red]" in re.sub(r"\s+", " ", text)


def test_what_must_be_said_beside_a_figure_is_said() -> None:
    found = backlog(
        sprint("S1", end="03-10 09:00", completed="03-13 17:00"),
        item("A", sprints=("S1",), history_known=False),
        replace(board(), filter_excludes=frozenset({"A"})),
    )
    text = " ".join(page(found).split())
    assert "completed 3 days after its planned end" in text
    assert "upper bound" in text
    assert "Not known: committed, added, removed" in text
    assert "hidden by the board's filter" in text


def test_no_goal_and_no_work_are_said_in_words() -> None:
    text = page(backlog(sprint("S1", goal=None)))
    assert "No goal is written." in text
    assert "No work in it." in text
    assert " 0 %" not in text


def test_a_total_of_nothing_is_no_percentage() -> None:
    text = page(backlog(sprint("S1"), item("A", sprints=("S1",), points=0)))
    assert "no work to share out (0 points, all estimated)" in text


def test_a_grace_for_planning_is_said() -> None:
    text = " ".join(page(backlog(sprint("S1"), plans=plan(commit_grace=30))).split())
    assert "committed is what is in a sprint 30 minutes after its start" in text


def test_periods_roll_ups_and_key_results_are_told() -> None:
    kanban = Board("B2", "Desk", "Payments", Periods.WEEK)
    found = backlog(
        kanban, board(), sprint("S1"),
        item("A", sprints=("S1",), points=5, tags=("KR-1",), status="done", since=at("03-10")),
        item("P", ("03-11", {"status": "done"}), board="B2", points=2, tags=("KR-2",)),
    )  # fmt: skip
    text = page(found)
    assert "Desk  a board without sprints" in text
    assert "completed 2026-03-09 to 2026-03-15" in text
    assert "Cycle 2026Q1" in text
    assert "board Board B1, points" in text
    assert "company, points normalised" in text
    assert re.search(r"KR-1\s+Title of KR-1\s+12\s+20 %\s+8", text)


def test_the_audit_stands_first_where_there_are_no_okrs() -> None:
    found = backlog(
        sprint("S1"), epic("E1", title="The first epic"), item("A", sprints=("S1",), parent="E1", labels=("web",)),
        item("B", parent="X-1", history_known=False), plans=Plan(),
    )  # fmt: skip
    text = page(found)
    assert text.index("Ten-minute audit") < text.index("Sprint S1")
    assert "0 of 2 (0 %), in points" in text
    assert "1 item below 1 parent that cannot be seen" in text
    assert "The first epic" in text
    assert "labels: filled on 1 of 2 items; most often web (1)" in text
    assert "epics: tagging them would reach 1 of 2 items" in text


def test_of_many_sprints_the_open_and_the_last_are_shown_and_the_rest_is_counted() -> None:
    closed = [sprint(f"S{day}", start=f"02-{day:02}", completed=f"02-{day + 1:02}") for day in range(10, 20)]
    found = backlog(*closed, sprint("S99", start="03-16", completed=None), future("F1"), item("A", sprints=("S99",)))
    assert [each.sprint.id for each in shown_sprints(analyse(found), None)] == ["S17", "S18", "S19", "S99"]
    assert "8 more sprints: --sprint NAME shows one" in page(found)
    only = page(found, only=frozenset({"S12"}))
    assert "Sprint S12" in only
    assert "Sprint S99" not in only
    assert "Key results" not in only


def test_findings_are_grouped_by_severity_with_what_could_be_done() -> None:
    found = backlog(
        sprint("S1", start="03-16", completed=None, goal=""),
        *(epic(f"E{number}") for number in range(8)),
        item("A", sprints=("S1",), points=3, tags=("KR-1",)),
    )
    text = page(found)
    assert text.index("Look at these first") < text.index("For completeness")
    assert "Sprint without a goal  S1 (Sprint S1): " in text
    assert "and 3 more: --format json lists them" in text


def test_a_backlog_without_anything_is_told_too() -> None:
    text = page(backlog(plans=Plan(), now=NOW))
    assert "0 items" in text
    assert "No findings." in text
