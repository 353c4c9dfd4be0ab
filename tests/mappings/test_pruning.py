"""What may be forgotten of a history: nothing that an answer of a later moment rests on."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from mappings.analysis import analyse
from mappings.document import to_document
from mappings.model import (
    Backlog,
    Board,
    Condition,
    Cycle,
    Inherit,
    Item,
    ItemState,
    KeyResult,
    MappingRule,
    Measure,
    Objective,
    Periods,
    Plan,
    Settings,
    Sprint,
    SprintState,
    Status,
    Team,
)
from mappings.pruning import Line, families, kept_states, moments_of
from mappings.timeline import BEGINNING
from tests.builders import at

START = at("03-02")
NOW = START + timedelta(days=30)
LEVELS = {"I": 2, "E": 1, "A": 0, "B": 0, "C": 0, "D": 0, "a1": -1, "a2": -1}
PARENTS: dict[str, tuple[str | None, ...]] = {
    "I": (None, "UNSEEN"),
    "E": (None, "I"),
    "A": (None, "E", "I", "UNSEEN"),
    "B": (None, "E"),
    "C": (None, "E"),
    "D": (None, "E"),
    "a1": ("A", "B", None),
    "a2": ("A", "a1"),
}
CHANGES: tuple[dict[str, Any], ...] = (
    *({"points": points} for points in (None, 1, 3, Fraction(1, 2), 8)),
    *({"tags": tags} for tags in ((), ("KR-1",), ("KR-1:70, KR-2",), ("none",), ("KR-9",))),
    *({"sprints": names} for names in ((), ("S1",), ("S1",), ("S2",), ("S2",), ("S3",), ("T1",), ("S3", "T1"))),
    *({"status": status} for status in (*Status, Status.DONE)),
    *({"parent": number} for number in range(3)),
    *({"labels": labels} for labels in ((), ("support",))),
    *({"board": board} for board in (None, "B1", "B2", "K")),
    *({"team": team} for team in (None, "Pay", "Shop")),
    *({"time_spent": seconds} for seconds in (0, 3600, 5400, 7200)),
    *({"original_estimate": seconds} for seconds in (None, 3600, 60)),
)
CHOICES = (
    Settings(unestimated=(("*", "zero"),)),
    Settings(measure=Measure.TIME_SPENT, inherit=Inherit.MERGE, commit_grace=2000),
    Settings(count_subtasks=True, commit_grace=600),
    Settings(measure=Measure.ORIGINAL_ESTIMATE, thresholds={"late_tagging": 5, "untagged_backlog": 0}),
)
BOARDS = (Board("B1", "Payments", team="Pay"), Board("B2", "Shops"), Board("K", "Support", "Help", Periods.WEEK))
PLAN = Plan(
    rules=(MappingRule(Condition("label", "support"), reason="not planned"),),
    teams=(Team("All"), Team("Pay", "All"), Team("Shop", "All"), Team("Help")),
    cycles=(Cycle("2026Q1", at("01-01").date(), at("03-31").date()),),
    objectives=(Objective("O1", "New shops are live in a day", "Pay", "2026Q1"),),
    key_results=(KeyResult("KR-1", "O1", "Raise activation"), KeyResult("KR-2", "O1", "Lower time to payment")),
)


def _day(number: float) -> datetime:
    return START + timedelta(days=number)


def _sprints() -> tuple[Sprint, ...]:
    spans = (("S1", "B1", 1, 9), ("S2", "B1", 9, 17), ("S3", "B1", 17, 25), ("T1", "B2", 5, 20), ("U1", "B2", 26, 40))
    return tuple(
        Sprint(
            name,
            board,
            name,
            SprintState.CLOSED if end < 30 else SprintState.ACTIVE,
            (),
            _day(start),
            _day(end),
            _day(end + 0.2) if end < 30 else None,
        )
        for name, board, start, end in spans
    )


def _item(dice: random.Random, name: str) -> Item:
    """A busy life of a month."""
    states = [ItemState(_day(0), parent=PARENTS[name][0])]
    for moment in sorted(dice.sample(range(1, 29 * 8), dice.randint(10, 40))):
        change = dict(dice.choice(CHANGES))
        if "parent" in change:
            change = {"parent": PARENTS[name][change["parent"] % len(PARENTS[name])]}
        states.append(states[-1]._replace(at=_day(moment / 8), **change))
    deleted = _day(dice.randint(5, 29)) if dice.random() < 0.1 else None
    return Item(
        name, "story", LEVELS[name], _day(0), tuple(states), deleted=deleted, history_known=dice.random() > 0.03
    )


def _pruned(backlog: Backlog, before: datetime) -> Backlog:
    lines = [
        Line(number, (item.key,), item.level, tuple({state.parent for state in item.states if state.parent}))
        for number, item in enumerate(backlog.items)
    ]
    sprints = {sprint.id: sprint for sprint in backlog.sprints}
    graces = [timedelta(minutes=int(plan.settings.commit_grace)) for plan in backlog.plans]
    items = list(backlog.items)
    for family in families(lines):
        moments = moments_of([backlog.items[number] for number in family], sprints, graces)
        for number in family:
            items[number] = replace(items[number], states=kept_states(items[number], moments, before))
    return replace(backlog, items=tuple(items))


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("seed", range(12))
def test_after_pruning_every_later_moment_is_told_as_before(seed: int, choice: Settings) -> None:
    check(random.Random(seed), choice)


def check(dice: random.Random, choice: Settings) -> None:
    items = tuple(_item(dice, name) for name in LEVELS)
    whole = Backlog(NOW, (replace(PLAN, settings=choice),), BOARDS, _sprints(), items, frozenset({"UNSEEN"}))
    limit = _day(dice.choice((7, 12, 19.5, 26, 29)))
    pruned = _pruned(whole, limit)
    assert sum(len(item.states) for item in pruned.items) < sum(len(item.states) for item in items)
    for moment in (limit, limit + dice.random() * (NOW - limit), NOW):
        assert to_document(analyse(pruned, moment)) == to_document(analyse(whole, moment))
    assert _pruned(pruned, limit) == pruned, "there is no more to forget"


# --- one by one


def _states(*told: tuple[float, dict[str, Any]]) -> tuple[ItemState, ...]:
    states: list[ItemState] = []
    for moment, values in told:
        before = states[-1] if states else ItemState(_day(moment))
        states.append(before._replace(at=_day(moment), **values))
    return tuple(states)


def _points(item: Item, *moments: float, before: float = 20) -> list[object]:
    return [state.points for state in kept_states(item, [_day(each) for each in moments], _day(before))]


ESTIMATED = Item("A", "story", 0, _day(0), _states(*((number, {"points": number}) for number in range(6))))


def test_of_estimates_stay_the_first_those_that_figures_ask_for_and_the_last_before() -> None:
    assert _points(ESTIMATED) == [0, 5]
    assert _points(ESTIMATED, 2, 3.5) == [0, 2, 3, 5]
    assert _points(ESTIMATED, before=3) == [0, 3, 4, 5]
    assert _points(ESTIMATED, before=-1) == [0, 1, 2, 3, 4, 5]


def test_an_item_without_known_history_stays_as_it_is() -> None:
    assert len(_points(replace(ESTIMATED, history_known=False))) == 6


def test_changes_of_sprint_parent_tags_and_to_done_stay() -> None:
    changes: list[dict[str, Any]] = [
        {"sprints": ("S1",)},
        {"time_spent": 60},
        {"parent": "E"},
        {"labels": ("x",)},
        {"tags": ("KR-1",)},
        {"status": Status.DOING},
        {"status": Status.DONE},
        {"points": 3},
        {"status": Status.TODO},
        {"points": 5},
        {"points": 8},
    ]
    item = Item("A", "story", 0, _day(0), _states((0, {}), *((each + 1, one) for each, one in enumerate(changes))))
    kept = kept_states(item, (), _day(20))
    assert [(state.at - START).days for state in kept] == [0, 1, 3, 5, 7, 9, 11]


def test_the_moments_of_a_family_are_those_of_its_sprints_and_changes() -> None:
    item = Item("A", "story", 0, _day(0), _states((0, {}), (2, {"sprints": ("S1", "GONE")})), deleted=_day(28))
    moments = moments_of([item], {sprint.id: sprint for sprint in _sprints()}, [timedelta(minutes=30)])
    assert {_day(1), _day(1) + timedelta(minutes=30), _day(9.2), _day(8.2), _day(2), _day(28)} <= set(moments)
    assert moments == tuple(sorted(moments))
    planned = Sprint("P", "B1", "P", SprintState.FUTURE, (), None, None, None)
    new = Item("B", "story", 0, BEGINNING, (ItemState(BEGINNING, sprints=("P",)),))
    assert moments_of([new], {"P": planned}, ()) == (BEGINNING,)


def test_sub_tasks_are_measured_with_all_that_ever_was_above_them_and_epics_alone() -> None:
    lines = (
        Line(1, ("E",), 1, ()),
        Line(2, ("A", "OLD"), 0, ("E",)),
        Line(3, ("B",), 0, ("E",)),
        Line(4, ("a1",), -1, ("OLD", "B")),
        Line(5, ("a2",), -1, ("a1", "UNSEEN", "E")),
        Line(6, ("C",), 0, ("A",)),
    )
    assert sorted(sorted(family) for family in families(lines)) == [[1], [2, 3, 4, 5], [6]]
