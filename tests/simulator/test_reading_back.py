"""Tieline's own reader of Jira, asked over HTTP, finds the simulated company as the simulator knows it."""

from dataclasses import replace
from functools import cache

import pytest

from integration.contract import Connection
from integration.trackers.jira import TRACKER, choosing, connect_site
from integration.trackers.jira.chosen import Chosen
from mappings.analysis import analyse
from mappings.document import to_document
from mappings.model import Backlog, Item, Periods, Team
from simulator.company.place import Company
from simulator.compare import finding_differences
from tests.simulator.callers import answering
from tests.simulator.companies import NOON, backlog_of, company_at

TEAMS = tuple(Team(name) for name in ("Checkout", "Onboarding", "Merchant", "Operations", "Ledger", "Risk"))


EDITIONS = pytest.mark.parametrize("version", [None, (10, 3, 2)], ids=["cloud", "data-center"])
Version = tuple[int, int, int] | None


@cache
def read_back(version: Version) -> tuple[Company, Backlog]:
    """The company, and the same as it comes out of a backfill, under the same register."""
    company = company_at(NOON, version)
    with answering(company.site):
        connection = _chosen(company)
        parts = [page.fetched for page in TRACKER.backfill(connection, None, NOON)]
    return company, Backlog(
        now=NOON,
        plans=backlog_of(company, NOON).plans,
        boards=tuple({board.id: board for part in parts for board in part.boards}.values()),
        sprints=tuple({sprint.id: sprint for part in parts for sprint in part.sprints}.values()),
        items=tuple({tracked.id: tracked.item for part in parts for tracked in part.items}.values()),
        hidden_parents=frozenset().union(*(part.hidden_parents for part in parts)),
    )


def _chosen(company: Company) -> Connection:
    """What the operator of the demo chooses."""
    site = connect_site.probe(company.site.base_url)
    known = connect_site.credentials(site, company.site.email, company.site.token)
    connection = Connection("demo", "jira", site.base_url, known)
    projects = choosing.projects(connection)
    boards = choosing.boards(connection, projects)
    fields = choosing.choose_fields(
        choosing.look_at_fields(connection, projects, boards), choosing.Wishes(team_field="Team")
    )
    chosen = choosing.choose_boards(connection, boards, TEAMS, given={}, periods=Periods.WEEK)
    return choosing.with_choice(connection, Chosen(projects, chosen, fields))


def _plain(item: Item, moved: set[str]) -> Item:
    """Without what only a tracker tells; of a moved item only its last state."""
    states = item.states[-1:] if item.key in moved else item.states
    return replace(item, url=None, tag_field=None, aliases=(), states=states)


@EDITIONS
def test_every_item_is_read_with_its_whole_history(version: Version) -> None:
    company, found = read_back(version)
    moved = {company.marks[mark].key for mark in ("moved-1", "moved-2")}
    ours = {item.key: _plain(item, moved) for item in backlog_of(company, NOON).items}
    theirs = {item.key: _plain(item, moved) for item in found.items}
    assert theirs.keys() == ours.keys()
    differing = [key for key in ours if key not in moved and ours[key] != theirs[key]]
    assert differing == []
    for key in moved:
        (last,), (read,) = ours[key].states, theirs[key].states
        assert read._replace(at=last.at) == last


@EDITIONS
def test_exactly_the_planted_findings_come_out_of_what_was_read(version: Version) -> None:
    company, found = read_back(version)
    findings = to_document(analyse(found))["findings"]
    assert isinstance(findings, list)
    assert finding_differences(company, findings) == []


@EDITIONS
def test_parents_in_a_hidden_project_are_known_to_be_hidden(version: Version) -> None:
    company, found = read_back(version)
    assert found.hidden_parents == {company.epics["secret-keys"].key, company.epics["secret-desk"].key}


@EDITIONS
def test_of_people_nothing_is_asked_for(version: Version) -> None:
    company, _ = read_back(version)
    asked = " ".join(str(request) for request in company.site.requests)
    for word in ("assignee", "reporter", "creator", "comment", "*all", "*navigable"):
        assert word not in asked
