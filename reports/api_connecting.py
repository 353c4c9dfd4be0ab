"""Connecting a site by the API, in the steps of the pages: each is kept in a draft, and nothing counts before the last.

Pages and programs can go on with each other's drafts."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from flask import Response, abort
from flask.typing import ResponseReturnValue

from integration import connect_steps
from integration.connecting import Entry, Way
from integration.contract import TrackerError
from integration.store import drafts
from integration.store.drafts import Draft
from mappings.document import moment_text
from reports import access, api_choices, connect_views, connection_acts
from reports.api_bodies import act, body, listed, sent, texts
from reports.api_routes import json_of, route, site, told, told_once
from reports.connect_pages import TRACKER, begin_to_look, desk, finish_draft

Json = dict[str, Any]
ONE = "/connect/<draft>"
NONE = "This half-done connection is not there any more: it was finished, or thrown away."
_DRAFT_ID = re.compile(r"[0-9a-f]{16}")
_BEGUN = body(
    url=texts(500, minLength=1, description="Of the site, as its users know it."),
    connection=texts(40, minLength=1, description="In its place: a connection that is to be chosen anew."),
)
_LOGIN = body(
    ("way", "entries"),
    way=texts(50, minLength=1, description="One of the draft's ways."),
    entries={"type": "object", "additionalProperties": texts(4000), "description": "What that way takes, by name."},
    name=texts(40, description="Of the connection; else as the draft says."),
)
_LOOK = body(projects=listed(texts(50, minLength=1), 10_000))
_END = body(
    public_url={
        "type": ["string", "null"],
        "maxLength": 500,
        "description": "Where the site's deliveries reach Tieline; else as set up there; null: no webhook.",
    }
)


@route("/connect", "Connections that are half done", "drafts", role="admin", scope="admin")
def half_done() -> ResponseReturnValue:
    access.require("admin")
    with site().store.reading() as session:
        found = drafts.drafts(session)
    return told({"drafts": [_line(one) for one in found]}, "drafts")


@route(ONE, "A half-done connection: its site, how to log in, what is offered and chosen", "", missing=True,
       role="admin", scope="admin")  # fmt: skip
def half_done_connection(draft: str) -> ResponseReturnValue:
    """No credentials are in it."""
    access.require("admin")
    return told(_document(_draft(draft)))


@act("/connect", "Begin to connect a site, or to choose a connection anew", _BEGUN, role="admin", scope="admin",
     answers={201: "The draft; every further step names its id."})  # fmt: skip
def begin() -> ResponseReturnValue:
    """It takes an admin, and of a token the scope admin. The address is asked whether a site stands there."""
    access.require("admin")
    given = sent(_BEGUN)
    if len(given) != 1:
        abort(422, "Send the url of a site, or the name of a connection that is to be chosen anew.")
    engine, now = desk().store.engine, site().clock()
    with _asking(422):
        if "url" in given:
            made = connect_steps.begin(engine, TRACKER, given["url"], now)
        else:
            made = connect_steps.begin_anew(engine, desk().vault(), given["connection"], now)
    return json_of(_document(_draft(made)), 201)


@act(
    ONE, "Throw a half-done connection away", method="delete", role="admin", scope="admin", answers={204: "It is gone."}
)
def throw_away(draft: str) -> ResponseReturnValue:
    """It takes an admin, and of a token the scope admin."""
    access.require("admin")
    connect_steps.throw_away(desk().store.engine, _draft(draft).id)
    return Response(status=204)


# --- who we are -------------------------------------------------------------------------------


@act(f"{ONE}/login", "Say as whom Tieline shall log in; the site is asked whether that is so", _LOGIN, role="admin",
     scope="admin", answers={200: "It is kept, encrypted."})  # fmt: skip
def log_in(draft: str) -> ResponseReturnValue:
    """It takes an admin, and of a token the scope admin. OAuth takes a person who agrees, on the page of this step."""
    access.require("admin")
    given, found = sent(_LOGIN), _draft(draft)
    ways = connect_steps.ways_of(found)
    way = next((one for one in ways if one.name == given["way"]), None)
    if way is None:
        abort(422, f"way: it is one of {', '.join(one.name for one in ways)}.")
    if way.is_consent:
        abort(422, f"A person must agree at the site: log in on the page /connect/{draft}/login, then go on here.")
    known = [entry.name for entry in way.entries]
    unknown = next((name for name in given["entries"] if name not in known), None)
    if unknown is not None:
        abort(422, f"entries: there is no {unknown[:50]!r} here; there are {', '.join(known)}.")
    entries = {name: given["entries"].get(name, "") for name in known}
    name = given.get("name") or connect_steps.name_of(found)
    with _asking(422):
        connect_steps.log_in(desk().store.engine, desk().vault(), found, way.name, entries, name, site().clock())
    return json_of(_document(_draft(draft)))


@route(f"{ONE}/account", "Who we are at the site, and what is missing; it asks the site", "", missing=True,
       role="admin", scope="admin", faults=(409,))  # fmt: skip
def account(draft: str) -> ResponseReturnValue:
    access.require("admin")
    found = _draft(draft)
    with _asking(409):
        seen = connect_steps.sight(desk().store.engine, desk().vault(), found, site().clock())
    return told({**asdict(seen), "is_enough": seen.is_enough})


@route(f"{ONE}/projects", "The projects that we may read; it asks the site", "projects", missing=True,
       role="admin", scope="admin", faults=(409,))  # fmt: skip
def projects(draft: str) -> ResponseReturnValue:
    access.require("admin")
    found = _draft(draft)
    with _asking(409):
        listed_ = connect_steps.list_projects(desk().store.engine, desk().vault(), found, site().clock())
    return told({"projects": [asdict(one) for one in listed_]}, "projects")


# --- what there is, and what of it is chosen --------------------------------------------------


@act(f"{ONE}/look", "Look at the fields, boards and statuses of projects", _LOOK, role="admin", scope="admin",
     faults=(409,), answers={202: "It takes a while: the draft's look says how far it is."})  # fmt: skip
def look(draft: str) -> ResponseReturnValue:
    """It takes an admin, and of a token the scope admin. Without projects those chosen before are looked at again."""
    access.require("admin")
    given, found = sent(_LOOK), _draft(draft)
    wanted = given.get("projects") or list(connect_steps.chosen_projects(found))
    engine, now = desk().store.engine, site().clock()
    with _asking(409):
        known = [one.id for one in connect_steps.list_projects(engine, desk().vault(), found, now)]
    unknown = next((one for one in wanted if one not in known), None)
    if unknown is not None:
        abort(422, f"projects: we may read no {unknown[:50]!r}; GET …/projects lists their ids.")
    with _asking(422):
        connect_steps.choose_projects(engine, _draft(draft), wanted, now)
    begin_to_look(draft)
    return json_of(_document(_draft(draft)), 202)


@act(f"{ONE}/choice", "Choose fields, boards and meanings of what was offered", api_choices.CHOICE, method="put",
     role="admin", scope="admin", faults=(409,), answers={200: "It is kept; what was not named stays."})  # fmt: skip
def choose(draft: str) -> ResponseReturnValue:
    """It takes an admin, and of a token the scope admin. What was not offered is refused."""
    access.require("admin")
    given, found = sent(api_choices.CHOICE), _looked(draft)
    offer, choice, teams = connect_views.choice_of(site().store, found, site().clock())
    chosen = api_choices.chosen(offer, choice, teams, given)
    said = {"not_work": given["not_work"]} if "not_work" in given else {}
    connect_steps.keep_choice(desk().store.engine, found, chosen, site().clock(), at="webhook", **said)
    return json_of(_document(_draft(draft)))


@act(f"{ONE}/finish", "Make the connection: its webhook is registered, and its backlog read", _END, role="admin",
     scope="admin", faults=(409,), answers={
    201: "It is made; what has to be pasted by hand is told this once.",
})  # fmt: skip
def finish(draft: str) -> ResponseReturnValue:
    """It takes an admin, and of a token the scope admin. How far the backlog is: `connections/C`."""
    access.require("admin")
    given, found = sent(_END), _looked(draft)
    name = connect_steps.name_of(found)
    address = given["public_url"] if "public_url" in given else desk().hooks_url
    with _asking(422):
        result = finish_draft(found, address or None)
    return told_once({"connection": name, "webhook": connection_acts.made(result)}, 201)


# --- what is told -----------------------------------------------------------------------------


@contextmanager
def _asking(status: int) -> Iterator[None]:
    try:
        yield
    except TrackerError as error:
        abort(status, error.sentence)


def _draft(id_: str) -> Draft:
    found = None
    if _DRAFT_ID.fullmatch(id_):
        with desk().store.reading() as session:
            found = drafts.draft_of(session, desk().vault(), id_)
    if found is None:
        abort(404, NONE)
    return found


def _looked(id_: str) -> Draft:
    found = _draft(id_)
    if found.data.get("offer") is None:
        abort(409, "The site was not looked at yet: POST …/look, and wait until the draft's look is ready.")
    return found


def _line(draft: Draft) -> Json:
    seen = connect_steps.site_of(draft)
    return {
        "id": draft.id,
        "name": connect_steps.name_of(draft),
        "chooses_anew": draft.connection is not None,
        "site": {"base_url": seen.base_url, "name": seen.name, "title": seen.title, "version": seen.version},
        "updated_at": None if draft.updated_at is None else moment_text(draft.updated_at),
    }


def _document(draft: Draft) -> Json:
    now = site().clock()
    look = connect_views.look_page(draft, now) if draft.data.get("looking") or draft.data.get("offer") else None
    offer = choice = None
    if draft.data.get("offer") is not None:
        found, known, _ = connect_views.choice_of(site().store, draft, now)
        offer = {name: value for name, value in asdict(found).items() if name != "raw"}
        choice = {**api_choices.document(found, known), "not_work": draft.data.get("not_work")}
    return {
        **_line(draft),
        "ways": [_way(one) for one in connect_steps.ways_of(draft)],
        "is_logged_in": bool(draft.credentials and (draft.data.get("way") or draft.connection)),
        "projects": list(connect_steps.chosen_projects(draft)),
        "look": None if look is None else {"state": look.state, "words": look.words, "done": look.done, "of": look.of},
        "offer": offer,
        "choice": choice,
    }


def _way(way: Way) -> Json:
    about = {"name": way.name, "label": way.label, "steps": list(way.steps), "link": way.link or None}
    return {**about, "takes_a_person": way.is_consent, "entries": [_entry(one) for one in way.entries]}


def _entry(entry: Entry) -> Json:
    return asdict(entry)
