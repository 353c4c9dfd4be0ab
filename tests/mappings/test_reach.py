"""A part of a backlog, with what is known of the rest, gives what the whole gives for what was touched."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from mappings.census import Census, Fact, census_of
from mappings.findings import find_all, is_within, orphan_epic, rules
from mappings.known_work import KnownWork, Lines, SprintParts
from mappings.model import Backlog, EarlierReading, Finding, Measure, Periods, Scope, Severity, Split, Status, Team
from mappings.reach import EVERYTHING, Reach
from mappings.reckoning import Reckoning
from mappings.rollups import rollups
from mappings.survey import Survey, teams_in
from mappings.tags import Register
from mappings.work_below import WorkBelow
from tests.builders import at, backlog, board, epic, item, plan, sprint

DONE = {"status": Status.DONE}
TEAMS = (Team("Payments", split=Split(70, 20, 10)), Team("Shops", split=Split(70, 20, 10)))
DATA = backlog(
    board("B1"),
    board("B2", "Shops"),
    board("K", None, periods=Periods.WEEK),
    *(sprint(f"S{number}", f"01-{number + 5:02} 09:00", f"01-{number + 5:02} 17:00") for number in range(1, 5)),
    sprint("T1", completed=None, board="B2", goal=""),
    epic("E"),
    epic("F", parent="UNSEEN"),
    *(
        item(f"A{number}", (f"01-{number + 5:02} 12:00", DONE), sprints=(f"S{number}",), points=number, tags=("KR-1",))
        for number in range(1, 5)
    ),
    item("B", sprints=("T1",), points=2, tags=("gone",), parent="E"),
    item("C", ("03-04 09:00", DONE), board="K", points=3),
    item("D", ("03-04 09:00", DONE), board="B1", points=5),
    plans=plan(teams=TEAMS),
)


def known_of(whole: Reckoning) -> KnownWork:
    """All work of a whole backlog, as if it had been kept."""
    timeline = whole.timeline

    def sprint_parts(name: str, measure: Measure) -> SprintParts:
        of = timeline.sprints[name]
        final, completed = (whole.sprints.lines(of, scope, measure) for scope in (Scope.FINAL, Scope.COMPLETED))
        return SprintParts(final, completed, whole.sprints.estimates_completed(of, measure))

    def teams(name: str) -> frozenset[str | None]:
        of = timeline.sprints[name]
        return teams_in(timeline, of, whole.sprints.lines(of, Scope.FINAL, whole.measure) or ())

    def outside(name: str | None, cycle: str, measure: Measure) -> Lines:
        [found] = [each for each in whole.register.plan.cycles if each.id == cycle]
        return whole.done.outside_cycle(timeline.boards[name] if name is not None else None, found, measure)

    def periods(name: str, measure: Measure) -> dict[date, Lines]:
        of = whole.done.periods(timeline.boards[name], measure)
        return {each.first: whole.done.period_lines(each, measure) for each in of}

    return KnownWork(sprint_parts, teams, outside, periods)


def without_items(data: Backlog) -> Reckoning:
    return Reckoning(replace(data, items=()), known=known_of(Reckoning(data)))


def test_roll_ups_of_known_work_need_no_items() -> None:
    for measure in (Measure.POINTS, Measure.COUNT):
        whole, known = (list(rollups(each, measure)) for each in (Reckoning(DATA), without_items(DATA)))
        assert known == whole


def test_roll_ups_within_reach_are_those_of_its_cycles_boards_and_teams() -> None:
    reach = Reach(cycles=frozenset({"2026Q1"}), boards=frozenset({"B1"}), teams=frozenset({"Payments"}))
    whole = list(rollups(Reckoning(DATA), Measure.POINTS))
    named = {("board", "B1"), ("team", "Payments"), ("company", "company")}
    assert list(rollups(Reckoning(DATA), Measure.POINTS, reach=reach)) == [
        each for each in whole if (each.by, each.subject) in named
    ]
    assert list(rollups(Reckoning(DATA), Measure.POINTS, reach=Reach(cycles=frozenset()))) == []


def test_medians_of_known_sprints_need_no_items_of_these() -> None:
    more = replace(DATA, items=(*DATA.items, item("X", sprints=("S4",))))
    whole = Reckoning(more)
    known = replace(known_of(whole), sprint=lambda name, measure: known_of(whole).sprint(name, measure))
    some = [each for each in more.items if each.key in ("A4", "X")]
    last = replace(known, sprint=lambda name, measure: None if name == "S4" else known.sprint(name, measure))
    part = Reckoning(replace(more, items=tuple(some)), known=last)
    of = whole.timeline.sprints["S4"]
    lines = whole.sprints.lines(of, Scope.FINAL, Measure.POINTS)
    assert lines is not None
    assert [line.imputed for line in lines] == [False, True]
    assert part.sprints.lines(of, Scope.FINAL, Measure.POINTS) == lines


def test_only_two_scopes_of_a_sprint_are_kept_in_parts() -> None:
    with pytest.raises(AssertionError):
        SprintParts((), (), {}).lines(Scope.ADDED)


def _touched() -> Iterator[tuple[Reach, frozenset[str]]]:
    """A reach, and the kinds of findings that it tells of in `DATA`."""
    nothing = Reach(*(frozenset[str]() for _ in range(6)))
    yield replace(nothing, items=frozenset({"B"})), frozenset({"unknown_tag"})
    yield replace(nothing, epics=frozenset({"E", "UNSEEN"})), frozenset({"hidden_epic", "orphan_epic"})
    yield replace(nothing, sprints=frozenset({"T1"}), boards=frozenset({"B2"})), frozenset({"missing_goal"})


@pytest.mark.parametrize(("reach", "kinds"), list(_touched()))
def test_findings_within_reach_are_those_of_all_about_what_was_touched(reach: Reach, kinds: frozenset[str]) -> None:
    whole = Survey(Reckoning(DATA))
    part = Survey(Reckoning(DATA), reach, whole.work.census)
    found = find_all(part)
    assert found == tuple(each for each in find_all(whole) if is_within(part, each.kind, each.subject))
    assert {each.kind for each in found} - {"unmeasured_kr"} == kinds


def test_every_kind_of_finding_is_told_when_what_it_rests_on_is_touched() -> None:
    reach = Reach(
        items=frozenset({"B"}),
        epics=frozenset({"E"}),
        sprints=frozenset({"T1"}),
        boards=frozenset({"B1"}),
        teams=frozenset({"Payments"}),
        cycles=frozenset(),
    )
    survey = Survey(Reckoning(DATA), reach)
    told = {
        "unknown_tag": ("B", "C"),
        "orphan_epic": ("E", "F"),
        "missing_goal": ("T1", "S1"),
        "catch_all_kr": ("B1/KR-1", "B2/KR-1"),
        "off_balance": ("Payments", "Shops"),
    }
    for kind, (touched, other) in told.items():
        assert (is_within(survey, kind, touched), is_within(survey, kind, other)) == (True, False), kind
    assert is_within(survey, "starved_kr", "KR-1")
    assert not is_within(Survey(Reckoning(DATA), replace(reach, teams=frozenset())), "starved_kr", "KR-1")
    assert is_within(survey, "unmeasured_kr", "KR-1")
    assert not is_within(survey, "no_baseline", "KR-1")
    assert not is_within(survey, "untagged_backlog", "backlog")
    assert is_within(survey, "a_kind_of_before", "anything")


def test_within_everything_all_is_told() -> None:
    survey = Survey(Reckoning(DATA))
    assert survey.reach is EVERYTHING
    assert all(is_within(survey, rule.kind, "anything") for rule in rules())


def test_key_results_are_fed_by_teams_within_reach_with_the_known_work_of_all_sprints() -> None:
    reach = Reach(teams=frozenset({"Payments"}), items=frozenset(), epics=frozenset(), boards=frozenset())
    whole = [each for each in find_all(Survey(Reckoning(DATA))) if each.kind == "starved_kr"]
    part = Survey(without_items(DATA), reach, WorkBelow(Reckoning(DATA)).census)
    assert [each for each in find_all(part) if each.kind == "starved_kr"] == whole != []


def test_what_a_boards_work_is_made_of_is_told_by_earlier_mappings_too() -> None:
    d = next(each for each in DATA.items if each.key == "D")
    moved = replace(d, states=tuple(state._replace(board="B2") for state in d.states))
    earlier = EarlierReading(at("03-15 09:00"), items=(moved,))
    done = Reckoning(replace(DATA, earlier=(earlier,))).done
    boards = {each.id: each for each in DATA.boards}
    assert "D" in done.candidates(boards["B1"], Measure.POINTS)
    assert "D" in done.candidates(boards["B2"], Measure.POINTS)
    assert done.candidates(boards["K"], Measure.POINTS) == {"C"}
    assert done.candidates(None, Measure.POINTS) == frozenset()
    assert done.boards_of(d) == {"B1", "B2"}
    assert done.boards_of(replace(d, key="B")) == frozenset()


def test_work_done_on_no_board_is_told_as_such() -> None:
    loose = item("L", ("03-04 09:00", DONE))
    done = Reckoning(replace(DATA, items=(loose,))).done
    assert done.boards_of(loose) == {None}
    assert done.candidates(None, Measure.POINTS) == {"L"}


def test_an_orphan_grows_older_untouched() -> None:
    young = Finding(orphan_epic.KIND, "E", Severity.LOW, {"age_days": 1, "open_items": 2}, "Stop it.")
    older = orphan_epic.aged(young, at("01-01 09:00"), at("01-11 10:00"))
    assert older.evidence == {"age_days": 10, "open_items": 2}


# --- the census


def fact(value: int | Fraction | None, is_open: bool = True, is_tagged: bool = False, kind: str = "story") -> Fact:
    return Fact(kind, value, is_open, is_tagged)


def test_a_census_adds_up() -> None:
    census = census_of([fact(1), fact(1), fact(3, is_tagged=True), fact(5, is_open=False)])
    assert (census.open_items, census.tagged) == (3, 1)
    after = census.changed([fact(1)], [fact(None, is_tagged=True)])
    assert (after.open_items, after.tagged) == (3, 2)
    assert after.changed([fact(None, is_tagged=True)], [fact(1)]).counts == census.counts


def test_a_census_imputes_the_median_of_the_type_else_of_all() -> None:
    register = Register(plan())
    stories = [fact(value) for value in (1, 2, 8)]
    census = census_of([*stories, fact(None), fact(Fraction(1, 2), kind="bug"), fact(None, kind="bug")])
    assert census.imputed(register) == {"story": 2, "bug": Fraction(3, 2)}
    assert census_of([fact(None)]).imputed(register) == {"story": 1}
    assert Census({fact(1): 2}).imputed(register) == {}
