"""The badge, the widget and the pictures of messages: what anybody with a link sees, and nothing else."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from integration.messages.composing import bar_of
from integration.messages.message import Bar
from integration.messages.words import plain
from integration.store import messages_news, messages_pictures, messages_shares
from integration.store.messages_shares import ShareLink
from integration.store.opened import Store
from reports.badge import badge as drawn
from reports.figures import Names, names_of
from reports.pages import build, now_of_answer, site
from reports.views import ground_of, pulse

blueprint = Blueprint("badges", __name__)
CACHED = 60  # seconds: so long a badge may be seen after its link was revoked
LONGEST_TOKEN = 100
_NONE = "There is no such link, or it is over."
_SCOPES = {"active": ("final", "in the sprint"), "closed": ("completed", "completed"), "future": ("final", "planned")}


@dataclass(frozen=True, slots=True)
class Shared:
    """What a link shows; `bar` None: nothing was decided yet."""

    name: str
    board: str
    state: str
    goal: str
    bar: Bar | None
    names: Names
    as_of: datetime


@blueprint.get("/badge/<token>/share.svg")
def badge(token: str) -> ResponseReturnValue:
    def make(found: Shared) -> Response:
        return Response(drawn(found.name, found.bar, found.names), mimetype="image/svg+xml")

    return _answer(token, make)


@blueprint.get("/widget/<token>")
def widget(token: str) -> ResponseReturnValue:
    def make(found: Shared) -> Response:
        picture = drawn(found.name, found.bar, found.names)
        return Response(render_template("widget.html", found=found, picture=picture), mimetype="text/html")

    return _answer(token, make)


@blueprint.get("/pictures/<token>/share.png")
def picture(token: str) -> ResponseReturnValue:
    """As the message told it; it stays until its link expires or is revoked."""
    with site().store.reading() as session:
        found = messages_pictures.opened_by(session, _checked(token), now_of_answer())
    if found is None:
        abort(404, _NONE)
    response = Response(found.png, mimetype="image/png")
    response.headers["Cache-Control"] = f"public, max-age={CACHED}"
    return response


def _answer(token: str, make: Callable[[Shared], Response]) -> Response:
    store = site().store
    share = _share(store, token)
    mark = hashlib.sha256(f"{share.id}-{pulse(store)}-{build()}".encode()).hexdigest()[:24]
    if request.if_none_match.contains_weak(mark):
        response = Response(status=304)
    else:
        response = make(shared(store, share, now_of_answer()))
    response.set_etag(mark, weak=True)
    response.headers["Cache-Control"] = f"public, max-age={CACHED}"
    return response


def _checked(token: str) -> str:
    if len(token) > LONGEST_TOKEN or not token.isascii():
        abort(404, _NONE)
    return token


def _share(store: Store, token: str) -> ShareLink:
    with store.reading() as session:
        found = messages_shares.share_of(session, _checked(token))
    if found is None:
        abort(404, _NONE)
    return found


def shared(store: Store, share: ShareLink, now: datetime) -> Shared:
    """The board's running sprint, else its last one; or the sprint that is shared."""
    with store.reading() as session:
        ground = ground_of(session, now)
        names = names_of(ground.plan)
        if share.sprint is not None:
            fact = messages_news.sprint_fact(session, share.connection, share.sprint, ground.measure)
        else:
            fact = messages_news.sprint_of_board(session, share.connection, share.board or "", ground.measure)
    if fact is None:
        return Shared(share.label or "Tieline", "", "", "", None, names, now)
    scope, words = _SCOPES[fact.summary["state"]]
    figure = fact.summary["scopes"].get(scope)
    bar = None if figure is None else bar_of(words, figure, ground.measure)
    goal = plain(fact.summary["goal"].get("text") or "")
    return Shared(plain(fact.name), plain(fact.board_name), words, goal, bar, names, now)
