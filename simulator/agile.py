"""The agile part of the simulated REST API (`/rest/agile/1.0`): boards, their configuration, sprints."""

from collections.abc import Sequence

from flask import Blueprint, Response, g, jsonify, request

from simulator import catalogue, shapes, sprint_shapes
from simulator.dates import Json
from simulator.requests_in import Refused, listed, must_be_known, whole
from simulator.site import Site
from simulator.things import Board, Sprint

_STATE_ORDER = ("closed", "active", "future")


def agile(site: Site) -> Blueprint:
    """The routes, bound to one site."""
    routes = Blueprint("agile", __name__, url_prefix="/rest/agile/1.0")
    routes.before_request(must_be_known)

    @routes.get("/board")
    def boards() -> Response:
        found = [board for board in site.boards.values() if _asked_for(site, board)]
        return jsonify(_page(site, [sprint_shapes.board_json(site, board) for board in found], total=True))

    @routes.get("/board/<int:identity>")
    def board(identity: int) -> Response:
        return jsonify(sprint_shapes.board_json(site, _board(site, identity)))

    @routes.get("/board/<int:identity>/configuration")
    def configuration(identity: int) -> Response:
        return jsonify(_configuration(site, _board(site, identity)))

    @routes.get("/board/<int:identity>/project")
    def projects(identity: int) -> Response:
        project = site.projects[_board(site, identity).project]
        return jsonify(_page(site, [shapes.project_json(site, project)], total=True))

    @routes.get("/board/<int:identity>/sprint")
    def sprints(identity: int) -> Response:
        found = _sprints(site, _board(site, identity))
        return jsonify(_page(site, [sprint_shapes.sprint_json(site, sprint) for sprint in found]))

    @routes.get("/sprint/<int:identity>")
    def sprint(identity: int) -> Response:
        if identity not in site.sprints or not _shows(site, site.sprints[identity]):
            raise Refused(404, f"Sprint with id {identity} does not exist or you do not have permission to view it.")
        return jsonify(sprint_shapes.sprint_json(site, site.sprints[identity]))

    return routes


def _asked_for(site: Site, board: Board) -> bool:
    kinds, key = listed("type"), request.args.get("projectKeyOrId")
    project = site.projects[board.project]
    right_project = key is None or key.upper() in (project.key, str(project.id), *project.old_keys)
    return not g.anonymous and site.is_open(project) and right_project and (not kinds or board.type in kinds)


def _shows(site: Site, sprint: Sprint) -> bool:
    """A sprint is seen by who sees its board or one of its issues."""
    is_open = site.is_open(site.projects[site.boards[sprint.board].project])
    return is_open or any(site.shows(issue) for issue in site.members(sprint.id))


def _board(site: Site, identity: int) -> Board:
    if identity not in site.boards or not site.is_open(site.projects[site.boards[identity].project]):
        raise Refused(404, "The requested board cannot be viewed because it either does not exist or is hidden.")
    return site.boards[identity]


def _sprints(site: Site, board: Board) -> list[Sprint]:
    if board.type == "kanban":
        raise Refused(400, "The board does not support sprints")
    states = listed("state") or list(_STATE_ORDER)
    unknown = [state for state in states if state not in _STATE_ORDER]
    if unknown:
        raise Refused(400, f"'{unknown[0]}' is not a state of a sprint.")
    found = [s for s in site.sprints.values() if s.board == board.id and s.state in states]
    return sorted(found, key=lambda s: (_STATE_ORDER.index(s.state), s.id))


def _page(site: Site, values: Sequence[Json], total: bool = False) -> Json:
    start, size = whole("startAt", 0), whole("maxResults", 50, least=1)
    size = min(size, 50, site.conditions.page_most)
    page: Json = {"maxResults": size, "startAt": start}
    if total:
        page["total"] = len(values)
    return page | {"isLast": start + size >= len(values), "values": list(values[start : start + size])}


def _configuration(site: Site, board: Board) -> Json:
    project = site.projects[board.project]
    api = f"{site.base_url}/rest/api/2"
    columns = [
        {"name": status.name, "statuses": [{"id": status.id, "self": f"{api}/status/{status.id}"}]}
        for status in catalogue.STATUSES
    ]
    body: Json = {
        "id": board.id,
        "name": board.name,
        "type": board.type,
        "self": f"{site.base_url}/rest/agile/1.0/board/{board.id}/configuration",
        "location": {
            "type": "project",
            "key": project.key,
            "id": str(project.id),
            "self": f"{api}/project/{project.id}",
            "name": project.name,
        },
        "filter": {"id": str(14000 + board.id), "self": f"{api}/filter/{14000 + board.id}"},
        "columnConfig": {"columns": columns, "constraintType": "none"},
        "ranking": {"rankCustomFieldId": int(catalogue.RANK_FIELD.removeprefix("customfield_"))},
    }
    if board.type == "scrum":
        field = {"fieldId": catalogue.POINTS_FIELD, "displayName": "Story Points"}
        body["estimation"] = {"type": "field", "field": field}
    else:
        body["subQuery"] = {"query": "fixVersion in unreleasedVersions() OR fixVersion is EMPTY"}
    return body
