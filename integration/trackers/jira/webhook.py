"""The webhook of a Jira site: how it is registered, read back and explained.

Admin webhooks with a secret are signed and never expire: https://developer.atlassian.com/cloud/jira/platform/webhooks/
Data Center 9 has no secrets: there a token at the end of the path proves a delivery.
"""

from collections.abc import Callable
from dataclasses import dataclass

from integration.connecting import Registered, Wanted
from integration.contract import Misconfigured, Permanent
from integration.http import HTTPClient
from integration.trackers.jira import client
from integration.trackers.jira.answered import Json

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


# What a Data Center site has never heard of is left out: it might refuse the whole webhook.
CLOUD_ONLY = (
    "project_soft_deleted",
    "project_restored_deleted",
    "project_archived",
    "project_restored_archived",
)
PROPERTY = "tieline.proof"
SILENT = "issue_property_set"  # of a change that nobody sees; other apps make many, so it is for proving alone
FIRST_SIGNING = 10  # the first version of Data Center that signs


@dataclass(frozen=True, slots=True)
class Resource:
    """Where a site keeps its webhooks, and how it writes them."""

    path: str
    body: Callable[[Wanted], Json]
    is_signed: Callable[[Json], bool]
    can_sign: bool = True


# --- one resource an edition and version ------------------------------------------------------


def jql_of(wanted: Wanted) -> str:
    """Jira filters by JQL at every event: project ids are cheap and survive re-keying."""
    return f"project in ({', '.join(wanted.projects)})" if wanted.projects else ""


def _body(wanted: Wanted) -> Json:
    body: Json = {"name": wanted.name, "url": wanted.url, "secret": wanted.secret}
    events = [*EVENTS, SILENT] if wanted.for_proof else list(EVENTS)
    body |= {"events": events, "excludeBody": False}
    if wanted.projects:
        body["filters"] = {"issue-related-events-section": jql_of(wanted)}
    return body


def _unsigned_body(wanted: Wanted) -> Json:
    body = _body(wanted) | {"events": _data_center_events()}
    return {key: value for key, value in body.items() if key != "secret"}


def _body_with_configuration(wanted: Wanted) -> Json:
    """A secret or a filter beside `configuration` is ignored without a word, so that deliveries come unsigned.

    https://jira.atlassian.com/browse/JRASERVER-78733
    """
    return {
        "name": wanted.name,
        "url": wanted.url,
        "events": _data_center_events(),
        "active": True,
        "scopeType": "global",
        "configuration": {"SECRET": wanted.secret, "EXCLUDE_BODY": "false"},
    }


def _data_center_events() -> list[str]:
    return [event for event in EVENTS if event not in CLOUD_ONLY]


def _has_secret(hook: Json) -> bool:
    configuration = hook.get("configuration")
    return hook.get("isSigned") is True or (isinstance(configuration, dict) and bool(configuration.get("SECRET")))


# https://developer.atlassian.com/cloud/jira/platform/webhooks/#registering-a-webhook-using-the-rest-api--other-integrations
CLOUD = Resource("/rest/webhooks/1.0/webhook", _body, lambda hook: hook.get("isSigned") is True)
# https://confluence.atlassian.com/adminjiraserver/managing-webhooks-938846912.html
DATA_CENTER = Resource("/rest/jira-webhook/1.0/webhooks", _body_with_configuration, _has_secret)
DATA_CENTER_9 = Resource("/rest/webhooks/1.0/webhook", _unsigned_body, lambda _hook: False, can_sign=False)


def resource_of(http: HTTPClient) -> Resource:
    """Asked of the site each time: an upgrade moves the webhooks to another place, and they can be signed then."""
    if http.dialect != client.DATA_CENTER:
        return CLOUD
    return DATA_CENTER if client.major_version(http) >= FIRST_SIGNING else DATA_CENTER_9


def can_sign(http: HTTPClient) -> bool:
    return resource_of(http).can_sign


# --- registering and reading back -------------------------------------------------------------


def register(http: HTTPClient, wanted: Wanted) -> Registered:
    """Register the webhook, or set the one that has our address anew; then read it back."""
    resource = resource_of(http)
    hooks = client.webhooks(http, resource.path)
    existing = next((hook for hook in hooks if leads_to(str(hook.get("url", "")), wanted.address)), None)
    body = resource.body(wanted)
    if existing is None:
        answer = client.create_webhook(http, resource.path, body)
    else:
        answer = client.update_webhook(http, resource.path, _id(existing), body)
    webhook_id = _id(answer) or _id(existing or {})
    # An answer without an id is followed by a look at the address.
    registered = read_back(http, webhook_id, resource) if webhook_id else found_by_url(http, wanted.url)
    if registered is None:
        raise _missing()
    if resource.can_sign and not registered.is_signed:
        raise Misconfigured(
            "unsigned_webhook",
            "Jira keeps the webhook without a secret: it would arrive unsigned and be refused. Set the secret by hand.",
        )
    return registered


def read_back(http: HTTPClient, webhook_id: str, resource: Resource = CLOUD) -> Registered:
    for hook in client.webhooks(http, resource.path):
        if _id(hook) == webhook_id:
            return _registered(hook, resource)
    raise _missing()


def _missing() -> Permanent:
    return Permanent("webhook_missing", "Jira does not list the webhook that we registered.")


def found_by_url(http: HTTPClient, ending: str) -> Registered | None:
    """The webhook whose address ends so, before a token if there is one; of several one that works."""
    resource = resource_of(http)
    hooks = client.webhooks(http, resource.path)
    found = [_registered(hook, resource) for hook in hooks if leads_to(str(hook.get("url", "")), ending)]
    return max(found, key=lambda hook: (hook.is_good, hook.is_enabled), default=None)


def leads_to(url: str, address: str) -> bool:
    """Whether a URL ends in that address, or in the address and a token."""
    return url.endswith(address) or url.rpartition("/")[0].endswith(address)


def _registered(hook: Json, resource: Resource) -> Registered:
    return Registered(
        id=_id(hook),
        url=str(hook.get("url", "")),
        is_signed=resource.is_signed(hook),
        is_enabled=hook.get("enabled", hook.get("active")) is not False,
        can_be_signed=resource.can_sign,
    )


def instructions(site: str, wanted: Wanted) -> tuple[str, ...]:
    """What a Jira administrator does by hand where our credentials may not; the secret is shown this once."""
    proof = f"   Secret:  {wanted.secret}"
    if wanted.token:
        proof = "            This Jira cannot sign: the end of the URL proves its deliveries. Treat it as a password."
    return (
        f"1. Open {site}/plugins/servlet/webhooks (Settings > System > WebHooks) as a Jira administrator.",
        '2. Press "Create a WebHook".',
        f"   Name:    {wanted.name}",
        "   Status:  Enabled",
        f"   URL:     {wanted.url}",
        proof,
        f"   Scope:   issue related events, JQL: {jql_of(wanted) or 'empty, for all issues'}",
        '   Events:  Issue created, updated, deleted; "Worklog" created, updated, deleted;',
        "            Sprint created, updated, started, closed, deleted;",
        "            Board created, updated, deleted, configuration changed;",
        "            Project updated, deleted, archived, restored; Issue link created, deleted.",
        '   "Exclude body" stays off.',
        "3. Press Create. Tieline counts the first delivery within seconds of the next change in Jira.",
    )


def _id(hook: Json) -> str:
    """Jira tells the id in the address of the webhook only; newer versions as a number of its own, too."""
    if hook.get("id") is not None:
        return str(hook["id"])
    return str(hook.get("self", "")).rstrip("/").rpartition("/")[2]
