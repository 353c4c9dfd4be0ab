"""A delivery on demand: an invisible property of one issue is set, and taken away again.

It notifies nobody and leaves no trace in a history, but needs the permission to edit issues. Of Data Center no such
event is known; there a person changes any issue.
"""

from integration.contract import Connection, Misconfigured
from integration.trackers.jira import client, oauth
from integration.trackers.jira.answered import number
from integration.trackers.jira.chosen import chosen_of
from integration.trackers.jira.webhook import PROPERTY

HOW = (
    "Change any work item of the chosen projects in Jira, for instance add a label and take it off again. The delivery "
    "arrives within seconds, as a rule."
)


def can_cause_delivery(connection: Connection) -> bool:
    """Whether this edition tells of changes that nobody sees, and our credentials may make one, as far as is known."""
    granted = connection.credentials.get("scopes", oauth.WRITE_SCOPE).split()
    return client.open_client(connection).dialect != client.DATA_CENTER and oauth.WRITE_SCOPE in granted


def cause_delivery(connection: Connection) -> str:
    """Set and delete the property on the issue that was changed last; say what was done."""
    http = client.open_client(connection)
    if http.dialect == client.DATA_CENTER:
        raise Misconfigured("no_silent_change", f"Data Center tells nothing of changes that nobody sees. {HOW}")
    if not can_cause_delivery(connection):
        said = f"The app was not given the scope {oauth.WRITE_SCOPE}, which setting a property needs."
        raise Misconfigured("may_not_write", f"{said} {HOW}")
    jql = f"{chosen_of(connection).jql} ORDER BY updated DESC"
    issues, _ = client.search_page(http, jql, ("updated",), size=1)
    if not issues:
        raise Misconfigured("no_issue", "There is no issue yet whose change could be told: create one in Jira.")
    issue = issues[0]
    path = f"/rest/api/3/issue/{number(str(issue['id']))}/properties/{PROPERTY}"
    http.json("PUT", path, body={"of": "Tieline's test delivery"}, repeatable=True)
    http.json("DELETE", path, repeatable=True)
    return f"The property {PROPERTY} of {issue.get('key', issue['id'])} was set and taken away again."
