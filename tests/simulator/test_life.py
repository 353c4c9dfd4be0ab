"""The company keeps living, and whatever it does stays possible."""

from simulator.life import SPRINT_CHANGES_EVERY, Life
from tests.simulator.companies import NOON, company_at


def test_every_board_with_sprints_always_has_one_that_runs_and_one_to_come() -> None:
    site = company_at(NOON).site
    life = Life(site)
    for _ in range(6 * SPRINT_CHANGES_EVERY):
        life.act()
        site.advance(60)
    for board in (board for board in site.boards.values() if board.type == "scrum"):
        states = [sprint.state for sprint in site.sprints.values() if sprint.board == board.id]
        assert states.count("active") == 1
        assert states.count("future") >= 1


def test_acts_are_repeatable_and_leave_a_trace() -> None:
    first, second = (Life(company_at(NOON).site) for _ in range(2))
    told = [first.act() for _ in range(40)]
    assert told == [second.act() for _ in range(40)]
    assert len(set(told)) > 20


def test_what_is_not_done_goes_on_and_still_names_the_closed_sprint() -> None:
    company = company_at(NOON)
    closed, following = company.sprint_id("Checkout", 6), company.sprint_id("Checkout", 7)
    company.site.close_sprint(closed, NOON, onward=following)
    unfinished = [issue for issue in company.site.members(closed) if issue.values.status != "done"]
    assert unfinished
    assert all(issue.values.sprints[-2:] == (closed, following) for issue in unfinished)
