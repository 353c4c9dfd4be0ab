"""The share bar as values: places, slivers, labels, words and intervals."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.model import Cycle, KeyResult, Objective, Plan
from reports.figures import SLIVER, Bar, bar_of, names_of
from tests.integration.store.material import MONDAY, day

PLAN = Plan(
    cycles=(Cycle("Q1", MONDAY.date(), day(90).date()),),
    objectives=(Objective("O", "Grow", "Team", "Q1"),),
    key_results=tuple(KeyResult(f"KR-{number}", "O", f"Title {number}") for number in range(10)),
)
PART = {"share": None, "percent": None, "low": None, "high": None}


def part(share: Fraction, low: Fraction | None = None, high: Fraction | None = None) -> dict[str, object]:
    return {
        "amount": str(share * 100),
        "share": float(share),
        "percent": round(share * 100),
        "low": float(share if low is None else low),
        "high": float(share if high is None else high),
    }


def bar(shares: dict[str, dict[str, object]], imputed: int = 0, **others: dict[str, object]) -> Bar:
    document = {
        "items": 4,
        "total": "100",
        "shares": [{"key_result": code, **one} for code, one in shares.items()],
        "imputed": imputed,
        **{name: others.get(name, part(Fraction(0))) for name in ("exempt", "dead_link", "unaligned")},
    }
    address = "/receipt?part={}".format
    return bar_of(document, "points", names_of(PLAN), address, key="k", scope="final", label="final")


def width(text: str) -> float:
    return float(text.rstrip("%"))


def test_segments_stand_side_by_side_in_the_order_of_the_figure() -> None:
    found = bar({"KR-1": part(Fraction(1, 2))}, unaligned=part(Fraction(1, 2)))
    assert [(one.part, one.x, one.width) for one in found.segments] == [
        ("KR-1", "0%", "50%"),
        ("unaligned", "50%", "50%"),
    ]


def test_a_segment_leads_to_the_receipt_of_its_part() -> None:
    (segment,) = bar({"KR-1": part(Fraction(1))}).segments
    assert segment.href == "/receipt?part=KR-1"


def test_a_tiny_share_keeps_a_sliver_that_is_taken_from_the_largest() -> None:
    found = bar({"KR-1": part(Fraction(999, 1000)), "KR-2": part(Fraction(1, 1000))})
    assert [width(one.width) for one in found.segments] == [100 - SLIVER, SLIVER]


def test_a_label_stands_inside_only_where_the_bar_is_wide_enough() -> None:
    found = bar({"KR-1": part(Fraction(9, 10)), "KR-2": part(Fraction(1, 100))}, unaligned=part(Fraction(9, 100)))
    assert [one.room for one in found.segments] == [320, None, 1600]


def test_the_interval_is_said_in_words_and_drawn_at_the_end_of_the_segment() -> None:
    uncertain = part(Fraction(38, 100), Fraction(35, 100), Fraction(44, 100))
    found = bar({"KR-1": uncertain}, imputed=3, unaligned=part(Fraction(62, 100)))
    first, second = found.segments
    assert first.between == "between 35 % and 44 % however the 3 unestimated items turn out"
    assert first.words == f"KR-1 38 %, Title 1, 38 points; {first.between}"
    assert first.whisker is not None
    assert (first.whisker.x1, first.whisker.x2) == ("35%", "44%")
    assert second.whisker is None


def test_a_key_result_that_may_get_work_is_listed_without_a_width() -> None:
    found = bar({"KR-1": part(Fraction(0), Fraction(0), Fraction(1, 5))}, imputed=1, unaligned=part(Fraction(1)))
    assert [(one.part, one.width) for one in found.segments] == [("KR-1", "0%"), ("unaligned", "100%")]


def test_a_figure_without_work_has_no_segments() -> None:
    nothing = {"items": 0, "total": "0", "shares": [], "imputed": 0}
    figure = {**nothing, **{name: {"amount": "0", **PART} for name in ("exempt", "dead_link", "unaligned")}}
    found = bar_of(figure, "points", {}, str, key="k", scope="final", label="final")
    assert found.segments == ()
    assert found.total == "0 points"


def test_colours_are_kept_by_place_in_the_cycle_and_striped_when_they_begin_anew() -> None:
    names = names_of(PLAN)
    assert [(names[f"KR-{number}"].colour, names[f"KR-{number}"].striped) for number in (0, 7, 8, 9)] == [
        (0, False),
        (7, False),
        (0, True),
        (1, True),
    ]


@given(st.lists(st.fractions(min_value=0, max_value=20, max_denominator=1000), min_size=1, max_size=9))
def test_segments_fill_the_whole_bar_whatever_the_shares(amounts: list[Fraction]) -> None:
    total = sum(amounts)
    if not total:
        return
    found = bar({f"KR-{at}": part(amount / total) for at, amount in enumerate(amounts)})
    assert sum(width(one.width) for one in found.segments) == pytest.approx(100, abs=0.02)


def test_an_interval_takes_as_many_digits_as_tell_its_ends_apart() -> None:
    found = bar({"KR-1": part(Fraction(1))}, unaligned=part(Fraction(0))).segments[0]
    for low, high, words in ((0.35, 0.44, "35–44 %"), (0.036, 0.039, "3.6–3.9 %"), (0.0008, 0.0013, "0.08–0.13 %")):
        assert replace(found, low=low, high=high).range == words
