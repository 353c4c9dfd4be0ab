"""The platform part of the simulated REST API (`/rest/api/3`)."""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence

from flask import Blueprint, Response, g, jsonify, request

from simulator import catalogue, dates, jql, shapes
from simulator.dates import Json
from simulator.requests_in import Refused, Shape, listed, must_be_known, strict_body, whole
from simulator.site import Site
from simulator.things import History, Issue

PAGE_WITH_FIELDS = 100
PERMISSIONS = ("BROWSE_PROJECTS", "EDIT_ISSUES", "ADD_COMMENTS", "ADMINISTER", "ADMINISTER_PROJECTS", "CREATE_ISSUES")
_SEARCH = {
    "jql": Shape(str),
    "nextPageToken": Shape(str),
    "maxResults": Shape(int),
    "fields": Shape(list),
    "expand": Shape(str),
    "properties": Shape(list, most=5),
    "fieldsByKeys": Shape(bool),
    "failFast": Shape(bool),
    "reconcileIssues": Shape(list, most=50, entries=(int,)),
}
_BULK = {
    "issueIdsOrKeys": Shape(list, most=100),
    "fields": Shape(list),
    "expand": Shape(list),
    "properties": Shape(list, most=5),
    "fieldsByKeys": Shape(bool),
}
_BULK_CHANGES = {
    "issueIdsOrKeys": Shape(list, most=1000),
    "fieldIds": Shape(list, most=10),
    "maxResults": Shape(int),
    "nextPageToken": Shape(str),
}


def platform(site: Site) -> Blueprint:
    """The routes, bound to one site."""
    routes = Blueprint("platform", __name__, url_prefix="/rest/api/3")
    _about_the_site(site, routes)
    _about_issues(site, routes)
    return routes


def _about_the_site(site: Site, routes: Blueprint) -> None:
    @routes.get("/serverInfo")
    def server_info() -> Response:
        return jsonify(_server_info(site))

    @routes.get("/myself")
    def myself() -> Response:
        must_be_known()
        return jsonify(_myself(site))

    @routes.get("/mypermissions")
    def permissions() -> Response:
        return jsonify(_permissions(site, listed("permissions")))

    @routes.get("/field")
    def fields() -> Response:
        return jsonify([shapes.field_json(field) for field in catalogue.FIELDS])

    @routes.get("/status")
    def statuses() -> Response:
        return jsonify(
            [shapes.status_json(site, s.key) | {"untranslatedName": s.untranslated} for s in catalogue.STATUSES]
        )

    @routes.get("/resolution/search")
    def resolutions() -> Response:
        return jsonify(_resolutions())

    @routes.get("/issueLinkType")
    def link_types() -> Response:
        return jsonify({"issueLinkTypes": []})

    @routes.get("/issuetype")
    def types() -> Response:
        return jsonify([shapes.type_json(site, t.key) | {"untranslatedName": t.untranslated} for t in catalogue.TYPES])

    @routes.get("/project/search")
    def projects() -> Response:
        return jsonify(_projects(site))


def _about_issues(site: Site, routes: Blueprint) -> None:
    @routes.route("/search/jql", methods=["GET", "POST"])
    def search() -> Response:
        return jsonify(_search(site, strict_body(_SEARCH) if request.method == "POST" else _search_arguments()))

    @routes.post("/search/approximate-count")
    def count() -> Response:
        body = strict_body({"jql": Shape(str)})
        return jsonify({"count": len(_found(site, str(body.get("jql", ""))))})

    @routes.post("/issue/bulkfetch")
    def bulk() -> Response:
        return jsonify(_bulk(site, strict_body(_BULK, required=("issueIdsOrKeys",))))

    @routes.post("/changelog/bulkfetch")
    def bulk_changes() -> Response:
        return jsonify(_bulk_changes(site, strict_body(_BULK_CHANGES, required=("issueIdsOrKeys",))))

    @routes.get("/issue/<id_or_key>")
    def issue(id_or_key: str) -> Response:
        return jsonify(shapes.issue_json(site, _issue(site, id_or_key), listed("fields") or ["*all"]))

    @routes.get("/issue/<id_or_key>/changelog")
    def changelog(id_or_key: str) -> Response:
        return jsonify(_changelog(site, _issue(site, id_or_key)))


def _server_info(site: Site) -> Json:
    return {
        "baseUrl": site.base_url,
        "version": "1001.0.0-SNAPSHOT",
        "versionNumbers": [1001, 0, 0],
        "deploymentType": "Cloud",
        "buildNumber": 100291,
        "buildDate": "2026-11-18T10:12:28.000+0000",
        "serverTime": dates.moment(site.now()),
        "scmInfo": "0000000000000000000000000000000000000000",
        "serverTitle": "Simulated Jira",
    }


def _myself(site: Site) -> Json:
    return shapes.ROBOT | {
        "self": f"{site.base_url}/rest/api/3/user?accountId={shapes.ROBOT['accountId']}",
        "emailAddress": site.email,
        "timeZone": site.time_zone,
        "locale": "de_DE",
    }


def _permissions(site: Site, asked: Sequence[str]) -> Json:
    if not asked:
        raise Refused(400, "The 'permissions' query parameter is required.")
    unknown = [name for name in asked if name not in PERMISSIONS]
    if unknown:
        raise Refused(400, f"Unrecognized permission: {unknown[0]}")
    return {
        "permissions": {
            name: {
                "id": str(number + 10),
                "key": name,
                "name": name.replace("_", " ").capitalize(),
                "type": "PROJECT",
                "description": "",
                "havePermission": may(site, name),
            }
            for number, name in enumerate(asked)
        }
    }


def may(site: Site, permission: str) -> bool:
    """Browsing is a right within projects: it is held while any is open."""
    if g.anonymous:
        return False
    return permission != "BROWSE_PROJECTS" or any(site.is_open(project) for project in site.projects.values())


def _resolutions() -> Json:
    values = [{"id": identity, "name": name, "description": ""} for identity, name in catalogue.RESOLUTIONS.values()]
    return {"startAt": 0, "maxResults": 50, "total": len(values), "isLast": True, "values": values}


def _projects(site: Site) -> Json:
    start, size = whole("startAt", 0), whole("maxResults", 50, least=1, most=100)
    keys, ids = {key.upper() for key in listed("keys")}, set(listed("id"))
    seen = [p for p in site.projects.values() if site.is_open(p) and not (p.hidden or g.anonymous)]
    every = [p for p in seen if (not keys or p.key in keys) and (not ids or str(p.id) in ids)]
    page = every[start : start + size]
    return {
        "self": f"{site.base_url}/rest/api/3/project/search",
        "startAt": start,
        "maxResults": size,
        "total": len(every),
        "isLast": start + size >= len(every),
        "values": [shapes.project_json(site, project) for project in page],
    }


def _search_arguments() -> Json:
    arguments: Json = {"jql": request.args.get("jql", "")}
    if "maxResults" in request.args:
        arguments["maxResults"] = whole("maxResults", 50, least=-1, most=1_000_000)
    if "nextPageToken" in request.args:
        arguments["nextPageToken"] = request.args["nextPageToken"]
    return arguments | {"fields": listed("fields")}


def _search(site: Site, body: Json) -> Json:
    size = body.get("maxResults", 50)
    if not isinstance(size, int) or not 1 <= size <= 5000:
        raise Refused(400, "The value of maxResults must be between 1 and 5000.")
    text = str(body.get("jql", ""))
    found = _found(site, text, body.get("reconcileIssues"))
    given = body.get("fields") or ["id"]
    fields = [str(name) for name in given] if isinstance(given, list) else ["id"]
    if shapes.chosen_fields(fields):
        size = min(size, PAGE_WITH_FIELDS)
    size = min(size, site.conditions.page_most)
    start = _read_token(body.get("nextPageToken"), text)
    page = found[start : start + size]
    answer: Json = {"issues": [shapes.issue_json(site, issue, fields) for issue in page]}
    answer["isLast"] = start + size >= len(found)
    if not answer["isLast"]:
        answer["nextPageToken"] = _token(start + size, text)
    return answer


def _found(site: Site, text: str, fresh: object = None) -> list[Issue]:
    try:
        query = jql.parse(site, text)
    except jql.BadQuery as error:
        raise Refused(400, str(error)) from error
    ids = frozenset(number for number in fresh if isinstance(number, int)) if isinstance(fresh, list) else frozenset()
    return [] if g.anonymous else jql.run(site, query, ids)


def _token(start: int, about: str) -> str:
    digest = hashlib.sha256(about.encode()).hexdigest()[:12]
    return base64.urlsafe_b64encode(json.dumps([start, digest]).encode()).decode()


def _read_token(token: object, about: str) -> int:
    if token is None:
        return 0
    try:
        start, digest = json.loads(base64.urlsafe_b64decode(str(token)))
    except (ValueError, TypeError, binascii.Error) as error:
        raise Refused(400, "The provided nextPageToken is invalid or has expired.") from error
    if digest != hashlib.sha256(about.encode()).hexdigest()[:12]:
        raise Refused(400, "The provided nextPageToken is invalid or has expired.")
    return int(start)


def _bulk(site: Site, body: Json) -> Json:
    """Issues by id, key or former key, in the order of their ids; what may not be seen is silently missing."""
    given = body.get("fields") or ["*navigable"]
    fields = [str(name) for name in given] if isinstance(given, list) else []
    issues = _asked(site, body)
    return {"issues": [shapes.issue_json(site, issue, fields) for issue in issues], "issueErrors": []}


def _asked(site: Site, body: Json) -> list[Issue]:
    ids_or_keys = body["issueIdsOrKeys"]
    if g.anonymous or not isinstance(ids_or_keys, list):
        return []
    found = {issue.id: issue for text in ids_or_keys if (issue := site.find(text)) is not None}
    return [found[number] for number in sorted(found)]


def _bulk_changes(site: Site, body: Json) -> Json:
    """Histories of many issues, oldest first; one issue's may be split over two pages."""
    size = body.get("maxResults", 1000)
    if not isinstance(size, int) or not 1 <= size <= 10_000:
        raise Refused(400, "The value of maxResults must be between 1 and 10000.")
    wanted = body.get("fieldIds")
    about = json.dumps([body["issueIdsOrKeys"], wanted])
    every = [(issue, history) for issue in _asked(site, body) for history in issue.histories if _has(history, wanted)]
    start = _read_token(body.get("nextPageToken"), about)
    size = min(size, site.conditions.page_most)
    by_issue: dict[int, list[Json]] = {}
    for issue, history in every[start : start + size]:
        # Real answers hold epoch milliseconds here, whatever the schema says.
        rendered = shapes.history_json(history, dates.milliseconds(history.created), site)
        by_issue.setdefault(issue.id, []).append(rendered)
    answer: Json = {
        "issueChangeLogs": [{"issueId": str(number), "changeHistories": h} for number, h in by_issue.items()]
    }
    if start + size < len(every):
        answer["nextPageToken"] = _token(start + size, about)
    return answer


def _has(history: History, wanted: object) -> bool:
    return not isinstance(wanted, list) or any(item.field_id in wanted for item in history.items)


def _issue(site: Site, id_or_key: str) -> Issue:
    issue = None if g.anonymous else site.find(id_or_key)
    if issue is None:
        raise Refused(404, "Issue does not exist or you do not have permission to see it.")
    return issue


def _changelog(site: Site, issue: Issue) -> Json:
    start, size = whole("startAt", 0), whole("maxResults", 100, least=1, most=100)
    page = issue.histories[start : start + size]
    return {
        "self": f"{site.base_url}/rest/api/3/issue/{issue.id}/changelog?startAt={start}&maxResults={size}",
        "startAt": start,
        "maxResults": size,
        "total": len(issue.histories),
        "isLast": start + size >= len(issue.histories),
        "values": [shapes.history_json(history, dates.moment(history.created), site) for history in page],
    }
