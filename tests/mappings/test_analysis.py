"""The whole answer: the worked example of the domain, versions over time, corrections, goals and key results."""

from datetime import date
from fractions import Fraction

import pytest

from mappings.analysis import analyse, sprint_report
from mappings.corrections import corrected_figures
from mappings.goals import goal_at, named_in
from mappings.model import Board, Condition, Goal, MappingRule, Measure, MeasuredValue, Scope, Settings, SprintReport
from mappings.progress import direction, progress, to_go, value_at
from mappings.reckoning import Reckoning
from mappings.tags import Register
from tests.builders import PLAN, at, backlog, epic, future, item, key_result, plan, sprint, subtask

WORKED = backlog(
    sprint("S7", completed="03-13 16:30", end="03-13 17:00"),
    item("A", ("03-10 15:00", {"status": "done"}), points=5, tags=("KR-1",), sprints=("S7",)),
    item("B", ("03-04 10:30", {"sprints": ()}), points=3, parent="E1", sprints=("S7",)),
    item("C", ("03-16", {"tags": ("KR-2",)}), type="bug", sprints=("S7",)),
    item("D", ("03-05", {"points": 3}), points=2, tags=("KR-1, KR-2",), sprints=("S7",)),
    epic("E1", tags=("KR-2",)),
    item("F", ("03-04 10:31", {"sprints": ("S7",)}), ("03-12 17:00", {"status": "done"}), created=at("03-04 10:20"),
         since=at("03-04 10:20"), type="task", points=4, labels=("support",)),
    subtask("T", "A", points=1, sprints=("S7",)),
    plans=plan(unestimated=(("*", "zero"),), rules=(MappingRule(Condition("label", "support")),)),
)  # fmt: skip


def shown(report: SprintReport, scope: Scope) -> list[object]:
    figure = report.scopes[scope]
    assert figure is not None
    shares = [(code, part.amount, part.percent) for code, part in figure.shares]
    return [figure.total, *shares, figure.exempt.percent, figure.dead_link.percent, figure.unaligned.percent]


def test_the_worked_example_comes_out() -> None:
    report = analyse(WORKED).sprints[0]
    assert shown(report, Scope.COMMITTED) == [10, ("KR-1", 6, 60), ("KR-2", 4, 40), 0, 0, 0]
    assert shown(report, Scope.FINAL) == [12, ("KR-1", Fraction(13, 2), 54), ("KR-2", Fraction(3, 2), 13), 33, 0, 0]
    assert shown(report, Scope.COMPLETED) == [9, ("KR-1", 5, 56), 44, 0, 0]
    counts = analyse(WORKED, measure=Measure.COUNT).sprints[0]
    assert shown(counts, Scope.FINAL) == [4, ("KR-1", Fraction(3, 2), 38), ("KR-2", Fraction(1, 2), 12), 25, 0, 25]
    company = {each.measure: each for each in analyse(WORKED).rollups if each.by == "company"}
    assert [part.amount for _, part in company[Measure.POINTS_NORMALISED].figure.shares] == [Fraction(10, 9)]
    assert company[Measure.POINTS_NORMALISED].figure.exempt.amount == Fraction(8, 9)


def test_the_corrected_figure_has_the_links_of_now_and_the_closed_one_does_not() -> None:
    reckoning = Reckoning(WORKED)
    one = reckoning.timeline.sprints["S7"]
    closed = sprint_report(reckoning, one, Measure.COUNT).scopes
    corrected = corrected_figures(reckoning, one, Measure.COUNT)
    final = corrected[Scope.FINAL]
    assert final is not None
    assert dict(final.shares)["KR-2"].amount == Fraction(3, 2)
    assert closed[Scope.FINAL] != final
    open_one = Reckoning(backlog(sprint(completed=None)))
    assert corrected_figures(open_one, open_one.timeline.sprints["S1"], Measure.COUNT)[Scope.CARRIED_OVER] is None


def test_a_closed_sprint_keeps_the_version_of_its_completion_and_an_older_one_the_first() -> None:
    later = plan(rules=(MappingRule(Condition("type", "story"), reason="new rule"),), since=at("03-15"))
    data = backlog(sprint(), sprint("S2", "03-16 09:00", None), item("A", sprints=("S1", "S2")), plans=(PLAN, later))
    before, after = analyse(data, measure=Measure.COUNT).sprints
    assert shown(before, Scope.FINAL)[-1] == 100
    assert shown(after, Scope.FINAL)[1] == 100
    assert shown(before, Scope.COMMITTED)[-1] == 100


def test_a_sprint_completed_long_after_its_planned_end_says_so() -> None:
    def late(**values: str) -> bool:
        return analyse(backlog(sprint(**values))).sprints[0].late_close

    assert late(end="03-12 16:00")
    assert not late(end="03-12 17:00")
    assert not late()
    assert not analyse(backlog(sprint(completed=None))).sprints[0].late_close


def test_items_outside_the_boards_filter_are_counted_beside_the_figure() -> None:
    hidden = Board("B1", "One", "Payments", filter_excludes=frozenset({"A", "Z"}))
    data = backlog(hidden, sprint(), item("A", sprints=("S1",)), item("B", sprints=("S1",)))
    assert analyse(data).sprints[0].outside_filter == 1


def test_figures_as_of_a_past_moment_know_nothing_later() -> None:
    analysis = analyse(WORKED, at("03-04 10:31"))
    assert shown(analysis.sprints[0], Scope.FINAL)[0] == 11
    assert {link.item for link in analysis.links} == {"A", "B", "C", "D", "E1", "F", "T"}
    assert "F" not in {link.item for link in analyse(WORKED, at("03-04 10:19")).links}


def test_a_goal_is_that_of_the_completion_with_the_first_one_where_it_was_another() -> None:
    goals = (Goal(at("03-01"), "Old"), Goal(at("03-05"), "Serve KR-1."), Goal(at("03-14"), "Too late"))
    changed = sprint(goals=goals)
    goal = analyse(backlog(changed)).sprints[0].goal
    assert (goal.text, goal.first, goal.key_results, goal.verdict) == ("Serve KR-1.", "Old", ("KR-1",), goal.verdict)
    assert goal_at(changed, at("02-01")) is None
    assert analyse(backlog(sprint())).sprints[0].goal.first is None
    assert analyse(backlog(future())).sprints[0].goal.first is None
    blank = analyse(backlog(sprint(goal=" "))).sprints[0].goal
    assert (blank.verdict, blank.confidence, blank.key_results) == ("empty_or_placeholder", 1.0, ())


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("We move kr-1!", ("KR-1",)),
        ("We move KR-12 and XKR-1", ()),
        ("KR-1.5 is another", ()),
        ("The TITLE of KR-1 and speed", ("KR-1", "KR-2")),
        ("", ()),
        (None, ()),
    ],
)
def test_a_goal_refers_to_a_key_result_by_a_whole_name(text: str | None, codes: tuple[str, ...]) -> None:
    register = Register(
        plan(key_results=(key_result("KR-1", metric=" "), key_result("KR-2", aliases=("speed",), metric="lead time")))
    )
    assert named_in(text, register) == codes


def test_progress_runs_from_the_baseline_to_the_target_also_downwards() -> None:
    falls = key_result(baseline=9, target=3, values=(MeasuredValue(at("03-12"), 8),))
    assert progress(falls, value_at(falls, at("03-20"))) == Fraction(1, 6)
    assert (to_go(falls, 8), to_go(falls, 2), to_go(falls, None)) == (5, 0, 6)
    assert value_at(falls, at("03-11")) is None
    assert progress(falls, None) is None
    assert progress(key_result(baseline=None), 4) is None
    assert progress(key_result(target=None), 4) is None
    assert progress(key_result(baseline=5, target=5), 4) is None
    assert to_go(key_result(target=None), 4) is None
    assert to_go(key_result(baseline=None), None) is None


def test_the_way_is_told_by_baseline_and_target_else_by_direction_else_it_is_the_difference() -> None:
    assert direction(key_result()) == 1
    assert direction(key_result(baseline=30)) == -1
    assert to_go(key_result(baseline=None, direction="down"), 25) == 5
    assert to_go(key_result(baseline=None, direction="up"), 25) == 0
    assert (to_go(key_result(baseline=None), 25), to_go(key_result(baseline=None), 15)) == (5, 5)


def test_a_binary_key_results_progress_is_its_confidence() -> None:
    binary = key_result(kind="binary", confidence=Fraction(1, 2), values=())
    (reading,) = analyse(backlog(plans=plan(key_results=(binary,)))).key_results
    assert (reading.progress, reading.current, reading.to_go, reading.live) == (Fraction(1, 2), None, None, True)


def test_planned_impacts_are_those_of_open_epics_with_a_link() -> None:
    data = backlog(
        epic("P1", tags=("KR-1",), impact={"kr-1": 3, "KR-2": 7}),
        epic("P2", tags=("KR-1:50",), impact={"KR-1": Fraction(5, 2)}),
        epic("P3", tags=("KR-1",), impact={"KR-1": 9}, status="done"),
        epic("P4", tags=("KR-1",)),
        epic("P5", tags=("gone",), impact={"KR-1": 1}),
        plans=plan(key_results=(key_result("KR-1"), key_result("KR-2", until=date(2026, 1, 31)))),
    )
    first, second = analyse(data).key_results
    assert (first.planned, first.planned_epics) == (Fraction(11, 2), ("P1", "P2"))
    assert (second.planned, second.planned_epics, second.live) == (None, (), False)


def test_a_setting_is_needed_for_nothing() -> None:
    assert Settings().measure is Measure.POINTS
