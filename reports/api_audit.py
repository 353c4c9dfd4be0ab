"""The API of what people look through: the audit of epics, one finding with its history, trends."""

from typing import Any

from flask import abort
from flask.typing import ResponseReturnValue

from integration.store import reads, trends
from integration.store.reads import FindingEvent
from integration.store.trends import SCOPES, TrendPoint
from mappings.document import moment_text
from reports import api_shapes, audit_lines
from reports.api_routes import answer, asked, query, route, site
from reports.export_tables import months_before
from reports.trends import AHEAD
from reports.views import chosen_measure, ground_of

Json = dict[str, Any]
_MONTHS = {"type": "integer", "minimum": 1, "maximum": 120, "default": 12}


@route(
    "/epics",
    "The audit: findings about epics, open, acknowledged or muted, and about a backlog without tags",
    "epics",
    query("kind", "Only those of this kind.", *audit_lines.KINDS),
)
def epics() -> ResponseReturnValue:
    return answer(_epics, "epics")


def _epics() -> Json:
    lines = audit_lines.audit_lines(site().store, site().clock()).only(asked("kind"))
    found = [{**api_shapes.finding(one.finding), "title": one.about, "url": one.href} for one in lines.views]
    return {"measure": lines.measure, "epics": found}


@route("/findings/<int(max=2147483647):number>", "A finding with what became of it so far", "", missing=True)
def finding(number: int) -> ResponseReturnValue:
    return answer(lambda: _finding(number))


def _finding(number: int) -> Json | None:
    with site().store.reading() as session:
        found = reads.finding(session, number)
    if found is None:
        abort(404, "There is no such finding.")
    return {**api_shapes.finding(found[0]), "events": [_event(event) for event in found[1]]}


def _event(event: FindingEvent) -> Json:
    until = None if event.until is None else moment_text(event.until)
    return {
        "at": moment_text(event.at),
        "event": event.event,
        "actor": event.actor,
        "reason": event.reason,
        "until": until,
    }


@route(
    "/trends",
    "The shares of sprints and periods, the earliest first",
    "trends",
    query("months", "How far back.", schema=_MONTHS),
    query("scope", "completed by default.", *SCOPES),
    query("measure", "points or count; else the measure of the settings.", "points", "count"),
    query("team", "Only those of this team."),
)
def trend_lines() -> ResponseReturnValue:
    return answer(_trends, "trends")


def _trends() -> Json:
    now, scope, team = site().clock(), asked("scope") or "completed", asked("team")
    with site().store.reading() as session:
        measure = chosen_measure(ground_of(session, now), asked("measure"))
        since = months_before(now, int(asked("months") or 12))
        points = trends.trends(session, since, now + AHEAD, measure, scope)
    chosen = [_point(point) for point in points if team in (None, point.team)]
    return {"measure": measure, "scope": scope, "since": moment_text(since), "trends": chosen}


def _point(point: TrendPoint) -> Json:
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
    }
