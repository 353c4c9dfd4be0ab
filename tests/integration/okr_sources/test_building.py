"""From what a source tells to objectives and key results: cycles, teams, periods, and what is refused with its key."""

from datetime import UTC, date, datetime

import pytest

from integration.files.faults import Refused
from integration.okr_sources.building import build, composed
from integration.okr_sources.definition import ISSUES, Source, source_of
from integration.okr_sources.periods import cycle_named, cycle_of_days
from integration.okr_sources.told import Told, ToldKeyResult, ToldObjective
from mappings.model import Cycle, KeyResult, Objective, Plan, Team

QUARTER = Cycle("2026Q1", date(2026, 1, 1), date(2026, 3, 31))
PLAN = Plan(teams=(Team("Payments"), Team("Checkout")), cycles=(QUARTER,))
SOURCE = Source(ISSUES, "acme", ("Payments",), project="OKR", key_results="Key Result", fields=(("team", "Team"),))
ONE = Told((ToldObjective("OKR-1", "Aim", cycle="2026q1"),), (ToldKeyResult("OKR-2", "KR", objective="OKR-1"),))
UNSEEN = "is not among those read; check that it is of the right type, and that our account may see it."


def faults(told: Told, plan: Plan = PLAN, source: Source = SOURCE) -> tuple[str, ...]:
    with pytest.raises(Refused) as refusal:
        build(told, source, plan)
    return refusal.value.faults


def test_a_definition_comes_back_from_json() -> None:
    assert source_of(SOURCE.to_json()) == SOURCE


def test_objectives_and_key_results_get_the_team_and_the_cycle_of_the_register() -> None:
    part = build(ONE, SOURCE, PLAN)
    assert part.objectives == (Objective("OKR-1", "Aim", "Payments", "2026Q1"),)
    assert part.key_results == (KeyResult("OKR-2", "OKR-1", "KR"),)
    assert part.cycles == (QUARTER,)


@pytest.mark.parametrize(
    ("text", "cycle"),
    [
        ("2026Q1", QUARTER),
        ("Q1 2026", QUARTER),
        ("q1/2026", QUARTER),
        ("2026 Q2", Cycle("2026Q2", date(2026, 4, 1), date(2026, 6, 30))),
        ("2026-Q4", Cycle("2026Q4", date(2026, 10, 1), date(2026, 12, 31))),
        ("H2 2026", Cycle("2026H2", date(2026, 7, 1), date(2026, 12, 31))),
        ("2026", Cycle("2026", date(2026, 1, 1), date(2026, 12, 31))),
        ("H3 2026", None),
        ("Q1 9999", None),
        ("soon", None),
    ],
)
def test_a_cycle_is_known_by_its_name_or_by_that_of_a_part_of_the_year(text: str, cycle: Cycle | None) -> None:
    assert cycle_named(text, (QUARTER,)) == cycle


def test_days_tell_the_shortest_cycle_that_holds_them_else_the_quarter() -> None:
    year = Cycle("year", date(2026, 1, 1), date(2026, 12, 31))
    assert cycle_of_days(None, date(2026, 2, 1), (year, QUARTER)) == QUARTER
    assert cycle_of_days(date(2026, 5, 1), None, (year, QUARTER)) == year
    made = cycle_of_days(None, date(2027, 5, 1), (year, QUARTER))
    assert made == Cycle("2027Q2", date(2027, 4, 1), date(2027, 6, 30))
    assert cycle_of_days(None, None, (year,)) is None


def test_a_key_result_of_another_cycle_than_its_objective_keeps_its_own_days() -> None:
    told = Told(ONE.objectives, (ToldKeyResult("OKR-2", "KR", "OKR-1", cycle="Q2 2026"),))
    (kr,) = build(told, SOURCE, PLAN).key_results
    assert (kr.since, kr.until) == (date(2026, 4, 1), date(2026, 6, 30))


def test_what_was_given_up_is_live_until_that_day_and_no_part_where_it_never_began() -> None:
    given_up = datetime(2026, 2, 10, 12, tzinfo=UTC)
    told = Told(ONE.objectives, (ToldKeyResult("OKR-2", "KR", "OKR-1", dropped=given_up),))
    assert build(told, SOURCE, PLAN).key_results[0].until == date(2026, 2, 10)
    before = Told(ONE.objectives, (ToldKeyResult("OKR-2", "KR", "OKR-1", dropped=datetime(2025, 12, 1, tzinfo=UTC)),))
    assert build(before, SOURCE, PLAN).key_results == ()


def test_a_team_whose_okrs_are_kept_elsewhere_is_passed_over() -> None:
    told = Told(
        (*ONE.objectives, ToldObjective("OKR-5", "Aim", team="Checkout", cycle="2026Q1")),
        (*ONE.key_results, ToldKeyResult("OKR-6", "KR", "OKR-5")),
    )
    assert [one.code for one in build(told, SOURCE, PLAN).key_results] == ["OKR-2"]


def test_every_fault_names_its_key_and_the_mend() -> None:
    told = Told(
        (
            ToldObjective("OKR-1", "Aim", cycle="someday"),
            ToldObjective("OKR-3", "Aim", team="Paymnets", cycle="2026Q1"),
            ToldObjective("OKR-4", "Aim"),
            ToldObjective("OKR-5", "Aim", cycle="2026Q1"),
            ToldObjective("OKR-6", "Nothing hangs below it", cycle="whenever"),
        ),
        (
            ToldKeyResult("OKR-11", "KR", "OKR-1"),
            ToldKeyResult("OKR-12", "KR"),
            ToldKeyResult("OKR-13", "KR", "OKR-3"),
            ToldKeyResult("OKR-14", "KR", "OKR-4"),
            ToldKeyResult("OKR-15", "KR", "OKR-99"),
            ToldKeyResult("OKR-16", "KR", "OKR-5", since=date(2026, 3, 1), until=date(2026, 2, 1)),
            ToldKeyResult("OKR-17", "KR", "OKR-5", baseline=5, target=1, direction="Up"),
            ToldKeyResult("OKR-18", "KR", "OKR-5", kind="yes or no", confidence=170),
        ),
        faults=("OKR-20: said before.",),
    )
    assert faults(told) == (
        "OKR-20: said before.",
        'OKR-1: there is no cycle "someday"; the register has 2026Q1: add it there, or mend the field.',
        'OKR-3: there is no team "Paymnets" in the register; add it there, or mend the field.',
        "OKR-4: says no cycle, nor do its key results; fill the field for the cycle, or a due date.",
        "OKR-12: has no objective; give it one, as its parent or by the link that the source names.",
        f"OKR-15: its objective OKR-99 {UNSEEN}",
        "OKR-16: would end on 2026-02-01, before its start on 2026-03-01; mend one of the dates.",
        "OKR-17: says up, but baseline and target go down; mend one of them.",
        'OKR-18: its kind must be metric or binary, not "yes or no".',
        "OKR-18: its confidence must lie between 0 and 100 percent.",
    )


def test_a_code_that_another_source_has_is_refused_whatever_its_case() -> None:
    held = Plan(
        cycles=(QUARTER,),
        objectives=(Objective("O", "x", "Checkout", "2026Q1"),),
        key_results=(KeyResult("okr-2", "O", "x"),),
    )
    assert faults(ONE, held) == (
        "OKR-2: something of this code is in the register already, from another source; rename one of them.",
    )


def test_many_faults_are_cut_short() -> None:
    many = Told((), tuple(ToldKeyResult(f"OKR-{number}", "KR") for number in range(60)))
    assert len(faults(many)) == 51
    assert faults(many)[-1] == "and 10 more of the kind"


def test_without_one_team_of_the_source_each_must_say_its_own() -> None:
    everybody = Source(ISSUES, "acme", project="OKR", key_results="Key Result")
    assert faults(ONE, source=everybody) == (
        "OKR-1: says no team; fill the field for the team, or name one team in this source.",
    )


def test_the_part_takes_the_place_of_what_the_plan_had_of_its_teams_alone() -> None:
    held = Plan(
        cycles=(QUARTER,),
        objectives=(Objective("O", "x", "Checkout", "2026Q1"), Objective("P", "x", "payments", "2026Q1")),
        key_results=(KeyResult("KR-1", "O", "x"), KeyResult("KR-2", "P", "x")),
    )
    plan = composed(held, SOURCE, build(ONE, SOURCE, held))
    assert [one.id for one in plan.objectives] == ["O", "OKR-1"]
    assert [one.code for one in plan.key_results] == ["KR-1", "OKR-2"]
    assert plan.cycles is held.cycles
