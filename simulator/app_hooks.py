"""The webhooks that an app registers for itself (`/rest/api/3/webhook`): over after 30 days unless extended."""

import re
from datetime import timedelta

from flask import Blueprint, Response, g, jsonify, request

from simulator.accounts import App
from simulator.catalogue import EPIC_NAME_FIELD, FIELD
from simulator.dates import Json, milliseconds
from simulator.jql import BadQuery, parse
from simulator.requests_in import Refused, Shape, done, strict_body, whole
from simulator.sender import JQL_SECTION, Hook, Sender
from simulator.site import Site

LASTS = timedelta(days=30)
FAILURES_KEPT = timedelta(hours=72)
MOST = 5  # of one app and person on one site
EVENTS = frozenset(
    (
        *(f"jira:issue_{what}" for what in ("created", "updated", "deleted")),
        *(f"comment_{what}" for what in ("created", "updated", "deleted")),
        *(f"sprint_{what}" for what in ("created", "updated", "started", "closed", "deleted")),
        *(f"jira:version_{what}" for what in ("released", "unreleased", "created", "moved", "updated", "merged")),
        "jira:version_deleted",
        "issue_property_set",
        "issue_property_deleted",
    )
)
_FIELDS = ("issuekey", "project", "issuetype", "status", "assignee", "reporter", "issue.property")
_CLAUSE = re.compile(r"([\w.\[\]]+)\s*(!=|=|not\s+in\b|in\b|[<>~]+=?|is\b)", re.IGNORECASE)
_IDS = {"webhookIds": Shape(list, entries=(int,))}


def app_webhooks(site: Site, sender: Sender) -> Blueprint:
    """The routes, bound to one site."""
    routes = Blueprint("app_hooks", __name__, url_prefix="/rest/api/3/webhook")

    routes.before_request(_apps_only)

    @routes.get("")
    def every() -> Response:
        return jsonify(_page(site, [_told(hook) for hook in _mine(sender)]))

    @routes.post("")
    def register() -> Response:
        body = strict_body({"url": Shape(str), "webhooks": Shape(list, entries=(dict,))}, ("url", "webhooks"))
        return jsonify({"webhookRegistrationResult": [_registered(site, sender, body, one) for one in _listed(body)]})

    @routes.delete("")
    def delete() -> Response:
        for hook in _named(sender):
            del sender.hooks[hook.id]
        return done(202)

    @routes.put("/refresh")
    def refresh() -> Response:
        until = site.now() + LASTS
        for hook in _named(sender):
            sender.keep_until(hook, until)
        return jsonify({"expirationDate": milliseconds(until)})

    @routes.get("/failed")
    def failed() -> Response:
        return jsonify(_failed(site, sender))

    return routes


def _apps_only() -> None:
    if g.app is None:
        raise Refused(403, "Only apps of Connect and of OAuth 2.0 can use this operation.")


def _mine(sender: Sender) -> list[Hook]:
    app: App = g.app
    return [hook for hook in sender.hooks.values() if hook.app is not None and hook.app.client_id == app.client_id]


def _named(sender: Sender) -> list[Hook]:
    """Those of its own that the body names; what it names beside them is ignored."""
    ids = strict_body(_IDS, ("webhookIds",))["webhookIds"]
    return [hook for hook in _mine(sender) if isinstance(ids, list) and hook.id in ids]


def _listed(body: Json) -> list[Json]:
    entries = body["webhooks"]
    return [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []


def _registered(site: Site, sender: Sender, body: Json, entry: Json) -> Json:
    """An entry that is refused says so within an answer of 200."""
    app: App = g.app
    wrong = _wrong_with(site, sender, str(body["url"]), entry)
    if wrong is not None:
        return {"errors": [wrong]}
    given = {"name": app.client_id, "url": body["url"], "events": entry["events"]}
    hook = sender.register({**given, "filters": {JQL_SECTION: entry["jqlFilter"]}}, next(sender.app_hook_ids))
    filters = (_texts(entry, "fieldIdsFilter"), _texts(entry, "issuePropertyKeysFilter"))
    sender.make_app_hook(hook, app, site.now() + LASTS, *filters)
    return {"createdWebhookId": hook.id}


def _wrong_with(site: Site, sender: Sender, url: str, entry: Json) -> str | None:
    mine = _mine(sender)
    unknown = set(entry) - {"events", "jqlFilter", "fieldIdsFilter", "issuePropertyKeysFilter"}
    events, jql = _texts(entry, "events"), entry.get("jqlFilter")
    if unknown or not events or not isinstance(jql, str):
        return "events and jqlFilter must be given, and nothing that is unknown."
    strange = set(events) - EVENTS
    if strange:
        return f"The event {min(strange)} is not supported."
    if any(hook.url != url for hook in mine):
        return "Only a single URL per app is allowed to be registered."
    if len(mine) >= MOST:
        return f"You have reached the limit of {MOST} webhooks."
    return _wrong_with_filter(site, jql)


def _wrong_with_filter(site: Site, jql: str) -> str | None:
    """A part of JQL only: few fields, and whether they equal something."""
    epic = FIELD[EPIC_NAME_FIELD].id.removeprefix("customfield_")
    for name, operator in _CLAUSE.findall(re.sub(r"\"[^\"]*\"|\([^()]*\)", " x ", jql)):
        if name.lower() not in (*_FIELDS, f"cf[{epic}]"):
            return f"Field {name} is not supported."
        if operator.lower().split()[0] not in ("=", "!=", "in", "not"):
            return f"Operator {operator} is not supported."
    try:
        parse(site, jql)
    except BadQuery as error:
        return str(error)
    return None


def _texts(entry: Json, name: str) -> tuple[str, ...]:
    given = entry.get(name)
    return tuple(map(str, given)) if isinstance(given, list) else ()


def _told(hook: Hook) -> Json:
    body: Json = {
        "id": hook.id,
        "url": hook.url,
        "jqlFilter": hook.filters.get(JQL_SECTION, ""),
        "events": list(hook.events),
        "expirationDate": 0 if hook.expires is None else milliseconds(hook.expires),
    }
    filters = {"fieldIdsFilter": hook.fields, "issuePropertyKeysFilter": hook.properties}
    return body | {name: list(ids) for name, ids in filters.items() if ids}


def _page(site: Site, every: list[Json]) -> Json:
    start, size = whole("startAt", 0), whole("maxResults", 100, least=1, most=100)
    size = min(size, site.conditions.page_most)
    page: Json = {"maxResults": size, "startAt": start, "total": len(every)}
    return page | {"isLast": start + size >= len(every), "values": every[start : start + size]}


def _failed(site: Site, sender: Sender) -> Json:
    after, size = whole("after", 0, most=10**15), whole("maxResults", 100, least=1, most=100)
    app: App = g.app
    if not app.is_connect:
        raise Refused(403, "Only Connect apps can use this operation.")
    found = [
        {"id": one.identifier, "body": one.body.decode(), "url": one.hook.url, "failureTime": milliseconds(at)}
        for at, one in sender.failed
        if one.hook.app is not None and one.hook.app.client_id == app.client_id and milliseconds(at) > after
        if site.now() - at <= FAILURES_KEPT
    ][:size]
    answer: Json = {"maxResults": size, "values": found}
    if found:
        answer["next"] = f"{site.base_url}{request.path}?after={found[-1]['failureTime']}&maxResults={size}"
    return answer
