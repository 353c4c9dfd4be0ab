"""The controls of the simulated site (`/_control/…`): what demo and tests do to it that no client of
Jira could do, or would do by hand in its pages."""

from datetime import timedelta

from flask import Blueprint, Response, jsonify

from simulator.as_backlog import site_as_backlog
from simulator.conditions import Limit, Outage
from simulator.control_apps import add_app_controls
from simulator.dates import Json
from simulator.edits import EDITS, listed_in, number_in, read_body
from simulator.life import Life
from simulator.requests_in import Refused
from simulator.sender import Faults, Sender
from simulator.site import Site


def control(site: Site, sender: Sender, life: Life | None = None) -> Blueprint:
    """The routes, bound to one site."""
    routes = Blueprint("control", __name__, url_prefix="/_control")

    _add_conditions(site, sender, routes)
    _add_views(site, sender, routes)
    add_app_controls(site, routes)

    @routes.post("/life")
    def begin() -> Response:
        if life is None:
            raise Refused(404, "Nothing lives here.")
        life.start()
        return jsonify({})

    @routes.post("/edit")
    def edit() -> Response:
        body = read_body()
        action = EDITS.get(str(body.get("action")))
        if action is None:
            raise Refused(400, f"There is no such edit; there are: {', '.join(sorted(EDITS))}.")
        with site.lock:
            action(site, body)
        return jsonify({"at": site.now().isoformat()})

    return routes


def _add_conditions(site: Site, sender: Sender, routes: Blueprint) -> None:
    @routes.post("/clock")
    def clock() -> Response:
        site.advance(float(number_in(read_body(), "advance")))
        return jsonify({"now": site.now().isoformat()})

    @routes.post("/limit")
    def limit() -> Response:
        site.conditions.limits.append(_limit(read_body()))
        return jsonify({})

    @routes.post("/conditions")
    def conditions() -> Response:
        with site.lock:
            return jsonify(_set(site, read_body()))

    @routes.post("/faults")
    def faults() -> Response:
        body = read_body()
        lost, doubled, swapped = (number_in(body, name, 0) for name in ("lost", "duplicated", "swapped"))
        sender.faults = Faults(lost, doubled, swapped)
        sender.release()
        return jsonify({})

    @routes.post("/secret")
    def secret() -> Response:
        """Somebody gives the webhooks another secret in Jira's own pages."""
        numbers = [number for number, hook in sender.hooks.items() if hook.app is None]
        for number in numbers:
            sender.register({"secret": str(read_body().get("secret"))}, number)
        return jsonify({"hooks": len(numbers)})


def _limit(body: Json) -> Limit:
    return Limit(
        reason=str(body.get("reason", "jira-burst-based")),
        left=int(number_in(body, "count")),
        path=str(body.get("path", "/rest/")),
        retry_after=None if body.get("retry_after", 1) is None else int(number_in(body, "retry_after", 1)),
    )


def _set(site: Site, body: Json) -> Json:
    """Change the conditions that are named; the others stay."""
    now, known = site.now(), site.conditions
    if "outage" in body:
        seconds, wait = number_in(body, "outage"), body.get("retry_after")
        known.outage = Outage(
            until=now + timedelta(seconds=seconds),
            status=int(number_in(body, "status", 503)),
            retry_after=None if wait is None else int(number_in(body, "retry_after")),
            is_page=body.get("maintenance") is True,
        )
    if "index_lag" in body:
        known.index_lag = timedelta(seconds=number_in(body, "index_lag"))
    if "page" in body:
        known.page_most = int(number_in(body, "page"))
    if "anonymous" in body:
        known.is_anonymous = body["anonymous"] is True
    if isinstance(body.get("removed"), list):
        known.removed = tuple(map(str, listed_in(body, "removed")))
    if isinstance(body.get("closed"), list):
        keys = [str(key) for key in listed_in(body, "closed")]
        known.closed = {project.id for key in keys if (project := site.project_of_key(key)) is not None}
    return {"now": now.isoformat()}


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
