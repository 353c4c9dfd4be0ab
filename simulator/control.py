"""The controls of the simulated site (`/_control/…`): what demo and tests do to it that no client of
Jira could do, or would do by hand in its pages."""

from collections.abc import Callable

from flask import Blueprint, Response, jsonify, request

from simulator.as_backlog import site_as_backlog
from simulator.life import Life
from simulator.requests_in import Refused
from simulator.sender import Faults, Sender
from simulator.shapes import Json
from simulator.site import Issue, Limit, Site


def control(site: Site, sender: Sender, life: Life | None = None) -> Blueprint:
    """The routes, bound to one site."""
    routes = Blueprint("control", __name__, url_prefix="/_control")

    _add_conditions(site, sender, routes)
    _add_views(site, sender, routes)

    @routes.post("/life")
    def begin() -> Response:
        if life is None:
            raise Refused(404, "Nothing lives here.")
        life.start()
        return jsonify({})

    @routes.post("/edit")
    def edit() -> Response:
        body = _body()
        action = _EDITS.get(str(body.get("action")))
        if action is None:
            raise Refused(400, f"There is no such edit; there are: {', '.join(sorted(_EDITS))}.")
        with site.lock:
            action(site, body)
        return jsonify({"at": site.now().isoformat()})

    return routes


def _add_conditions(site: Site, sender: Sender, routes: Blueprint) -> None:
    @routes.post("/clock")
    def clock() -> Response:
        site.advance(float(_number(_body(), "advance")))
        return jsonify({"now": site.now().isoformat()})

    @routes.post("/limit")
    def limit() -> Response:
        body = _body()
        site.limits.append(
            Limit(
                reason=str(body.get("reason", "jira-burst-based")),
                left=int(_number(body, "count")),
                path=str(body.get("path", "/rest/")),
                retry_after=int(_number(body, "retry_after", 1)),
            )
        )
        return jsonify({})

    @routes.post("/faults")
    def faults() -> Response:
        body = _body()
        lost, doubled, swapped = (_number(body, name, 0) for name in ("lost", "duplicated", "swapped"))
        sender.faults = Faults(lost, doubled, swapped)
        sender.release()
        return jsonify({})


def _add_views(site: Site, sender: Sender, routes: Blueprint) -> None:
    @routes.get("/state")
    def state() -> Response:
        return jsonify(_state(site, sender))

    @routes.get("/backlog")
    def backlog() -> Response:
        with site.lock:
            return jsonify(site_as_backlog(site, site.now(), {}, {}))

    @routes.get("/requests")
    def requests_seen() -> Response:
        return jsonify(site.requests)

    @routes.get("/deliveries")
    def deliveries() -> Response:
        return jsonify([{"identifier": d.identifier, "event": d.event, "answers": d.answers} for d in sender.log])


def _state(site: Site, sender: Sender) -> Json:
    with site.lock:
        visible = site.visible()
        return {
            "now": site.now().isoformat(),
            "issues": len(visible),
            "epics": sum(issue.values.type == "epic" for issue in visible),
            "sprints": {
                state: [s.id for s in site.sprints.values() if s.state == state]
                for state in ("closed", "active", "future")
            },
            "boards": [board.id for board in site.boards.values()],
            "projects": [project.key for project in site.projects.values()],
            "hooks": len(sender.hooks),
            "deliveries": len(sender.log),
        }


def _body() -> Json:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Refused(400, "The body must be a JSON object.")
    return body


def _number(body: Json, name: str, default: float | None = None) -> float:
    value = body.get(name, default)
    if not isinstance(value, int | float):
        raise Refused(400, f"'{name}' must be a number.")
    return value


def _issue(site: Site, body: Json) -> Issue:
    issue = site.find(str(body.get("issue", "")))
    if issue is None:
        raise Refused(404, f"There is no issue '{body.get('issue')}'.")
    return issue


def _sprint(site: Site, body: Json, name: str = "sprint") -> int:
    identity = int(_number(body, name))
    if identity not in site.sprints:
        raise Refused(404, f"There is no sprint {identity}.")
    return identity


def _tag(site: Site, body: Json) -> None:
    tags = body.get("tags")
    if not isinstance(tags, list):
        raise Refused(400, "'tags' must be a list of texts.")
    site.edit(_issue(site, body), site.now(), tags=tuple(str(tag) for tag in tags))


def _estimate(site: Site, body: Json) -> None:
    points = None if body.get("points") is None else float(_number(body, "points"))
    site.edit(_issue(site, body), site.now(), points=points)


def _status(site: Site, body: Json) -> None:
    status = str(body.get("status"))
    if status not in ("todo", "doing", "review", "done", "dropped"):
        raise Refused(400, f"There is no status '{status}'.")
    if status == "dropped":
        site.edit(_issue(site, body), site.now(), status="done", resolution="wont_do")
    else:
        site.edit(_issue(site, body), site.now(), status=status, resolution="done" if status == "done" else None)


def _into_sprint(site: Site, body: Json) -> None:
    issue, sprint = _issue(site, body), _sprint(site, body)
    if sprint not in issue.values.sprints:
        site.edit(issue, site.now(), sprints=(*issue.values.sprints, sprint))


def _out_of_sprint(site: Site, body: Json) -> None:
    issue, sprint = _issue(site, body), _sprint(site, body)
    site.edit(issue, site.now(), sprints=tuple(s for s in issue.values.sprints if s != sprint))


def _start(site: Site, body: Json) -> None:
    site.start_sprint(_sprint(site, body), site.now(), _number(body, "days", 14))


def _close(site: Site, body: Json) -> None:
    onward = _sprint(site, body, "onward") if body.get("onward") is not None else None
    site.close_sprint(_sprint(site, body), site.now(), onward)


def _reopen(site: Site, body: Json) -> None:
    site.reopen_sprint(_sprint(site, body), site.now())


def _goal(site: Site, body: Json) -> None:
    site.change_sprint(_sprint(site, body), site.now(), goal=str(body.get("goal", "")))


def _delete(site: Site, body: Json) -> None:
    site.delete(_issue(site, body), site.now())


def _rekey(site: Site, body: Json) -> None:
    project = site.project_of_key(str(body.get("project", "")))
    if project is None:
        raise Refused(404, f"There is no project '{body.get('project')}'.")
    site.rename_project_key(project, str(body.get("key")))


def _move(site: Site, body: Json) -> None:
    project = site.project_of_key(str(body.get("project", "")))
    if project is None:
        raise Refused(404, f"There is no project '{body.get('project')}'.")
    site.move(_issue(site, body), project, site.now())


_EDITS: dict[str, Callable[[Site, Json], None]] = {
    "tag": _tag,
    "estimate": _estimate,
    "status": _status,
    "into_sprint": _into_sprint,
    "out_of_sprint": _out_of_sprint,
    "start_sprint": _start,
    "close_sprint": _close,
    "reopen_sprint": _reopen,
    "goal": _goal,
    "delete": _delete,
    "rekey": _rekey,
    "move": _move,
}
