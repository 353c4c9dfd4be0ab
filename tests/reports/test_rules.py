"""Mapping rules on pages: shown with where they are from, made, edited and ended after a look at what they move."""

import re

import pytest

from integration.answers import decide_due
from integration.store import acts, made_rules, plans, reads
from integration.store.backlog import backlog_at
from integration.store.engine import reading, writing
from mappings.foresight import Edit, changes, edited, moves
from mappings.model import AllOf, AnyOf, Condition, MappingRule, Not
from mappings.reckoning import Reckoning
from mappings.tags import LiveTime, Register
from reports.finding_pages import WrongAct
from reports.rule_forms import Desk, rule_in
from reports.rule_preview import effects
from reports.rule_words import form_of, when_data, when_words
from tests.integration.store.material import day
from tests.reports.material import HOSTILE, NOW, PLAN, Site
from tests.reports.test_accounts import somebody
from tests.reports.test_audit import post, word

LABEL = {"kind1": "label", "value1": "api", "then": "exempt", "reason": "Run the shop"}
BELOW = {"kind1": "ancestor", "value1": "PAY-E", "then": "serves", "key_results": "KR-1:70"}
DESK = Desk(Register(PLAN), LiveTime(NOW, None), NOW.date())


def keep(site: Site, form: dict[str, str], address: str = "/rules/new", why: str = "Agreed") -> str:
    """Look at it first, as a person does; then keep it."""
    page = post(site, address, 200, **form, act="preview")
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    return post(site, address, 303, **form, act="keep", seen=seen[1], why=why)


def test_rules_are_shown_with_where_they_are_from(site: Site) -> None:
    page = site.client.get("/rules").text
    assert "has the label “support”" in page
    assert "Applied" in page
    assert "by Ada" in page
    assert "None. Exempting an" in page


def test_a_rule_is_looked_at_and_kept_and_the_figures_follow(site: Site) -> None:
    page = post(site, "/rules/new", 200, **BELOW, act="preview")
    assert re.search(r"<b>1</b> open item\s+would move from <b>unaligned</b> to <b>KR-1 and unaligned</b>", page)
    assert keep(site, BELOW) == "/rules#rule-1"
    decide_due(site.engine, NOW)
    with reading(site.engine) as session:
        [one] = made_rules.made_rules(session)
        assert (one.rule.key_results, one.made_by, one.why) == (("KR-1:70",), "admin", "Agreed")
        assert acts.acts(session)[0].act == "made_rule"
    assert "is or lies below “PAY-E”" in site.client.get("/rules").text


def test_nothing_is_kept_that_was_not_looked_at(site: Site) -> None:
    page = post(site, "/rules/new", 200, **LABEL, act="keep", seen="", why="Agreed")
    assert "What would move" in page
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    changed = {**LABEL, "value1": "other"}
    assert "What would move" in post(site, "/rules/new", 200, **changed, act="keep", seen=seen[1], why="Agreed")
    assert "Say why" in post(site, "/rules/new", 422, **LABEL, act="keep", seen=seen[1], why=" ")
    with reading(site.engine) as session:
        assert made_rules.made_rules(session) == ()


@pytest.mark.parametrize("when", [Condition("ancestor", "PAY-E"), Condition("project", "PAY")])
def test_a_look_at_a_part_of_the_backlog_tells_what_the_whole_does(site: Site, when: Condition) -> None:
    edit = Edit((MappingRule(when, reason="Run the shop"),))
    with reading(site.engine) as session:
        before = Reckoning(backlog_at(session, "shop", NOW), NOW)
    after = edited(before, edit)
    [effect] = effects(site.store, NOW, edit)
    assert effect.moves == moves(before, after) != ()
    assert [(one.sprint, one.parts) for one in effect.changes] == [(o.sprint, o.parts) for o in changes(before, after)]


def test_an_edited_rule_takes_the_place_of_the_former_and_both_stay_on_record(site: Site) -> None:
    keep(site, BELOW)
    form = site.client.get("/rules/1/edit").text
    assert 'value="PAY-E"' in form
    assert 'value="KR-1:70"' in form
    assert keep(site, {**BELOW, "key_results": "KR-2"}, "/rules/1/edit", "Says the team") == "/rules#rule-2"
    page = site.client.get("/rules").text
    assert "in place of an earlier one" in page
    assert "admin: Says the team" in page
    assert site.client.get("/rules/1/edit").status_code == 404


def test_ending_a_rule_shows_what_comes_back(site: Site) -> None:
    keep(site, BELOW)
    page = site.client.get("/rules/1/end").text
    assert re.search(r"would move from <b>KR-1 and unaligned</b> to <b>unaligned</b>", page)
    assert "Say why" in post(site, "/rules/1/end", 422, why="")
    post(site, "/rules/1/end", 303, why="No more")
    assert "admin: No more" in site.client.get("/rules").text
    assert site.client.post("/rules/1/end", data={"csrf": word(site), "why": "Again"}).status_code == 404


def test_a_rule_over_all_takes_an_admin_and_one_by_keys_an_editor_of_their_team(small: Site) -> None:
    editor = Site(small.engine, small.app, somebody(small, Payments="editor"))
    assert "This takes the role admin" in post(editor, "/rules/new", 403, **LABEL, act="preview")
    post(editor, "/rules/new", 403, **BELOW, act="preview")  # PAY-E is on no board: nobody's but all's
    below = {**BELOW, "value1": "PAY-1", "kind1": "key"}
    post(editor, "/rules/new", 200, **below, act="preview")


def test_a_viewer_sees_the_rules_and_makes_none(small: Site) -> None:
    viewer = somebody(small)
    assert viewer.get("/rules").status_code == 200
    assert viewer.get("/rules/new").status_code == 403


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"value1": " "}, "Say at least one thing"),
        ({"kind1": "colour"}, "Say at least one thing"),
        ({"kind1": "field"}, "Name the field"),
        ({"reason": ""}, "Say why this work lies outside"),
        ({"reason": "x" * 501}, "at most 500"),
        ({"until": "2026-01-01"}, "is over"),
        ({"from": "2026-05-02", "until": "2026-05-01"}, "lies before"),
        ({"from": "soon"}, "Write a day"),
        ({"then": "serves", "key_results": ""}, "Name the key results"),
        ({"then": "serves", "key_results": "KR-77"}, "names no key result"),
        ({"then": "serves", "key_results": "none"}, "names no key result"),
        ({"then": "serves", "key_results": "KR-1:70, KR-2:40"}, "more than 100"),
        ({"json": "{"}, "not JSON"),
        ({"json": "[" * 6000}, "not JSON"),
        ({"json": " " + "x" * 10_001}, "at most 10000"),
        ({"json": '{"colour": "red"}'}, "colour"),
        ({"json": '{"label": 3}'}, "must be"),
        ({"json": "7"}, "must be an object"),
    ],
)
def test_a_wrong_form_is_refused_with_the_mend(change: dict[str, str], said: str) -> None:
    with pytest.raises(WrongAct) as refused:
        rule_in({**LABEL, **change}, DESK)
    assert said in refused.value.sentence


def test_conditions_may_be_nested_as_json_and_are_cleaned_of_what_cannot_be_printed() -> None:
    typed = '{"label": "a\\u0000b", "not": {"any": [{"type": "Bug"}, {"field": {"name": "Area", "value": "x"}}]}}'
    rule = rule_in({**LABEL, "json": typed}, DESK)
    assert when_words(rule.when) == "has the label “a b” and not (has the type “Bug” or has in a field “Area” “x”)"
    assert when_data(rule.when) == {
        "all": [
            {"label": "a b"},
            {"not": {"any": [{"type": "Bug"}, {"field": {"name": "Area", "value": "x"}}]}},
        ]
    }


def test_a_rule_comes_back_from_its_form_as_it_was() -> None:
    plain = MappingRule(AnyOf((Condition("label", "a"), Condition("field", "x", "Area"))), (), "Why", NOW.date())
    nested = MappingRule(Not(AllOf((Condition("label", "a"), Condition("type", "Bug")))), ("KR-1:70",), "Why")
    for rule in (plain, nested):
        assert rule_in(form_of(rule), DESK) == rule


def test_foreign_words_in_rules_are_shown_as_words(site: Site) -> None:
    form = {"kind1": "text", "value1": HOSTILE, "then": "exempt", "reason": HOSTILE}
    keep(site, form, why=HOSTILE)
    for address in ("/rules", "/rules/1/edit", "/rules/1/end", f"/rules/new?value1={HOSTILE}"):
        assert HOSTILE not in site.client.get(address).text


def test_no_closed_figure_moves_by_a_rule(site: Site) -> None:
    def figures() -> list[object]:
        with reading(site.engine) as session:
            found = [reads.sprint_answer(session, "shop", "S0", measure) for measure in ("points", "count")]
            return [one.answer.document["scopes"] for one in found if one is not None]

    before = figures()
    keep(site, {"kind1": "project", "value1": "PAY", "then": "serves", "key_results": "KR-2"})
    decide_due(site.engine, NOW)
    assert figures() == before != []


def test_a_made_rule_outlives_a_register_that_is_applied_later(site: Site) -> None:
    keep(site, BELOW)
    with writing(site.engine) as session:
        plans.apply_plan(session, PLAN, day(5.01), author="Ada", reason="Again", since=day(4.9))
        assert [rule.author for rule in plans.versions(session)[-1].rules] == ["admin", None]
    assert "is or lies below “PAY-E”" in site.client.get("/rules").text
