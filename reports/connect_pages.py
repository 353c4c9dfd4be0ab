"""The pages on which an admin connects a site; each step is kept, so that it can be gone on with later."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from apiflask import APIBlueprint
from flask import Response, abort, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue

from integration import connect, connect_steps, not_work
from integration.connecting import Offer
from integration.contract import TrackerError
from integration.secrets import Vault
from integration.store import drafts
from integration.store.acts import note_act
from integration.store.drafts import Draft
from integration.store.opened import Store
from mappings.model import Status
from reports import access, connect_forms, connect_views, pages
from reports.connect_views import StepPage
from reports.finding_pages import WrongAct

# Of the API's kind because it guards its own requests: the API's description asks each such blueprint for its.
blueprint = APIBlueprint("connect", __name__, url_prefix="/connect", enable_openapi=False)
TRACKER = "jira"  # the one that can be connected so far
FEW_PROJECTS = 20  # of more a person names those that are wanted


@dataclass(frozen=True, slots=True)
class Desk:
    """What connecting needs. `start` runs something beside the answer, for a look at a large site takes minutes."""

    store: Store
    vault: Callable[[], Vault]
    clock: Callable[[], datetime]
    hooks_url: str | None  # where sites reach the door
    public_url: str | None  # where people reach the pages
    start: Callable[[Callable[[], None]], None]


def desk() -> Desk:
    found: Desk = current_app.extensions["tieline_desk"]
    return found


@blueprint.before_request
def _admins_only() -> None:
    access.require("admin")


# --- the address ------------------------------------------------------------------------------


@blueprint.get("")
def start() -> ResponseReturnValue:
    return _answer("connect_start.html", connect_views.start_page(desk().store, TRACKER), next_step=_go_on)


def _go_on(draft: Draft) -> str:
    return f"/connect/{draft.id}/{connect_views.next_step(draft)}"


@blueprint.post("")
def begin() -> ResponseReturnValue:
    try:
        draft = connect_steps.begin(desk().store.engine, TRACKER, request.form.get("url", ""), _now())
    except TrackerError as error:
        page = connect_views.start_page(desk().store, TRACKER)
        return _answer("connect_start.html", page, 422, wrong=error.sentence, next_step=_go_on)
    return redirect(f"/connect/{draft}/login", 303)


@blueprint.post("/<draft>/discard")
def discard(draft: str) -> ResponseReturnValue:
    connect_steps.throw_away(desk().store.engine, draft)
    return redirect("/connect", 303)


# --- who we are -------------------------------------------------------------------------------


@blueprint.get("/<draft>/login")
def login(draft: str) -> ResponseReturnValue:
    return _login_page(_draft(draft), 200)


def _login_page(draft: Draft, status: int, **more: Any) -> ResponseReturnValue:
    ways = connect_steps.ways_of(draft)
    way = connect_views.way_of(ways, request.values.get("way") or draft.data.get("way"))
    page = connect_views.step_page(draft, "login", ways=ways, way=way, callback=_callback())
    return _answer("connect_login.html", page, status, form=request.form, **more)


@blueprint.post("/<draft>/login")
def log_in(draft: str) -> ResponseReturnValue:
    found = _draft(draft)
    ways = connect_steps.ways_of(found)
    way = connect_views.way_of(ways, request.form.get("way"))
    entries = {entry.name: request.form.get(entry.name, "") for entry in way.entries}
    name = request.form.get("name", "")
    engine, vault = desk().store.engine, desk().vault()
    try:
        if way.is_consent:
            state = _state(found.id)
            address = connect_steps.ask_consent(engine, vault, found, entries, name, _callback(), state, _now())
            return _login_page(_draft(draft), 200, consent=address)
        connect_steps.log_in(engine, vault, found, way.name, entries, name, _now())
    except TrackerError as error:
        return _login_page(found, 422, wrong=error.sentence)
    return redirect(f"/connect/{found.id}/account", 303)


@blueprint.get("/consent")
def consent() -> ResponseReturnValue:
    """Back from the site, where a person agreed or not."""
    id_ = request.args.get("state", "").partition(".")[0]
    if not id_ or not hmac.compare_digest(request.args.get("state", "").encode(), _state(id_).encode()):
        abort(
            400, "This answer belongs to another login, or to nothing that was begun here. Begin again at Connections."
        )
    found = _draft(id_)
    if "code" not in request.args:
        said = request.args.get("error_description") or request.args.get("error") or "no reason"
        return _login_page(found, 422, wrong=f"The site did not let Tieline in: {said[:200]}.")
    try:
        connect_steps.take_consent(desk().store.engine, desk().vault(), found, request.args["code"], _now())
    except TrackerError as error:
        return _login_page(found, 422, wrong=error.sentence)
    return redirect(f"/connect/{found.id}/account", 303)


def _callback() -> str:
    """Where a person comes back to; the site wants exactly this address written down."""
    return f"{(desk().public_url or request.url_root).rstrip('/')}/connect/consent"


def _state(draft: str) -> str:
    """Binds the answer to this draft and this login: nobody else can have it finished."""
    return f"{draft}.{hashlib.sha256(f'{access.csrf_word()}:{draft}'.encode()).hexdigest()[:40]}"


@blueprint.get("/<draft>/account")
def account(draft: str) -> ResponseReturnValue:
    found = _draft(draft)
    try:
        seen = connect_steps.sight(desk().store.engine, desk().vault(), found, _now())
    except TrackerError as error:
        return _answer("connect_account.html", connect_views.step_page(found, "account"), wrong=error.sentence)
    return _answer("connect_account.html", connect_views.step_page(found, "account", seen=seen))


# --- what is read -----------------------------------------------------------------------------


@blueprint.get("/<draft>/projects")
def projects(draft: str) -> ResponseReturnValue:
    return _projects_page(_draft(draft), 200)


def _projects_page(found: Draft, status: int, wrong: str | None = None) -> ResponseReturnValue:
    try:
        listed = connect_steps.list_projects(desk().store.engine, desk().vault(), found, _now())
    except TrackerError as error:
        return _answer("connect_projects.html", connect_views.step_page(found, "projects"), wrong=error.sentence)
    every = tuple(project.id for project in listed) if len(listed) <= FEW_PROJECTS else ()
    chosen = connect_steps.chosen_projects(found) or every
    page = connect_views.step_page(found, "projects", projects=listed, chosen=frozenset(chosen))
    return _answer("connect_projects.html", page, status, wrong=wrong)


@blueprint.post("/<draft>/projects")
def choose_projects(draft: str) -> ResponseReturnValue:
    found = _draft(draft)
    try:
        connect_steps.choose_projects(desk().store.engine, found, request.form.getlist("project"), _now())
    except TrackerError as error:
        return _projects_page(found, 422, error.sentence)
    return _look(found.id)


@blueprint.post("/<draft>/look")
def look_again(draft: str) -> ResponseReturnValue:
    return _look(_draft(draft).id)


def _look(draft: str) -> ResponseReturnValue:
    begin_to_look(draft)
    return redirect(f"/connect/{draft}/look", 303)


def begin_to_look(draft: str) -> None:
    """It goes on beside the answer."""
    here = desk()
    connect_steps.begin_to_look(here.store.engine, draft, _now())
    engine, vault, clock = here.store.engine, here.vault(), here.clock
    here.start(lambda: connect_steps.look(engine, vault, draft, clock))


@blueprint.get("/<draft>/look")
def look(draft: str) -> ResponseReturnValue:
    page = connect_views.look_page(_draft(draft), _now())
    if page.state == "ready":
        address = f"{page.step.address}/fields"
        if pages.is_fragment():
            return "", 200, {"HX-Redirect": address}
        return redirect(address, 303)
    return live("connect_look.html", page)


# --- choosing ---------------------------------------------------------------------------------


def _looked(view: Callable[[Draft], ResponseReturnValue]) -> Callable[[str], ResponseReturnValue]:
    """A step that takes what the look brought; without it the way leads back to the projects."""

    @wraps(view)
    def viewed(draft: str) -> ResponseReturnValue:
        found = _draft(draft)
        if found.data.get("offer") is None:
            return redirect(f"/connect/{draft}/projects", 303)
        return view(found)

    return viewed


def _choosing(found: Draft, here: str, template: str, status: int = 200, **more: Any) -> ResponseReturnValue:
    offer, choice, teams = connect_views.choice_of(desk().store, found, _now())
    page = connect_views.step_page(found, here, offer=offer, choice=choice, teams=teams, **more)
    return _answer(template, page, status, wrong=more.get("wrong"))


@blueprint.get("/<draft>/fields")
@_looked
def fields(found: Draft) -> ResponseReturnValue:
    return _choosing(found, "fields", "connect_fields.html")


@blueprint.post("/<draft>/fields")
@_looked
def choose_fields(found: Draft) -> ResponseReturnValue:
    offer, choice, _ = connect_views.choice_of(desk().store, found, _now())
    try:
        chosen = connect_forms.with_fields(offer, choice, request.form)
    except WrongAct as wrong:
        return _choosing(found, "fields", "connect_fields.html", 422, wrong=wrong.sentence)
    connect_steps.keep_choice(desk().store.engine, found, chosen, _now(), at="boards")
    return redirect(f"/connect/{found.id}/boards", 303)


@blueprint.get("/<draft>/boards")
@_looked
def boards(found: Draft) -> ResponseReturnValue:
    return _choosing(found, "boards", "connect_boards.html", periods=connect_views.PERIODS)


@blueprint.post("/<draft>/boards")
@_looked
def choose_boards(found: Draft) -> ResponseReturnValue:
    offer, choice, teams = connect_views.choice_of(desk().store, found, _now())
    try:
        chosen = connect_forms.with_boards(offer, choice, request.form, teams)
    except WrongAct as wrong:
        more = {"periods": connect_views.PERIODS, "wrong": wrong.sentence}
        return _choosing(found, "boards", "connect_boards.html", 422, **more)
    connect_steps.keep_choice(desk().store.engine, found, chosen, _now(), at="statuses")
    return redirect(f"/connect/{found.id}/statuses", 303)


@blueprint.get("/<draft>/statuses")
@_looked
def statuses(found: Draft) -> ResponseReturnValue:
    with desk().store.reading() as session:
        held = not_work.held(session, _now())
    return _choosing(found, "statuses", "connect_statuses.html", meanings=list(Status), not_work=held)


@blueprint.post("/<draft>/statuses")
@_looked
def choose_statuses(found: Draft) -> ResponseReturnValue:
    offer, choice, _ = connect_views.choice_of(desk().store, found, _now())
    chosen = connect_forms.with_statuses(offer, choice, request.form)
    said = {"at": "webhook", "not_work": connect_forms.not_work_of(offer, request.form)}
    connect_steps.keep_choice(desk().store.engine, found, chosen, _now(), **said)
    return redirect(f"/connect/{found.id}/webhook", 303)


# --- the end ----------------------------------------------------------------------------------


@blueprint.get("/<draft>/webhook")
@_looked
def webhook(found: Draft) -> ResponseReturnValue:
    return _webhook_page(found, 200)


def _webhook_page(found: Draft, status: int, wrong: str | None = None) -> ResponseReturnValue:
    return _choosing(found, "webhook", "connect_webhook.html", status, public_url=_public_url(), wrong=wrong)


def _public_url() -> str:
    return desk().hooks_url or (request.url_root.rstrip("/") if request.is_secure else "")


@blueprint.post("/<draft>/webhook")
@_looked
def finish(found: Draft) -> ResponseReturnValue:
    try:
        result = finish_draft(found, request.form.get("public_url", "").strip() or None)
    except TrackerError as error:
        return _webhook_page(found, 422, error.sentence)
    return registered(connect_steps.name_of(found), result)


def finish_draft(found: Draft, address: str | None) -> connect.WebhookResult | None:
    """Make the connection, and keep which types are no work where that was said."""
    here = desk()
    teams, offer = connect_views.team_names(here.store, _now()), connect_steps.offer_of(found)
    result = connect_steps.finish(here.store.engine, here.vault(), found, teams, address, _now())
    if offer is not None and "not_work" in found.data:
        _keep_not_work(found, offer, connect_steps.name_of(found))
    act = "connection_made" if found.connection is None else "connection_chosen_anew"
    with here.store.writing() as session:
        note_act(session, _now(), access.login().name, act, connect_steps.name_of(found))
    return result


def _keep_not_work(found: Draft, offer: Offer, name: str) -> None:
    chosen: Sequence[str] = found.data["not_work"]
    offered = tuple(one.name for one in offer.types)
    with desk().store.writing() as session:
        not_work.keep(session, offered, chosen, access.login().name, f"Chosen with the connection {name}", _now())


def registered(name: str, result: connect.WebhookResult | None) -> ResponseReturnValue:
    """What is to be pasted is shown with this very answer, for it is kept nowhere that could be read again."""
    if result is None or result.registered is not None:
        return redirect(f"/connections/{name}", 303)
    response = _answer("connect_paste.html", {"name": name, "result": result})
    response.headers["Cache-Control"] = "no-store"
    return response


# --- how a page is answered -------------------------------------------------------------------


def _draft(id_: str) -> Draft:
    with desk().store.reading() as session:
        found = drafts.draft_of(session, desk().vault(), id_)
    if found is None:
        abort(404, "This half-done connection is not there any more: it was finished, or thrown away.")
    return found


def _now() -> datetime:
    return pages.now_of_answer()


def _answer(template: str, page: Any, status: int = 200, **more: Any) -> Response:
    words: dict[str, Any] = {"encodings": connect_views.ENCODINGS, "status_words": connect_views.STATUSES}
    html = render_template(template, page=page, **words, **more)
    response = Response(html, status=status, mimetype="text/html")
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def live(template: str, page: Any) -> ResponseReturnValue:
    """The whole page; or the part that moves, unless whoever polls has just this already."""
    if not pages.is_fragment():
        return _answer(template, page)
    response = _answer(template, page)
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:24], weak=True)
    return response.make_conditional(request)


__all__ = ["Desk", "StepPage", "begin_to_look", "blueprint", "desk", "finish_draft", "live", "registered"]
