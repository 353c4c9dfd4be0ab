"""The pages of trends and of two sprints beside each other, and their files."""

from functools import partial

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from integration.store.trends import BUCKETS
from reports import charts
from reports.pages import download, live, now_of_answer, site
from reports.trends import (
    LABELS,
    MONTHS,
    WARNINGS_IN_WORDS,
    TrendsAsked,
    TrendsPage,
    team_chart,
    trends_csv,
    trends_page,
)

blueprint = Blueprint("trends", __name__)


@blueprint.get("/trends")
def trends() -> ResponseReturnValue:
    read = partial(trends_page, site().store, now_of_answer(), _asked())
    return live("trends.html", read, months=MONTHS, buckets=BUCKETS, labels=LABELS, warned=WARNINGS_IN_WORDS)


@blueprint.get("/trends.csv")
def trends_as_csv() -> ResponseReturnValue:
    return download(trends_csv(_page()), "trends.csv")


@blueprint.get("/trends.<form>")
def chart(form: str) -> ResponseReturnValue:
    """The chart of one team as a picture to keep: svg, png or pdf."""
    if form not in charts.FORMS:
        abort(404, "A chart comes as svg, png or pdf.")
    page = _page()
    if page.asked.team is None or not page.teams:
        abort(404, "Name a team that has sprints in this time: ?team=…")
    team = page.teams[0]
    picture = charts.as_file(team_chart(team.team, team.cells, page.measure, team.band), form)
    if picture is None:
        abort(501, "Charts are drawn where Tieline is installed with its extra “images”.")
    response = Response(picture, mimetype=charts.FORMS[form])
    response.headers["Content-Disposition"] = f'attachment; filename="trend.{form}"'
    return response


def _page() -> TrendsPage:
    return trends_page(site().store, now_of_answer(), _asked())


def _asked() -> TrendsAsked:
    given = request.args
    months = given.get("months", 12, type=int)
    return TrendsAsked(
        measure=given.get("measure"),
        scope="final" if given.get("scope") == "final" else "completed",
        months=months if months in MONTHS else 12,
        team=given.get("team") or None,
        connection=given.get("connection") or None,
    )
