"""Periods, work outside sprints, and the roll-ups of boards, teams and the company."""

from datetime import date
from fractions import Fraction

from mappings.analysis import analyse, completed_before, outside_beside
from mappings.model import Analysis, Backlog, Measure, Periods, Rollup, Scope, Status, Team
from mappings.reckoning import Reckoning
from mappings.rollups import ALL_SORTS, rollups
from tests.builders import Q1, Q2, at, backlog, board, epic, future, item, key_result, objective, plan, sprint, subtask

KANBAN = board("K", "Operations", periods=Periods.WEEK)


def done(moment: str) -> tuple[str, dict[str, object]]:
    return (moment, {"status": Status.DONE})


def row(
    analysis: Analysis, by: str, subject: str, measure: Measure = Measure.COUNT, cycle: str = "2026Q1"
) -> Rollup | None:
    rows = [
        each
        for each in analysis.rollups
        if (each.by, each.subject, each.measure, each.cycle) == (by, subject, measure, cycle)
    ]
    return rows[0] if rows else None


def items(found: Rollup | None) -> tuple[str, ...]:
    assert found is not None
    return found.figure.items


def test_periods_run_from_the_first_with_work_to_the_one_of_now_empty_ones_too() -> None:
    data = backlog(KANBAN, item("A", done("03-04"), board="K", points=2), item("B", done("03-19"), board="K"))
    periods = analyse(data).periods
    assert [(each.id, each.state, each.completed.items) for each in periods] == [
        ("K/2026-03-02", "closed", ("A",)),
        ("K/2026-03-09", "closed", ()),
        ("K/2026-03-16", "active", ("B",)),
    ]
    assert analyse(backlog(KANBAN, item("A", board="K"))).periods == ()


def test_two_weeks_are_counted_from_a_fixed_monday_and_months_are_whole() -> None:
    thing = item("A", done("03-11"), board="K")
    weeks = analyse(backlog(board("K", periods=Periods.TWO_WEEKS), thing)).periods
    assert [(each.start, each.end) for each in weeks] == [(date(2026, 3, 9), date(2026, 3, 22))]
    months = analyse(backlog(board("K", periods=Periods.MONTH), thing)).periods
    assert [(each.start, each.end) for each in months] == [(date(2026, 3, 1), date(2026, 3, 31))]


def test_what_was_reopened_within_its_period_is_not_in_it_and_after_it_is() -> None:
    data = backlog(
        KANBAN,
        item("A", done("03-04"), ("03-06", {"status": "doing"}), done("03-17"), board="K"),
        item("B", done("03-04"), ("03-10", {"status": "doing"}), board="K"),
        item("C", done("03-03"), ("03-04", {"status": "doing"}), done("03-05"), board="K"),
        item("D", done("03-04"), board="K", deleted=at("03-06")),
        item("E", done("03-04"), board="K", deleted=at("03-12")),
    )
    assert [each.completed.items for each in analyse(data).periods] == [("B", "C", "E"), (), ("A",)]


def test_work_of_a_period_has_the_measure_and_links_of_the_moment_it_was_done() -> None:
    changed = item(
        "A",
        ("03-04", {"status": "done", "points": 3, "tags": ("KR-2",)}),
        ("03-05", {"points": 8, "tags": ()}),
        board="K",
        points=1,
    )
    figure = analyse(backlog(KANBAN, changed)).periods[0].completed
    assert (figure.total, [code for code, _ in figure.shares]) == (3, ["KR-2"])


def test_an_unestimated_item_of_a_period_takes_the_median_of_the_periods_before() -> None:
    old = [item(f"P{n}", done("02-25"), board="K", points=points) for n, points in enumerate((2, 3, 5))]
    data = backlog(KANBAN, *old, item("U", done("03-04"), board="K"))
    march = next(each for each in analyse(data).periods if each.id == "K/2026-03-02")
    assert [(line.item, line.value) for line in march.completed.imputed] == [("U", 3)]


def test_something_created_as_done_is_done_when_it_is_created() -> None:
    born = item("A", created=at("03-04"), since=at("01-01"), status="done", board="K")
    undone = item("B", ("03-03", {"status": "todo"}), created=at("03-04"), since=at("01-01"), status="done", board="K")
    later = item("C", created=at("04-04"), since=at("01-01"), status="done", board="K")
    again = item("D", ("03-02", {"status": "todo"}), done("03-03"), created=at("03-04"), since=at("01-01"),
                 status="done", board="K")  # fmt: skip
    data = backlog(KANBAN, born, undone, later, again)
    assert [each.completed.items for each in analyse(data).periods] == [("A", "D"), (), ()]


def test_work_outside_sprints_is_what_no_completed_scope_has_as_done() -> None:
    data = backlog(
        sprint(),
        item("IN", done("03-05"), sprints=("S1",)),
        item("BEFORE", done("02-20"), sprints=("S1",)),
        item("NEVER", done("03-05"), board="B1"),
        item(
            "AGAIN",
            done("03-05"),
            ("03-16", {"status": "doing", "sprints": ()}),
            done("03-18"),
            sprints=("S1",),
            board="B1",
        ),
        item("NOWHERE", done("03-05")),
        epic("E", done("03-05"), board="B1"),
    )
    found = row(analyse(data), "board", "B1", Measure.POINTS)
    assert found is not None
    assert found.figure.items == ("AGAIN", "IN")
    assert found.outside is not None
    assert found.outside.items == ("BEFORE", "NEVER")
    company = row(analyse(data), "company", "company")
    assert company is not None
    assert company.outside is not None
    assert company.outside.items == ("BEFORE", "NEVER", "NOWHERE")


def test_unestimated_work_outside_sprints_takes_the_last_sprints_closed_by_then() -> None:
    pool = [item(f"P{n}", done("03-05"), sprints=("S1",), points=points) for n, points in enumerate((2, 3, 5))]
    data = backlog(sprint(), *pool, item("U", done("03-16"), board="B1"), item("V", done("03-10"), board="B1"))
    found = row(analyse(data), "board", "B1", Measure.POINTS)
    assert found is not None
    assert found.outside is not None
    assert {line.item: line.value for line in found.outside.imputed} == {"U": 3, "V": 1}


def beside(data: Backlog, name: str, as_of: str | None = None) -> tuple[str, ...] | None:
    reckoning = Reckoning(data, at(as_of) if as_of else None)
    figure = outside_beside(reckoning, reckoning.timeline.sprints[name], Measure.COUNT)
    return None if figure is None else figure.items


def test_beside_a_sprint_stands_what_was_done_outside_sprints_between_two_completions() -> None:
    data = backlog(
        sprint("S1", completed="03-06 17:00"),
        sprint("S2", "03-09 09:00", "03-13 17:00"),
        sprint("S3", "03-16 09:00", None),
        future("F1"),
        item("IN", done("03-05"), sprints=("S1",)),
        item("LONG-AGO", done("02-20"), board="B1"),
        item("AT-FIRST", done("03-06 17:00"), board="B1"),
        item("BETWEEN", done("03-07"), board="B1", points=3, tags=("KR-1",)),
        item("AT-SECOND", done("03-13 17:00"), board="B1"),
        item("SINCE", done("03-17"), board="B1"),
        item("ELSEWHERE", done("03-10")),
    )
    assert beside(data, "S1") == ("AT-FIRST", "LONG-AGO")
    assert beside(data, "S2") == ("AT-SECOND", "BETWEEN")
    assert beside(data, "S3") == ("SINCE",)
    assert beside(data, "S3", as_of="03-16 12:00") is None
    assert beside(data, "S2", as_of="03-10 12:00") == ("BETWEEN",)
    assert beside(data, "F1") is None
    reckoning = Reckoning(data)
    figure = outside_beside(reckoning, reckoning.timeline.sprints["S2"], Measure.POINTS)
    assert figure is not None
    assert [(code, part.amount) for code, part in figure.shares] == [("KR-1", 3)]


def test_where_sprints_name_several_teams_the_completion_before_is_that_of_the_same_team() -> None:
    data = backlog(
        sprint("A1", completed="03-04 17:00", team="Ants"),
        sprint("B1", completed="03-06 17:00", team="Bees"),
        sprint("A2", "03-09 09:00", "03-13 17:00", team="Ants"),
        item("X", done("03-05"), board="B1"),
    )
    reckoning = Reckoning(data)
    found = {each.id: completed_before(reckoning, each) for each in data.sprints}
    assert found == {"A1": None, "B1": None, "A2": at("03-04 17:00")}
    assert (beside(data, "A1"), beside(data, "B1"), beside(data, "A2")) == (None, ("X",), ("X",))


def test_of_two_sprints_completed_at_once_the_first_has_the_work_beside_it() -> None:
    data = backlog(sprint("S1"), sprint("S2"), item("X", done("03-05"), board="B1"))
    assert (beside(data, "S1"), beside(data, "S2")) == (("X",), None)


def test_an_item_counts_once_in_the_last_sprint_that_completed_it() -> None:
    data = backlog(
        sprint(),
        sprint("S2", "03-16 09:00", "03-19 17:00"),
        item(
            "A",
            done("03-05"),
            ("03-16 10:00", {"status": "doing", "sprints": ("S2",), "points": 5}),
            done("03-18"),
            sprints=("S1",),
            points=2,
        ),
    )
    found = row(analyse(data), "board", "B1", Measure.POINTS)
    assert found is not None
    assert (found.figure.total, found.sprints) == (5, ("S1", "S2"))


def test_logged_time_adds_over_all_sprints() -> None:
    data = backlog(
        sprint(),
        sprint("S2", "03-16 09:00", "03-19 17:00"),
        item(
            "A",
            ("03-04", {"time_spent": 60}),
            done("03-05"),
            ("03-16 10:00", {"status": "doing", "sprints": ("S2",), "time_spent": 100}),
            done("03-18"),
            sprints=("S1",),
        ),
        plans=plan(measure=Measure.TIME_SPENT),
    )
    found = row(analyse(data), "company", "company", Measure.TIME_SPENT)
    assert found is not None
    assert (found.figure.total, found.figure.items) == (100, ("A",))
    assert len(found.figure.receipt) == 2


def test_a_sprint_belongs_to_the_cycle_of_its_completion_or_while_open_of_its_planned_end() -> None:
    data = backlog(
        sprint(),
        sprint("S2", "03-16 09:00", None, end="04-02 17:00"),
        item("A", done("03-05"), sprints=("S1",)),
        item("B", done("03-18"), sprints=("S2",)),
        plans=plan(cycles=(Q1, Q2)),
    )
    analysis = analyse(data)
    assert items(row(analysis, "company", "company")) == ("A",)
    assert items(row(analysis, "company", "company", cycle="2026Q2")) == ("B",)


def test_a_teams_work_is_that_of_its_items_and_its_sub_teams() -> None:
    teams = (Team("Group"), Team("Payments", "Group"), Team("Growth", "Group"))
    data = backlog(
        board(),
        board("B2", "Growth"),
        sprint(),
        sprint("G1", board="B2"),
        item("A", done("03-05"), sprints=("S1",), points=2),
        item("H", done("03-05"), sprints=("G1",), team="Payments", points=20),
        item("F", done("03-05"), sprints=("G1",), points=60),
        plans=plan(teams=teams),
    )
    analysis = analyse(data)
    assert items(row(analysis, "team", "Payments")) == ("A", "H")
    assert items(row(analysis, "team", "Growth")) == ("F",)
    assert items(row(analysis, "team", "Group")) == ("A", "F", "H")
    group = row(analysis, "team", "Group", Measure.POINTS_NORMALISED)
    assert group is not None
    assert {line.item: line.value for line in group.figure.receipt} == {
        "A": 1,
        "F": Fraction(3, 2),
        "H": Fraction(1, 2),
    }
    growth = row(analysis, "team", "Growth")
    assert growth is not None
    assert growth.sprints == ("G1",)


def test_each_sort_of_rows_may_be_asked_for_alone() -> None:
    data = backlog(board(), sprint(), item("A", done("03-05"), sprints=("S1",), points=2))
    reckoning = Reckoning(data, at("03-31"))
    every = tuple(rollups(reckoning, Measure.COUNT))
    assert {found.by for found in every} == {"board", "team", "company"}
    for sort in ALL_SORTS:
        assert tuple(rollups(reckoning, Measure.COUNT, sorts={sort})) == tuple(
            found for found in every if found.by == sort
        )


def test_an_objectives_share_is_the_sum_of_its_key_results() -> None:
    register = plan(
        objectives=(objective(), objective("O2")),
        key_results=(key_result("KR-1"), key_result("KR-2"), key_result("KR-3", "O2")),
    )
    tags = ("KR-1", "KR-2", "KR-3", "")
    data = backlog(
        sprint(),
        *(item(f"A{n}", done("03-05"), sprints=("S1",), tags=(tag,)) for n, tag in enumerate(tags)),
        plans=register,
    )
    found = row(analyse(data), "company", "company")
    assert found is not None
    assert [(each.objective, each.part.amount, each.part.percent) for each in found.objectives] == [
        ("O1", 2, 50),
        ("O2", 1, 25),
    ]


def test_another_scope_may_be_rolled_up_and_periods_have_only_completed() -> None:
    data = backlog(KANBAN, board(), sprint(), item("A", sprints=("S1",)), item("P", done("03-04"), board="K"))
    found = [each for each in rollups(Reckoning(data), Measure.COUNT, Scope.COMMITTED) if each.by == "company"]
    assert [(each.figure.items, each.scope) for each in found] == [(("A",), Scope.COMMITTED)]


def test_figures_of_one_team_may_be_asked_of_a_sprint() -> None:
    from mappings.analysis import sprint_report

    data = backlog(sprint(), item("A", sprints=("S1",)), item("B", sprints=("S1",), team="Growth"))
    reckoning = Reckoning(data)
    report = sprint_report(reckoning, reckoning.timeline.sprints["S1"], Measure.COUNT, "Growth")
    final = report.scopes[Scope.FINAL]
    assert final is not None
    assert final.items == ("B",)
    open_one = backlog(sprint(completed=None), item("A", sprints=("S1",)))
    reckoning = Reckoning(open_one)
    assert (
        sprint_report(reckoning, reckoning.timeline.sprints["S1"], Measure.COUNT, "Growth").scopes[Scope.CARRIED_OVER]
        is None
    )


def test_the_board_of_an_item_is_its_own_else_that_of_its_sprint() -> None:
    data = backlog(
        board(),
        board("B2", None),
        sprint(),
        sprint("S2", "03-16 09:00", None, board="B2"),
        item("A", sprints=("S1", "S2")),
        subtask("T", "A"),
        item("B", board="B1"),
        subtask("V", "B"),
        item("C", sprints=("S1",)),
        item("D"),
        item("W", board="B2"),
    )
    timeline = Reckoning(data).timeline

    def where(key: str) -> tuple[str | None, str | None]:
        found = timeline.board_of(timeline.items[key], at("03-20"))
        return (found.id if found else None), timeline.team_of(timeline.items[key], at("03-20"))

    assert where("A") == where("T") == ("B2", None)
    assert where("B") == where("V") == where("C") == ("B1", "Payments")
    assert where("D") == (None, None)
    assert where("W") == ("B2", None)


def test_what_was_done_twice_before_it_was_there_was_done_when_it_came() -> None:
    done = item(
        "A",
        ("01-03", {"status": "todo"}),
        ("01-04", {"status": "done"}),
        since=at("01-02"),
        status="done",
        board="K",
    )
    found = analyse(backlog(board(), board("K", "Operations", periods=Periods.MONTH), done))
    assert [(period.id, period.completed.items) for period in found.periods][:1] == [("K/2026-01-01", ("A",))]
    assert sum(len(period.completed.receipt) for period in found.periods) == 1
