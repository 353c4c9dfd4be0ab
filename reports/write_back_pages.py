"""The pages of writing back: asking for it, the preview, sending, stopping, undoing, and the records of all that."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from integration.contract import Misconfigured
from integration.write_back import asking
from integration.write_back.wishes import CommentCoverage, MarkOrphans, SetKeyResults, Wish, keys_in
from reports import access
from reports import write_back_views as views
from reports.pages import as_page, live, now_of_answer, site

blueprint = Blueprint("write_back", __name__)
NUMBER = "<int(max=2147483647):number>"
LONGEST = 20_000  # signs of a form's field
_WORDS: dict[str, Any] = {"states": views.STATES, "changes": views.CHANGES}


@blueprint.get("/write-back")
def records() -> ResponseReturnValue:
    return live("write_backs.html", partial(views.records_page, site().store, now_of_answer()), **_WORDS)


@blueprint.get(f"/write-back/{NUMBER}")
def record(number: int) -> ResponseReturnValue:
    return live("write_back.html", partial(views.record_page, site().store, now_of_answer(), number), **_WORDS)


@blueprint.get("/write-back/new")
def new() -> ResponseReturnValue:
    access.require("editor")
    return _form(request.args.get("connection", ""), request.args.get("on", ""))


@blueprint.post("/write-back/new")
def ask() -> ResponseReturnValue:
    """Keep what is wanted; the preview is made by a worker, and nothing is sent."""
    access.require("editor")
    connection = _field("connection")
    try:
        number = asking.ask(site().store.engine, connection, _wish(), access.login().name, now_of_answer())
    except Misconfigured as error:
        return _form(connection, _field("items"), error.sentence)
    return redirect(f"/write-back/{number}", 303)


@blueprint.post(f"/write-back/{NUMBER}/send")
def send(number: int) -> ResponseReturnValue:
    access.require("editor")
    return _done(number, partial(asking.send, site().store.engine, number, access.login().name, now_of_answer()))


@blueprint.post(f"/write-back/{NUMBER}/stop")
def stop(number: int) -> ResponseReturnValue:
    access.require("editor")
    return _done(number, partial(asking.stop, site().store.engine, number, access.login().name, now_of_answer()))


@blueprint.post(f"/write-back/{NUMBER}/undo")
def undo(number: int) -> ResponseReturnValue:
    """Preview giving back what was there before; it is sent from there."""
    access.require("editor")
    change = request.form.get("change", type=int)
    act = partial(asking.undo, site().store.engine, number, access.login().name, now_of_answer(), change)
    return _done(number, act)


@blueprint.post("/write-back/switch")
def switch() -> ResponseReturnValue:
    access.require("admin")
    act = partial(asking.switch, site().store.engine, _field("connection"), access.login().name, now_of_answer())
    try:
        act(on=request.form.get("on") == "1")
    except Misconfigured as error:
        page = views.records_page(site().store, now_of_answer())
        return as_page("write_backs.html", page, 400, wrong=error.sentence, **_WORDS)
    return redirect("/write-back", 303)


def _done(number: int, act: Callable[[], int | None]) -> ResponseReturnValue:
    """Back to the record, or on to the one that was made."""
    try:
        made = act()
    except Misconfigured as error:
        page = views.record_page(site().store, now_of_answer(), number)
        return as_page("write_back.html", page, 409, wrong=error.sentence, **_WORDS)
    return redirect(f"/write-back/{made or number}", 303)


def _form(connection: str, items: str, wrong: str | None = None) -> ResponseReturnValue:
    page = views.ask_page(site().store, now_of_answer(), connection, items)
    return as_page("write_back_new.html", page, 400 if wrong else 200, wrong=wrong)


def _wish() -> Wish:
    """What the form asks for; each of them is checked where it is kept."""
    kind = request.form.get("kind")
    if kind == "orphans":
        return MarkOrphans("property" if _field("mark") == "property" else "label", _field("name").strip())
    if kind == "comment":
        return CommentCoverage(_field("sprint"), keys_in(_field("items")))
    below = _field("children")
    return SetKeyResults(
        codes=tuple(code for code in request.form.getlist("key_result") if code),
        items=keys_in(_field("items")),
        children="open" if below == "open" else "all" if below == "all" else "none",
        replaces_children=request.form.get("replace_children") == "1",
    )


def _field(name: str) -> str:
    return request.form.get(name, "")[:LONGEST]
