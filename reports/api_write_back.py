"""Writing back by the API: previews, sending, stopping, going on, undoing, and the switch of a connection."""

from collections.abc import Callable
from typing import Any

from flask import Response, abort
from flask.typing import ResponseReturnValue

from integration.contract import Misconfigured
from integration.store import connections
from integration.store.write_back_records import changes_of, run_of, runs, switch, undone_by
from integration.write_back import asking
from integration.write_back.wishes import (
    LABEL,
    LONGEST_NAME,
    MOST_ITEMS,
    CommentCoverage,
    MarkOrphans,
    SetKeyResults,
    Wish,
)
from mappings.document import plain_values
from reports import access
from reports.api_bodies import act, body, listed, sent, texts
from reports.api_routes import asked, json_of, query, route, site, told
from reports.write_back_documents import change_document, run_document

Json = dict[str, Any]
NUMBER = "<int(max=2147483647):number>"
MOST_SHOWN = 500  # records
_ITEMS = listed(texts(300, minLength=1), MOST_ITEMS)
_NAME = texts(300, minLength=1)
_ASKED = body(
    ("connection", "kind"),
    connection=_NAME,
    kind={"type": "string", "enum": ["key_results", "orphans", "comment"]},
    items={**_ITEMS, "description": "Keys; of key_results and comment."},
    key_results=listed(_NAME, 50),
    children={"type": "string", "enum": ["none", "open", "all"]},
    replace_children={"type": "boolean"},
    into=texts(LONGEST_NAME, description="Which field is written, by name or id; or Labels, or a type of link."),
    mark={"type": "string", "enum": ["label", "property"]},
    name=texts(LONGEST_NAME, description=f"Of the mark; {LABEL} without it."),
    sprint=_NAME,
)
_UNDONE = body((), change={"type": "integer", "minimum": 1, "maximum": 2**31 - 1})
_SWITCH = body(("connection", "on"), connection=_NAME, on={"type": "boolean"})
NONE = "There is no such record."


@route("/write-back", "Records of writing back, the newest first", "records", query("connection", "Only of this one."))
def write_backs() -> ResponseReturnValue:
    with site().store.reading() as session:
        found = runs(session, asked("connection"), MOST_SHOWN)
    return told({"records": [run_document(one) for one in found]}, "records")


@route(f"/write-back/{NUMBER}", "A record with its changes, each as it was, is wished and became", "changes")
def write_back(number: int) -> ResponseReturnValue:
    with site().store.reading() as session:
        run = run_of(session, number)
        changes, undone = changes_of(session, number), undone_by(session, number)
    if run is None:
        abort(404, NONE)
    told_of = [{**change_document(one), "undone": undone.get(one.id)} for one in changes]
    return told({**run_document(run), "changes": told_of}, "changes")


@act("/write-back", "Ask for changes in the tracker: a preview is made, and nothing is sent", _ASKED, answers={
    202: "The number of the record, whose preview a worker makes.",
})  # fmt: skip
def ask_for_write_back() -> ResponseReturnValue:
    """`kind`: key_results on items, marks on orphan epics, or a comment with a sprint's coverage. It takes an editor
    everywhere."""
    access.require("editor")
    given = sent(_ASKED)
    _connection_or_404(given["connection"])
    try:
        number = asking.ask(site().store.engine, given["connection"], _wish(given), access.login().name, site().clock())
    except Misconfigured as error:
        abort(422, error.sentence)
    return _accepted(number)


def _wish(given: Json) -> Wish:
    items = tuple(given.get("items", ()))
    if given["kind"] == "orphans":
        return MarkOrphans(given.get("mark", "label"), given.get("name", LABEL).strip())
    if given["kind"] == "comment":
        return CommentCoverage(given.get("sprint", ""), items)
    return SetKeyResults(
        codes=tuple(given.get("key_results", ())),
        items=items,
        children=given.get("children", "none"),
        replaces_children=given.get("replace_children", False),
        into=given.get("into"),
    )


@act(f"/write-back/{NUMBER}/send", "Send what a preview has shown, or go on with what was stopped", scope="admin",
     faults=(409,), answers={202: "It waits for its turn."})  # fmt: skip
def send_write_back(number: int) -> ResponseReturnValue:
    """It takes an editor everywhere, and of a token the scope admin. Nothing is sent twice."""
    return _acted(number, asking.send)


@act(f"/write-back/{NUMBER}/stop", "Send nothing more of a record", scope="admin", faults=(409,), answers={
    202: "It stops before the next change.",
})  # fmt: skip
def stop_write_back(number: int) -> ResponseReturnValue:
    """It takes an editor everywhere, and of a token the scope admin."""
    return _acted(number, asking.stop)


@act(f"/write-back/{NUMBER}/undo", "Ask for what was there before a record, or one of its changes", _UNDONE,
     faults=(409,), answers={202: "The number of a record of its own: its preview; send that."})  # fmt: skip
def undo_write_back(number: int) -> ResponseReturnValue:
    """`change`: the `id` of a change. It takes an editor everywhere. What others changed since stays."""
    change = sent(_UNDONE).get("change")
    return _acted(number, lambda engine, run, who, now: asking.undo(engine, run, who, now, change))


@route("/write-back/switches", "Which connections are written to", "switches")
def switches() -> ResponseReturnValue:
    with site().store.reading() as session:
        found = {name: switch(session, name) for name in connections.connection_names(session)}
    return told({"switches": [_switch(name, one) for name, one in found.items()]}, "switches")


def _switch(name: str, held: Any) -> Json:
    said = {"by": None, "at": None} if held is None else {"by": held.author, "at": held.at}
    return plain_values({"connection": name, "on": held is not None and held.is_on, **said})


@act("/write-back/switches", "Let a connection be written to, or not", _SWITCH, role="admin", scope="admin",
     answers={204: "It is so."})  # fmt: skip
def switch_write_back() -> ResponseReturnValue:
    """It takes an admin, and of a token the scope admin."""
    access.require("admin")
    given = sent(_SWITCH)
    _connection_or_404(given["connection"])
    asking.switch(site().store.engine, given["connection"], access.login().name, site().clock(), on=given["on"])
    return Response(status=204)


def _acted(number: int, do: Callable[..., int | None]) -> Response:
    access.require("editor")
    with site().store.reading() as session:
        if run_of(session, number) is None:
            abort(404, NONE)
    try:
        made = do(site().store.engine, number, access.login().name, site().clock())
    except Misconfigured as error:
        abort(409, error.sentence)
    return _accepted(made or number)


def _accepted(number: int) -> Response:
    response = json_of({"record": number}, 202)
    response.headers["Location"] = f"/api/v1/write-back/{number}"
    return response


def _connection_or_404(name: str) -> None:
    with site().store.reading() as session:
        if name not in connections.connection_names(session):
            abort(404, f"There is no connection “{name}”.")
