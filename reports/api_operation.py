"""The API for who runs Tieline: deliveries and their replay, the log of acts, and what people overruled."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, get_args

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from integration.store.acts import acts, note_act
from integration.store.overrulings import all_overrulings
from mappings.document import moment_text, overruling_document
from reports import access, api_paging
from reports.api_routes import SECURITY, Responses, answer, asked, blueprint, problems, query, route, site, told
from webhooks import inbox
from webhooks.inbox import State, Summary

Json = dict[str, Any]
STATES: tuple[State, ...] = get_args(State)
NUMBER = "<int(max=9223372036854775807):number>"
BEFORE = query("before", "Only those with a smaller number: `next` has it.", schema={"type": "integer", "minimum": 1})
LIMIT = api_paging.PARAMETERS[0]
_REPLAYED: Responses = {204: {"description": "It waits."}, **problems(400, 401, 403, 404, 409)}


@route(
    "/deliveries",
    "What trackers sent and what became of it, the newest first; without bodies",
    "",
    query("state", "Only those in this state; dead ones were set aside.", *STATES),
    query("connection", "Only those of this connection."),
    BEFORE,
    LIMIT,
)
def deliveries() -> ResponseReturnValue:
    limit, before = _asked_page()
    state = next((one for one in STATES if one == asked("state")), None)
    with site().store.reading() as session:
        found = inbox.list_deliveries(session, state, limit + 1, before, asked("connection"))
        counts = inbox.counts(session)
    lines = [_delivery(one) for one in found[:limit]]
    return told({"deliveries": lines, "counts": counts, "next": _next(lines, len(found) > limit)})


@route(f"/deliveries/{NUMBER}", "One delivery, without its body", "", missing=True)
def delivery(number: int) -> ResponseReturnValue:
    with site().store.reading() as session:
        found = inbox.show(session, number)
    if found is None:
        abort(404, "There is no delivery of this number.")
    return told(_delivery(found.summary))


@blueprint.post(f"/deliveries/{NUMBER}/replay")
@blueprint.doc(
    summary="Have a delivery worked on again, at once",
    security=SECURITY,
    responses=_REPLAYED,
)
def replay(number: int) -> ResponseReturnValue:
    """It takes an editor."""
    with site().store.writing() as session:
        is_waiting = inbox.replay(session, number)
        if is_waiting:
            note_act(session, site().clock(), access.login().name, "delivery_replayed", str(number))
    if not is_waiting:
        abort(409, "This delivery is being worked on right now, or there is none of this number.")
    return Response(status=204)


@route(
    "/log",
    "What people did in Tieline, the latest first; for admins",
    "",
    query("actor", "Only what this account did."),
    BEFORE,
    LIMIT,
    role="admin",
)
def log() -> ResponseReturnValue:
    limit, before = _asked_page()
    with site().store.reading() as session:
        found = acts(session, before=before, actor=asked("actor"), most=limit + 1)
    lines = [_plain(asdict(one)) for one in found[:limit]]
    return told({"acts": lines, "next": _next(lines, len(found) > limit)})


@route("/overrulings", "What people said against the judge of words, the first first", "overrulings")
def overrulings() -> ResponseReturnValue:
    return answer(_overrulings, "overrulings")


def _overrulings() -> Json:
    with site().store.reading() as session:
        said = all_overrulings(session)
    return {"overrulings": [{"connection": name, **overruling_document(one)} for name, one in said]}


def _asked_page() -> tuple[int, int | None]:
    limit = request.args.get("limit", api_paging.DEFAULT, type=int)
    return limit, request.args.get("before", type=int)


def _next(lines: list[Json], is_more: bool) -> str | None:
    return api_paging.address(before=lines[-1]["id"]) if is_more else None


def _delivery(line: Summary) -> Json:
    return _plain(asdict(line))


def _plain(values: Json) -> Json:
    return {name: moment_text(one) if isinstance(one, datetime) else one for name, one in values.items()}
