"""The platform part of a simulated Data Center site (`/rest/api/2`), and its webhooks, which moved in version 10."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, g, jsonify, request

from simulator import catalogue, jql, shapes
from simulator.requests_in import Refused, Shape, listed, must_be_known, strict_body
from simulator.sender import Hook, Sender
from simulator.shapes import Json, milliseconds
from simulator.site import Issue, Site

VERSION = 2
MOST_A_PAGE = 100  # jira.search.views.default.max of this site
MOST_CHANGES = 20  # of an issue within a search
SIGNS_FROM = 10
_PERMISSIONS = ("BROWSE_PROJECTS", "EDIT_ISSUES", "ADD_COMMENTS", "ADMINISTER", "SYSTEM_ADMIN", "CREATE_ISSUES")
_SEARCH = {
    "jql": Shape(str),
    "startAt": Shape(int),
    "maxResults": Shape(int),
    "fields": Shape(list),
    "expand": Shape(list),
    "validateQuery": Shape(bool),
}
_OLD_HOOK = {
    "name": Shape(str),
    "url": Shape(str),
    "events": Shape(list),
    "filters": Shape(dict),
    "excludeBody": Shape(bool),
    "enabled": Shape(bool),
}


def second_platform(site: Site) -> Blueprint:
    """The routes, bound to one site."""
    routes = Blueprint("second_platform", __name__, url_prefix="/rest/api/2")
    _about_the_site(site, routes)

    @routes.post("/search")
    def search() -> Response:
        return jsonify(_search(site, strict_body(_SEARCH)))

    @routes.get("/issue/<id_or_key>")
    def issue(id_or_key: str) -> Response:
        found = None if g.anonymous else site.find(id_or_key)
        if found is None:
            raise Refused(404, "Issue Does Not Exist")
        return jsonify(_issue(site, found, listed("fields") or ["*all"], "changelog" in listed("expand"), None))

    return routes


def _about_the_site(site: Site, routes: Blueprint) -> None:
    plain: dict[str, Callable[[], object]] = {
        "serverInfo": lambda: _server_info(site),
        "field": lambda: [shapes.field_json(field) for field in catalogue.FIELDS],
        "status": lambda: [shapes.status_json(site, status.key, VERSION) for status in catalogue.STATUSES],
        "issuetype": lambda: [shapes.type_json(site, type_.key, VERSION) for type_ in catalogue.TYPES],
        "resolution": lambda: [{"id": id_, "name": name} for id_, name in catalogue.RESOLUTIONS.values()],
        "issueLinkType": lambda: {"issueLinkTypes": []},
        "project": lambda: [
            shapes.project_json(site, project, VERSION)
            for project in site.projects.values()
            if not (project.hidden or g.anonymous)
        ],
        "mypermissions": lambda: {
            "permissions": {name: {"key": name, "havePermission": not g.anonymous} for name in _PERMISSIONS}
        },
    }
    for name, answer in plain.items():
        routes.add_url_rule(f"/{name}", name, lambda answer=answer: jsonify(answer()))

    @routes.get("/myself")
    def myself() -> Response:
        must_be_known()
        return jsonify(shapes.USER | {"timeZone": site.time_zone, "locale": "de_DE"})


def _server_info(site: Site) -> Json:
    return {
        "baseUrl": site.base_url,
        "version": ".".join(map(str, site.version)),
        "versionNumbers": list(site.version),
        "deploymentType": "Server",
        "serverTitle": "Simulated Jira",
    }


def _search(site: Site, body: Json) -> Json:
    """Issues by JQL, which may be refused for a single id that is gone."""
    try:
        query = jql.parse(site, str(body.get("jql", "")))
    except jql.BadQuery as error:
        raise Refused(400, str(error)) from error
    found = [] if g.anonymous else jql.run(site, query)
    start, size = (int(str(body.get(name, usual))) for name, usual in (("startAt", 0), ("maxResults", 50)))
    size = min(size, MOST_A_PAGE)
    fields, expand = ([str(one) for one in _listed(body.get(name))] for name in ("fields", "expand"))
    page = found[start : start + size]
    issues = [_issue(site, issue, fields or ["*navigable"], "changelog" in expand, MOST_CHANGES) for issue in page]
    return {"startAt": start, "maxResults": size, "total": len(found), "issues": issues}


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _issue(site: Site, issue: Issue, fields: list[str], with_changes: bool, most: int | None) -> Json:
    body = shapes.issue_json(site, issue, fields, VERSION)
    if with_changes:
        changes = [shapes.history_json(each, shapes.moment(each.created), site) for each in issue.histories]
        shown = changes[:most]
        body["changelog"] = {"startAt": 0, "maxResults": len(shown), "total": len(changes), "histories": shown}
    return body


# --- webhooks


@dataclass(frozen=True, slots=True)
class _Resource:
    """Where the webhooks are kept: before version 10, and since."""

    prefix: str
    name: str
    given: Callable[[Json], Json]
    told: Callable[[Site, Hook], Json]


def second_webhook_resource(site: Site, sender: Sender) -> Blueprint:
    """Register, list and change webhooks."""
    resource = _NEW if site.version[0] >= SIGNS_FROM else _OLD
    routes = Blueprint("second_hooks", __name__, url_prefix=f"/rest/{resource.prefix}/1.0/{resource.name}")
    routes.before_request(must_be_known)

    @routes.get("")
    def every() -> Response:
        return jsonify([resource.told(site, hook) for hook in sender.hooks.values()])

    @routes.post("")
    def register() -> Response:
        answer = jsonify(resource.told(site, sender.register(resource.given(_body()))))
        answer.status_code = 201
        return answer

    @routes.put("/<int:identity>")
    def change(identity: int) -> Response:
        if identity not in sender.hooks:
            raise Refused(404, f"The webhook {identity} does not exist.")
        return jsonify(resource.told(site, sender.register(resource.given(_body()), identity)))

    return routes


def _body() -> Json:
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not all(isinstance(body.get(name), str) for name in ("name", "url")):
        raise Refused(400, "A webhook needs a name and a URL.")
    return body


def _given_before(_body: Json) -> Json:
    """It knows no secret, and refuses what it does not know."""
    return strict_body(_OLD_HOOK, required=("name", "url", "events"))


def _given(body: Json) -> Json:
    """A secret or a filter that does not stand in the configuration is ignored without a word."""
    configuration = body.get("configuration")
    known = configuration if isinstance(configuration, dict) else {}
    secret = {"secret": known["SECRET"]} if known.get("SECRET") else {}
    return {
        "name": body["name"],
        "url": body["url"],
        "events": body.get("events", []),
        "excludeBody": known.get("EXCLUDE_BODY") == "true",
        "enabled": body.get("active", True),
        **secret,
    }


def _told_before(site: Site, hook: Hook) -> Json:
    return {
        "name": hook.name,
        "url": hook.url,
        "excludeBody": hook.exclude_body,
        "filters": dict(hook.filters),
        "events": list(hook.events),
        "enabled": hook.enabled,
        "self": f"{site.base_url}/rest/webhooks/1.0/webhook/{hook.id}",
        "lastUpdated": milliseconds(hook.updated),
    }


def _told(_site: Site, hook: Hook) -> Json:
    secret: Json = {"SECRET": "*****"} if hook.secret is not None else {}
    return {
        "id": hook.id,
        "name": hook.name,
        "url": hook.url,
        "events": list(hook.events),
        "active": hook.enabled,
        "scopeType": "global",
        "configuration": {"EXCLUDE_BODY": "true" if hook.exclude_body else "false"} | secret,
    }


_OLD = _Resource("webhooks", "webhook", _given_before, _told_before)
_NEW = _Resource("jira-webhook", "webhooks", _given, _told)
