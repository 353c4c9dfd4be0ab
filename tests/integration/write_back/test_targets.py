"""Which items a wish is about, by which names, what the figures make of it, and the words of a comment."""

import json
from typing import Any

import pytest

from integration.contract import Misconfigured
from integration.write_back.coverage import coverage_text
from integration.write_back.targets import codes_of, effect, items_of, names_for, orphans, would_differ
from integration.write_back.wishes import (
    CommentCoverage,
    MarkOrphans,
    SetKeyResults,
    Wish,
    as_json,
    checked,
    keys_in,
    kind_of,
    wish_of,
)
from mappings.model import KeyResult, Objective, Plan, Team
from mappings.reckoning import Reckoning
from tests.builders import NOW, Q1, Q2, backlog, epic, item, sprint

PLAN = Plan(
    cycles=(Q1, Q2),
    teams=(Team("Payments"), Team("Web")),
    objectives=(
        Objective("O1", "Fast", "Payments", "2026Q1"),
        Objective("O2", "Sure", "Web", "2026Q1"),
        Objective("O3", "Later", "Payments", "2026Q2"),
    ),
    key_results=(
        KeyResult("PAY-KR-1", "O1", "Activation, first week", aliases=("KR1",)),
        KeyResult("WEB-KR-1", "O2", 'Errors "5xx"\nunder 1 %', aliases=("KR1",)),
        KeyResult("Q2-KR-1", "O3", "Later"),
    ),
)
ITEMS = (
    epic("PAY-1"),
    item("PAY-2", parent="PAY-1", board="B1"),
    item("PAY-3", parent="PAY-1", status="done"),
    item("PAY-4", parent="PAY-1", tags=("PAY-KR-1",)),
    item("PAY-5", parent="PAY-2"),
    item("PAY-6", parent="PAY-1", deleted=NOW),
    epic("PAY-7", tags=("WEB-KR-1",)),
)


def reckoning(*items: Any) -> Reckoning:
    return Reckoning(backlog(*(items or ITEMS), sprint(completed=None), plans=PLAN))


def keys(wish: SetKeyResults) -> tuple[list[str], tuple[str, ...]]:
    found, missing = items_of(reckoning(), wish)
    return [one.key for one in found], missing


@pytest.mark.parametrize(
    ("children", "found"),
    [
        ("none", ["PAY-1"]),
        ("open", ["PAY-1", "PAY-2", "PAY-4"]),
        ("all", ["PAY-1", "PAY-2", "PAY-3", "PAY-4"]),
    ],
)
def test_the_items_right_below_come_along_if_wished(children: Any, found: list[str]) -> None:
    assert keys(SetKeyResults(("X",), ("pay-1",), children)) == (found, ())


def test_what_is_not_there_is_named() -> None:
    assert keys(SetKeyResults(("X",), ("PAY-6", "PAY-77", "PAY-1"))) == (["PAY-1"], ("PAY-6", "PAY-77"))


def test_codes_are_found_in_any_case_and_unknown_ones_refused() -> None:
    assert codes_of(reckoning(), ["pay-kr-1", "PAY-KR-1"]) == ("PAY-KR-1",)
    with pytest.raises(Misconfigured, match="no key result “PAY-KR-9”"):
        codes_of(reckoning(), ["PAY-KR-9"])


def test_only_names_that_lead_to_the_key_result_on_that_item_are_used() -> None:
    look = reckoning(item("PAY-2", team="Payments"), item("WEB-2", team="Web"), item("ANY-2", team="Other"))
    found = {key: names_for(look, ("PAY-KR-1",), look.timeline.items[key]) for key in ("PAY-2", "WEB-2", "ANY-2")}
    assert found == {
        "PAY-2": (("PAY-KR-1", "KR1", "Activation, first week"),),
        "WEB-2": (("PAY-KR-1", "Activation, first week"),),
        "ANY-2": (("PAY-KR-1", "Activation, first week"),),
    }


def test_a_key_result_that_is_not_live_for_an_item_has_no_name_there() -> None:
    look = reckoning(item("PAY-2", sprints=("S1",)))
    why = names_for(look, ("Q2-KR-1",), look.timeline.items["PAY-2"])
    assert why == "Q2-KR-1 is not live for this item: its tag would be a dead link."


@pytest.mark.parametrize(
    ("tags", "is_so"), [(("PAY-KR-1",), True), (("PAY-KR-1", "WEB-KR-1"), False), (("KR9",), False), ((), False)]
)
def test_what_the_item_would_bear_must_be_the_wanted_key_results_alone(tags: tuple[str, ...], is_so: bool) -> None:
    look = reckoning()
    assert (would_differ(look, ("PAY-KR-1",), look.timeline.items["PAY-2"], tags) is None) is is_so


def test_orphans_are_those_that_the_finding_names() -> None:
    assert [one.key for one in orphans(reckoning())] == ["PAY-1"]


def test_what_the_figures_make_of_it_is_said_in_open_items() -> None:
    assert (
        effect(reckoning(), {"PAY-1": ("PAY-KR-1",), "PAY-4": ("WEB-KR-1", "PAY-KR-1")})
        == (
            "1 open item would move from PAY-KR-1 to PAY-KR-1 and WEB-KR-1.",
            "2 open items would move from unaligned to PAY-KR-1.",
        )[::-1]
    )


def test_what_changes_nothing_has_no_effect() -> None:
    assert effect(reckoning(), {"PAY-7": ("WEB-KR-1",)}) == ()


# --- wishes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wish",
    [
        SetKeyResults(("KR-1",), ("A-1", "A-2"), "open", True, "customfield_1"),
        MarkOrphans("property", "x"),
        CommentCoverage("7", ("A-1",)),
    ],
)
def test_a_wish_is_kept_as_plain_data(wish: Wish) -> None:

    assert wish_of(kind_of(wish), json.loads(json.dumps(as_json(wish)))) == wish
    assert checked(wish) is wish
    assert wish.words


@pytest.mark.parametrize(
    "wish",
    [
        SetKeyResults((), ("A-1",)),
        SetKeyResults(("KR-1",), ()),
        SetKeyResults(("KR-1",), ("A-1",), "some"),  # type: ignore[arg-type]
        SetKeyResults(("KR-1",), tuple(f"A-{number}" for number in range(5001))),
        MarkOrphans("label", ""),
        MarkOrphans("colour", "red"),  # type: ignore[arg-type]
        CommentCoverage("7", ()),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(wish: Wish) -> None:
    with pytest.raises(Misconfigured):
        checked(wish)


def test_keys_are_read_between_commas_blanks_and_lines() -> None:
    assert keys_in(" pay-1,PAY-2\nPAY-3  pay-1 ") == ("PAY-1", "PAY-2", "PAY-3")


# --- the comment --------------------------------------------------------------------------------


def part(percent: int | None) -> dict[str, Any]:
    return {"percent": percent}


FIGURE = {
    "total": "13/2",
    "shares": [{"key_result": "PAY-KR-1", "percent": 60}, {"key_result": "WEB-KR-1", "percent": 10}],
    "exempt": part(5),
    "dead_link": part(0),
    "unaligned": part(25),
    "imputed": [{"item": "PAY-2", "value": "1"}],
}


def text(state: str = "active", measure: str = "points", **scopes: Any) -> list[str]:
    document = {"measure": measure, "scopes": {"final": FIGURE, **scopes}}
    return coverage_text("Pay\n7", state, document, PLAN, NOW).split("\n")


def test_a_comment_tells_each_share_on_a_line_of_its_own() -> None:
    assert text() == [
        "What the work of sprint “Pay 7” (active) serves, as of 2026-03-20 12:00 UTC:",
        "In the sprint: 6.5 points",
        "- PAY-KR-1 Activation, first week: 60 %",
        '- WEB-KR-1 Errors "5xx" under 1 %: 10 %',
        "- exempt: 5 %, dead link: 0 %, unaligned: 25 %",
        "- 1 item is not estimated and counted with a median",
    ]


def test_a_closed_sprint_tells_what_was_completed_too() -> None:
    assert "Completed: 6.5 points" in text("closed", completed=FIGURE)
    assert "Completed: 6.5 points" not in text("active", completed=FIGURE)


def test_without_work_there_is_nothing_to_share_out() -> None:
    empty = {**FIGURE, "total": "0", "unaligned": part(None)}
    assert text(final=empty)[1:] == ["In the sprint: 0 points; nothing to share out."]


def test_time_is_told_in_hours() -> None:
    assert text(measure="time_spent", final={**FIGURE, "total": "5400"})[1] == "In the sprint: 1.5 hours"


def test_a_sprint_without_figures_makes_no_comment() -> None:
    with pytest.raises(Misconfigured, match="it has no figures"):
        text(final=None)
