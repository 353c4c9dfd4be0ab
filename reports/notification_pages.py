"""The page of notifications: destinations, subscriptions, the log with its replays, and the links that share a bar.

An admin says where messages may go, an editor what is told there and what is shared.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from integration.contract import Misconfigured
from integration.messages import asking
from integration.messages.channels import CHANNELS, HOLD_PICTURES
from integration.messages.composing import Words
from integration.messages.message import Message, from_json
from integration.messages.news import SEVERITIES
from integration.messages.picture import PICTURES
from integration.messages.words import bar_text, legend_text
from integration.store import messages, messages_outbox, messages_pictures, messages_shares, reads
from integration.store.columns import storable
from integration.store.messages import Destination, Subscription, Wanted
from integration.store.messages_outbox import Line, Try
from integration.store.messages_pictures import KeptPicture
from integration.store.messages_shares import ShareLink
from integration.store.reads import BoardLine
from reports import access
from reports.connect_pages import desk
from reports.finding_views import TITLES
from reports.pages import as_page, now_of_answer, site
from reports.views import Ground, ground_of, teams_of

blueprint = Blueprint("notifications", __name__)
NUMBER = "<int(max=2147483647):number>"
SHOWN = 50
LONGEST = 4000  # signs of a form's field
TOPICS = {
    "sprint_starts": "a sprint is about to start",
    "sprint_closed": "a sprint was closed",
    "digest": "the audit, by the clock",
    "finding_opened": "findings opened",
    "finding_resolved": "findings resolved",
    "figure_restated": "a closed figure changed",
    "test": "a test",
}
STATES = {"waiting": "waiting", "sending": "being sent", "sent": "sent", "dead": "set aside"}


@dataclass(frozen=True, slots=True)
class NotificationsPage:
    ground: Ground
    destinations: tuple[Destination, ...]
    subscriptions: tuple[Subscription, ...]
    shares: tuple[ShareLink, ...]
    boards: tuple[BoardLine, ...]
    teams: tuple[str, ...]
    lines: tuple[Line, ...]
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class LogPage:
    ground: Ground
    lines: tuple[Line, ...]
    counts: dict[str, int]
    state: str | None
    older: int | None


@dataclass(frozen=True, slots=True)
class MessagePage:
    ground: Ground
    line: Line
    message: Message
    tries: tuple[Try, ...]
    picture: KeptPicture | None


@blueprint.get("/notifications")
def notifications() -> ResponseReturnValue:
    return _notifications()


def _notifications(status: int = 200, **more: Any) -> Response:
    now = now_of_answer()
    with site().store.reading() as session:
        ground = ground_of(session, now)
        page = NotificationsPage(
            ground,
            messages.destinations(session),
            messages.subscriptions(session),
            messages_shares.shares(session),
            reads.boards(session),
            tuple(sorted({team.name for team in ground.plan.teams} | {one.team for one in ground.plan.objectives})),
            messages_outbox.lines(session, most=10),
            messages_outbox.counts(session),
        )
    words = {"channels": CHANNELS, "topics": TOPICS, "states": STATES, "severities": SEVERITIES, "pictures": PICTURES}
    ways = {"holding": HOLD_PICTURES, "public_url": desk().public_url}
    html = render_template("notifications.html", page=page, **words, **ways, **more)
    response = Response(html, status=status, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"  # a secret or link may stand on it, this once
    return response


@blueprint.get("/notifications/log")
def log() -> ResponseReturnValue:
    asked, before = request.args.get("state"), request.args.get("before", type=int)
    state = asked if asked in STATES else None
    before = before if before is not None and 0 < before < 2**31 else None
    with site().store.reading() as session:
        found = messages_outbox.lines(session, state=state, before=before, most=SHOWN + 1)
        page = LogPage(
            ground_of(session, now_of_answer()),
            found[:SHOWN],
            messages_outbox.counts(session),
            state,
            found[SHOWN - 1].id if len(found) > SHOWN else None,
        )
    return as_page("notification_log.html", page, topics=TOPICS, states=STATES)


@blueprint.get(f"/notifications/messages/{NUMBER}")
def message(number: int) -> ResponseReturnValue:
    with site().store.reading() as session:
        found = messages_outbox.message(session, number)
        ground, picture = ground_of(session, now_of_answer()), messages_pictures.shown(session, number)
    page = None if found is None else MessagePage(ground, found[0], from_json(found[1]), found[2], picture)
    return as_page(
        "notification_message.html",
        page,
        topics=TOPICS,
        states=STATES,
        bar_text=bar_text,
        legend_text=legend_text,
    )


@blueprint.get(f"/notifications/messages/{NUMBER}/picture.png")
def message_picture(number: int) -> ResponseReturnValue:
    with site().store.reading() as session:
        found = messages_pictures.shown(session, number)
    if found is None:
        abort(404, "This message has no picture.")
    response = Response(found.png, mimetype="image/png")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


# --- acts


@blueprint.post("/notifications/destinations")
@access.needs("admin")
def add_destination() -> ResponseReturnValue:
    access.require("admin")

    def act(session: Any) -> str | None:
        given = (_field("name"), _field("channel"), _field("address"), _field("secret"))
        who, now, pictures = access.login().name, now_of_answer(), _field("pictures") or "inside"
        return asking.add_destination(session, desk().vault(), *given, who, now, pictures)

    return _done(act, lambda secret: {"secret": secret, "secret_of": _field("name")} if secret else {})


@blueprint.post("/notifications/destinations/<name>/change")
@access.needs("admin")
def change_destination(name: str) -> ResponseReturnValue:
    access.require("admin")

    def act(session: Any) -> None:
        given = (_field("address"), _field("secret"), _field("pictures"))
        who, now = access.login().name, now_of_answer()
        asking.change_destination(session, desk().vault(), storable(name), *given, who, now)

    return _done(act)


@blueprint.post("/notifications/destinations/<name>/remove")
@access.needs("admin")
def remove_destination(name: str) -> ResponseReturnValue:
    access.require("admin")
    return _done(
        lambda session: asking.remove_destination(session, storable(name), access.login().name, now_of_answer())
    )


@blueprint.post("/notifications/destinations/<name>/secret")
@access.needs("admin")
def change_secret(name: str) -> ResponseReturnValue:
    access.require("admin")

    def act(session: Any) -> str:
        return asking.change_secret(session, desk().vault(), storable(name), access.login().name, now_of_answer())

    return _done(act, lambda secret: {"secret": secret, "secret_of": name})


@blueprint.post("/notifications/destinations/<name>/test")
@access.needs("editor")
def test(name: str) -> ResponseReturnValue:
    access.require("editor")
    words = Words(desk().public_url, TITLES)

    def act(session: Any) -> int:
        return asking.queue_test(session, words, storable(name), access.login().name, now_of_answer())

    return _done(act, then=lambda number: url_for("notifications.message", number=number))


@blueprint.post("/notifications/subscriptions")
@access.needs("editor")
def subscribe() -> ResponseReturnValue:
    team = _field("team") or None
    access.require("editor", teams_for(team))
    connection, board = _board(_field("board"))
    wanted = Wanted(
        _field("destination"),
        _field("topic"),
        connection,
        board,
        team,
        _field("severity") or None,
        _field("schedule") or None,
    )
    return _done(lambda session: asking.subscribe(session, wanted, access.login().name, now_of_answer()))


@blueprint.post(f"/notifications/subscriptions/{NUMBER}/remove")
@access.needs("editor")
def unsubscribe(number: int) -> ResponseReturnValue:
    with site().store.reading() as session:
        found = messages.subscription(session, number)
    access.require("editor", teams_for(found.team if found is not None else None))
    return _done(lambda session: asking.unsubscribe(session, number, access.login().name, now_of_answer()))


@blueprint.post(f"/notifications/messages/{NUMBER}/replay")
@access.needs("editor")
def replay(number: int) -> ResponseReturnValue:
    access.require("editor")
    return _done(
        lambda session: asking.replay(session, number, access.login().name, now_of_answer()),
        then=lambda _: url_for("notifications.message", number=number),
    )


@blueprint.post(f"/notifications/messages/{NUMBER}/picture/revoke")
@access.needs("editor")
def revoke_picture(number: int) -> ResponseReturnValue:
    access.require("editor")
    return _done(
        lambda session: asking.revoke_picture(session, number, access.login().name, now_of_answer()),
        then=lambda _: url_for("notifications.message", number=number),
    )


@blueprint.post("/notifications/shares")
@access.needs("editor")
def share() -> ResponseReturnValue:
    access.require("editor")
    connection, board = _board(_field("board"))
    sprint = _field("sprint") or None

    def act(session: Any) -> str:
        who, now = access.login().name, now_of_answer()
        return asking.share(session, connection or "", None if sprint else board, sprint, _field("label"), who, now)

    return _done(act, lambda token: {"shared": addresses_of(token)})


@blueprint.post(f"/notifications/shares/{NUMBER}/revoke")
@access.needs("editor")
def revoke(number: int) -> ResponseReturnValue:
    access.require("editor")
    return _done(lambda session: asking.revoke_share(session, number, access.login().name, now_of_answer()))


def _done(
    act: Callable[[Any], Any],
    shown: Callable[[Any], dict[str, Any]] = lambda _: {},
    then: Callable[[Any], str] = lambda _: "/notifications",
) -> ResponseReturnValue:
    """Do it, and go on where it can be seen; what is shown this once is shown at once."""
    try:
        with site().store.writing() as session:
            made = act(session)
    except Misconfigured as wrong:
        return _notifications(422, wrong=wrong.sentence, form=request.form)
    more = shown(made)
    return _notifications(**more) if more else redirect(then(made), 303)


def addresses_of(token: str) -> dict[str, str]:
    public = (desk().public_url or request.host_url).rstrip("/")
    return {"badge": f"{public}/badge/{token}/share.svg", "widget": f"{public}/widget/{token}"}


def teams_for(team: str | None) -> frozenset[str]:
    """A team's editor may subscribe for that team; for everybody it takes an editor everywhere."""
    if team is None:
        return frozenset()
    with site().store.reading() as session:
        ground = ground_of(session, now_of_answer())
    return teams_of(ground, team)


def _board(value: str) -> tuple[str | None, str | None]:
    connection, _, board = value.partition("/")  # the name of a connection holds no slash
    return connection or None, board or None


def _field(name: str) -> str:
    return storable(request.form.get(name, ""))[:LONGEST].strip()
