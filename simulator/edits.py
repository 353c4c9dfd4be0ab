"""The edits that the controls of the simulated site know, each as plain JSON says it."""

from collections.abc import Callable

from flask import request

from simulator.dates import Json
from simulator.requests_in import Refused
from simulator.site import Site
from simulator.things import Issue, Project


def read_body() -> Json:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Refused(400, "The body must be a JSON object.")
    return body


def number_in(body: Json, name: str, default: float | None = None) -> float:
    value = body.get(name, default)
    if not isinstance(value, int | float):
        raise Refused(400, f"'{name}' must be a number.")
    return value


def listed_in(body: Json, name: str) -> list[object]:
    value = body.get(name)
    if not isinstance(value, list):
        raise Refused(400, f"'{name}' must be a list.")
    return value


def _issue(site: Site, body: Json) -> Issue:
    issue = site.find(str(body.get("issue", "")))
    if issue is None:
        raise Refused(404, f"There is no issue '{body.get('issue')}'.")
    return issue


def _sprint(site: Site, body: Json, name: str = "sprint") -> int:
    identity = int(number_in(body, name))
    if identity not in site.sprints:
        raise Refused(404, f"There is no sprint {identity}.")
    return identity


def _tag(site: Site, body: Json) -> None:
    tags = body.get("tags")
    if not isinstance(tags, list):
        raise Refused(400, "'tags' must be a list of texts.")
    site.edit(_issue(site, body), site.now(), tags=tuple(str(tag) for tag in tags))


def _estimate(site: Site, body: Json) -> None:
    points = None if body.get("points") is None else float(number_in(body, "points"))
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
    site.start_sprint(_sprint(site, body), site.now(), number_in(body, "days", 14))


def _close(site: Site, body: Json) -> None:
    onward = _sprint(site, body, "onward") if body.get("onward") is not None else None
    site.close_sprint(_sprint(site, body), site.now(), onward)


def _reopen(site: Site, body: Json) -> None:
    site.reopen_sprint(_sprint(site, body), site.now())


def _goal(site: Site, body: Json) -> None:
    site.change_sprint(_sprint(site, body), site.now(), goal=str(body.get("goal", "")))


def _delete(site: Site, body: Json) -> None:
    site.delete(_issue(site, body), site.now(), is_told=body.get("told", True) is True)


def _security(site: Site, body: Json) -> None:
    """An issue that is hidden can be named by its id alone, or by its key."""
    text = str(body.get("issue", ""))
    number = int(text) if text.isdecimal() else site.by_key.get(text.upper(), 0)
    if number not in site.issues:
        raise Refused(404, f"There is no issue '{text}'.")
    site.set_security(site.issues[number], site.now(), is_hidden=body.get("hidden", True) is True)


def _rekey(site: Site, body: Json) -> None:
    site.rename_project_key(_project(site, body), str(body.get("key")))


def _move(site: Site, body: Json) -> None:
    site.move(_issue(site, body), _project(site, body), site.now())


def _archive(site: Site, body: Json) -> None:
    site.archive(_project(site, body), site.now(), is_archived=body.get("archived", True) is True)


def _project(site: Site, body: Json) -> Project:
    project = site.project_of_key(str(body.get("project", "")))
    if project is None:
        raise Refused(404, f"There is no project '{body.get('project')}'.")
    return project


EDITS: dict[str, Callable[[Site, Json], None]] = {
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
    "security": _security,
    "archive": _archive,
    "rekey": _rekey,
    "move": _move,
}
