"""Check-ins in the API: what was said of key results, one or many given at once, and taken back."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from integration.store import check_ins
from integration.store.check_ins import CheckIn
from mappings.document import moment_text
from mappings.exact import exact_text
from mappings.model import Exact
from reports import access, key_result_check_ins
from reports.api_bodies import LINE, act, body, listed, sent, texts
from reports.api_key_results import page_of
from reports.api_routes import answer, json_of, query, route, site, told
from reports.key_result_check_ins import LONGEST_NOTE, Speaker, WrongCheckIn

Json = dict[str, Any]
NUMBER = "<int(max=2147483647):number>"
MOST = 1000  # of one call; a table of more is sent as CSV
_NUMBER: Json = {"type": ["number", "string"], "maxLength": 60}
_GIVEN: dict[str, Json] = {
    "value": {**_NUMBER, "description": "In the key result's unit, a number or a text such as 12.5, which is exact."},
    "confidence": {**_NUMBER, "description": "From 0 to 1, or a text such as 70 %."},
    "note": texts(LONGEST_NOTE),
    "at": texts(60, description="A day, or a time with its offset; now, where it is left out."),
}
CHECK_IN = body((), **_GIVEN)
_MANY = body(
    ("check_ins",), check_ins=listed(body(("key_result",), key_result={**LINE, "maxLength": 300}, **_GIVEN), MOST)
)
_WHY = body(("reason",), reason={**LINE, "maxLength": LONGEST_NOTE})


@route(
    "/check-ins",
    "The check-ins that hold, by key result and moment",
    "check_ins",
    query("key_result", "Only those of the key result with this code."),
    dated=True,
)
def all_check_ins() -> ResponseReturnValue:
    return answer(_all, "check_ins")


def _all() -> Json:
    with site().store.reading() as session:
        found = check_ins.all_check_ins(session)
    code = request.args.get("key_result")
    return {"check_ins": [_document(one) for one in found if code in (None, one.key_result)]}


@route(
    "/key-results/<path:code>/check-ins",
    "The check-ins of a key result, the latest moment first, those that were taken back too",
    "check_ins",
    missing=True,
    dated=True,
)
def check_ins_of(code: str) -> ResponseReturnValue:
    return told({"check_ins": [_document(one) for one in page_of(code).check_ins]}, "check_ins")


@act("/key-results/<path:code>/check-ins", "Check in: a value, a confidence, or both, with a note", CHECK_IN, answers={
    200: "The very same held already.", 201: "It is kept, with your name.",
})  # fmt: skip
def check_in(code: str) -> ResponseReturnValue:
    """It takes an editor of the key result's team. Numbers may be sent as texts, so that they stay exact."""
    page, given = page_of(code), sent(CHECK_IN)
    access.require("editor", page.teams)
    (found,), number = _entered([{**given, "key_result": code}])
    return json_of(_document(found), 201 if number else 200)


@act("/check-ins", "Check in on many key results at once: all is kept, or nothing", _MANY, answers={
    200: "How many are new; the others held already.",
})  # fmt: skip
def check_in_many() -> ResponseReturnValue:
    """It takes an editor of each key result's team."""
    found, number = _entered(sent(_MANY)["check_ins"])
    return json_of({"kept": number, "held_already": len(found) - number})


def _entered(given: Iterable[Json]) -> tuple[list[CheckIn], int]:
    store, speaker = site().store, Speaker(access.login().name, site().clock())
    register = key_result_check_ins.register_of(store, speaker.now)
    try:
        found = [key_result_check_ins.read_check_in(register, _texts(one), speaker) for one in given]
        for team in sorted({register.team_of(one.key_result) for one in found}):
            access.require("editor", frozenset(register.teams_above(team)))
        return found, key_result_check_ins.enter(store, found, speaker)
    except WrongCheckIn as wrong:
        abort(422, wrong.sentence)


def _texts(given: Mapping[str, Any]) -> dict[str, str]:
    return {name: value if isinstance(value, str) else f"{Decimal(repr(value)):f}" for name, value in given.items()}


@act(f"/check-ins/{NUMBER}/take-back", "Take a check-in back", _WHY, faults=(409,), answers={
    204: "It holds no more, and stays to be seen.",
})  # fmt: skip
def take_back(number: int) -> ResponseReturnValue:
    """It takes an editor of the key result's team."""
    given, speaker = sent(_WHY), Speaker(access.login().name, site().clock())
    with site().store.reading() as session:
        known = check_ins.check_in_numbered(session, number)
    if known is None:
        abort(404, "There is no such check-in.")
    access.require("editor", page_of(known.key_result).teams)
    try:
        is_done = key_result_check_ins.take_back(site().store, known.key_result, number, given["reason"], speaker)
    except WrongCheckIn as wrong:
        abort(422, wrong.sentence)
    if not is_done:
        abort(409, "This check-in does not hold any more.")
    return Response(status=204)


def _document(one: CheckIn) -> Json:
    return {
        "number": one.id,
        "key_result": one.key_result,
        "at": moment_text(one.at),
        "value": _number(one.value),
        "confidence": _number(one.confidence),
        "note": one.note,
        "by": one.author,
        "read_from_a_source": one.is_read,
        "entered_at": moment_text(one.entered_at),
        "taken_back_at": None if one.taken_back_at is None else moment_text(one.taken_back_at),
        "taken_back_by": one.taken_back_by,
        "taken_back_why": one.taken_back_why,
    }


def _number(value: Exact | None) -> str | None:
    return None if value is None else exact_text(value)
