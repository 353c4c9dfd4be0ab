"""Key results in the API: the objectives with theirs, and one with its effort and movement."""

from typing import Any

from flask import abort
from flask.typing import ResponseReturnValue

from integration.store.kr_reads import ServingEpic
from mappings.document import moment_text
from mappings.exact import exact_text
from mappings.model import Exact
from reports.api_routes import answer, asked, query, route, site
from reports.key_result_views import (
    KeyResultLine,
    KeyResultPage,
    ObjectiveLine,
    SprintShare,
    key_result_page,
    key_results_page,
)

Json = dict[str, Any]
NO_KEY_RESULT = "There is no such key result in the register that holds now."
_MEASURE = query("measure", "points or count; else the measure of the settings.", "points", "count")


@route(
    "/objectives",
    "The objectives of all teams with their key results: effort beside movement",
    "objectives",
    query("cycle", "Those of this cycle; those that are live now without it."),
    _MEASURE,
    dated=True,
)
def objectives() -> ResponseReturnValue:
    return answer(_objectives, "objectives")


def _objectives() -> Json:
    page = key_results_page(site().store, site().clock(), asked("cycle"), asked("measure"))
    found = [_objective_document(one) for team in page.teams for one in team.objectives]
    sources = [{"teams": one.teams, "words": one.words, "faults": list(one.faults)} for one in page.sources]
    asked_of = {"measure": page.measure, "cycle": page.cycle, "cycles": list(page.cycles)}
    return {**asked_of, "sources": sources, "objectives": found}


def _objective_document(one: ObjectiveLine) -> Json:
    objective = one.objective
    return {
        "id": objective.id,
        "title": objective.title,
        "team": objective.team,
        "cycle": objective.cycle,
        "horizon": objective.horizon,
        "key_results": [_line_document(line) for line in one.lines],
    }


@route(
    "/key-results/<path:code>",
    "A key result: its values, the share it got sprint by sprint, effort beside movement",
    "",
    _MEASURE,
    missing=True,
    dated=True,
)
def key_result(code: str) -> ResponseReturnValue:
    return answer(lambda: _page_document(page_of(code)))


def page_of(code: str) -> KeyResultPage:
    page = key_result_page(site().store, site().clock(), code, asked("measure"))
    if page is None:
        abort(404, NO_KEY_RESULT)
    return page


# --- shapes


def _page_document(page: KeyResultPage) -> Json:
    epics = [_epic_document(epic) for epic in page.epics]
    return {
        **_line_document(page.line),
        "measure": page.measure,
        "objective": {"id": page.objective.id, "title": page.objective.title},
        "period": {"first": moment_text(page.first), "last": moment_text(page.last)},
        "values": [
            {"at": moment_text(one.at), "value": exact_text(one.value), "from": one.origin} for one in page.values
        ],
        "shares": [_share_document(one) for one in page.shares],
        "linked_epics": epics,
        "planned_epics": [epic for epic in epics if epic["impact"] is not None],
    }


def _epic_document(epic: ServingEpic) -> Json:
    about: Json = {"connection": epic.connection, "key": epic.key, "title": epic.title}
    return {**about, "weight": exact_text(epic.weight), "impact": _number(epic.impact)}


def _line_document(line: KeyResultLine) -> Json:
    kr, effort = line.kr, line.effort
    return {
        "code": kr.code,
        "title": kr.title,
        "team": line.team,
        "cycle": line.cycle,
        "live": line.is_live,
        "kind": kr.kind,
        "metric": kr.metric,
        "unit": kr.unit,
        "baseline": _number(kr.baseline),
        "target": _number(kr.target),
        "current": _number(line.current),
        "progress": _number(effort.movement.progress),
        "to_go": _number(line.to_go),
        "moved": _number(effort.movement.moved),
        "moving": effort.movement.is_moving,
        "share": _number(effort.share),
        "fed": effort.is_fed,
        "fed_from_percent": exact_text(effort.limit),
        "effort": effort.quadrant.value if effort.quadrant is not None else None,
        "end_of_cycle": effort.grade.value if effort.grade is not None else None,
        "planned": _number(line.planned),
        "supports": [other.code for other in line.supports],
        "supported_by": [other.code for other in line.supported_by],
        "findings": [{"id": one.id, "kind": one.kind, "severity": one.severity} for one in line.findings],
        "values_from": None
        if line.source is None
        else {"words": line.source.words, "faults": list(line.source.faults)},
    }


def _share_document(one: SprintShare) -> Json:
    point = one.point
    return {
        "connection": point.connection,
        "kind": point.kind,
        "id": point.subject,
        "name": point.name,
        "team": point.team,
        "at": moment_text(point.at),
        "closed": point.closed,
        "share": one.share,
        "receipt": one.receipt,
    }


def _number(value: Exact | None) -> str | None:
    return None if value is None else exact_text(value)
