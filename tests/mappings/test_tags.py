"""What people write on items, and what it comes to."""

from datetime import date
from fractions import Fraction

import pytest

from mappings.model import Team
from mappings.tags import Allotment, DeadTag, LiveTime, Register, fold, subteams
from tests.builders import PLAN, Q1, at, key_result, objective, plan

NOW = LiveTime(at("03-10"), at("03-20"))


def allot(*tags: str, register: Register | None = None, team: str | None = "Payments") -> Allotment:
    return (register or Register(PLAN)).allot(tags, NOW, team)


def shares(*tags: str, register: Register | None = None) -> dict[object, object]:
    return {
        target if isinstance(target, str) else (target.why, target.name): weight
        for target, weight in allot(*tags, register=register).parts
    }


def test_names_are_compared_without_case_blanks_and_unicode_form() -> None:
    assert fold("  ＫＲ-1 ") == fold("kr-1")
    assert fold("GRÖSSE") == fold("gro\u0308ße")


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (("KR-1",), {"KR-1": 1}),
        (("KR-1, KR-2",), {"KR-1": Fraction(1, 2), "KR-2": Fraction(1, 2)}),
        (("KR-1; KR-2",), {"KR-1": Fraction(1, 2), "KR-2": Fraction(1, 2)}),
        (("KR-1\nKR-2",), {"KR-1": Fraction(1, 2), "KR-2": Fraction(1, 2)}),
        (("KR-1:70, KR-2:30",), {"KR-1": Fraction(7, 10), "KR-2": Fraction(3, 10)}),
        (("KR-1: 33.3 %",), {"KR-1": Fraction(333, 1000)}),
        (("KR-1:70, KR-2",), {"KR-1": Fraction(7, 10), "KR-2": Fraction(3, 10)}),
        (("KR-1:90", "KR-2:60"), {"KR-1": Fraction(3, 5), "KR-2": Fraction(2, 5)}),
        (("KR-1:100, KR-2",), {"KR-1": 1}),
        (("KR-1:30", "kr-1:20"), {"KR-1": Fraction(1, 2)}),
        (("KR-1", "KR-1", "title of kr-2"), {"KR-1": Fraction(1, 2), "KR-2": Fraction(1, 2)}),
        (("KR-1, ,; ",), {"KR-1": 1}),
        (("growth, KR-1",), {("unknown", "growth"): Fraction(1, 2), "KR-1": Fraction(1, 2)}),
        (("growth:40",), {("unknown", "growth"): Fraction(2, 5)}),
        (("growth", "GROWTH"), {("unknown", "growth"): 1}),
        (("KR-1:0",), {}),
        ((" ",), {}),
        (("n/a, KR-2",), {"KR-2": 1}),
    ],
)
def test_a_text_is_split_and_weighed(tags: tuple[str, ...], expected: dict[object, object]) -> None:
    assert shares(*tags) == expected


def test_only_weights_over_a_hundred_are_over_allocated() -> None:
    assert allot("KR-1:90, KR-2:60").is_over_allocated
    assert not allot("KR-1:90, KR-2:10").is_over_allocated


def test_an_explicit_none_alone_is_none_and_beside_a_tag_nothing() -> None:
    assert allot(" No KR ").is_none
    assert not allot("none, KR-1").is_none
    assert not allot().is_none


def test_a_title_that_holds_separators_is_tried_whole_first() -> None:
    register = Register(plan(key_results=(key_result("KR-1", title="Faster, cheaper; better: 50"), key_result("KR-2"))))
    assert shares("faster, cheaper; better: 50", register=register) == {"KR-1": 1}
    assert shares("faster, cheaper; better: 50:20", register=register) == {"KR-1": Fraction(1, 5)}


def test_a_code_comes_before_an_alias_and_an_alias_before_a_title() -> None:
    register = Register(
        plan(
            key_results=(
                key_result("A", title="speed"),
                key_result("B", aliases=("speed",)),
                key_result("speed", title="C"),
            )
        )
    )
    assert shares("speed", register=register) == {"speed": 1}
    register = Register(
        plan(key_results=(key_result("A", title="speed"), key_result("B", aliases=("speed", "Speed "))))
    )
    assert shares("speed", register=register) == {"B": 1}


def test_of_several_the_live_ones_come_first_then_those_of_the_nearest_team() -> None:
    register = Register(
        plan(
            teams=(Team("Group"), Team("Payments", "Group"), Team("Growth", "Group")),
            objectives=(objective(), objective("O2", "Group"), objective("O3", "Growth")),
            key_results=(
                key_result("P", aliases=("x",)),
                key_result("G", "O2", aliases=("x", "y")),
                key_result("H", "O3", aliases=("x", "y", "z")),
                key_result("OLD", aliases=("z",), until=date(2026, 1, 31)),
            ),
        )
    )

    def target(tag: str, team: str | None) -> object:
        return register.allot((tag,), NOW, team).parts[0][0]

    assert target("x", "Payments") == "P"
    assert target("y", "Payments") == "G"
    assert target("z", None) == "H"
    assert target("y", "Legal") == DeadTag("y", "ambiguous", ("G", "H"))
    assert target("x", None) == DeadTag("x", "ambiguous", ("G", "H", "P"))
    assert target("old", "Payments") == DeadTag("old", "stale", ("OLD",))


def test_several_names_of_one_ambiguous_or_stale_tag_are_one_tag() -> None:
    register = Register(
        plan(
            objectives=(objective(),),
            key_results=(key_result("A", aliases=("x", "y")), key_result("B", aliases=("x", "y"))),
        )
    )
    assert [weight for _, weight in register.allot(("x", "y"), NOW, None).parts] == [1]


def test_a_period_is_of_whole_days_in_the_time_zone() -> None:
    register = Register(
        plan(time_zone="Asia/Tokyo", key_results=(key_result(since=date(2026, 3, 1), until=date(2026, 3, 6)),))
    )
    assert register.period("KR-1") == (at("02-28 15:00"), at("03-06 15:00"))
    assert register.is_live("KR-1", LiveTime(at("03-06 14:59"), None))
    assert not register.is_live("KR-1", LiveTime(at("03-06 15:00"), None))
    assert register.is_live("KR-1", LiveTime(at("01-01"), at("02-28 15:00")))
    assert not register.is_live("KR-1", LiveTime(at("01-01"), at("02-28 14:59")))


def test_a_team_holds_the_teams_below_it() -> None:
    teams = (Team("Group"), Team("A", "Group"), Team("B", "A"), Team("C"))
    assert subteams(teams, "Group") == {"Group", "A", "B"}
    assert subteams(teams, "B") == {"B"}
    assert subteams(teams, "Nobody") == {"Nobody"}
    assert list(Register(plan(teams=teams)).teams_above("B")) == ["B", "A", "Group"]


def test_an_item_that_is_an_objective_or_a_key_result_or_of_a_named_type_is_no_work() -> None:
    from tests.builders import item

    register = Register(plan(not_work=("Test",)))
    assert register.is_work(item("A"))
    assert not register.is_work(item("KR-1"))
    assert not register.is_work(item("O1"))
    assert not register.is_work(item("A", type=" test"))
    assert Q1.id == "2026Q1"
