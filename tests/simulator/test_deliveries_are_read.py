"""Whatever the simulated site tells by webhook, Tieline's reader of Jira takes as a hint at the right thing."""

import json
from collections.abc import Callable

import pytest

from integration.trackers.jira import TRACKER
from simulator.company.place import Company
from simulator.payloads import payload
from simulator.things import Event
from tests.simulator.companies import NOON, company_at

ITEM = "Checkout 6: epic card-form"


def heard(company: Company, act: Callable[[Company], object]) -> dict[str, set[tuple[str, str]]]:
    """What is read of each event that the act causes."""
    bodies: list[tuple[str, bytes]] = []

    def keep(event: Event) -> None:
        bodies.append((event.name, json.dumps(payload(company.site, event)).encode()))

    company.site.listeners.append(keep)
    act(company)
    return {name: {(change.kind, change.id) for change in TRACKER.read(body)} for name, body in bodies}


@pytest.mark.parametrize(
    ("act", "event"),
    [
        (lambda c: c.site.edit(c.marks[ITEM], NOON, points=8.0), "jira:issue_updated"),
        (lambda c: c.site.edit(c.marks[ITEM], NOON, tags=("KR-12",)), "jira:issue_updated"),
        (lambda c: c.site.edit(c.marks[ITEM], NOON, sprints=()), "jira:issue_updated"),
        (lambda c: c.site.move(c.marks[ITEM], c.projects["ONB"], NOON), "jira:issue_updated"),
        (lambda c: c.site.delete(c.marks[ITEM], NOON), "jira:issue_deleted"),
    ],
    ids=["estimate", "tag", "sprint", "move", "delete"],
)
def test_an_event_of_an_issue_is_a_hint_at_its_id(act: Callable[[Company], object], event: str) -> None:
    company = company_at(NOON)
    item = str(company.marks[ITEM].id)
    assert ("work_item", item) in heard(company, act)[event]


@pytest.mark.parametrize(
    ("act", "events"),
    [
        (lambda c, s: c.site.start_sprint(s, NOON), {"sprint_updated", "sprint_started"}),
        (lambda c, s: c.site.change_sprint(s, NOON, goal="Fewer refunds are late"), {"sprint_updated"}),
        (lambda c, s: c.site.delete_sprint(s, NOON), {"sprint_deleted", "jira:issue_updated"}),
    ],
    ids=["start", "goal", "delete"],
)
def test_an_event_of_a_sprint_is_a_hint_at_its_id(act: Callable[[Company, int], object], events: set[str]) -> None:
    company = company_at(NOON)
    sprint = company.sprint_id("Checkout", 7)
    told = heard(company, lambda c: act(c, sprint))
    assert told.keys() == events
    assert all(("sprint", str(sprint)) in told[name] for name in events if name.startswith("sprint"))
