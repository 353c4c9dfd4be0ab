"""The webhook of an OAuth app: registered by the app itself, signed with its client secret, and over after 30 days.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-webhooks/
"""

from datetime import UTC, datetime

from integration.connecting import Registered, Wanted
from integration.contract import Misconfigured, Permanent
from integration.http import HTTPClient
from integration.trackers.jira.answered import Json, as_object, as_objects, number, paged
from integration.trackers.jira.webhook import PROPERTY, SILENT, jql_of, leads_to

PATH = "/rest/api/3/webhook"
# Of ours those that Jira lets an app hear of; boards, projects, links and worklogs are seen at the next look.
EVENTS = (
    "jira:issue_created",
    "jira:issue_updated",
    "jira:issue_deleted",
    "sprint_created",
    "sprint_updated",
    "sprint_started",
    "sprint_closed",
    "sprint_deleted",
    SILENT,
)


def register(http: HTTPClient, wanted: Wanted) -> Registered:
    """Register anew, then take away what led to us before: an app's webhook cannot be changed."""
    earlier = [str(hook.get("id")) for hook in _ours(http, wanted.url)]
    entry: Json = {"events": list(EVENTS), "jqlFilter": jql_of(wanted) or "project != EMPTY"}
    entry["issuePropertyKeysFilter"] = [PROPERTY]  # what other apps set is not told
    answer = as_object(http.json("POST", PATH, body={"url": wanted.url, "webhooks": [entry]}), "webhook")
    results = as_objects(answer.get("webhookRegistrationResult"), "webhook.webhookRegistrationResult")
    created = results[0].get("createdWebhookId") if results else None
    if created is None:  # Jira answers 200 all the same
        said = " ".join(str(error) for result in results for error in result.get("errors") or ())
        raise Misconfigured("webhook_refused", f"Jira did not register the webhook of the app. It says: {said[:300]}")
    if earlier:
        http.json("DELETE", PATH, body={"webhookIds": [int(number(id_)) for id_ in earlier]}, repeatable=True)
    found = next((hook for hook in _ours(http, wanted.url) if str(hook.get("id")) == str(created)), None)
    if found is None:
        raise Permanent("webhook_missing", "Jira does not list the webhook that we registered.")
    return _registered(found)


def found_by_url(http: HTTPClient, ending: str) -> Registered | None:
    hooks = [_registered(hook) for hook in _ours(http, ending)]
    return max(hooks, key=lambda hook: hook.expires_at or datetime.min.replace(tzinfo=UTC), default=None)


def renew(http: HTTPClient, hook: Registered) -> Registered:
    """Another 30 days."""
    body = {"webhookIds": [int(number(hook.id))]}
    answer = as_object(http.json("PUT", f"{PATH}/refresh", body=body, repeatable=True), "webhook/refresh")
    return Registered(hook.id, hook.url, hook.is_signed, hook.is_enabled, expires_at=_moment(answer))


def _ours(http: HTTPClient, ending: str) -> list[Json]:
    """An app has one address; sites that do not tell it tell the app's own webhooks only."""
    return [hook for hook in paged(http, PATH, [], size=100) if leads_to(str(hook.get("url") or ending), ending)]


def _registered(hook: Json) -> Registered:
    url = str(hook.get("url") or "")
    return Registered(str(hook.get("id")), url, is_signed=True, is_enabled=True, expires_at=_moment(hook))


def _moment(raw: Json) -> datetime | None:
    """Epoch milliseconds, or the text of a date."""
    told = raw.get("expirationDate")
    if isinstance(told, int):
        return datetime.fromtimestamp(told / 1000, UTC)
    try:
        at = datetime.fromisoformat(str(told))
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else None
