"""What a client may write on the simulated site: fields, labels, properties and comments of issues. Every edit of a
field is an edit like any other: it stands in the changelog, and webhooks tell of it."""

import json
from collections.abc import Mapping

from flask import Blueprint, Response, g, jsonify, make_response, request

from simulator import dates, shapes
from simulator.catalogue import FIELD, TAG_FIELD
from simulator.dates import Json
from simulator.requests_in import Refused, done, listed, whole
from simulator.site import Site
from simulator.things import Issue

LONGEST_PROPERTY = 32768
_OPERATIONS = frozenset({"add", "remove", "set"})


def writes(site: Site) -> Blueprint:
    """The routes, bound to one site, in the version that its edition speaks."""
    version = 2 if site.is_data_center else 3
    routes = Blueprint("writes", __name__, url_prefix=f"/rest/api/{version}/issue")
    _about_fields(site, routes)
    _about_properties(site, routes)
    _about_comments(site, routes, version)
    return routes


def _about_fields(site: Site, routes: Blueprint) -> None:
    @routes.get("/<id_or_key>/editmeta")
    def editmeta(id_or_key: str) -> Response:
        _issue(site, id_or_key)
        return jsonify({"fields": {TAG_FIELD: _tag_meta(site), "labels": _LABELS}})

    @routes.put("/<id_or_key>")
    def edit(id_or_key: str) -> Response:
        issue = _issue(site, id_or_key)
        body = _body()
        unknown = set(body) - {"update", "fields"}
        if unknown or not isinstance(body.get("update", {}), dict):
            raise Refused(400, "Invalid request payload. Refer to the REST API documentation and try again.")
        changes = {name: [{"set": value}] for name, value in _object(body.get("fields", {})).items()}
        site.edit(issue, site.now(), **_edited(site, issue, changes | _object(body.get("update", {}))))
        return done(204)


def _tag_meta(site: Site) -> Json:
    squads = {issue.values.squad for issue in site.issues.values()}
    return {
        **_meta(TAG_FIELD, ["add", "set", "remove"]),
        "allowedValues": [
            {"self": f"{site.base_url}/rest/api/3/customFieldOption/{id_}", "value": text, "id": str(id_)}
            for text, id_ in site.options.items()
            if text not in squads
        ],
    }


def _meta(name: str, operations: list[str]) -> Json:
    described = shapes.field_json(FIELD[name])
    told = {key: described[key] for key in ("key", "name", "schema")}
    return {"required": False, "hasDefaultValue": False, "operations": operations, **told}


_LABELS = _meta("labels", ["add", "set", "remove"])


def _edited(site: Site, issue: Issue, changes: Mapping[str, object]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, operations in changes.items():
        if name not in (TAG_FIELD, "labels"):
            raise Refused(
                400, f"{name}: Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
            )
        before = issue.values.tags if name == TAG_FIELD else issue.values.labels
        after = before
        for operation in _operations(operations):
            after = _applied(site, name, after, operation)
        found["tags" if name == TAG_FIELD else "labels"] = after
    return found


def _operations(given: object) -> list[Json]:
    if not isinstance(given, list) or not all(isinstance(one, dict) and one.keys() <= _OPERATIONS for one in given):
        raise Refused(400, "An operation is one of add, remove, set.")
    return given


def _applied(site: Site, field: str, values: tuple[str, ...], operation: Json) -> tuple[str, ...]:
    for verb, value in operation.items():
        if verb == "set":
            given = value if isinstance(value, list) else [] if value is None else [value]
            return tuple(dict.fromkeys(_text(site, field, one) for one in given))
        text = _text(site, field, value)
        left = tuple(one for one in values if one != text)
        return (*left, text) if verb == "add" else left
    return values


def _text(site: Site, field: str, value: object) -> str:
    if field == "labels":
        if not isinstance(value, str) or not value or any(sign.isspace() for sign in value):
            raise Refused(400, f"labels: The label '{value}' contains spaces which is invalid.")
        return value
    wanted = str(_object(value).get("id"))
    text = next((text for text, id_ in site.options.items() if str(id_) == wanted), None)
    if text is None:
        raise Refused(400, f"{field}: Option id '{wanted}' is not valid")
    return text


# --- properties -------------------------------------------------------------------------------


def _about_properties(site: Site, routes: Blueprint) -> None:
    @routes.route("/<id_or_key>/properties/<name>", methods=["GET", "PUT", "DELETE"])
    def of_issue(id_or_key: str, name: str) -> Response:
        issue = _issue(site, id_or_key)
        is_new = name not in issue.properties
        if request.method == "PUT":
            site.set_property(issue, name, _property(request.get_data()))
            return make_response({}, 201 if is_new else 200)  # the documents describe some JSON or other
        if is_new:
            raise Refused(404, f"The property {name} does not exist.")
        if request.method == "DELETE":
            site.set_property(issue, name, None)
            return done(204)
        return jsonify({"key": name, "value": issue.properties[name]})


def _property(body: bytes) -> object:
    try:
        value = json.loads(body)
    except ValueError as error:
        raise Refused(400, "The value is no JSON.") from error
    if value in (None, "") or len(body) > LONGEST_PROPERTY:
        raise Refused(400, "The value is empty or too long.")
    return value


# --- comments ---------------------------------------------------------------------------------


def _about_comments(site: Site, routes: Blueprint, version: int) -> None:
    kept: dict[int, list[Json]] = {}

    @routes.post("/<id_or_key>/comment")
    def add(id_or_key: str) -> Response:
        issue, body = _issue(site, id_or_key), _body().get("body")
        if not _is_text(body, version):
            raise Refused(400, "Comment body is not valid!")
        comment: Json = {"id": str(30001 + sum(map(len, kept.values()))), "body": body}
        comment["created"] = dates.moment(site.now())
        kept.setdefault(issue.id, []).append(comment)
        answer = jsonify(comment)
        answer.status_code = 201
        return answer

    @routes.get("/<id_or_key>/comment")
    def every(id_or_key: str) -> Response:
        found = kept.get(_issue(site, id_or_key).id, [])
        newest = list(reversed(found)) if "-created" in listed("orderBy") else found
        size = whole("maxResults", 50, least=1, most=100)
        return jsonify({"startAt": 0, "maxResults": size, "total": len(found), "comments": newest[:size]})

    @routes.route("/<id_or_key>/comment/<number>", methods=["GET", "DELETE"])
    def one(id_or_key: str, number: str) -> Response:
        comments = kept.get(_issue(site, id_or_key).id, [])
        found = next((comment for comment in comments if comment["id"] == number), None)
        if found is None:
            raise Refused(404, f"Can not find a comment for the id: {number}.")
        if request.method == "DELETE":
            comments.remove(found)
            return done(204)
        return jsonify(found)


def _is_text(body: object, version: int) -> bool:
    """A document in version 3, plain words in version 2."""
    if version == 2:
        return isinstance(body, str) and bool(body.strip())
    return isinstance(body, dict) and body.get("type") == "doc" and bool(body.get("content"))


# --- the request --------------------------------------------------------------------------------


def _issue(site: Site, id_or_key: str) -> Issue:
    issue = None if g.anonymous else site.find(id_or_key)
    if issue is None:
        raise Refused(404, "Issue does not exist or you do not have permission to see it.")
    return issue


def _body() -> Json:
    return _object(request.get_json(silent=True))


def _object(value: object) -> Json:
    if not isinstance(value, dict):
        raise Refused(400, "Invalid request payload. Refer to the REST API documentation and try again.")
    return value
