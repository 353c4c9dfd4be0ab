"""Wording in the API: what the judge reads in a goal or key result, overruling it, and the phrases that hold."""

from typing import Any

from flask import Response, abort
from flask.typing import ResponseReturnValue

from mappings.overruling import GOAL, KEY_RESULT
from reports import access, api_shapes, finding_pages, overrulings, sprint_views, wording_pages
from reports.api_bodies import LINE, act, body, sent, texts
from reports.api_routes import answer, json_of, route, site
from reports.finding_pages import WrongAct
from reports.overruling_acts import LONGEST_PHRASE, Speaker, overrule
from reports.overrulings import PhraseLine
from reports.sprint_views import SprintPage
from reports.views import ground_of, teams_of
from reports.wording_views import LABELS, Said, WordingView

Json = dict[str, Any]
REASON: Json = {**LINE, "maxLength": finding_pages.LONGEST_REASON, "description": "Kept with your name."}
LONGEST_TEXT = 20_000
_LABELS = sorted({label for labels in LABELS.values() for label in labels})
_OVERRULED = body(
    ("act", "text", "reason"),
    act={
        "type": "string",
        "enum": ["text", "phrase", "take_back"],
        "description": "This text, every text of the team that holds a phrase, or what was said is taken back.",
    },
    text=texts(LONGEST_TEXT, description="The text as you read it: where it is another by now, nothing is done."),
    label={"type": "string", "enum": _LABELS, "description": "What it is instead."},
    phrase=texts(LONGEST_PHRASE),
    reason=REASON,
)
_PHRASE = body(
    ("about", "text", "reason"),
    about={"type": "string", "enum": [GOAL, KEY_RESULT]},
    text=texts(LONGEST_PHRASE),
    team=texts(500, description="Whose it is; left out for everybody's."),
    reason=REASON,
)
_DONE = {200: "The reading, with what is said of it now."}


@route("/sprints/<path:sprint>/wording", "What the words of a sprint's goal say", "", missing=True, dated=True)
def wording_of_goal(sprint: str) -> ResponseReturnValue:
    return answer(lambda: _document(_sprint(sprint).wording))


@route("/key-results/<path:code>/wording", "What the words of a key result say", "", missing=True, dated=True)
def wording_of_key_result(code: str) -> ResponseReturnValue:
    return answer(lambda: _document(_key_result(code).wording))


@act("/sprints/<path:sprint>/overrulings", "Say what a goal is, against the judge of words", _OVERRULED, answers=_DONE)
def overrule_goal_by_api(sprint: str) -> ResponseReturnValue:
    """It takes an editor of the sprint's team."""
    given, page = sent(_OVERRULED), _sprint(sprint)
    access.require("editor", teams_of(page.ground, page.wording.team))
    _overrule(page.wording, given, page.sprint.connection)
    return json_of(_document(_sprint(sprint).wording))


@act("/key-results/<path:code>/overrulings", "Say what a key result is, against the judge", _OVERRULED, answers=_DONE)
def overrule_key_result_by_api(code: str) -> ResponseReturnValue:
    """It takes an editor of the key result's team."""
    given, page = sent(_OVERRULED), _key_result(code)
    access.require("editor", teams_of(page.ground, page.wording.team))
    _overrule(page.wording, given, None)
    return json_of(_document(_key_result(code).wording))


def _overrule(wording: WordingView, given: Json, connection: str | None) -> None:
    try:
        overrule(site().store, Speaker(access.login().name, site().clock(), connection), wording, given)
    except WrongAct as wrong:
        abort(422, wrong.sentence)


def _sprint(name: str) -> SprintPage:
    with site().store.reading() as session:
        place = api_shapes.place_of_sprint(session, name)
    page = sprint_views.sprint_page(site().store, site().clock(), *place, None)
    if page is None:
        abort(404, "There is no such sprint, or nothing was decided about it yet.")
    return page


def _key_result(code: str) -> wording_pages.KeyResultPage:
    page = wording_pages.key_result_page(site().store, site().clock(), code)
    if page is None:
        abort(404, "There is no such key result in the register that holds now.")
    return page


def _document(view: WordingView) -> Json:
    return {
        "about": view.about,
        "subject": view.subject,
        "team": view.team,
        "text": view.text,
        "verdict": view.verdict,
        "reasons": [{"start": span.start, "end": span.end, "why": span.why} for span in view.reasons],
        "missing": list(view.missing),
        "advice": view.advice,
        "questions": list(view.questions),
        "rewrite": view.rewrite,
        "said": None if view.said is None else _said(view.said),
        "said_of_earlier_texts": [_said(one) for one in view.said_before],
        "refers_to": list(view.refers),
        "labels": [label for label, _ in view.choices],
    }


def _said(said: Said) -> Json:
    one = said.overruling
    return {"label": one.label, "text": one.text, "is_phrase": one.is_phrase, "by": one.author, "reason": one.reason}


# --- phrases


@route("/phrases", "The phrases that people have spoken of, and that hold", "phrases", dated=True)
def phrases() -> ResponseReturnValue:
    return answer(lambda: {"phrases": [_phrase(line) for line in _phrases()]}, "phrases")


def _phrases() -> tuple[PhraseLine, ...]:
    return overrulings.phrases(site().store, site().clock())


def _phrase(line: PhraseLine) -> Json:
    one = line.rule
    said = {"label": one.label, "by": one.author, "reason": one.reason, "at": one.at.isoformat()}
    return {"about": one.about, "text": one.text, "team": one.team, **said}


@act("/phrases/take-back", "Take back what was said of a phrase", _PHRASE, answers={204: "It holds no more."})
def take_back_phrase() -> ResponseReturnValue:
    """It takes an editor of the phrase's team."""
    given, now = sent(_PHRASE), site().clock()
    rule = overrulings.found(_phrases(), given["about"], given.get("team", ""), given["text"])
    if rule is None:
        abort(404, "This phrase does not hold any more.")
    with site().store.reading() as session:
        teams = teams_of(ground_of(session, now), rule.team)
    access.require("editor", teams)
    try:
        overrulings.take_back(site().store, rule, access.login().name, now, given["reason"])
    except WrongAct as wrong:
        abort(422, wrong.sentence)
    return Response(status=204)
