"""The webhook of a Jira site: how it is registered, read back and explained.

Admin webhooks with a secret are signed and never expire: https://developer.atlassian.com/cloud/jira/platform/webhooks/
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from integration.contract import Misconfigured, Permanent
from integration.http import HTTPClient
from integration.trackers.jira import client

ISSUE_EVENTS = (
    "jira:issue_created",
    "jira:issue_updated",
    "jira:issue_deleted",
    "worklog_created",
    "worklog_updated",
    "worklog_deleted",
)
OTHER_EVENTS = (
    "sprint_created",
    "sprint_updated",
    "sprint_started",
    "sprint_closed",
    "sprint_deleted",
    "board_created",
    "board_updated",
    "board_deleted",
    "board_configuration_changed",
    "project_updated",
    "project_deleted",
    "project_soft_deleted",
    "project_restored_deleted",
    "project_archived",
    "project_restored_archived",
    "issuelink_created",
    "issuelink_deleted",
)
EVENTS = ISSUE_EVENTS + OTHER_EVENTS


@dataclass(frozen=True, slots=True)
class Registered:
    """What Jira says of the webhook after it was registered: the secret itself can never be read back."""

    id: str
    url: str
    is_signed: bool
    is_enabled: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """A webhook as we want it. Jira filters by JQL at every event: project ids are cheap and survive re-keying."""

    name: str
    url: str
    projects: tuple[str, ...] = ()
    secret: str = field(default="", repr=False)

    @property
    def jql(self) -> str:
        return f"project in ({', '.join(self.projects)})" if self.projects else ""


def register(http: HTTPClient, wanted: Wanted) -> Registered:
    """Register the webhook, or set the one that has our URL anew; then read it back."""
    existing = next((hook for hook in client.webhooks(http) if hook.get("url") == wanted.url), None)
    body = _body(wanted)
    answer = client.create_webhook(http, body) if existing is None else client.update_webhook(http, _id(existing), body)
    registered = read_back(http, _id(answer or existing or {}))
    if not registered.is_signed:
        raise Misconfigured(
            "unsigned_webhook",
            "Jira keeps the webhook without a secret: it would arrive unsigned and be refused. Set the secret by hand.",
        )
    return registered


def read_back(http: HTTPClient, webhook_id: str) -> Registered:
    for hook in client.webhooks(http):
        if _id(hook) == webhook_id:
            return _registered(hook)
    raise Permanent("webhook_missing", "Jira does not list the webhook that we registered.")


def found_by_url(http: HTTPClient, ending: str) -> Registered | None:
    """The webhook whose address ends so; of several an enabled and signed one."""
    found = [_registered(hook) for hook in client.webhooks(http) if str(hook.get("url", "")).endswith(ending)]
    return max(found, key=lambda hook: (hook.is_enabled and hook.is_signed, hook.is_enabled), default=None)


def _registered(hook: client.Json) -> Registered:
    return Registered(
        id=_id(hook),
        url=str(hook.get("url", "")),
        is_signed=hook.get("isSigned") is True,
        is_enabled=hook.get("enabled", hook.get("active")) is not False,
    )


def instructions(site: str, wanted: Wanted) -> Sequence[str]:
    """What a Jira administrator does by hand where our credentials may not; the secret is shown this once."""
    return (
        f"1. Open {site}/plugins/servlet/webhooks (Settings > System > WebHooks) as a Jira administrator.",
        '2. Press "Create a WebHook".',
        f"   Name:    {wanted.name}",
        "   Status:  Enabled",
        f"   URL:     {wanted.url}",
        f"   Secret:  {wanted.secret}",
        f"   Scope:   issue related events, JQL: {wanted.jql or 'empty, for all issues'}",
        '   Events:  Issue created, updated, deleted; "Worklog" created, updated, deleted;',
        "            Sprint created, updated, started, closed, deleted;",
        "            Board created, updated, deleted, configuration changed;",
        "            Project updated, deleted, archived, restored; Issue link created, deleted.",
        '   "Exclude body" stays off.',
        "3. Press Create. Tieline counts the first delivery within seconds of the next change in Jira.",
    )


def _body(wanted: Wanted) -> client.Json:
    body: client.Json = {
        "name": wanted.name,
        "url": wanted.url,
        "secret": wanted.secret,
        "events": list(EVENTS),
        "excludeBody": False,
    }
    if wanted.jql:
        body["filters"] = {"issue-related-events-section": wanted.jql}
    return body


def _id(hook: client.Json) -> str:
    """Jira tells the id in the address of the webhook only; newer versions as a number of its own, too."""
    if hook.get("id") is not None:
        return str(hook["id"])
    return str(hook.get("self", "")).rstrip("/").rpartition("/")[2]
