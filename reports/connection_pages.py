"""A connection that is made: how far its backlog is, whether its webhook is proven, and what an admin does about it."""

from functools import partial

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from integration import connect_steps, doctor
from integration.contract import Connection, TrackerError
from integration.imports.removing import forget
from integration.store import connections
from reports import access, connect_views, connection_acts, file_pages, pages
from reports.connect_pages import desk, live, registered
from reports.finding_pages import LONGEST_REASON

blueprint = Blueprint("connection", __name__, url_prefix="/connections")


@blueprint.get("/<name>")
@blueprint.get("/<name>/webhook")  # what an act answered is loaded anew, or polled, by its own address
@blueprint.get("/<name>/anew")
def connection(name: str) -> ResponseReturnValue:
    file = _file_page(name)
    if file is not None:
        return pages.live("connection_file.html", lambda: file)
    return live("connection.html", _page(name))


def _file_page(name: str) -> file_pages.FilePage | None:
    return file_pages.file_page(desk().store, pages.now_of_answer(), name)


def _page(name: str) -> connect_views.ConnectionPage:
    page = connect_views.connection_page(desk().store, desk().vault(), pages.now_of_answer(), name)
    if page is None:
        abort(404, "There is no such connection.")
    return page


@blueprint.get("/<name>/doctor")
def examine(name: str) -> ResponseReturnValue:
    """Every step looked at again; that asks the site, so it is for admins."""
    access.require("admin")
    known = _known(name)
    checks = tuple(doctor.examine(desk().store.engine, known, pages.now_of_answer()))
    return render_template("connection_doctor.html", page={"name": name, "checks": checks})


@blueprint.post("/<name>/anew")
@access.needs("admin")
def choose_anew(name: str) -> ResponseReturnValue:
    access.require("admin")
    try:
        draft = connect_steps.begin_anew(desk().store.engine, desk().vault(), name, pages.now_of_answer())
    except TrackerError as error:
        return _wrong(name, error.sentence)
    step = request.form.get("step", "account")
    return redirect(f"/connect/{draft}/{step if step in ('login', 'account') else 'account'}", 303)


@blueprint.post("/<name>/remove")
@access.needs("admin")
def remove(name: str) -> ResponseReturnValue:
    """Forget it with all that was read of it: its name has to be typed, and a reason given."""
    access.require("admin")
    _known(name)
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON]
    if request.form.get("typed", "").strip() != name or not reason:
        return _wrong(name, "Type the connection's name and a reason: nothing brings its closed figures back.")
    engine, now, actor = desk().store.engine, pages.now_of_answer(), access.login().name
    desk().start(partial(forget, engine, name, now, actor=actor, reason=reason))
    return redirect("/connections", 303)


@blueprint.post("/<name>/webhook")
@access.needs("admin")
def act_on_webhook(name: str) -> ResponseReturnValue:
    """Register it with a fresh secret, take only the newest secret, or have it proven."""
    access.require("admin")
    who, now = access.login().name, pages.now_of_answer()
    try:
        match request.form.get("act"):
            case "new":
                return registered(name, connection_acts.make_anew(desk(), name, who, now))
            case "drop_old_secret":
                connection_acts.drop_old_secret(desk(), name, who, now)
            case "prove":
                return _told(name, connection_acts.prove(desk(), _known(name), who, now))
            case _:
                abort(400, "There is no such act.")
    except TrackerError as error:
        return _wrong(name, error.sentence)
    return redirect(f"/connections/{name}", 303)


def _known(name: str) -> Connection:
    with desk().store.reading() as session:
        known = connections.connection_named(session, desk().vault(), name)
    if known is None:
        abort(404, "There is no such connection.")
    return known


def _wrong(name: str, sentence: str) -> ResponseReturnValue:
    file = _file_page(name)
    if file is not None:
        return render_template("connection_file.html", page=file, wrong=sentence), 422
    return render_template("connection.html", page=_page(name), wrong=sentence), 422


def _told(name: str, sentence: str) -> ResponseReturnValue:
    return render_template("connection.html", page=_page(name), said=sentence)
