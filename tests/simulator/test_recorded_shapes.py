"""What the simulated site writes has the shape of what real sites wrote: no key that was never recorded there,
and values of the same kinds."""

import json
from pathlib import Path
from typing import Any

from simulator.dates import moment
from simulator.payloads import payload
from simulator.shapes import history_json, issue_json, status_json, type_json
from simulator.sprint_shapes import sprint_json
from simulator.things import Event
from tests.shared_material import SHARED
from tests.simulator.companies import NOON, company_at

Json = dict[str, Any]


def heard(events: list[Event], name: str) -> Event:
    return next(event for event in events if event.name == name)


def strange(ours: Json, recorded: Json, path: str = "") -> list[str]:
    """Keys of ours that were not recorded, and values of another kind; null fits everything."""
    found = []
    for key, value in ours.items():
        if key not in recorded:
            found.append(f"{path}{key} was not recorded")
        elif isinstance(value, dict) and isinstance(recorded[key], dict):
            found += strange(value, recorded[key], f"{path}{key}.")
        elif value is not None and recorded[key] is not None and type(value) is not type(recorded[key]):
            found.append(f"{path}{key} is {type(value).__name__}, was recorded as {type(recorded[key]).__name__}")
    return found


if SHARED is not None:
    REST = SHARED / "fixtures/jira/rest"
    HOOKS = SHARED / "fixtures/jira/webhooks/pinpoint-agent-jira"

    def recorded(path: Path) -> Any:
        return json.loads(path.read_text(encoding="utf-8"))

    def test_a_status_looks_as_recorded() -> None:
        site = company_at(NOON).site
        assert strange(status_json(site, "doing"), recorded(REST / "devlake/statuses.json")[0]) == []

    def test_an_issue_type_looks_as_recorded() -> None:
        site = company_at(NOON).site
        assert strange(type_json(site, "story"), recorded(REST / "devlake/issue_types.json")[0]) == []

    def test_a_sprint_looks_as_recorded_but_for_the_newer_date_of_creation() -> None:
        company = company_at(NOON)
        sprint = sprint_json(company.site, company.sprints["Checkout", 3])
        created = sprint.pop("createdDate")
        assert strange(sprint, recorded(REST / "devlake/board_sprints.json")[0]) == []
        assert created is not None

    def test_a_change_looks_as_recorded() -> None:
        company = company_at(NOON)
        history = company.marks["Checkout 3: nothing"].histories[0]
        rendered = history_json(history, moment(history.created), company.site)
        lists = [entry for entry in recorded(REST / "devlake/issue_changelogs.json") if entry["items"]]
        assert strange({**rendered, "author": None}, lists[0]) == []
        known = {key for entry in lists for item in entry["items"] for key in item}
        items = rendered["items"]
        assert isinstance(items, list)
        assert {key for item in items for key in item} <= known

    def test_an_update_of_an_issue_is_told_as_recorded() -> None:
        company = company_at(NOON)
        events: list[Event] = []
        company.site.listeners.append(events.append)
        company.site.edit(company.marks["Checkout 6: epic card-form"], NOON, points=8.0)
        body: Json = payload(company.site, heard(events, "jira:issue_updated"))
        was = recorded(HOOKS / "jira_issue_updated.json")
        was["issue"]["expand"] = ""
        fields = body["issue"]["fields"]
        # Custom fields differ by site; levels of types and descriptions of statuses stand in other recordings.
        body["issue"]["fields"] = {name: fields[name] for name in fields if not name.startswith("customfield_")}
        del fields["issuetype"]["hierarchyLevel"], fields["status"]["description"], body["issue"]["fields"]["parent"]
        assert strange(body, was) == []

    def test_start_update_and_close_of_a_sprint_are_told_as_recorded() -> None:
        company = company_at(NOON)
        events: list[Event] = []
        company.site.listeners.append(events.append)
        sprint = company.sprint_id("Checkout", 7)
        company.site.start_sprint(sprint, NOON)
        company.site.close_sprint(sprint, NOON)
        for name in ("sprint_updated", "sprint_started", "sprint_closed"):
            body: Json = payload(company.site, heard(events, name))
            for part in (body["sprint"], body.get("oldValue", {})):
                part.pop("createdDate", None)
            old = recorded(HOOKS / f"{name}.json")
            for part in ("sprint", "oldValue"):
                if part in old:
                    old[part] = {"startDate": "", "endDate": "", **old[part]}
            assert strange(body, old) == [], name

    def test_an_issue_has_the_outer_keys_that_were_recorded() -> None:
        company = company_at(NOON)
        ours = issue_json(company.site, company.marks["Checkout 3: nothing"], ["summary"])
        assert set(ours) <= set(recorded(REST / "devlake/board_issues.json")[0])
