"""The API of figures over time: trends as lines and as a chart, and two sprints, or two days of one, side by side."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import abort, current_app
from flask.typing import ResponseReturnValue

from integration.store import trends
from integration.store.trends import SCOPES, TrendPoint
from mappings.document import moment_text
from mappings.model import Plan
from reports import compare_views, past_pages, trend_pages
from reports.api_routes import AS_OF, answer, asked, query, route, site, told
from reports.charts import FORMS
from reports.compare_views import Side, comparison_document
from reports.export_tables import months_before
from reports.past import Pasts
from reports.sprint_views import sprint_page
from reports.trends import AHEAD, HORIZONS, MONTHS, horizons_of, warnings_of
from reports.views import chosen_measure, ground_of

Json = dict[str, Any]
_MONTHS: Json = {"type": "integer", "minimum": 1, "maximum": 120, "default": 12}
_MEASURE = query("measure", "points or count; else the measure of the settings.", "points", "count")
_SCOPE = query("scope", "completed by default.", *SCOPES)
_NO_SIDE = "One of the two is not there, or nothing was decided about it then."


@route(
    "/trends",
    "The shares of sprints and periods, the earliest first",
    "trends",
    query("months", "How far back.", schema=_MONTHS),
    _SCOPE,
    _MEASURE,
    query("team", "Only those of this team."),
    query("connection", "Only those of this connection."),
    dated=True,
)
def trend_lines() -> ResponseReturnValue:
    return answer(_trends, "trends")


def _trends() -> Json:
    now, scope, team = site().clock(), asked("scope") or "completed", asked("team")
    with site().store.reading() as session:
        ground = ground_of(session, now)
        measure = chosen_measure(ground, asked("measure"))
        since = months_before(now, int(asked("months") or 12))
        points = trends.trends(session, since, now + AHEAD, measure, scope)
        parts = trends.parts_of(session, since, now + AHEAD, measure, scope)
        warnings = warnings_of(session)
    mine = (point for point in points if asked("connection") in (None, point.connection))
    chosen = [point for point in mine if team in (None, point.team)]
    places = {(point.connection, point.subject): point for point in chosen}
    beside = {place: (horizons_of(ground.plan, parts.get(place, {})), warnings.get(place, ())) for place in places}
    lines = [_point(point, *beside[point.connection, point.subject]) for point in chosen]
    told_of = {"measure": measure, "scope": scope, "since": moment_text(since), "teams": _aims(ground.plan)}
    return {**told_of, "trends": lines}


def _aims(plan: Plan) -> list[Json]:
    """What teams want of themselves: a band for the share that serves key results, a split of that by horizon."""
    return [
        {
            "team": team.name,
            "band": None if team.band is None else {"low": float(team.band.low), "high": float(team.band.high)},
            "split": None if team.split is None else {name: float(getattr(team.split, name)) for name in HORIZONS},
        }
        for team in plan.teams
        if team.band is not None or team.split is not None
    ]


def _point(point: TrendPoint, horizons: Mapping[str, int], warnings: Iterable[tuple[str, int]]) -> Json:
    """`horizons`: how its aligned work divides, in percent; `warnings`: findings that say how the figure came about."""
    return {
        "connection": point.connection,
        "kind": point.kind,
        "id": point.subject,
        "name": point.name,
        "board": point.board,
        "team": point.team,
        "at": moment_text(point.at),
        "closed": point.closed,
        "items": point.items,
        "total": point.total,
        "aligned": point.aligned,
        "exempt": point.exempt,
        "dead_link": point.dead_link,
        "unaligned": point.unaligned,
        "horizons": horizons or None,
        "warnings": [{"kind": kind, "finding": number} for kind, number in warnings],
    }


@route(
    "/trends/chart.<any({}):form>".format(", ".join(FORMS)),
    "The trend of one team as a picture",
    "",
    query("team", "Whose.", required=True),
    query("months", "How far back; 12 by default.", schema={"type": "integer", "enum": list(MONTHS)}),
    _SCOPE,
    _MEASURE,
    dated=True,
    media=tuple(FORMS.values()),
)
def trend_chart(form: str) -> ResponseReturnValue:
    return trend_pages.chart(form)


# --- two beside each other


@route(
    "/compare",
    "Two sprints, or two days of one, beside each other",
    "",
    query("a", "The first: connection/id.", required=True),
    query("b", "The second: connection/id.", required=True),
    {**AS_OF, "name": "a_as_of", "description": "The first as of this day or moment; now without it."},
    {**AS_OF, "name": "b_as_of", "description": "The second as of this day or moment; now without it."},
    _MEASURE,
    computed=True,
)
def compare() -> ResponseReturnValue:
    sides = [_side(asked(name) or "", asked(f"{name}_as_of") or "") for name in ("a", "b")]
    first, second = sides
    if first is None or second is None:
        return past_pages.computing()
    return told(comparison_document(compare_views.comparison(first, second)))


def _side(name: str, day: str) -> Side | None:
    """None: its moment is still being computed."""
    now = site().clock()
    moment = past_pages.asked_by_program(day, now) if day else None
    pasts: Pasts = current_app.extensions["tieline_pasts"]
    store = site().store if moment is None else past_pages.store_at(pasts, moment, now)
    if store is None:
        return None
    connection, _, sprint = name.partition("/")
    page = sprint_page(store, moment or now, connection, sprint, asked("measure"))
    if page is None:
        abort(404, _NO_SIDE)
    return Side(page, day)
