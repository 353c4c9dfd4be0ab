"""The pages of deliveries: what came, what became of it, and having it worked on again. Their bodies are not shown, for
these may name people: `tieline deliveries show` prints one to whoever runs Tieline.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import get_args

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue

from integration.store.acts import note_act
from integration.store.opened import Store
from integration.store.reads import connections
from reports import access
from reports.pages import as_page, live, now_of_answer, site
from reports.views import Ground, ground_of
from webhooks import inbox
from webhooks.inbox import Detail, State, Summary

blueprint = Blueprint("deliveries", __name__)
SHOWN = 100
MOST_REPLAYED = 10_000  # at once
STATES: tuple[State, ...] = get_args(State)
WORDS = {
    "new": "waiting",
    "running": "being worked on",
    "done": "done",
    "ignored": "ignored",
    "dead": "set aside",
}
_HEADERS_SHOWN = ("content-type", "user-agent", "x-atlassian-webhook-identifier", "x-atlassian-webhook-retry")


@dataclass(frozen=True, slots=True)
class DeliveriesPage:
    ground: Ground
    deliveries: tuple[Summary, ...]
    counts: dict[State, int]
    connections: tuple[str, ...]
    state: State | None
    connection: str | None
    older: int | None  # where an earlier page goes on


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    ground: Ground
    line: Summary
    headers: tuple[tuple[str, str], ...]


@blueprint.get("/deliveries")
def deliveries() -> ResponseReturnValue:
    read = partial(deliveries_page, site().store, now_of_answer(), *_asked())
    return live("deliveries.html", read, _moved, words=WORDS)


def _moved() -> str:
    """Changes with each delivery that comes or is worked on."""
    with site().store.reading() as session:
        latest = inbox.list_deliveries(session, limit=1)
        return "-".join(str(number) for number in [*inbox.counts(session).values(), *(line.id for line in latest)])


@blueprint.get("/deliveries/<int(max=9223372036854775807):number>")
def delivery(number: int) -> ResponseReturnValue:
    return as_page("delivery.html", _delivery_page(site().store, now_of_answer(), number), words=WORDS)


@blueprint.post("/deliveries/<int(max=9223372036854775807):number>/replay")
def replay(number: int) -> ResponseReturnValue:
    """Work on one again, at once."""
    access.require("editor")
    with site().store.writing() as session:
        is_waiting = inbox.replay(session, number)
        if is_waiting:
            note_act(session, now_of_answer(), access.login().name, "delivery_replayed", str(number))
    if not is_waiting:
        abort(409, "This delivery is being worked on right now, or there is none of this number.")
    return redirect(f"/deliveries/{number}", 303)


@blueprint.post("/deliveries/replay")
def replay_dead() -> ResponseReturnValue:
    """Work on all again that were set aside, or those of one connection."""
    access.require("editor")
    connection = inbox.storable(request.form.get("connection", "")) or None
    replay_set_aside(site().store, now_of_answer(), access.login().name, connection)
    return redirect("/deliveries", 303)


def replay_set_aside(store: Store, now: datetime, actor: str, connection: str | None) -> int:
    """Say how many wait now."""
    with store.writing() as session:
        dead = inbox.list_deliveries(session, "dead", MOST_REPLAYED, None, connection)
        number = sum(inbox.replay(session, line.id) for line in dead)
        subject = f"{number} set aside" + (f" of {connection}" if connection else "")
        note_act(session, now, actor, "deliveries_replayed", subject)
    return number


def deliveries_page(
    store: Store, now: datetime, state: State | None, connection: str | None, before: int | None
) -> DeliveriesPage:
    with store.reading() as session:
        found = inbox.list_deliveries(session, state, SHOWN + 1, before, connection)
        counts, ground = inbox.counts(session), ground_of(session, now)
        names = tuple(one.id for one in connections(session))
    older = found[SHOWN - 1].id if len(found) > SHOWN else None
    return DeliveriesPage(ground, found[:SHOWN], counts, names, state, connection, older)


def _asked() -> tuple[State | None, str | None, int | None]:
    state = next((one for one in STATES if one == request.args.get("state")), None)
    connection = inbox.storable(request.args.get("connection", "")) or None
    return state, connection, request.args.get("before", type=int)


def _delivery_page(store: Store, now: datetime, number: int) -> DeliveryPage | None:
    with store.reading() as session:
        found = inbox.show(session, number)
        ground = ground_of(session, now)
    return None if found is None else DeliveryPage(ground, found.summary, _headers(found))


def _headers(found: Detail) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in found.headers.items() if name.lower() in _HEADERS_SHOWN)
