"""Key results in the API: one with its effort and movement, and its check-ins to read and to give."""

from collections.abc import Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import orjson
from apiflask import APIBlueprint
from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from integration.store.check_ins import CheckIn
from integration.store.kr_reads import ServingEpic
from mappings.document import moment_text
from mappings.exact import exact_text
from mappings.model import Exact
from reports import access, api, key_result_check_ins, pages
from reports.key_result_check_ins import LONGEST_NOTE, Speaker, WrongCheckIn
from reports.key_result_views import KeyResultLine, KeyResultPage, SprintShare, key_result_page

blueprint = APIBlueprint("api_key_results", __name__, url_prefix="/api/v1", tag="Key results")
Json = dict[str, Any]
NO_KEY_RESULT = "There is no such key result in the register that holds now."
_NUMBER = {"type": ["number", "string"], "description": "A number, or a text such as 12.5 or 70 %."}
CHECK_IN: Json = {
    "type": "object",
    "properties": {
        "value": {**_NUMBER, "description": "In the key result's unit; left out for one that is true or false."},
        "confidence": {**_NUMBER, "description": "From 0 to 1, or a text such as 70 %."},
        "note": {"type": "string", "maxLength": LONGEST_NOTE},
        "at": {"type": "string", "description": "A day, or a time with its offset; now, where it is left out."},
    },
    "additionalProperties": False,
}
api.BODIES["post", "/api/v1/key-results/{code}/check-ins"] = CHECK_IN


def _responses(ok: dict[int, str], *problems: int) -> api.Responses:
    schema = {"content": {"application/json": {"schema": {"type": "object"}}}}
    told: api.Responses = {code: {"description": words, **schema} for code, words in ok.items()}
    for code in (401, 403, 404, *problems):
        told[code] = {"description": HTTPStatus(code).phrase, "content": {api.PROBLEM: {"schema": {"type": "object"}}}}
    return told


@blueprint.get("/key-results/<path:code>")
@blueprint.doc(
    summary="A key result: its values, the share it got sprint by sprint, effort beside movement",
    security=api.SECURITY,
    responses=_responses({200: "The key result"}),
)
def key_result(code: str) -> ResponseReturnValue:
    return _json(_page_document(_page(code)))


@blueprint.get("/key-results/<path:code>/check-ins")
@blueprint.doc(
    summary="The check-ins of a key result, the latest moment first",
    security=api.SECURITY,
    responses=_responses({200: "Its check-ins, those that were taken back too"}),
)
def check_ins_of(code: str) -> ResponseReturnValue:
    found = _page(code).check_ins
    return _json({"check_ins": [_check_in_document(one) for one in found]})


@blueprint.post("/key-results/<path:code>/check-ins")
@blueprint.doc(
    summary="Check in: a value, a confidence, or both, with a note",
    security=api.SECURITY,
    responses=_responses({200: "The very same held already.", 201: "It is kept, with your name."}, 400, 422),
)
def check_in(code: str) -> ResponseReturnValue:
    """It takes an editor of the key result's team. Numbers may be sent as texts, so that they stay exact."""
    page, site = _page(code), pages.site()
    access.require("editor", page.teams)
    speaker = Speaker(access.login().name, site.clock())
    try:
        given = {**_texts(request.get_json(silent=True)), "key_result": code}
        register = key_result_check_ins.register_of(site.store, speaker.now)
        found = key_result_check_ins.read_check_in(register, given, speaker)
        number = key_result_check_ins.enter(site.store, (found,), speaker)
    except WrongCheckIn as wrong:
        abort(422, wrong.sentence)
    return _json(_check_in_document(found), 201 if number else 200)


def _texts(sent: object) -> dict[str, str]:
    if not isinstance(sent, Mapping) or not set(sent) <= set(CHECK_IN["properties"]):
        raise WrongCheckIn(f"Send a JSON object with any of {', '.join(CHECK_IN['properties'])}.")
    return {str(name): _text(str(name), value) for name, value in sent.items() if value is not None}


def _text(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if name in ("value", "confidence") and isinstance(value, int | float) and not isinstance(value, bool):
        return f"{Decimal(repr(value)):f}"
    raise WrongCheckIn(f"`{name}` is neither a text nor a number.")


def _page(code: str) -> KeyResultPage:
    site = pages.site()
    page = key_result_page(site.store, site.clock(), code, request.args.get("measure"))
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


def _check_in_document(one: CheckIn) -> Json:
    return {
        "key_result": one.key_result,
        "at": moment_text(one.at),
        "value": _number(one.value),
        "confidence": _number(one.confidence),
        "note": one.note,
        "by": one.author,
        "read_from_a_source": one.is_read,
        "entered_at": moment_text(one.entered_at),
        "taken_back_at": None if one.taken_back_at is None else moment_text(one.taken_back_at),
    }


def _number(value: Exact | None) -> str | None:
    return None if value is None else exact_text(value)


def _json(document: Json, status: int = 200) -> Response:
    return Response(orjson.dumps(document), status=status, mimetype="application/json")
