"""Mapping rules in the API: those that hold, a look at what one would move, making, editing and ending."""

import json
from typing import Any

from flask import Response, abort
from flask.typing import ResponseReturnValue

from integration.store import made_rules
from integration.store.made_rules import Deed
from mappings.model import MappingRule
from reports import access, finding_pages, rule_acts
from reports.api_audit import effect_document
from reports.api_bodies import DAY, LINE, act, body, sent, texts
from reports.api_routes import answer, json_of, route, site
from reports.finding_pages import WrongAct
from reports.rule_acts import ENDED
from reports.rule_forms import LONGEST, form_with, rule_in, why_in
from reports.rule_lines import rule_lines
from reports.rule_views import RulePage, rule_page

Json = dict[str, Any]
NUMBER = "<int(max=2147483647):number>"
_RULE: dict[str, Json] = {
    "when": {
        "type": "object",
        "description": 'As in the register\'s file: {"label": "support"}, {"all": [{"project": "PAY"}, …]}.',
    },
    "key_results": texts(LONGEST * 4, description="Such as KR-1:70, KR-2:30; left out for an exemption."),
    "reason": texts(finding_pages.LONGEST_REASON, description="Receipts show it; an exemption needs one."),
    "from": DAY,
    "until": DAY,
}
WHY: Json = {**LINE, "maxLength": finding_pages.LONGEST_REASON, "description": "Why; kept with your name."}
NUMBERED: Json = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
_MADE = body(("when", "why"), **_RULE, why=WHY)
_ENDED = body(("why",), why=WHY)
_LOOK = body(
    (),
    **_RULE,
    instead_of={**NUMBERED, "description": "The rule that it would take the place of; alone: that would end."},
)


@route("/rules", "Mapping rules in the order in which they are tried, and those that were ended", "rules", dated=True)
def rules() -> ResponseReturnValue:
    return answer(_rules, "rules")


def _rules() -> Json:
    return {"rules": rule_lines(site().store, site().clock())}


@route(f"/rules/{NUMBER}", "A rule that was made here", "", missing=True)
def rule(number: int) -> ResponseReturnValue:
    return answer(lambda: _one(number))


def _one(number: int) -> Json | None:
    with site().store.reading() as session:
        found = made_rules.made_rule(session, number)
    if found is None:
        return None
    return next((line for line in _rules()["rules"] if line["number"] == number), None)


@act("/rules/preview", "Say what the figures become if a rule held, took another's place, or ended", _LOOK, answers={
    200: "What would move: open items, and the figures of open sprints.",
})  # fmt: skip
def preview() -> ResponseReturnValue:
    """It takes whom making the rule takes: an editor of each item's team for a rule by keys, else an admin."""
    given = sent(_LOOK)
    page = _page(given.get("instead_of"))
    if "when" not in given and page.rule is None:
        abort(422, "Send `when`, or `instead_of` with the number of a rule that would end.")
    wanted = _read(page, given) if "when" in given else None
    rule_acts.require(site().store, page, wanted)
    found = rule_acts.moved(site().store, site().clock(), page, wanted, access.login().name)
    return json_of({"effects": [effect_document(effect) for effect in found]})


@act("/rules", "Make a rule, which holds from now on before all others", _MADE, answers={201: "It holds."})
def make() -> ResponseReturnValue:
    """It takes an editor of each item's team for a rule by keys (`key`, `ancestor`, `parent`), else an admin."""
    return _kept(None)


# 405: a number beyond all that there can be names, to the router, the address that is only asked by GET.
@act(f"/rules/{NUMBER}", "Let another rule take the place of one", _MADE, method="put", faults=(405, 409), answers={
    200: "It holds, under a number of its own; the one before is ended.",
})  # fmt: skip
def edit(number: int) -> ResponseReturnValue:
    """The number tells which rule you saw: where somebody has edited or ended it meanwhile, nothing is done (409)."""
    return _kept(number)


@act(f"/rules/{NUMBER}/end", "End a rule", _ENDED, faults=(409,), answers={204: "It holds no more from now on."})
def end(number: int) -> ResponseReturnValue:
    """Figures that are closed keep it."""
    given, page = sent(_ENDED), _page(number)
    rule_acts.require(site().store, page, None)
    if not rule_acts.end(site().store, number, _deed(given)):
        abort(409, ENDED)
    return Response(status=204)


def _kept(number: int | None) -> ResponseReturnValue:
    given, page = sent(_MADE), _page(number)
    wanted = _read(page, given)
    rule_acts.require(site().store, page, wanted)
    made = rule_acts.keep(site().store, page, wanted, _deed(given))
    if made is None:
        abort(409, ENDED)
    response = json_of(_one(made), 200 if number is not None else 201)
    if number is None:
        response.headers["Location"] = f"/api/v1/rules/{made}"
    return response


def _page(number: int | None) -> RulePage:
    page = rule_page(site().store, site().clock(), number)
    if page is None:
        with site().store.reading() as session:
            known = made_rules.made_rule(session, number or 0)
        abort(404 if known is None else 409, "There is no such rule." if known is None else ENDED)
    return page


def _read(page: RulePage, given: Json) -> MappingRule:
    """Checked as a form of the page is."""
    try:
        return rule_in(form_with(json.dumps(given["when"]), given), page.desk)
    except WrongAct as wrong:
        abort(422, wrong.sentence)


def _deed(given: Json) -> Deed:
    try:
        return Deed(access.login().name, site().clock(), why_in(given))
    except WrongAct as wrong:
        abort(422, wrong.sentence)
