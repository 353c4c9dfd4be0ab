"""Connections in the API: how each fares, what the doctor says, its webhook, and forgetting it."""

from datetime import timedelta
from functools import partial
from typing import Any

from flask import abort
from flask.typing import ResponseReturnValue

from integration import calling, doctor
from integration.behind import BoardBehind, behind_of
from integration.contract import Connection, TrackerError
from integration.imports.removing import forget
from integration.store import connections as kept
from integration.store import reads, webhook_states
from integration.store.webhook_states import WebhookState
from integration.store.write_back_records import switch
from mappings.document import moment_text
from reports import access, api_connection_shapes, connection_acts
from reports.api_bodies import LINE, act, body, sent
from reports.api_routes import json_of, route, site, told, told_once
from reports.connect_pages import desk

Json = dict[str, Any]
NAME = "<name>"
NONE = "There is no such connection."
_REMOVAL = body(("connection", "reason"), connection={**LINE, "description": "Its name once more."}, reason=LINE)
_ON_WEBHOOK = body(
    ("act",), act={"type": "string", "enum": list(connection_acts.ACTS), "description": connection_acts.EXPLAINED}
)


@route("/connections", "Connections and how they fare", "connections")
def connections() -> ResponseReturnValue:
    # How far behind a site is moves with time alone: no mark could tell that it is the same.
    return told(api_connection_shapes.connections(site().store, site().clock()), "connections")


@route(f"/connections/{NAME}", "A connection with its webhook, boards and whether it is written to", "", missing=True)
def connection(name: str) -> ResponseReturnValue:
    with site().store.reading() as session:
        health = next((one for one in reads.connections(session) if one.id == name), None)
        webhook = webhook_states.webhook_state(session, name)
        behind = None if health is None else behind_of(session, health, site().clock())
        held, made = switch(session, name), calling.told_of_all(session, site().clock()).get(name)
    if health is None or behind is None:
        abort(404, NONE)
    return told({
        **api_connection_shapes.connection(health, made, site().clock()),
        "webhook": None if webhook is None else _webhook(webhook),
        "behind": {"seconds": _seconds(behind.lag), "words": behind.words, "notice": behind.notice},
        "boards": [_board(one) for one in behind.boards],
        "write_back_is_on": held is not None and held.is_on,
    })  # fmt: skip


def _board(one: BoardBehind) -> Json:
    """`sprints_seen_at`: when the site last told of its sprints."""
    about = {"id": one.board.id, "name": one.board.name, "team": one.board.team}
    seen = None if one.seen is None else moment_text(one.seen)
    return {**about, "sprints_seen_at": seen, "behind_seconds": _seconds(one.lag)}


def _seconds(lag: timedelta | None) -> int | None:
    return None if lag is None else int(lag.total_seconds())


def _webhook(state: WebhookState) -> Json:
    return {
        "made_at": moment_text(state.made_at),
        "proven_at": None if state.proven_at is None else moment_text(state.proven_at),
        "expires_at": None if state.expires_at is None else moment_text(state.expires_at),
        "is_pasted_by_hand": state.is_by_hand,
        "has_old_secret": state.has_old_secret,
        "trouble": state.trouble,
    }


@route(
    f"/connections/{NAME}/doctor",
    "Every step of a connection looked at again; it asks the site",
    "",
    missing=True,
    role="admin",
    scope="admin",
)
def examine(name: str) -> ResponseReturnValue:
    access.require("admin")
    checks = doctor.examine(desk().store.engine, _known(name), site().clock())
    return told({
        "connection": name,
        "checks": [{"step": one.step, "is_good": one.is_good, "sentence": one.sentence} for one in checks],
    })  # fmt: skip


@act(f"/connections/{NAME}/webhook", "Make a webhook's secret anew, drop the old one, or have it proven", _ON_WEBHOOK,
     role="admin", scope="admin", faults=(409,), answers={
    200: "What was done; what has to be pasted by hand is told this once.",
})  # fmt: skip
def act_on_webhook(name: str) -> ResponseReturnValue:
    """It takes an admin, and of a token the scope admin."""
    access.require("admin")
    given, known = sent(_ON_WEBHOOK), _known(name)
    try:
        done = connection_acts.on_webhook(desk(), known, given["act"], access.login().name, site().clock())
    except TrackerError as error:
        abort(409, error.sentence)
    return told_once({"connection": name, **done}, 200)


@act(f"/connections/{NAME}/remove", "Forget a connection with all that was read of it", _REMOVAL,
     role="admin", scope="admin", answers={202: "It is being forgotten."})  # fmt: skip
def remove(name: str) -> ResponseReturnValue:
    """It takes an admin, and of a token the scope admin. Nothing brings its closed figures back."""
    access.require("admin")
    given = sent(_REMOVAL)
    _there(name)
    if given["connection"] != name:
        abort(422, "connection: send the connection's name once more, so that no other is forgotten.")
    engine, who = desk().store.engine, access.login().name
    desk().start(partial(forget, engine, name, site().clock(), actor=who, reason=given["reason"].strip()))
    return json_of({"connection": name, "state": "being forgotten"}, 202)


def _there(name: str) -> None:
    with site().store.reading() as session:
        if name not in kept.connection_names(session):
            abort(404, NONE)


def _known(name: str) -> Connection:
    """With its credentials; the vault is opened only for one that there is."""
    _there(name)
    with site().store.reading() as session:
        known = kept.connection_named(session, desk().vault(), name)
    if known is None:
        abort(404, NONE)
    return known
