"""A key result that nobody works for."""

from datetime import date
from fractions import Fraction

from mappings.analysis import analyse
from mappings.model import Backlog, Finding, Measure, Team
from tests.builders import backlog, board, key_result, plan, three_sprints


def found(data: Backlog) -> dict[str, Finding]:
    return {each.subject: each for each in analyse(data).findings if each.kind == "starved_kr"}


def test_under_a_twentieth_of_the_last_three_sprints_starves() -> None:
    starved = found(backlog(*three_sprints(4, 96)))["KR-1"]
    assert (starved.severity, starved.evidence) == ("high", {"share": Fraction(1, 25), "sprints": ("S2", "S1", "S0")})
    assert found(backlog(*three_sprints(5, 95))) == {}


def test_it_needs_three_sprints_within_its_period_with_work() -> None:
    assert found(backlog(*three_sprints(0, 100)[:6])) == {}
    assert found(backlog(*three_sprints(0, 0))) == {}
    young = plan(key_results=(key_result("KR-1", since=date(2026, 2, 1)), key_result("KR-2")))
    assert found(backlog(*three_sprints(0, 100), plans=young)) == {}
    over = plan(key_results=(key_result("KR-1", until=date(2026, 3, 19)), key_result("KR-2")))
    assert found(backlog(*three_sprints(0, 100), plans=over)) == {}


def test_sprints_of_other_boards_in_which_the_team_has_items_count_and_others_do_not() -> None:
    elsewhere = board("B1", "Growth")
    assert set(found(backlog(elsewhere, *three_sprints(0, 9, team="Payments")))) == {"KR-1"}
    assert found(backlog(elsewhere, *three_sprints(0, 9))) == {}


def test_a_teams_own_threshold_comes_before_the_settings() -> None:
    team = Team("Payments", "Group", thresholds={"starved_kr": 3})
    data = backlog(*three_sprints(4, 96), plans=plan(teams=(Team("Group"), team)))
    assert found(data) == {}
    lower = plan(thresholds={"starved_kr": 4})
    assert found(backlog(*three_sprints(4, 96), plans=lower)) == {}


def test_in_counts_the_items_are_counted() -> None:
    assert found(backlog(*three_sprints(0, 100), plans=plan(measure=Measure.COUNT))) == {}
