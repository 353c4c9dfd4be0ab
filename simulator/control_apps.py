"""Controls of what a person or an administrator does at Atlassian: apps, consent, and goals."""

from flask import Blueprint, Response, jsonify

from simulator.dates import Json
from simulator.edits import read_body
from simulator.goals import Measure
from simulator.requests_in import Refused
from simulator.scopes import EVERY
from simulator.site import Site


def add_app_controls(site: Site, routes: Blueprint) -> None:
    @routes.post("/app")
    def app() -> Response:
        """Make an app in the developer console; all scopes are ticked unless some are named."""
        body = read_body()
        given = [str(body.get(name, "")) for name in ("client_id", "client_secret", "callback")]
        if not all(given):
            raise Refused(400, "client_id, client_secret and callback must be given.")
        scopes = body.get("scopes")
        ticked = tuple(map(str, scopes)) if isinstance(scopes, list) else EVERY
        site.accounts.add_app(given[0], given[1], given[2], ticked)
        return jsonify({})

    @routes.post("/consent")
    def consent() -> Response:
        body = read_body()
        site.accounts.agrees = body.get("agrees", site.accounts.agrees) is True
        if body.get("revoke") is True:
            site.accounts.revoke()
        if body.get("end_access") is True:
            site.accounts.end_access()
        return jsonify({"exchanges": site.accounts.exchanges, "renewals": site.accounts.renewals})

    @routes.post("/goal")
    def goal() -> Response:
        """Make a goal, or change the one that is named by its key."""
        with site.lock:
            return jsonify({"goal": _changed(site, read_body())})


def _changed(site: Site, body: Json) -> str:
    if "add" in body:
        parent = body.get("parent")
        key = site.goals.add(str(body["add"]), parent=None if parent is None else str(parent)).key
    else:
        key = str(body.get("goal"))
    if key not in site.goals.every:
        raise Refused(404, f"There is no goal '{key}'.")
    for verb, act in (("link", site.goals.link), ("unlink", site.goals.unlink)):
        if verb in body:
            act(key, _issue(site, body[verb]))
    if isinstance(body.get("archived"), bool):
        site.goals.archive(key, is_archived=body["archived"] is True)
    if "report" in body:
        site.goals.report(key, str(body["report"]), None if "status" not in body else str(body["status"]))
    if isinstance(value := body.get("value"), int | float):
        site.goals.every[key].measure = site.goals.every[key].measure or Measure("value", 0, 100)
        site.goals.measure(key, float(value))
    return key


def _issue(site: Site, named: object) -> int:
    issue = site.find(str(named))
    if issue is None:
        raise Refused(404, f"There is no issue '{named}'.")
    return issue.id
