"""OKRs kept as Atlassian Goals, read over HTTP: links as tags, what is taken away, and answers that are not whole."""

from collections.abc import Iterator
from datetime import date

import pytest

from integration.files.register import read_version
from integration.okr_sources.reading import Outcome, read_all, read_due
from integration.store.engine import reading
from integration.store.plans import plan_with_values
from mappings.model import KeyResult, Plan
from service.commands.okrs import apply_version
from simulator.conditions import Limit
from simulator.goals import Goal, Measure
from tests.simulator.stage import DAY, START, Stage, on_stage

GRAPHQL = "/gateway/api/graphql"
REGISTER = """
settings: {unestimated: zero}
teams: [{name: Farm shop}]
cycles: [{id: 2026Q1, start: 2026-01-01, end: 2026-03-31}]
sources: [{kind: jira-goals, connection: acme, teams: [Farm shop]}]
"""


@pytest.fixture
def stage(sqlite_url: str) -> Iterator[Stage]:
    """A site whose OKRs are kept as goals: one objective, two key results, one of them measured."""
    with on_stage(sqlite_url) as stage:
        top = add_goal(stage, "Boxes can be relied on")
        measure = Measure("punctual boxes", 70, 90, latest=(START - 3 * DAY, 74.5))
        add_goal(stage, "Boxes come on the chosen day", top, measure=measure)
        add_goal(stage, "Nobody waits for a refund", top)
        stage.connected_by_token()
        apply_version(stage.engine, read_version(REGISTER.encode()), stage.now)
        yield stage


def add_goal(stage: Stage, name: str, parent: Goal | None = None, measure: Measure | None = None) -> Goal:
    goals, key = stage.site.goals, None if parent is None else parent.key
    return goals.add(name, parent=key, measure=measure, team="Farm shop", until=date(2026, 3, 31))


def look(stage: Stage, **how: bool) -> Outcome:
    (outcome,) = read_all(stage.engine, stage.vault, stage.clock, **how)
    return outcome


def plan(stage: Stage) -> Plan:
    with reading(stage.engine) as session:
        return plan_with_values(session, stage.now)


def key_result(stage: Stage, code: str) -> KeyResult:
    return next(one for one in plan(stage).key_results if one.code == code)


def link(stage: Stage, code: str, key: str) -> None:
    issue = stage.site.find(key)
    assert issue is not None
    stage.site.goals.link(code, issue.id)


def unlink(stage: Stage, code: str, key: str) -> None:
    issue = stage.site.find(key)
    assert issue is not None
    stage.site.goals.unlink(code, issue.id)


def test_goals_become_key_results_and_their_values_progress(stage: Stage) -> None:
    outcome = look(stage)
    assert (outcome.faults, outcome.objectives, outcome.key_results) == ((), 1, 2)
    first = key_result(stage, "GOAL-2")
    assert (first.metric, first.unit, first.baseline, first.target) == ("punctual boxes", "%", 70, 90)
    assert [(value.at, float(value.value)) for value in first.values] == [(START - 3 * DAY, 74.5)]
    stage.later(days=1)
    stage.site.goals.measure("GOAL-2", 80)
    look(stage)
    assert [float(value.value) for value in key_result(stage, "GOAL-2").values] == [74.5, 80]


def test_a_link_is_a_tag_from_its_first_sight_until_it_is_taken_away(stage: Stage) -> None:
    look(stage)
    begun = stage.later(hours=1)
    link(stage, "GOAL-2", "FARM-28")
    look(stage)
    states = stage.item("FARM-28").states
    assert [(state.at, state.tags) for state in states][-1] == (begun, ("GOAL-2",))
    ended = stage.later(hours=1)
    unlink(stage, "GOAL-2", "FARM-28")
    look(stage)
    states = stage.item("FARM-28").states
    assert [(state.at, state.tags) for state in states][-2:] == [(begun, ("GOAL-2",)), (ended, ())]


def test_a_goal_that_is_archived_is_live_until_that_day(stage: Stage) -> None:
    look(stage)
    stage.later(days=3)
    stage.site.goals.archive("GOAL-3")
    assert look(stage).faults == ()
    assert key_result(stage, "GOAL-3").until == stage.now.date()
    stage.site.goals.archive("GOAL-3", is_archived=False)
    stage.later(days=1)
    look(stage)
    assert key_result(stage, "GOAL-3").until is None


def test_many_goals_and_links_come_page_by_page(stage: Stage) -> None:
    top = stage.site.goals.every["GOAL-1"]
    for number in range(7):
        add_goal(stage, f"Aim {number}", top)
    for issue in list(stage.site.issues.values())[:6]:
        stage.site.goals.link("GOAL-2", issue.id)
    stage.site.goals.page_most = 2
    stage.site.goals.questions = 0
    assert look(stage).key_results == 9
    tagged = [item.key for item in stage.backlog().items if "GOAL-2" in item.states[-1].tags]
    assert len(tagged) == 6
    assert stage.site.goals.questions == 5 + 2  # pages of goals, and of links


def test_a_field_that_is_withdrawn_changes_nothing_and_is_named(stage: Stage) -> None:
    look(stage)
    before = plan(stage)
    stage.later(hours=1)
    stage.site.goals.unknown = {"metricTargets"}
    (fault,) = look(stage).faults
    assert "metricTargets is not available" in fault
    assert plan(stage) == before
    stage.site.goals.unknown = set()
    assert look(stage).faults == ()


@pytest.mark.parametrize("status", [429, 503])
def test_an_answer_with_an_error_alone_is_asked_for_again_later(stage: Stage, status: int) -> None:
    look(stage)
    before = plan(stage)
    stage.later(hours=1)
    stage.site.goals.troubles = [status]
    assert len(look(stage).faults) == 1
    assert plan(stage) == before
    stage.later(minutes=10)
    assert read_due(stage.engine, stage.vault, stage.clock) == 1
    assert look(stage).faults == ()


def test_a_limit_is_waited_out_as_it_asks(stage: Stage) -> None:
    stage.site.conditions.limits.append(Limit("jira-burst-based", left=2, path=GRAPHQL, retry_after=7))
    assert look(stage).faults == ()
    assert stage.slept >= 14


def test_links_that_may_not_be_seen_take_no_tag_away(stage: Stage) -> None:
    link(stage, "GOAL-2", "FARM-28")
    link(stage, "GOAL-2", "FARM-27")
    look(stage)
    assert stage.item("FARM-28").states[-1].tags == ("GOAL-2",)
    hidden = stage.site.find("FARM-28")
    assert hidden is not None
    stage.later(hours=1)
    stage.site.set_security(hidden, stage.now, is_hidden=True)
    unlink(stage, "GOAL-2", "FARM-27")
    look(stage)
    stage.site.set_security(hidden, stage.later(hours=1), is_hidden=False)
    look(stage)
    assert stage.item("FARM-28").states[-1].tags == ("GOAL-2",)
    assert stage.item("FARM-27").states[-1].tags == ()


def test_goals_of_a_site_that_shows_none_are_named_as_such(stage: Stage) -> None:
    look(stage)
    before = plan(stage)
    stage.later(hours=1)
    stage.site.cloud_id = "another-site"
    text = REGISTER.replace("connection: acme", "connection: acme, container: 0a1b2c3d")
    apply_version(stage.engine, read_version(text.encode()), stage.now)
    (fault,) = look(stage).faults
    assert "may not read goals" in fault
    assert plan(stage).key_results == before.key_results
