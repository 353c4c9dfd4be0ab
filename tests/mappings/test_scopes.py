"""Which items lie in which scope of a sprint, by DOMAIN.md's table."""

from collections.abc import Mapping

from mappings.measures import estimate
from mappings.model import Backlog, Measure, Scope, SprintState
from mappings.reckoning import Reckoning
from mappings.scopes import NO_HISTORY
from tests.builders import at, backlog, epic, future, item, plan, sprint, subtask

IN = {"sprints": ("S1",)}
OUT: dict[str, object] = {"sprints": ()}


def scopes(data: Backlog, name: str = "S1", measure: Measure = Measure.POINTS) -> Mapping[str, str | None]:
    """The keys in each scope, joined; None where there is no such scope."""
    reckoning = Reckoning(data)
    found = reckoning.sprints.scopes(reckoning.timeline.sprints[name], measure)
    return {
        scope.value: None if placed is None else " ".join(sorted(each.item.key for each in placed))
        for scope, placed in found.placed.items()
    }


def test_what_enters_at_the_start_is_committed_and_what_leaves_then_is_not() -> None:
    data = backlog(
        sprint(),
        item("A", ("03-02 09:00", IN)),
        item("K", ("03-02 09:00", OUT), sprints=("S1",)),
        item("L", ("03-02 09:01", IN)),
    )
    found = scopes(data)
    assert (found["committed"], found["added"], found["removed"]) == ("A", "L", "")


def test_what_leaves_at_exactly_the_completion_stays_and_what_enters_then_does_not() -> None:
    data = backlog(sprint(), item("G", ("03-13 17:00", OUT), sprints=("S1",)), item("N", ("03-13 17:00", IN)))
    found = scopes(data)
    assert (found["final"], found["carried_over"], found["removed"], found["added"]) == ("G", "G", "", "")


def test_an_item_that_left_and_came_back_is_neither_added_nor_removed() -> None:
    data = backlog(sprint(), item("C", ("03-04", OUT), ("03-06", IN), sprints=("S1",)))
    found = scopes(data)
    assert (found["committed"], found["final"], found["added"], found["removed"]) == ("C", "C", "", "")


def test_an_item_that_came_and_left_within_the_sprint_is_removed() -> None:
    found = scopes(backlog(sprint(), item("X", ("03-04", IN), ("03-06", OUT))))
    assert (found["committed"], found["added"], found["removed"], found["final"]) == ("", "", "X", "")


def test_a_removed_item_is_measured_as_it_stood_just_before_it_left() -> None:
    data = backlog(sprint(), item("D", ("03-06", {"sprints": (), "points": 6}), sprints=("S1",), points=1))
    reckoning = Reckoning(data)
    entries = reckoning.sprints.lines(reckoning.timeline.sprints["S1"], Scope.REMOVED, Measure.POINTS)
    assert entries is not None
    assert [(entry.item, entry.value) for entry in entries] == [("D", 1)]


def test_a_deletion_takes_out_of_an_open_sprint_also_at_exactly_the_completion() -> None:
    data = backlog(
        sprint(),
        item("E", sprints=("S1",), deleted=at("03-05")),
        item("L", sprints=("S1",), deleted=at("03-13 17:00")),
        item("H", sprints=("S1",), deleted=at("03-14")),
    )
    found = scopes(data)
    assert (found["committed"], found["removed"], found["final"]) == ("E H L", "E L", "H")


def test_grace_moves_the_commitment_but_never_past_the_completion() -> None:
    parts = (item("G", ("03-02 09:30", OUT), sprints=("S1",)), item("D", ("03-02 09:45", IN)))
    found = scopes(backlog(sprint(), *parts, plans=plan(commit_grace=60)))
    assert (found["committed"], found["removed"]) == ("D", "")
    long = backlog(sprint(), *parts, item("N", ("03-13 17:00", IN)), plans=plan(commit_grace=100_000))
    found = scopes(long)
    assert (found["committed"], found["final"], found["added"], found["removed"]) == ("D", "D", "", "")


def test_final_divides_into_completed_done_before_dropped_and_carried_over() -> None:
    data = backlog(
        sprint(),
        item("A", ("03-05", {"status": "done"}), sprints=("S1",)),
        item("B", ("03-02 09:00", {"status": "done"}), sprints=("S1",)),
        item("C", ("03-05", {"status": "dropped"}), sprints=("S1",)),
        item("D", ("03-14", {"status": "done"}), sprints=("S1",)),
        item(
            "E",
            ("02-27", {"status": "done"}),
            ("03-04", {"status": "doing"}),
            ("03-09", {"status": "done"}),
            sprints=("S1",),
        ),
    )
    found = scopes(data)
    assert (found["completed"], found["done_before"], found["dropped"], found["carried_over"]) == ("A E", "B", "C", "D")


def test_an_active_sprint_has_no_carried_over_and_a_future_one_only_final() -> None:
    data = backlog(sprint(completed=None), future(), item("A", sprints=("S1", "F1")))
    assert scopes(data)["carried_over"] is None
    assert scopes(data)["final"] == "A"
    assert {name: keys for name, keys in scopes(data, "F1").items() if keys is not None} == {"final": "A"}


def test_a_closed_sprint_asked_for_as_of_before_its_completion_was_active_and_before_its_start_future() -> None:
    data = backlog(sprint(), item("A", sprints=("S1",)))
    for moment, state in (
        ("02-01", SprintState.FUTURE),
        ("03-05", SprintState.ACTIVE),
        ("03-13 17:00", SprintState.CLOSED),
    ):
        reckoning = Reckoning(data, at(moment))
        assert reckoning.sprints.scopes(reckoning.timeline.sprints["S1"], Measure.POINTS).state is state


def test_epics_and_what_is_no_work_are_never_counted() -> None:
    data = backlog(
        sprint(), epic("E", sprints=("S1",)), item("T", type="Test", sprints=("S1",)), item("KR-1", sprints=("S1",)),
        item("A", sprints=("S1",)), plans=plan(not_work=("test",)),
    )  # fmt: skip
    assert scopes(data)["final"] == "A"


def test_a_subtask_counts_only_where_its_parent_is_unknown() -> None:
    data = backlog(
        sprint(),
        item("A", sprints=("S1",)),
        item("GONE", deleted=at("03-01")),
        subtask("T", "A", sprints=("S1",)),
        subtask("U", "HIDDEN", sprints=("S1",)),
        subtask("V", "GONE", sprints=("S1",)),
        subtask("W", None, sprints=("S1",)),
        subtask("X", "T", sprints=("S1",)),
    )
    assert scopes(data)["final"] == "A U V W"


def test_subtasks_may_count_instead_of_a_parent_that_has_any() -> None:
    parts = (
        item("A", sprints=("S1",), original_estimate=60),
        subtask("T", "A"),
        subtask("X", "T", type="Risk"),
        item("B", sprints=("S1",)),
        subtask("R", "B", type="Risk"),
    )
    data = backlog(sprint(), *parts, plans=plan(count_subtasks=True, not_work=("Risk",)))
    assert scopes(data)["final"] == "B T"
    assert scopes(data, measure=Measure.ORIGINAL_ESTIMATE)["final"] == "A B"


def test_a_subtask_that_names_no_sprint_has_its_parents_and_leaves_with_it() -> None:
    data = backlog(
        sprint(), item("A", ("03-06", OUT), sprints=("S1",)), subtask("T", "A"), plans=plan(count_subtasks=True)
    )
    found = scopes(data)
    assert (found["committed"], found["removed"], found["final"]) == ("T", "T", "")


def test_without_history_membership_over_time_is_unknown_and_final_an_upper_bound() -> None:
    data = backlog(
        sprint(),
        sprint("S2", "03-16 09:00", "03-19 17:00"),
        item("A", ("03-05", {"status": "done"}), sprints=("S1", "S2"), history_known=False),
        item("B", sprints=("S2",)),
    )
    reckoning = Reckoning(data)
    found = reckoning.sprints.scopes(reckoning.timeline.sprints["S1"], Measure.POINTS)
    assert found.unknown == dict.fromkeys((Scope.COMMITTED, Scope.ADDED, Scope.REMOVED), NO_HISTORY)
    assert found.is_upper_bound
    assert scopes(data)["completed"] == "A"
    assert (scopes(data, "S2")["completed"], scopes(data, "S2")["done_before"]) == ("", "A")
    times = reckoning.sprints.scopes(reckoning.timeline.sprints["S1"], Measure.TIME_SPENT)
    assert set(times.unknown) == set(Scope) - {Scope.COMMITTED}


def test_a_subtask_without_history_hides_only_the_sprints_that_it_is_in() -> None:
    story = item("A", sprints=("S1",))
    with_own = subtask("T", "A", sprints=("S2",), history_known=False)
    without = subtask("T", "A", history_known=False)
    sprints = (sprint("S1"), sprint("S2", completed=None))
    assert scopes(backlog(*sprints, story, with_own), "S1")["committed"] == "A"
    assert scopes(backlog(*sprints, story, with_own), "S2")["committed"] is None
    assert scopes(backlog(*sprints, story, without), "S1")["committed"] is None


def test_without_history_work_done_in_the_later_sprint_is_completed_there() -> None:
    data = backlog(
        sprint(),
        sprint("S2", "03-16 09:00", "03-19 17:00"),
        item("A", ("03-18", {"status": "done"}), sprints=("S1", "S2"), history_known=False),
    )
    assert scopes(data, "S1")["carried_over"] == "A"
    assert scopes(data, "S2")["completed"] == "A"


def test_logged_time_is_that_between_start_and_closing_and_never_negative() -> None:
    data = backlog(
        sprint(),
        item("A", ("03-05", {"time_spent": 500}), ("03-14", {"time_spent": 900}), sprints=("S1",), time_spent=200),
        subtask("T", "A", ("03-06", {"time_spent": 40})),
        item("B", ("03-05", {"time_spent": 100}), sprints=("S1",), time_spent=200),
        item("C", sprints=("S1",), created=at("03-04"), since=at("03-04"), time_spent=30),
        item("D", ("03-05", {"time_spent": 7}), ("03-06", {"sprints": (), "time_spent": 99}), sprints=("S1",)),
    )
    reckoning = Reckoning(data)
    one = reckoning.timeline.sprints["S1"]
    final = reckoning.sprints.lines(one, Scope.FINAL, Measure.TIME_SPENT)
    assert final is not None
    assert {entry.item: entry.value for entry in final} == {"A": 340, "B": 0, "C": 30}
    removed = reckoning.sprints.lines(one, Scope.REMOVED, Measure.TIME_SPENT)
    assert removed is not None
    assert [entry.value for entry in removed] == [7]
    assert reckoning.sprints.lines(one, Scope.COMMITTED, Measure.TIME_SPENT) is None


def test_no_time_can_be_logged_in_a_future_sprint() -> None:
    assert set(scopes(backlog(future(), item("A", sprints=("F1",))), "F1", Measure.TIME_SPENT).values()) == {None}


def test_the_history_of_a_long_life_is_asked_at_any_moment() -> None:
    changes = [(f"02-{day:02d}", {"points": day}) for day in range(1, 20)]
    data = backlog(sprint(), item("A", *changes, sprints=("S1",)))
    reckoning = Reckoning(data)
    thing = reckoning.timeline.items["A"]
    assert reckoning.timeline.state(thing, at("02-10 12:00")).points == 10
    assert reckoning.timeline.state(thing, at("01-01")).points is None


def test_an_item_is_as_new_before_its_first_state() -> None:
    born = item("A", since=at("02-01"), status="doing")
    timeline = Reckoning(backlog(born)).timeline
    assert timeline.state(born, at("01-20")).status == "todo"


def test_parents_that_run_in_a_circle_are_met_once() -> None:
    data = backlog(
        sprint(),
        epic("E", parent="F"),
        epic("F", parent="E"),
        item("A", parent="E", sprints=("S1",)),
        subtask("T", "U", ("03-05", OUT), sprints=("S1",)),
        subtask("U", "T"),
        subtask("V", "NOWHERE", ("03-05", OUT), sprints=("S1",)),
    )
    reckoning = Reckoning(data)
    lineage = reckoning.timeline.lineage(reckoning.timeline.items["A"], at("03-20"))
    assert [each.key for each in lineage.items] == ["A", "E", "F"]
    assert scopes(data)["removed"] == "T V"
    assert reckoning.links["A"][0].reason == "no tag, no tagged ancestor, no rule"


def test_logged_time_of_subtasks_of_subtasks_rolls_up_once() -> None:
    parts = (item("A", board="B1"), subtask("T", "A", time_spent=5), subtask("V", "T", time_spent=7), subtask("W", "V"))
    moved = subtask("Y", "A", ("03-01", {"parent": "B"}), time_spent=100)
    reckoning = Reckoning(backlog(*parts, moved, item("B", parent="A"), subtask("X", "B", time_spent=9)))
    timeline = reckoning.timeline
    assert estimate(timeline, timeline.items["A"], at("03-20"), Measure.TIME_SPENT) == 12
    assert {each.key for each in timeline.subtasks(timeline.items["A"], at("03-20"))} == {"T", "V", "W"}
