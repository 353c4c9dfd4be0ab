"""Notifications in the API: where messages may go, what is told there, what was sent, and links that share a bar."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

from flask import Response, abort
from flask.typing import ResponseReturnValue

from integration.contract import Misconfigured
from integration.messages import asking
from integration.messages.channels import CHANNELS
from integration.messages.composing import Words
from integration.messages.message import TOPICS
from integration.messages.news import SEVERITIES
from integration.messages.picture import PICTURES
from integration.store import messages, messages_outbox, messages_pictures, messages_shares
from integration.store.messages import Wanted
from mappings.document import plain_values
from reports import access
from reports.api_bodies import act, body, sent, texts
from reports.api_operation import BEFORE, LIMIT, asked_page, following
from reports.api_routes import asked, json_of, query, route, site, told, told_once
from reports.connect_pages import desk
from reports.finding_titles import TITLES
from reports.notification_pages import addresses_of, teams_for

Made = TypeVar("Made")
NUMBER = "<int(max=2147483647):number>"
LONGEST = 4000
_NAME = texts(500, minLength=1)
_PICTURES = {"type": "string", "enum": list(PICTURES), "description": "How the picture of its bars is shown."}
_DESTINATION = body(
    ("name", "channel", "address"),
    name=texts(40, minLength=1, description="Small letters, digits and hyphens."),
    channel={"type": "string", "enum": list(CHANNELS)},
    address=texts(LONGEST, description="Of a chat its webhook's address, of mail an address, of a bot a channel's id."),
    secret=texts(LONGEST, description="Of a webhook, which is made without one; of a bot its token."),
    pictures=_PICTURES,
)
_CHANGE = body(
    (),
    address=texts(LONGEST, description="Another one."),
    secret=texts(LONGEST, description="Another one."),
    pictures=_PICTURES,
)
_SUBSCRIPTION = body(
    ("destination", "topic"),
    destination=_NAME,
    topic={"type": "string", "enum": [topic for topic in TOPICS if topic != "test"]},
    connection=_NAME,
    board={**_NAME, "description": "Its id; with its connection."},
    team=_NAME,
    severity={"type": "string", "enum": list(SEVERITIES)},
    schedule=texts(200, description="For digest and sprint_starts, such as every monday 08:00 Europe/Berlin."),
)
_SHARE = body(
    ("connection",),
    connection=_NAME,
    board={**_NAME, "description": "Its running sprint, or else its last one."},
    sprint={**_NAME, "description": "This sprint."},
    label=texts(500),
)
_MISSING = frozenset({"no_destination", "no_subscription", "no_message", "no_share", "no_picture_link"})
_TAKEN = frozenset({"name_taken"})


@route("/notifications/destinations", "Where messages may go; of an address only what may be read", "destinations")
def destinations() -> ResponseReturnValue:
    with site().store.reading() as session:
        found = messages.destinations(session)
    return told({"destinations": [plain_values(asdict(one)) for one in found]}, "destinations")


@act("/notifications/destinations", "Add a destination", _DESTINATION, role="admin", scope="admin", faults=(409,),
     answers={201: "It is kept; the secret of a webhook, which its receiver needs, is told this once."})  # fmt: skip
def add_destination() -> ResponseReturnValue:
    """It takes an admin, and of a token the scope admin."""
    access.require("admin")
    given = sent(_DESTINATION)
    words = (given["name"], given["channel"], given["address"], given.get("secret", ""))
    pictures = given.get("pictures", "inside")
    secret = _done(
        lambda session, who, now: asking.add_destination(session, desk().vault(), *words, who, now, pictures)
    )
    return told_once({"name": given["name"].strip(), "secret": secret}, 201)


@act("/notifications/destinations/<name>", "Remove a destination with its subscriptions", method="delete",
     role="admin", scope="admin", answers={204: "It is gone."})  # fmt: skip
def remove_destination(name: str) -> ResponseReturnValue:
    """It takes an admin, and of a token the scope admin."""
    access.require("admin")
    _done(lambda session, who, now: asking.remove_destination(session, name, who, now))
    return Response(status=204)


@act("/notifications/destinations/<name>/change", "Change its address, its secret, or how pictures are shown", _CHANGE,
     role="admin", scope="admin", answers={204: "It is changed; what was not given stays."})  # fmt: skip
def change_destination(name: str) -> ResponseReturnValue:
    """It takes an admin, and of a token the scope admin."""
    access.require("admin")
    given = sent(_CHANGE)
    words = (given.get("address", ""), given.get("secret", ""), given.get("pictures", ""))
    _done(lambda session, who, now: asking.change_destination(session, desk().vault(), name, *words, who, now))
    return Response(status=204)


@act("/notifications/destinations/<name>/secret", "Give a webhook another signing secret", role="admin",
     scope="admin", faults=(409,), answers={200: "It is told this once; the last signs along for a day."})  # fmt: skip
def change_secret(name: str) -> ResponseReturnValue:
    """It takes an admin, and of a token the scope admin."""
    access.require("admin")
    secret = _done(lambda session, who, now: asking.change_secret(session, desk().vault(), name, who, now), 409)
    return told_once({"name": name, "secret": secret}, 200)


@act("/notifications/destinations/<name>/test", "Queue a test message", answers={202: "It waits to be sent."})
def test_destination(name: str) -> ResponseReturnValue:
    """It takes an editor everywhere."""
    access.require("editor")
    words = Words(desk().public_url, TITLES)
    number = _done(lambda session, who, now: asking.queue_test(session, words, name, who, now))
    return json_of({"message": number}, 202)


@route("/notifications/subscriptions", "What is told where", "subscriptions")
def subscriptions() -> ResponseReturnValue:
    with site().store.reading() as session:
        found = messages.subscriptions(session)
    return told({"subscriptions": [plain_values(asdict(one)) for one in found]}, "subscriptions")


@act("/notifications/subscriptions", "Have a destination told something", _SUBSCRIPTION, answers={201: "It is kept."})
def subscribe() -> ResponseReturnValue:
    """It takes an editor of the team; without one an editor everywhere."""
    given = sent(_SUBSCRIPTION)
    access.require("editor", teams_for(given.get("team")))
    wanted = Wanted(**given)
    return json_of({"id": _done(lambda session, who, now: asking.subscribe(session, wanted, who, now))}, 201)


@act(f"/notifications/subscriptions/{NUMBER}", "Tell it no more", method="delete", answers={204: "It is gone."})
def unsubscribe(number: int) -> ResponseReturnValue:
    """It takes an editor of the subscription's team; without one an editor everywhere."""
    with site().store.reading() as session:
        found = messages.subscription(session, number)
    access.require("editor", teams_for(found.team if found is not None else None))
    _done(lambda session, who, now: asking.unsubscribe(session, number, who, now))
    return Response(status=204)


@route(
    "/notifications/messages",
    "What was sent, the newest first",
    "",
    query("state", "Only those in this state; dead ones were set aside.", *messages_outbox.STATES),
    query("destination", "Only those to this destination."),
    BEFORE,
    LIMIT,
)
def message_log() -> ResponseReturnValue:
    limit, before = asked_page()
    with site().store.reading() as session:
        found = messages_outbox.lines(
            session, state=asked("state"), destination=asked("destination"), before=before, most=limit + 1
        )
        counts = messages_outbox.counts(session)
    lines = [plain_values(asdict(one)) for one in found[:limit]]
    return told({"messages": lines, "counts": counts, "next": following(lines, len(found) > limit)})


@route(f"/notifications/messages/{NUMBER}", "A message with every try", "", missing=True)
def message(number: int) -> ResponseReturnValue:
    with site().store.reading() as session:
        found = messages_outbox.message(session, number)
    if found is None:
        abort(404, "There is no such message.")
    line, content, tries = found
    told_tries = [plain_values(asdict(one)) for one in tries]
    return told({**plain_values(asdict(line)), "content": content, "tries": told_tries})


@act(f"/notifications/messages/{NUMBER}/replay", "Send a message again, with the same id", answers={204: "It waits."})
def replay_message(number: int) -> ResponseReturnValue:
    """It takes an editor everywhere."""
    access.require("editor")
    _done(lambda session, who, now: asking.replay(session, number, who, now))
    return Response(status=204)


@route(
    f"/notifications/messages/{NUMBER}/picture.png",
    "The picture that goes along with a message",
    "",
    missing=True,
    media=("image/png",),
)
def message_picture(number: int) -> ResponseReturnValue:
    with site().store.reading() as session:
        found = messages_pictures.shown(session, number)
    if found is None:
        abort(404, "This message has no picture.")
    return Response(found.png, mimetype="image/png")


@act(f"/notifications/messages/{NUMBER}/picture", "End the link to a message's picture", method="delete",
     answers={204: "It shows nothing any more."})  # fmt: skip
def revoke_picture(number: int) -> ResponseReturnValue:
    """It takes an editor everywhere."""
    access.require("editor")
    _done(lambda session, who, now: asking.revoke_picture(session, number, who, now))
    return Response(status=204)


@route("/notifications/shares", "Links that share a bar; their addresses were told once", "shares")
def shares() -> ResponseReturnValue:
    with site().store.reading() as session:
        found = messages_shares.shares(session)
    return told({"shares": [plain_values(asdict(one)) for one in found]}, "shares")


@act("/notifications/shares", "Make a link that shows the bar of one board or sprint to anybody", _SHARE, answers={
    201: "The addresses of its badge and its widget, told this once.",
})  # fmt: skip
def share() -> ResponseReturnValue:
    """It takes an editor everywhere."""
    access.require("editor")
    given = sent(_SHARE)
    what = (given["connection"], given.get("board"), given.get("sprint"), given.get("label", ""))
    return told_once(addresses_of(_done(lambda session, who, now: asking.share(session, *what, who, now))), 201)


@act(f"/notifications/shares/{NUMBER}", "End a link", method="delete", answers={204: "It shows nothing any more."})
def revoke_share(number: int) -> ResponseReturnValue:
    """It takes an editor everywhere."""
    access.require("editor")
    _done(lambda session, who, now: asking.revoke_share(session, number, who, now))
    return Response(status=204)


def _done(do: Callable[[Any, str, datetime], Made], otherwise: int = 422) -> Made:
    """Do it as who is in; what cannot be done is a problem of its kind."""
    try:
        with site().store.writing() as session:
            return do(session, access.login().name, site().clock())
    except Misconfigured as wrong:
        status = 404 if wrong.reason in _MISSING else 409 if wrong.reason in _TAKEN else otherwise
        abort(status, wrong.sentence)
