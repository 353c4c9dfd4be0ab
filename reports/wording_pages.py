"""Pages about wording: overruling a goal or key result, and reading a draft while it is typed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from integration.store.opened import Store
from integration.store.overrulings import all_overrulings
from mappings.model import KeyResult
from mappings.overruling import GOAL, KEY_RESULT
from reports import access, overrulings, pages, sprint_views
from reports.addresses import sprint_address, wording_address
from reports.drafts import Draft, desk_of, read_draft
from reports.finding_pages import WrongAct
from reports.overruling_acts import Speaker, overrule
from reports.overrulings import PhraseLine
from reports.views import Ground, ground_of, teams_of
from reports.wording_views import WordingView, draft_view, key_result_view

blueprint = Blueprint("wording", __name__)
LONGEST_DRAFT = 4000  # signs: more is not read


@dataclass(frozen=True, slots=True)
class KeyResultPage:
    ground: Ground
    kr: KeyResult
    wording: WordingView
    address: str


@dataclass(frozen=True, slots=True)
class DraftPage:
    draft: Draft
    teams: tuple[str, ...]
    wording: WordingView | None


@dataclass(frozen=True, slots=True)
class PhrasesPage:
    phrases: tuple[PhraseLine, ...]


@blueprint.post("/sprints/<connection>/<path:sprint>/overrule")
def overrule_goal(connection: str, sprint: str) -> ResponseReturnValue:
    site = pages.site()
    now = site.clock()
    page = sprint_views.sprint_page(site.store, now, connection, sprint, None)
    if page is None:
        abort(404, "There is no such sprint, or nothing was decided about it yet.")
    access.require("editor", teams_of(page.ground, page.wording.team))
    try:
        overrule(site.store, Speaker(access.login().name, now, connection), page.wording, request.form)
    except WrongAct as wrong:
        return _answer("sprint.html", page, 422, wrong=wrong.sentence, form=request.form)
    return redirect(f"{sprint_address(connection, sprint)}#wording", 303)


@blueprint.get("/key-results/<path:code>/wording")
def key_result(code: str) -> ResponseReturnValue:
    site = pages.site()
    return _answer("key_result_wording.html", _key_result_or_404(site.store, site.clock(), code))


@blueprint.post("/key-results/<path:code>/wording")
def overrule_key_result(code: str) -> ResponseReturnValue:
    site = pages.site()
    now = site.clock()
    page = _key_result_or_404(site.store, now, code)
    access.require("editor", teams_of(page.ground, page.wording.team))
    try:
        overrule(site.store, Speaker(access.login().name, now, None), page.wording, request.form)
    except WrongAct as wrong:
        return _answer("key_result_wording.html", page, 422, wrong=wrong.sentence, form=request.form)
    return redirect(page.address, 303)


@blueprint.get("/draft")
def draft() -> ResponseReturnValue:
    site = pages.site()
    return _answer("draft.html", DraftPage(Draft(GOAL, ""), desk_of(site.store, site.clock()).teams, None))


@blueprint.post("/draft")
@access.needs("viewer")
def judge_draft() -> ResponseReturnValue:
    """The whole page for a form; for one that is typed into only the reading."""
    site = pages.site()
    desk = desk_of(site.store, site.clock())
    kind = KEY_RESULT if request.form.get("kind") == KEY_RESULT else GOAL
    team = request.form.get("team", "")
    typed = Draft(kind, request.form.get("text", "")[:LONGEST_DRAFT], team=team if team in desk.teams else None)
    view = draft_view(read_draft(desk, typed)) if typed.text.strip() else None
    page = DraftPage(typed, desk.teams, view)
    return _answer("reading.html" if request.headers.get("HX-Request") else "draft.html", page)


@blueprint.get("/phrases")
def phrases() -> ResponseReturnValue:
    site = pages.site()
    return _answer("phrases.html", PhrasesPage(overrulings.phrases(site.store, site.clock())))


@blueprint.post("/phrases")
def take_back_phrase() -> ResponseReturnValue:
    site = pages.site()
    now, form = site.clock(), request.form
    lines = overrulings.phrases(site.store, now)
    rule = overrulings.found(lines, form.get("about", ""), form.get("team", ""), form.get("text", ""))
    if rule is None:
        abort(404, "This phrase does not hold any more.")
    with site.store.reading() as session:
        teams = teams_of(ground_of(session, now), rule.team)
    access.require("editor", teams)
    try:
        overrulings.take_back(site.store, rule, access.login().name, now, form.get("reason", ""))
    except WrongAct as wrong:
        return _answer("phrases.html", PhrasesPage(lines), 422, wrong=wrong.sentence)
    return redirect("/phrases", 303)


def key_result_page(store: Store, now: datetime, code: str) -> KeyResultPage | None:
    with store.reading() as session:
        ground = ground_of(session, now)
        said = tuple(one for connection, one in all_overrulings(session) if connection is None and one.at <= now)
    kr = next((one for one in ground.plan.key_results if one.code == code), None)
    if kr is None:
        return None
    return KeyResultPage(ground, kr, key_result_view(ground.plan, kr, said), wording_address(code))


def _key_result_or_404(store: Store, now: datetime, code: str) -> KeyResultPage:
    page = key_result_page(store, now, code)
    if page is None:
        abort(404, "There is no such key result in the register that holds now.")
    return page


def _answer(template: str, page: Any, status: int = 200, **more: Any) -> Response:
    response = Response(render_template(template, page=page, **more), status=status, mimetype="text/html")
    response.headers["Cache-Control"] = "private, no-cache"
    return response
