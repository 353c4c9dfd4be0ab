"""The page that puts two sprints, or two days of one, beside each other."""

from dataclasses import dataclass, replace
from datetime import datetime

from flask import Blueprint, Response, abort, current_app, request
from flask.typing import ResponseReturnValue

from integration.store.opened import Store
from reports.compare_views import Side, choices, comparison
from reports.pages import as_page, now_of_answer, site
from reports.past import Pasts
from reports.past_pages import moment_asked, store_at, waiting
from reports.sprint_views import sprint_page

blueprint = Blueprint("compare", __name__)


@dataclass(frozen=True, slots=True)
class _Asked:
    """`name` is `connection/sprint`."""

    name: str
    day: str


@blueprint.get("/compare")
def compare() -> ResponseReturnValue:
    given = request.args
    asked = tuple(_Asked(given.get(side, ""), given.get(f"{side}_as_of", "")) for side in ("a", "b"))
    page = choices(site().store, now_of_answer())
    if not all(one.name for one in asked):
        names = page.offered(*(one.name for one in asked))
        asked = tuple(replace(one, name=name) for one, name in zip(asked, names, strict=True))
        return as_page("compare.html", page, told=None, asked=asked)
    sides = [_side(one) for one in asked]
    for side in sides:
        if isinstance(side, Response):
            return side
    first, second = (side for side in sides if isinstance(side, Side))
    told = comparison(first, second)
    return as_page("compare.html", page, told=told, asked=asked)


def _side(asked: _Asked) -> Side | Response:
    """One of the two, or the page that says that its moment is being computed."""
    if not asked.name.isprintable():  # a database may refuse it
        abort(404, "There is no such sprint.")
    connection, _, sprint = asked.name.partition("/")
    now = now_of_answer()
    moment = moment_asked(asked.day, now) if asked.day else now
    if moment >= now:
        return _read(site().store, now, connection, sprint, "")
    pasts: Pasts = current_app.extensions["tieline_pasts"]
    found = store_at(pasts, moment, now)
    return waiting(moment) if found is None else _read(found, moment, connection, sprint, asked.day)


def _read(store: Store, moment: datetime, connection: str, sprint: str, day: str) -> Side:
    page = sprint_page(store, moment, connection, sprint, request.args.get("measure"))
    if page is None:
        abort(404, "One of the two is not there, or nothing was decided about it then.")
    return Side(page, day)
