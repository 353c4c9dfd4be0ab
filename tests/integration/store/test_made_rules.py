"""Rules made in Tieline: a layer beside the versions of the register, with the moments from which they hold."""

from dataclasses import replace

from integration.store import acts, due, made_rules, plans
from integration.store.engine import reading, writing
from integration.store.made_rules import Deed
from integration.store.okr_shown import lines
from mappings.model import Condition, MappingRule, Plan
from tests.integration.store.material import day, fresh_store

OF_FILE = MappingRule(Condition("label", "support"), reason="Support is not planned")
EXEMPT = MappingRule(Condition("ancestor", "PAY-E"), reason="Run the shop")
SERVES = MappingRule(Condition("component", "api"), ("KR-1:70",))


def ada(at: float) -> Deed:
    return Deed("Ada", day(at), "Agreed in planning")


def rules_at(found: tuple[Plan, ...], at: float) -> list[MappingRule]:
    plan = [each for each in found if each.since is None or each.since <= day(at)][-1]
    return [replace(rule, author=None) for rule in plan.rules]


def test_a_rule_holds_from_its_making_to_its_end_and_comes_before_those_of_the_file(database_url: str) -> None:
    with fresh_store(database_url) as engine, writing(engine) as session:
        plans.apply_plan(session, Plan(rules=(OF_FILE,)), day(-40), author="Ada")
        [number] = made_rules.make_rules(session, [EXEMPT], ada(1))
        assert made_rules.end_rule(session, number, ada(3))
        found = plans.versions(session)
        assert [plan.since for plan in found] == [None, day(1), day(3)]
        assert rules_at(found, 0) == [OF_FILE]
        assert rules_at(found, 1) == [EXEMPT, OF_FILE]
        assert rules_at(found, 3) == [OF_FILE]
        assert found[1].rules[0].author == "Ada"


def test_a_register_that_is_applied_later_takes_no_made_rule_away(database_url: str) -> None:
    with fresh_store(database_url) as engine, writing(engine) as session:
        plans.apply_plan(session, Plan(rules=(OF_FILE,)), day(-40), author="Ada")
        made_rules.make_rules(session, [EXEMPT], ada(2))
        plans.apply_plan(session, Plan(), day(4), author="Ada")
        plans.apply_plan(session, Plan(rules=(SERVES,)), day(5), author="Ada", reason="Late", since=day(1))
        found = plans.versions(session)
        assert rules_at(found, 1) == [SERVES]
        assert rules_at(found, 2) == [EXEMPT, SERVES]
        assert rules_at(found, 4) == [EXEMPT]
        assert plans.plan_in_force(session, day(5)).rules == ()


def test_the_last_made_comes_first_and_an_edited_one_keeps_its_place(database_url: str) -> None:
    with fresh_store(database_url) as engine, writing(engine) as session:
        [older] = made_rules.make_rules(session, [EXEMPT], ada(1))
        made_rules.make_rules(session, [SERVES, OF_FILE], ada(2))
        edited = replace(EXEMPT, reason="Keep the shop open")
        number = made_rules.edit_rule(session, older, edited, ada(3))
        assert number is not None
        found = plans.versions(session)
        assert rules_at(found, 2) == [SERVES, OF_FILE, EXEMPT]
        assert rules_at(found, 3) == [SERVES, OF_FILE, edited]
        assert [one.first for one in made_rules.made_rules(session) if one.id in (older, number)] == [older, older]


def test_an_ended_rule_can_neither_be_ended_again_nor_edited(database_url: str) -> None:
    with fresh_store(database_url) as engine, writing(engine) as session:
        [number] = made_rules.make_rules(session, [EXEMPT], ada(1))
        assert made_rules.end_rule(session, number, ada(2))
        assert not made_rules.end_rule(session, number, ada(3))
        assert made_rules.edit_rule(session, number, SERVES, ada(3)) is None
        assert not made_rules.end_rule(session, number + 7, ada(3))


def test_every_act_is_logged_with_name_and_reason_and_pages_are_told(database_url: str) -> None:
    with fresh_store(database_url) as engine:
        with writing(engine) as session:
            before = due.lock_pulse(session, due.ALL, day(0))
            [number] = made_rules.make_rules(session, [EXEMPT], ada(1))
            edited = made_rules.edit_rule(session, number, SERVES, ada(2))
            assert edited is not None
            made_rules.end_rule(session, edited, ada(3))
        with reading(engine) as session:
            logged = [(one.act, one.actor, one.reason) for one in acts.acts(session)]
            kinds = ("ended_rule", "edited_rule", "made_rule")
            assert logged == [(kind, "Ada", "Agreed in planning") for kind in kinds]
        with writing(engine) as session:
            assert due.lock_pulse(session, due.ALL, day(4)) > before


def test_the_register_in_words_says_where_rules_are_from(sqlite_url: str) -> None:
    with fresh_store(sqlite_url) as engine, writing(engine) as session:
        plans.apply_plan(session, Plan(rules=(OF_FILE,)), day(-40), author="Ada")
        assert list(lines(session, day(0)))[-1] == "Rules: 1 from the register's file."
        made_rules.make_rules(session, [EXEMPT, SERVES], ada(1))
        assert list(lines(session, day(1)))[-3:] == [
            "Rules: 2 made in Tieline, then 1 from the register's file.",
            "  rule 2: exempt, by Ada, 2026-03-03: Agreed in planning",
            "  rule 1: KR-1:70, by Ada, 2026-03-03: Agreed in planning",
        ]
