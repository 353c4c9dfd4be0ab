"""What OKRs of a tracker are to the figures: links to their issues are tags, and these issues are no work."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from integration.answers import decide_due
from integration.contract import Fetched
from integration.okr_sources.reading import read_all
from integration.secrets import Vault, new_key
from integration.store import connections
from integration.store.backlog import backlog_at
from integration.store.engine import reading, writing
from integration.store.writes import save_fetched
from integration.trackers.jira.fields import FieldMapping
from integration.trackers.jira.site import site_facts
from integration.trackers.jira.translate import translate_issue
from mappings.analysis import sprint_report
from mappings.model import Measure, Scope, Sprint, SprintState
from mappings.reckoning import Reckoning
from tests.integration.okr_sources.okr_site import (
    CYCLE,
    LINK,
    REGISTER,
    OkrSite,
    acme,
    goal,
    key_result,
    objective,
    okr_site,
    work_items,
)
from tests.integration.okr_sources.test_goals import GOALS
from tests.integration.okr_sources.test_issues import START, Clock, apply
from tests.integration.trackers.jira.fake_jira import SITE, Json, issue

DAY = timedelta(days=1)
SPRINT = Sprint("31", "7", "Sprint 31", SprintState.ACTIVE, start=START - DAY, end=START + 9 * DAY)
MAPPING = FieldMapping(kr_link_types=("Contributes",))


@pytest.fixture
def site() -> Iterator[OkrSite]:
    with okr_site() as site:
        yield site


@pytest.fixture
def vault() -> Vault:
    return Vault([new_key()])


def save(engine: Engine, vault: Vault, *issues: Json) -> None:
    """The backlog of a site whose register is applied already."""
    site = site_facts(SITE, link_types=[LINK])
    in_sprint = {"sprint": {"id": 31}}
    items = [translate_issue({**one, "fields": {**one["fields"], **in_sprint}}, [], MAPPING, site) for one in issues]
    with writing(engine) as session:
        connections.keep_connection(session, vault, acme(), START)
        save_fetched(session, "acme", Fetched(at=START, items=tuple(items), sprints=(SPRINT,)), START)


def shares(engine: Engine) -> dict[str, int | None]:
    with reading(engine) as session:
        backlog = backlog_at(session, "acme", START)
    (sprint,) = backlog.sprints
    figure = sprint_report(Reckoning(backlog), sprint, Measure.COUNT).scopes[Scope.FINAL]
    assert figure is not None
    found = {code: part.percent for code, part in figure.shares}
    return {**found, "": figure.unaligned.percent, "items": len(figure.items)}


def test_a_link_to_the_issue_of_a_key_result_is_its_tag_and_that_issue_is_no_work(
    store: Engine, vault: Vault, site: OkrSite
) -> None:
    link = {"type": LINK, "outwardIssue": {"id": "20002", "key": "OKR-2"}}
    cycle = {CYCLE: {"id": "1", "value": "2026Q1"}}
    issues = (objective(1, **cycle), key_result(2, 1), objective(3, **cycle), objective(4))
    site.add(*issues)
    save(store, vault, issue(11, issuelinks=[link]), issue(12), *issues)
    apply(store, REGISTER, START)
    (outcome,) = read_all(store, vault, Clock())
    assert outcome.faults == ()
    assert shares(store) == {"OKR-2": 50, "": 50, "items": 2}
    assert decide_due(store, START)
    with reading(store) as session:
        objectives = backlog_at(session, "acme", START).plans[-1].objectives
    assert [one.id for one in objectives] == ["OKR-1", "OKR-3"]  # that no key result serves one is no fault


def test_a_goal_that_is_linked_to_an_epic_is_a_tag_which_its_items_inherit(
    store: Engine, vault: Vault, site: OkrSite
) -> None:
    epic = issue(9, issuetype={"id": "30", "name": "Epic", "hierarchyLevel": 1})
    below = issue(1, parent={"id": "20009", "key": "PAY-9"})
    site.goals = [goal(1), goal(2, 1, workItems=work_items(20009))]
    save(store, vault, epic, below, issue(2))
    apply(store, GOALS, START)
    (outcome,) = read_all(store, vault, Clock())
    assert outcome.faults == ()
    assert shares(store) == {"ACME-2": 50, "": 50, "items": 2}
    with reading(store) as session:
        reckoning = Reckoning(backlog_at(session, "acme", START))
    assert [link.reason for link in reckoning.links["PAY-1"]] == [
        'PAY-1 → ACME-2 (100 %), inherited from Epic PAY-9, field "link “Contributes”, Goals"',
    ]
