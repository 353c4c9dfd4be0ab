"""What unestimated work counts for."""

from fractions import Fraction

from mappings.estimates import median
from mappings.model import Backlog, Measure, Policy, Scope
from mappings.reckoning import Reckoning
from tests.builders import at, backlog, board, future, item, plan, sprint, subtask

DONE = ("02-10", {"status": "done"})
BEFORE = sprint("S0", "02-02 09:00", "02-13 17:00")


def values(
    data: Backlog, name: str = "S1", scope: Scope = Scope.FINAL, measure: Measure = Measure.POINTS
) -> dict[str, object]:
    reckoning = Reckoning(data)
    entries = reckoning.sprints.lines(reckoning.timeline.sprints[name], scope, measure) or ()
    return {entry.item: entry.value for entry in entries if entry.imputed}


def policy(*pairs: tuple[str, Policy]) -> object:
    return plan(unestimated=pairs)


def bugs(*points: int | Fraction, name: str = "S0") -> list[object]:
    return [
        item(f"{name}-{number}", DONE, type="Bug", points=each, sprints=(name,)) for number, each in enumerate(points)
    ]


def test_the_median_is_that_of_the_type_in_the_last_sprints() -> None:
    data = backlog(BEFORE, sprint(), *bugs(2, 5, Fraction(7, 2)), item("U", type=" bug", sprints=("S1",)))  # type: ignore[arg-type]
    assert values(data) == {"U": Fraction(7, 2)}


def test_too_few_of_the_type_leave_it_to_the_sprint_and_too_few_there_to_one() -> None:
    others = [item(f"E{points}", points=points, sprints=("S1",)) for points in (1, 4, 8)]
    data = backlog(BEFORE, sprint(), *bugs(2, 5), item("U", type="Bug", sprints=("S1",)), *others)  # type: ignore[arg-type]
    assert values(data) == {"U": 4}
    assert values(backlog(BEFORE, sprint(), *bugs(2, 5), item("U", sprints=("S1",)))) == {"U": 1}  # type: ignore[arg-type]


def test_the_median_of_an_even_number_lies_between_the_middle_two() -> None:
    assert median([1, 4, 2, 8]) == 3
    assert median([1, 2]) == Fraction(3, 2)


def test_a_policy_may_be_zero_or_a_number_or_differ_by_type() -> None:
    parts = (sprint(), item("B", type="bug", sprints=("S1",)), item("S", sprints=("S1",)))
    assert values(backlog(*parts, plans=policy(("*", "zero")))) == {"B": 0, "S": 0}  # type: ignore[arg-type]
    assert values(backlog(*parts, plans=policy(("BUG", 3)))) == {"B": 3, "S": 1}  # type: ignore[arg-type]


def test_a_sprint_closed_at_the_very_start_of_this_one_was_not_closed_before_it() -> None:
    touching = sprint("S0", "02-02 09:00", "03-02 09:00")
    data = backlog(touching, sprint(), *bugs(2, 2, 2), item("U", type="Bug", sprints=("S1",)))  # type: ignore[arg-type]
    assert values(data) == {"U": 1}


def test_a_future_sprint_looks_at_what_is_closed_by_now() -> None:
    data = backlog(BEFORE, future("F1", "01-01"), *bugs(2, 2, 2), item("U", type="Bug", sprints=("F1",)))  # type: ignore[arg-type]
    assert values(data, "F1") == {"U": 2}


def test_where_sprints_of_a_board_name_several_teams_each_has_its_own_last_ones() -> None:
    other = sprint("S0", "02-02 09:00", "02-13 17:00", team="Growth")
    data = backlog(other, sprint(), *bugs(2, 2, 2), item("U", type="Bug", sprints=("S1",)))  # type: ignore[arg-type]
    assert values(data) == {"U": 1}


def test_the_largest_value_an_unestimated_item_may_have_is_that_of_its_scope() -> None:
    data = backlog(
        sprint(),
        item("A", ("03-05", {"points": 13}), points=2, sprints=("S1",)),
        item("U", sprints=("S1",)),
        item("R", ("03-06", {"sprints": ()}), points=20, sprints=("S1",)),
        item("V", ("03-06", {"sprints": ()}), sprints=("S1",)),
    )
    reckoning = Reckoning(data)
    one = reckoning.timeline.sprints["S1"]

    def caps(scope: Scope) -> dict[str, object]:
        entries = reckoning.sprints.lines(one, scope, Measure.POINTS) or ()
        return {entry.item: entry.cap for entry in entries if entry.imputed}

    assert caps(Scope.COMMITTED) == {"U": 20, "V": 20}
    assert caps(Scope.FINAL) == {"U": 13}
    assert caps(Scope.REMOVED) == {"V": 20}
    assert caps(Scope.CARRIED_OVER) == {"U": 13}


def test_a_time_estimate_is_missing_only_where_the_item_and_all_its_subtasks_lack_one() -> None:
    data = backlog(
        sprint(),
        item("A", sprints=("S1",)),
        subtask("T", "A", original_estimate=600),
        subtask("V", "A"),
        item("B", sprints=("S1",)),
        subtask("W", "B"),
    )
    assert values(data, measure=Measure.ORIGINAL_ESTIMATE) == {"B": 1}
    reckoning = Reckoning(data)
    entries = reckoning.sprints.lines(reckoning.timeline.sprints["S1"], Scope.FINAL, Measure.ORIGINAL_ESTIMATE) or ()
    assert {entry.item: entry.value for entry in entries} == {"A": 600, "B": 1}


def test_only_the_last_five_sprints_of_the_board_make_the_pool() -> None:
    old = [sprint(f"P{week}", f"01-{5 + week:02d} 09:00", f"01-{6 + week:02d} 08:00") for week in range(7)]
    done = [
        item(f"P{week}-{n}", (f"01-{5 + week:02d} 10:00", {"status": "done"}), points=points, sprints=(f"P{week}",),
             created=at("01-01"), since=at("01-01"))
        for week, points in ((0, 9), (1, 9), (2, 2))
        for n in range(3)
    ]  # fmt: skip
    data = backlog(board(), *old, sprint(), *done, item("U", sprints=("S1",)))
    assert values(data) == {"U": 2}
