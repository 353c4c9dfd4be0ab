"""Builders of issue JSON and changelogs as Jira writes them, for the tests of the translation."""

from typing import Any

from integration.trackers.jira.fields import FieldMapping, FieldRef
from integration.trackers.jira.site import SiteFacts, site_facts

BASE = "https://example.atlassian.net"
SPRINT, POINTS, EPIC_LINK, KR = "customfield_10020", "customfield_10016", "customfield_10014", "customfield_10050"

STATUSES = [
    {"id": "1", "name": "To Do", "statusCategory": {"key": "new", "name": "Zu erledigen"}},
    {"id": "3", "name": "In Arbeit", "statusCategory": {"key": "indeterminate", "name": "In Arbeit"}},
    {"id": "5", "name": "Fertig", "statusCategory": {"key": "done", "name": "Fertig"}},
]
RESOLUTIONS = [{"id": "10000", "name": "Erledigt"}, {"id": "10001", "name": "Won't Do"}]
SITE: SiteFacts = site_facts(BASE, STATUSES, RESOLUTIONS)
MAPPING = FieldMapping(
    sprint_field=FieldRef(SPRINT, ("Sprint",)),
    points_fields=(FieldRef(POINTS, ("Story point estimate",), "number"),),
    epic_link_field=FieldRef(EPIC_LINK, ("Epic Link",)),
    parent_link_field=FieldRef("customfield_10018", ("Parent Link",)),
    kr_fields=(FieldRef(KR, ("Key Result",), "option"),),
)


def issue(status: str = "1", /, **fields: Any) -> dict[str, Any]:
    """An issue PAY-7, created on 2026-03-02 09:00 UTC, with these fields on top."""
    return {
        "id": "10101",
        "key": "PAY-7",
        "fields": {
            "summary": "Offer a second card",
            "issuetype": {"id": "10001", "name": "Story", "subtask": False, "hierarchyLevel": 0},
            "project": {"id": "10001", "key": "PAY"},
            "status": next(raw for raw in STATUSES if raw["id"] == status),
            "resolution": None,
            "created": "2026-03-02T10:00:00.000+0100",
            "updated": "2026-03-20T10:00:00.000+0100",
            "labels": [],
            "components": [],
            **fields,
        },
    }


def change(field: str, before: Any, after: Any, **more: Any) -> dict[str, Any]:
    """A changelog item; each side is a text, or a pair of id and text."""
    sides = [side if isinstance(side, tuple) else (None, side) for side in (before, after)]
    return {
        "field": field,
        "fieldtype": "jira",
        "from": sides[0][0],
        "fromString": sides[0][1],
        "to": sides[1][0],
        "toString": sides[1][1],
        **more,
    }


def history(id_: int | str | None, at: Any, *items: dict[str, Any]) -> dict[str, Any]:
    """`at` is a day of March 2026 with its hour ("03T10"), or anything that Jira writes there."""
    created = f"2026-03-{at}:00:00.000+0000" if isinstance(at, str) and len(at) == 5 else at
    return {**({"id": str(id_)} if id_ is not None else {}), "created": created, "items": list(items)}


def status(before: str, after: str) -> dict[str, Any]:
    names = {raw["id"]: raw["name"] for raw in STATUSES}
    return change("status", (before, names[before]), (after, names[after]), fieldId="status")


def sprint(before: str, after: str, **more: Any) -> dict[str, Any]:
    return change("Sprint", (before, ""), (after, ""), fieldtype="custom", fieldId=SPRINT, **more)
