"""Which key results an item serves, and why."""

from datetime import date
from fractions import Fraction

from mappings.links import links_of, percent_text
from mappings.model import AllOf, AnyOf, Backlog, Bucket, Condition, Inherit, Link, MappingRule, Not, Source
from mappings.reckoning import Reckoning
from mappings.tags import LiveTime, Standpoint
from tests.builders import at, backlog, epic, item, key_result, plan, sprint, subtask


def links(data: Backlog, key: str) -> tuple[Link, ...]:
    return Reckoning(data).links[key]


def parts(data: Backlog, key: str) -> set[tuple[str | None, str, object, str | None]]:
    return {(link.key_result, link.bucket, link.weight, link.source) for link in links(data, key)}


def rule(when: object, *key_results: str, **values: object) -> MappingRule:
    return MappingRule(when, key_results, **values)  # type: ignore[arg-type]


def test_a_direct_tag_comes_before_what_an_ancestor_hands_down() -> None:
    data = backlog(epic("E", tags=("KR-2",)), item("A", tags=("KR-1",), parent="E"))
    assert parts(data, "A") == {("KR-1", Bucket.ALIGNED, 1, Source.DIRECT)}


def test_the_nearest_tagged_ancestor_hands_down_all_of_its_tags_dead_ones_too() -> None:
    data = backlog(
        epic("I", tags=("KR-1",)),
        epic("E", tags=("KR-2:60, gone:40",), parent="I"),
        item("A", parent="E"),
        subtask("T", "A"),
    )
    assert parts(data, "T") == {
        ("KR-2", Bucket.ALIGNED, Fraction(3, 5), Source.INHERITED),
        (None, Bucket.DEAD_LINK, Fraction(2, 5), Source.INHERITED),
    }
    assert links(data, "T")[0].reason == "T → KR-2 (60 %), inherited from epic E"
    assert links(data, "T")[1].reason == 'inherited from epic E: "gone" names no key result'


def test_a_link_names_the_field_that_its_tag_was_read_from() -> None:
    data = backlog(epic("E", tags=("KR-2",), tag_field="Key Result"), item("A", parent="E"))
    assert links(data, "A")[0].reason == 'A → KR-2 (100 %), inherited from epic E, field "Key Result"'


def test_nothing_is_inherited_where_the_setting_says_so() -> None:
    data = backlog(epic("E", tags=("KR-2",)), item("A", parent="E"), plans=plan(inherit=Inherit.NONE))
    assert parts(data, "A") == {(None, Bucket.UNALIGNED, 1, None)}


def test_merging_takes_the_union_upward_in_equal_shares() -> None:
    data = backlog(
        epic("I", tags=("KR-2", "gone")),
        epic("M", parent="I"),
        epic("E", tags=("KR-1:90, GONE:10",), parent="M"),
        item("A", tags=("KR-1",), parent="E"),
        plans=plan(inherit=Inherit.MERGE),
    )
    third = Fraction(1, 3)
    assert parts(data, "A") == {
        ("KR-1", Bucket.ALIGNED, third, Source.DIRECT),
        (None, Bucket.DEAD_LINK, third, Source.INHERITED),
        ("KR-2", Bucket.ALIGNED, third, Source.INHERITED),
    }


def test_parents_of_one_level_hand_down_until_they_run_in_a_circle_or_out_of_sight() -> None:
    data = backlog(
        item("TOP", tags=("KR-1",)),
        item("MID", parent="TOP"),
        item("A", parent="MID"),
        epic("X", parent="Y"),
        epic("Y", parent="X", tags=("KR-2",)),
        item("Z", parent="X"),
        item("P", parent="UNSEEN"),
        item("B", parent="P"),
    )
    assert parts(data, "A") == {("KR-1", Bucket.ALIGNED, 1, Source.INHERITED)}
    assert parts(data, "Z") == {("KR-2", Bucket.ALIGNED, 1, Source.INHERITED)}
    assert "UNSEEN" in links(data, "B")[0].reason


def test_an_explicit_none_stops_merging_and_inheritance() -> None:
    merge = plan(inherit=Inherit.MERGE)
    data = backlog(
        epic("I", tags=("KR-2",)),
        epic("E", tags=("none",), parent="I"),
        item("A", tags=("KR-1",), parent="E"),
        item("B", parent="E"),
        plans=merge,
    )
    assert parts(data, "A") == {("KR-1", Bucket.ALIGNED, 1, Source.DIRECT)}
    assert parts(data, "B") == {(None, Bucket.UNALIGNED, 1, None)}
    assert links(data, "B")[0].reason == "declared none: E says that it serves no key result"


def test_after_an_explicit_none_only_a_rule_that_exempts_matches() -> None:
    label = Condition("label", "legal")
    gives, exempts = rule(label, "KR-1"), rule(label, reason="the law")
    tagged = item("A", tags=("n/a",), labels=("Legal",))
    assert parts(backlog(tagged, plans=plan(rules=(gives,))), "A") == {(None, Bucket.UNALIGNED, 1, None)}
    data = backlog(tagged, plans=plan(rules=(gives, exempts)))
    assert links(data, "A") == (Link("A", None, Bucket.EXEMPT, 1, Source.RULE, "the law"),)


def test_a_rule_speaks_only_where_there_is_no_tag_and_hands_nothing_down() -> None:
    rules = (rule(Condition("key", "e"), "KR-2:40", reason="agreed"), rule(Condition("type", "story")))
    data = backlog(epic("E"), item("A", parent="E"), item("B", tags=("KR-1",)), plans=plan(rules=rules))
    assert links(data, "E") == (
        Link("E", "KR-2", Bucket.ALIGNED, Fraction(2, 5), Source.RULE, "E → KR-2 (40 %), by rule: agreed"),
        Link("E", None, Bucket.UNALIGNED, Fraction(3, 5), None, "weights under 100 %"),
    )
    assert links(data, "A") == (Link("A", None, Bucket.EXEMPT, 1, Source.RULE, "exempt by rule"),)
    assert parts(data, "B") == {("KR-1", Bucket.ALIGNED, 1, Source.DIRECT)}


def test_a_rule_that_gives_a_key_result_of_another_time_gives_a_dead_link() -> None:
    old = key_result("OLD", until=date(2026, 1, 31))
    data = backlog(item("A"), plans=plan(key_results=(old,), rules=(rule(Condition("key", "A"), "OLD"),)))
    assert parts(data, "A") == {(None, Bucket.DEAD_LINK, 1, Source.RULE)}


def test_a_rule_holds_only_on_its_days_at_the_moment_of_the_figure() -> None:
    short = rule(Condition("key", "A"), since=date(2026, 3, 5), until=date(2026, 3, 6))
    reckoning = Reckoning(backlog(item("A"), plans=plan(rules=(short,))))

    def bucket(moment: str) -> str:
        seen = Standpoint(at(moment), LiveTime(at(moment), None), None)
        return links_of(reckoning.timeline, reckoning.register, reckoning.timeline.items["A"], seen)[0].bucket

    assert [bucket(moment) for moment in ("03-04 23:59", "03-05", "03-06 23:59", "03-07")] == [
        Bucket.UNALIGNED,
        Bucket.EXEMPT,
        Bucket.EXEMPT,
        Bucket.UNALIGNED,
    ]


def test_conditions_compare_whole_values_caselessly_and_texts_by_part() -> None:
    thing = item(
        "PAY-1",
        project="PAY",
        title="Faster Checkout page",
        parent="PAY-9",
        labels=("Support",),
        components=("Web",),
        status="doing",
        fields={"Area": "Checkout", "Kinds": ("a", "B"), "Empty": None},
        aliases=("OLD-7",),
    )
    data = backlog(thing, epic("PAY-9", parent="TOP-1", aliases=("OLD-9",)))
    reckoning = Reckoning(data)

    def matches(when: object) -> bool:
        with_rule = backlog(*data.items, plans=plan(rules=(rule(when),)))
        return Reckoning(with_rule).links["PAY-1"][0].bucket is Bucket.EXEMPT

    assert all(
        matches(Condition(kind, value))
        for kind, value in (
            ("key", "pay-1"), ("key", "old-7"), ("project", "pay"), ("type", "STORY"), ("label", "support"),
            ("component", "web"), ("status", "doing"), ("parent", "pay-9"), ("text", "checkout"),
            ("ancestor", "PAY-1"), ("ancestor", "PAY-9"), ("ancestor", "OLD-9"), ("ancestor", "TOP-1"),
        )
    )  # fmt: skip
    assert matches(Condition("field", "checkout", "area"))
    assert matches(Condition("field", "b", "Kinds"))
    assert not matches(Condition("field", "c", "Kinds"))
    assert not matches(Condition("field", "", "Empty"))
    assert not matches(Condition("field", "x", "Nowhere"))
    assert not matches(Condition("field", "x"))
    assert not matches(Condition("label", "supp"))
    assert not matches(Condition("ancestor", "TOP-2"))
    assert matches(AllOf((Condition("project", "PAY"), Not(Condition("label", "other")))))
    assert matches(AnyOf((Condition("project", "X"), Condition("label", "support"))))
    assert not matches(AllOf((Condition("project", "PAY"), Condition("label", "other"))))
    assert reckoning.links["PAY-1"][0].reason == "no tag, no rule, and what is above it cannot be seen: TOP-1"


def test_an_item_without_project_or_parent_matches_no_condition_on_them() -> None:
    rules = (rule(AnyOf((Condition("project", ""), Condition("parent", "X")))),)
    assert parts(backlog(item("A"), plans=plan(rules=rules)), "A") == {(None, Bucket.UNALIGNED, 1, None)}


def test_a_deleted_or_not_yet_created_parent_hands_nothing_down() -> None:
    data = backlog(
        epic("GONE", tags=("KR-1",), deleted=at("03-01")),
        epic("LATER", tags=("KR-1",), created=at("04-01")),
        item("A", parent="GONE"),
        item("B", parent="LATER"),
    )
    assert links(data, "A")[0].reason == "no tag, no tagged ancestor, no rule"
    assert parts(data, "B") == {(None, Bucket.UNALIGNED, 1, None)}


def test_a_key_result_to_come_is_no_stale_tag_outside_sprints_but_is_in_an_active_one() -> None:
    later = plan(key_results=(key_result("KR-1"), key_result("NEXT", since=date(2026, 3, 30))))
    running = sprint(completed=None, end="03-27 17:00")
    data = backlog(running, item("A", tags=("NEXT",)), item("B", tags=("NEXT",), sprints=("S1",)), plans=later)
    assert parts(data, "A") == {("NEXT", Bucket.ALIGNED, 1, Source.DIRECT)}
    assert links(data, "B")[0].reason == 'direct: "NEXT" names a key result of another time'


def test_an_ambiguous_tag_says_what_it_may_mean() -> None:
    twice = plan(key_results=(key_result("A1", aliases=("x",)), key_result("A2", aliases=("x",))))
    assert links(backlog(item("A", tags=("x",)), plans=twice), "A")[0].reason == 'direct: "x" may be A1 or A2'


def test_a_tag_whose_weight_is_zero_leaves_the_item_unaligned_and_stops_inheritance() -> None:
    data = backlog(epic("E", tags=("KR-2",)), item("A", tags=("KR-1:0",), parent="E"))
    assert links(data, "A") == (Link("A", None, Bucket.UNALIGNED, 1, None, "weights under 100 %"),)


def test_weights_are_written_as_people_write_them() -> None:
    assert [percent_text(weight) for weight in (1, Fraction(1, 2), Fraction(1, 3))] == ["100 %", "50 %", "33.3 %"]
