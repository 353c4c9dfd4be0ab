"""What was closed while an earlier field mapping held keeps that one's reading; all else is read by the present one."""

from dataclasses import replace

from mappings.model import Backlog, EarlierReading, Measure, Periods, Scope
from mappings.reckoning import Reckoning
from tests.builders import Q1, at, backlog, board, item, sprint

CHANGED = at("03-15")


def _tagged_anew() -> Backlog:
    """S1 was closed before the mapping changed, S2 runs; the present mapping reads KR-2 and 3 points from the start,
    the earlier one read KR-1 and 5."""
    names = {"sprints": ("S1", "S2"), "status": "done", "since": at("03-05")}
    present = backlog(
        item("PAY-1", tags=("KR-2",), points=3, **names),
        item("PAY-2", tags=("KR-2",), points=1, **names),
        sprint("S1"),
        sprint("S2", "03-14 09:00", None),
    )
    before = item("PAY-1", tags=("KR-1",), points=5, **names)
    return replace(present, earlier=(EarlierReading(CHANGED, (before,)),))


def test_closed_sprint_keeps_the_reading_of_the_mapping_that_held_at_its_completion() -> None:
    reckoning = Reckoning(_tagged_anew())
    closed = reckoning.timeline.sprints["S1"]
    figure = reckoning.sprints.figure(closed, Scope.FINAL, Measure.POINTS)
    assert figure is not None
    assert figure.total == 6
    assert {name: part.amount for name, part in figure.shares} == {"KR-1": 5, "KR-2": 1}
    assert reckoning.sprints.scopes(closed, Measure.POINTS).placed[Scope.FINAL]
    assert reckoning.sprints.estimates_completed(closed, Measure.POINTS)


def test_open_sprint_is_read_by_the_present_mapping_from_its_start() -> None:
    reckoning = Reckoning(_tagged_anew())
    running = reckoning.timeline.sprints["S2"]
    for scope in (Scope.COMMITTED, Scope.FINAL):
        figure = reckoning.sprints.figure(running, scope, Measure.POINTS)
        assert figure is not None
        assert figure.total == 4


def test_as_of_a_moment_before_the_change_all_is_read_as_it_was_then() -> None:
    reckoning = Reckoning(_tagged_anew(), as_of=at("03-14 12:00"))
    running = reckoning.timeline.sprints["S2"]
    figure = reckoning.sprints.figure(running, Scope.FINAL, Measure.POINTS)
    assert figure is not None
    assert figure.total == 6
    assert [link.key_result for link in reckoning.links["PAY-1"]] == ["KR-1"]


def test_each_of_several_mappings_reads_what_was_closed_while_it_held() -> None:
    oldest = item("PAY-1", tags=("KR-1",), points=8, sprints=("S1", "S2"))
    both = _tagged_anew()
    reckoning = Reckoning(replace(both, earlier=(EarlierReading(at("03-10"), (oldest,)), *both.earlier)))
    closed = reckoning.timeline.sprints["S1"]
    figure = reckoning.sprints.figure(closed, Scope.FINAL, Measure.POINTS)
    assert figure is not None
    assert figure.total == 6
    then = Reckoning(reckoning.timeline.backlog, as_of=at("03-09"))
    figure = then.sprints.figure(then.timeline.sprints["S1"], Scope.FINAL, Measure.POINTS)
    assert figure is not None
    assert figure.total == 9


def test_period_that_is_over_keeps_the_reading_of_its_end() -> None:
    kanban = board("B1", periods=Periods.WEEK)
    done = {"board": "B1", "status": "done", "since": at("03-04")}
    present = backlog(
        item("PAY-1", points=3, **done), item("PAY-2", ("03-17", {"points": 2}), points=1, **done), kanban
    )
    before = item("PAY-1", points=5, **done)
    reckoning = Reckoning(replace(present, earlier=(EarlierReading(CHANGED, (before,)),)))
    first, *later = reckoning.done.periods(kanban, Measure.POINTS)
    assert sum(line.value for line in reckoning.done.period_lines(first, Measure.POINTS)) == 6
    assert not any(reckoning.done.period_lines(period, Measure.POINTS) for period in later)


def test_work_outside_sprints_keeps_the_reading_of_the_end_of_its_time() -> None:
    done = {"board": "B1", "status": "done", "since": at("03-04")}
    present = backlog(item("PAY-1", points=3, **done))
    before = item("PAY-1", points=5, **done)
    reckoning = Reckoning(replace(present, earlier=(EarlierReading(CHANGED, (before,)),)))
    on_board = reckoning.timeline.boards["B1"]
    between = reckoning.done.outside_between(on_board, at("03-01"), at("03-10"), Measure.POINTS)
    assert [line.value for line in between] == [5]
    assert reckoning.done.outside_between(on_board, at("03-01"), at("03-10"), Measure.POINTS) == between
    assert [line.value for line in reckoning.done.outside_cycle(on_board, Q1, Measure.POINTS)] == [3]


def test_board_of_an_earlier_mapping_keeps_its_team_for_what_was_closed() -> None:
    present = backlog(item("PAY-1", points=3, sprints=("S1",)), sprint("S1"), board("B1", team="Web"))
    reckoning = Reckoning(replace(present, earlier=(EarlierReading(CHANGED, boards=(board("B1", team="Payments"),)),)))
    lines = reckoning.sprints.lines(reckoning.timeline.sprints["S1"], Scope.FINAL, Measure.POINTS)
    assert lines is not None
    assert [line.team for line in lines] == ["Payments"]
