"""A cheap look at items that we know: deletions whose delivery was lost are found by nothing else."""

from collections.abc import Mapping
from datetime import datetime

from integration.contract import Connection, Fetched
from integration.trackers.jira import client
from integration.trackers.jira.answered import portions
from integration.trackers.jira.fetch import fetch_issues, fetch_parents, open_site, sees_all_projects
from integration.trackers.jira.sprints import moment_of


def sweep(connection: Connection, known: Mapping[str, datetime], now: datetime) -> Fetched:
    """Ask for the known ids by a hundred a call; fetch what has another `updated` than we know."""
    site = open_site(connection, now)
    present: dict[str, datetime | None] = {}
    for some in portions(tuple(known), client.ISSUES_A_CALL):
        for issue in client.issues(site.http, some, ["updated"]):
            present[str(issue["id"])] = moment_of(issue["fields"].get("updated"))
    found = fetch_issues(site, [id_ for id_, updated in present.items() if updated != known.get(id_)], strangers=True)
    missing = tuple(id_ for id_ in known if id_ not in present)
    return Fetched(
        at=now,
        items=tuple(found.items),
        gone=missing if missing and sees_all_projects(site) else (),
        hidden_parents=fetch_parents(site, found),
        raw=found.raw,
        asked=site.wanted,
        read_by=site.read_by,
        refused=tuple(found.refused),
    )
