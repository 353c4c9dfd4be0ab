"""The API for who runs Tieline: deliveries and their replay, the log of acts, and what people overruled."""

from dataclasses import asdict
from typing import Any, get_args

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from integration.store.acts import acts, note_act
from integration.store.overrulings import all_overrulings
from mappings.document import overruling_document, plain_values
from reports import access, api_paging
from reports.api_bodies import act, body, sent, texts
from reports.api_routes import answer, asked, json_of, query, route, site, told
from reports.delivery_pages import replay_set_aside
from webhooks import inbox
from webhooks.inbox import State, Summary

Json = dict[str, Any]
STATES: tuple[State, ...] = get_args(State)
NUMBER = "<int(max=9223372036854775807):number>"
BEFORE = query("before", "Only those with a smaller number: `next` has it.", schema={"type": "integer", "minimum": 1})
LIMIT = api_paging.PARAMETERS[0]


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
    limit, before = asked_page()
    state = next((one for one in STATES if one == asked("state")), None)
    with site().store.reading() as session:
        found = inbox.list_deliveries(session, state, limit + 1, before, asked("connection"))
        counts = inbox.counts(session)
    lines = [_delivery(one) for one in found[:limit]]
    return told({"deliveries": lines, "counts": counts, "next": following(lines, len(found) > limit)})


@route(f"/deliveries/{NUMBER}", "One delivery, without its body", "", missing=True)
def delivery(number: int) -> ResponseReturnValue:
    with site().store.reading() as session:
        found = inbox.show(session, number)
    if found is None:
        abort(404, "There is no delivery of this number.")
    return told(_delivery(found.summary))


@act(f"/deliveries/{NUMBER}/replay", "Have a delivery worked on again, at once", faults=(409,), answers={
    204: "It waits.",
})  # fmt: skip
def replay(number: int) -> ResponseReturnValue:
    """It takes an editor everywhere."""
    access.require("editor")
    with site().store.writing() as session:
        is_waiting = inbox.replay(session, number)
        if is_waiting:
            note_act(session, site().clock(), access.login().name, "delivery_replayed", str(number))
    if not is_waiting:
        abort(409, "This delivery is being worked on right now, or there is none of this number.")
    return Response(status=204)


_DEAD = body((), connection=texts(300, description="Only those of this connection."))


@act("/deliveries/replay", "Have all deliveries that were set aside worked on again", _DEAD, answers={
    200: "How many wait now.",
})  # fmt: skip
def replay_dead() -> ResponseReturnValue:
    """It takes an editor everywhere."""
    access.require("editor")
    connection = sent(_DEAD).get("connection") or None
    return json_of({"waiting": replay_set_aside(site().store, site().clock(), access.login().name, connection)})


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
    access.require("admin")
    limit, before = asked_page()
    with site().store.reading() as session:
        found = acts(session, before=before, actor=asked("actor"), most=limit + 1)
    lines = [plain_values(asdict(one)) for one in found[:limit]]
    return told({"acts": lines, "next": following(lines, len(found) > limit)})


@route("/overrulings", "What people said against the judge of words, the first first", "overrulings", dated=True)
def all_that_was_overruled() -> ResponseReturnValue:
    return answer(_overrulings, "overrulings")


def _overrulings() -> Json:
    with site().store.reading() as session:
        said = all_overrulings(session)
    return {"overrulings": [{"connection": name, **overruling_document(one)} for name, one in said]}


def asked_page() -> tuple[int, int | None]:
    limit = request.args.get("limit", api_paging.DEFAULT, type=int)
    return limit, request.args.get("before", type=int)


def following(lines: list[Json], is_more: bool) -> str | None:
    return api_paging.address(before=lines[-1]["id"]) if is_more else None


def _delivery(line: Summary) -> Json:
    return plain_values(asdict(line))
