"""What the figures become if other rules held from now on."""

from dataclasses import replace

from mappings.foresight import Edit, changes, edited, keys_named, moves, with_edit
from mappings.model import AllOf, AnyOf, Condition, MappingRule, Not, Plan
from mappings.reckoning import Reckoning
from tests.builders import backlog, board, epic, future, item, plan, sprint

EXEMPT = MappingRule(Condition("ancestor", "PAY-E"), reason="Run the shop")
SERVES = MappingRule(Condition("label", "api"), ("KR-1",))


def reckoning(*rules: MappingRule) -> Reckoning:
    parts = (
        board(),
        sprint("S0"),
        sprint("S1", "03-16 09:00", None),
        future("F1"),
        epic("PAY-E"),
        item("PAY-1", parent="PAY-E", sprints=("S1",), points=3),
        item("PAY-2", sprints=("S1",), points=1, tags=("KR-1",)),
        item("PAY-3", parent="PAY-E", sprints=("S0",), points=8, status="done"),
        item("PAY-4", labels=("api",)),
        item("PAY-5", tags=("KR-9",), parent="PAY-E"),
        item("PAY-6", sprints=("F1",), points=2, tags=("KR-2",)),
    )
    return Reckoning(backlog(*parts, plans=plan(rules=rules)))


def test_open_items_below_an_exempted_epic_would_move_and_done_ones_and_dead_tags_would_not() -> None:
    before = reckoning()
    [move] = moves(before, edited(before, Edit(made=(EXEMPT,))))
    assert move.items == ("PAY-1",)
    assert move.sentence == "1 open item would move from unaligned to exempt."


def test_the_final_figure_of_an_open_sprint_is_told_before_and_after() -> None:
    before = reckoning()
    [change] = changes(before, edited(before, Edit(made=(EXEMPT,))))
    assert (change.sprint, change.name) == ("S1", "Sprint S1")
    assert change.parts == (("exempt", 0, 75), ("unaligned", 75, 0))


def test_the_order_of_sprints_is_active_then_future() -> None:
    before = reckoning()
    to_kr = MappingRule(Condition("type", "story"), ("KR-2",))
    both = Reckoning(replace(before.timeline.backlog, items=before.timeline.backlog.items[:2]))
    assert changes(both, edited(both, Edit(made=(to_kr,))))[0].sprint == "S1"
    assert changes(before, edited(before, Edit())) == ()


def test_ending_a_rule_gives_back_what_it_took_and_another_takes_its_place() -> None:
    before = reckoning(SERVES, EXEMPT)
    ended = moves(before, edited(before, Edit(ended=EXEMPT)))
    assert [(move.before, move.after, move.items) for move in ended] == [("exempt", "unaligned", ("PAY-1",))]
    assert with_edit(Plan(rules=(SERVES, EXEMPT)), Edit((SERVES,), EXEMPT)).rules == (SERVES, SERVES)


def test_a_rule_that_does_not_hold_cannot_end() -> None:
    assert with_edit(Plan(rules=(SERVES,)), Edit((EXEMPT,), EXEMPT)).rules == (SERVES,)


def test_made_rules_come_before_all_others_and_versions_to_come_are_left_aside() -> None:
    before = reckoning(EXEMPT)
    later = replace(plan(), since=before.as_of.replace(year=2027))
    more = Reckoning(replace(before.timeline.backlog, plans=(*before.timeline.backlog.plans, later)))
    after = edited(more, Edit(made=(SERVES,)))
    assert after.register.plan.rules == (SERVES, EXEMPT)
    assert [move.sentence for move in moves(more, after)] == ["1 open item would move from unaligned to KR-1."]


def test_only_rules_by_keys_name_what_they_look_at() -> None:
    by_keys = AnyOf((Condition("key", "A"), Condition("ancestor", "B"), Condition("key", "A")))
    assert keys_named(by_keys) == ("A", "B")
    assert keys_named(AnyOf((Condition("key", "A"), Condition("label", "b")))) is None
    assert keys_named(AllOf((Condition("key", "A"),))) is None
    assert keys_named(Not(Condition("key", "A"))) is None
