"""The pages of mapping rules: those that hold, and making, editing and ending one after a look at what it moves."""

from collections.abc import Mapping

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue

from integration.store.made_rules import Deed
from mappings.model import MappingRule
from reports import access, rule_acts
from reports import rule_views as views
from reports.finding_pages import WrongAct
from reports.pages import as_page, live, now_of_answer, site
from reports.rule_acts import ENDED
from reports.rule_forms import rule_in, why_in
from reports.rule_views import RulePage
from reports.rule_words import KINDS, PLACES, form_of

blueprint = Blueprint("rules", __name__)
NUMBER = "<int(max=2147483647):number>"


@blueprint.get("/rules")
def rules() -> ResponseReturnValue:
    return live("rules.html", lambda: views.rules_page(site().store, now_of_answer()))


@blueprint.get("/rules/new")
@access.needs("editor")
def new() -> ResponseReturnValue:
    given = {name: value for name, value in request.args.items() if name != "live"}
    return _form(_page(None), {"then": "exempt", **given})


@blueprint.post("/rules/new")
def make() -> ResponseReturnValue:
    return _done(_page(None), request.form)


@blueprint.get(f"/rules/{NUMBER}/edit")
@access.needs("editor")
def edit(number: int) -> ResponseReturnValue:
    page = _page(number)
    assert page.rule is not None
    return _form(page, form_of(page.rule.rule))


@blueprint.post(f"/rules/{NUMBER}/edit")
def change(number: int) -> ResponseReturnValue:
    return _done(_page(number), request.form)


@blueprint.get(f"/rules/{NUMBER}/end")
@access.needs("editor")
def ending(number: int) -> ResponseReturnValue:
    return _ending(_page(number))


@blueprint.post(f"/rules/{NUMBER}/end")
def end(number: int) -> ResponseReturnValue:
    page = _page(number)
    assert page.rule is not None
    rule_acts.require(site().store, page, None)
    try:
        why = why_in(request.form)
    except WrongAct as wrong:
        return _ending(page, wrong.sentence, 422)
    if not rule_acts.end(site().store, number, Deed(access.login().name, now_of_answer(), why)):
        abort(409, ENDED)
    return redirect("/rules", 303)


# --- how they are answered


def _page(number: int | None) -> RulePage:
    page = views.rule_page(site().store, now_of_answer(), number)
    if page is None:
        abort(404, ENDED)
    return page


def _done(page: RulePage, form: Mapping[str, str]) -> ResponseReturnValue:
    """Show what the rule moves; keep it where the form says so and that was seen."""
    try:
        rule = rule_in(form, page.desk)
    except WrongAct as wrong:
        return _form(page, form, wrong.sentence)
    rule_acts.require(site().store, page, rule)
    is_seen = form.get("seen") == views.seen_mark(rule)
    try:
        why = why_in(form) if form.get("act") == "keep" else ""
    except WrongAct as wrong:
        return _preview(page, form, rule, wrong.sentence)
    if form.get("act") != "keep" or not is_seen:
        return _preview(page, form, rule)
    return _kept(page, rule, Deed(access.login().name, now_of_answer(), why))


def _kept(page: RulePage, rule: MappingRule, deed: Deed) -> ResponseReturnValue:
    number = rule_acts.keep(site().store, page, rule, deed)
    if number is None:
        abort(409, ENDED)
    return redirect(f"/rules#rule-{number}", 303)


def _form(page: RulePage, form: Mapping[str, str], wrong: str | None = None) -> ResponseReturnValue:
    return as_page("rule.html", page, 422 if wrong else 200, form=form, wrong=wrong, kinds=KINDS, places=PLACES)


def _preview(
    page: RulePage, form: Mapping[str, str], rule: MappingRule, wrong: str | None = None
) -> ResponseReturnValue:
    found = rule_acts.moved(site().store, now_of_answer(), page, rule, access.login().name)
    line = views.line_of(rule, page.ground, now_of_answer())
    more = {"seen": views.seen_mark(rule), "effects": found, "line": line, "kinds": KINDS, "places": PLACES}
    return as_page("rule.html", page, 422 if wrong else 200, form=form, wrong=wrong, **more)


def _ending(page: RulePage, wrong: str | None = None, status: int = 200) -> ResponseReturnValue:
    assert page.rule is not None
    found = rule_acts.moved(site().store, now_of_answer(), page, None, access.login().name)
    return as_page("rule_end.html", page, status, effects=found, wrong=wrong)
