"""Too many objectives."""

from datetime import date

from mappings.analysis import analyse
from mappings.model import Backlog, Cycle, Finding
from tests.builders import Q1, backlog, objective, plan


def found(data: Backlog) -> dict[str, Finding]:
    return {each.subject: each for each in analyse(data).findings if each.kind == "too_many_objectives"}


def test_more_than_three_of_a_team_in_a_cycle_that_is_not_over() -> None:
    many = tuple(objective(f"O{n}") for n in range(4))
    old = tuple(objective(f"P{n}", cycle="2025Q4") for n in range(4))
    past = Cycle("2025Q4", date(2025, 10, 1), date(2025, 12, 31))
    data = backlog(plans=plan(cycles=(Q1, past), objectives=(*many, *old), key_results=()))
    assert set(found(data)) == {"Payments/2026Q1"}
    assert found(backlog(plans=plan(objectives=many[:3], key_results=()))) == {}
