"""The platform part of a simulated Data Center site (`/rest/api/2`)."""

from collections.abc import Callable

from flask import Blueprint, Response, g, jsonify

from simulator import catalogue, dates, jql, shapes
from simulator.dates import Json
from simulator.platform import may
from simulator.requests_in import Refused, Shape, listed, must_be_known, strict_body
from simulator.site import Site
from simulator.things import Issue

VERSION = 2
MOST_A_PAGE = 100  # jira.search.views.default.max of this site
MOST_CHANGES = 20  # of an issue within a search
_PERMISSIONS = ("BROWSE_PROJECTS", "EDIT_ISSUES", "ADD_COMMENTS", "ADMINISTER", "SYSTEM_ADMIN", "CREATE_ISSUES")
_SEARCH = {
    "jql": Shape(str),
    "startAt": Shape(int),
    "maxResults": Shape(int),
    "fields": Shape(list),
    "expand": Shape(list),
    "validateQuery": Shape(bool),
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
            if site.is_open(project) and not (project.hidden or g.anonymous)
        ],
        "mypermissions": lambda: {
            "permissions": {name: {"key": name, "havePermission": may(site, name)} for name in _PERMISSIONS}
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
        "serverTime": dates.moment(site.now()),
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
    size = min(size, MOST_A_PAGE, site.conditions.page_most)
    fields, expand = ([str(one) for one in _listed(body.get(name))] for name in ("fields", "expand"))
    # Its index finds the issues; what they hold is then read from the database.
    page = [site.issues[issue.id] for issue in found[start : start + size] if site.shows(site.issues[issue.id])]
    issues = [_issue(site, issue, fields or ["*navigable"], "changelog" in expand, MOST_CHANGES) for issue in page]
    return {"startAt": start, "maxResults": size, "total": len(found), "issues": issues}


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _issue(site: Site, issue: Issue, fields: list[str], with_changes: bool, most: int | None) -> Json:
    body = shapes.issue_json(site, issue, fields, VERSION)
    if with_changes:
        changes = [shapes.history_json(each, dates.moment(each.created), site) for each in issue.histories]
        shown = changes[:most]
        body["changelog"] = {"startAt": 0, "maxResults": len(shown), "total": len(changes), "histories": shown}
    return body
