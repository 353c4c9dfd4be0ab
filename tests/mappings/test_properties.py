"""What holds for every backlog, however strange."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mappings.analysis import analyse
from mappings.model import (
    Analysis,
    Backlog,
    Condition,
    Figure,
    Inherit,
    Item,
    ItemState,
    MappingRule,
    Measure,
    Periods,
    Scope,
    Status,
)
from tests.builders import CREATED, NOW, backlog, board, future, plan, sprint

SPRINTS = (
    sprint("S1", "02-02 09:00", "02-13 17:00"),
    sprint("S2", "02-16 09:00", "03-01 17:00", team="Growth"),
    sprint("S3", "03-02 09:00", "03-13 17:00"),
    sprint("S4", "03-16 09:00", None),
    future("S5", "03-30", "04-10"),
)
BOARDS = (board(), board("K", "Operations", periods=Periods.WEEK))
TAGS = ("KR-1", "KR-2", "KR-1, KR-2", "KR-1:70, KR-2:50", "KR-2:30", "gone", "none", "KR-1:50, gone")
PARENTS = ("E1", "E2", "HIDDEN", None)
MOMENTS = st.integers(0, 74 * 24).map(lambda hours: CREATED + timedelta(hours=hours))  # all of them before NOW
VALUES = st.one_of(st.none(), st.integers(0, 13), st.fractions(0, 8, max_denominator=4))


@st.composite
def states(draw: st.DrawFn) -> tuple[ItemState, ...]:
    found: dict[Any, ItemState] = {}
    for moment in sorted(draw(st.lists(MOMENTS, min_size=1, max_size=4))):
        found[moment] = ItemState(
            at=moment,
            status=draw(st.sampled_from(Status)),
            points=draw(VALUES),
            tags=tuple(draw(st.lists(st.sampled_from(TAGS), max_size=2))),
            sprints=tuple(draw(st.lists(st.sampled_from([each.id for each in SPRINTS]), max_size=2, unique=True))),
            parent=draw(st.sampled_from(PARENTS)),
            labels=draw(st.sampled_from(((), ("support",)))),
            time_spent=draw(st.integers(0, 100)),
            team=draw(st.sampled_from((None, "Growth"))),
            board=draw(st.sampled_from((None, "K", "B1"))),
        )
    return tuple(found.values())


@st.composite
def items(draw: st.DrawFn) -> tuple[Item, ...]:
    found = [Item(f"E{n}", "epic", 1, CREATED, _orphaned(draw(states()))) for n in (1, 2)]
    for number in range(draw(st.integers(0, 6))):
        deleted = draw(st.one_of(st.none(), MOMENTS.map(lambda moment: moment + timedelta(days=1))))
        kind = draw(st.sampled_from(("story", "bug")))
        known = draw(st.sampled_from((True, True, True, False)))
        found.append(Item(f"A{number}", kind, 0, CREATED, draw(states()), deleted=deleted, history_known=known))
    return tuple(found)


def _orphaned(found: tuple[ItemState, ...]) -> tuple[ItemState, ...]:
    return tuple(state._replace(parent=None) for state in found)


@st.composite
def backlogs(draw: st.DrawFn) -> Backlog:
    settings: dict[str, Any] = {
        "inherit": draw(st.sampled_from(Inherit)),
        "measure": draw(st.sampled_from((Measure.POINTS, Measure.COUNT, Measure.TIME_SPENT))),
        "unestimated": (("*", draw(st.sampled_from(("median", "zero", 2)))),),
        "commit_grace": draw(st.sampled_from((0, 3000))),
    }
    rules = (MappingRule(Condition("label", "support")), MappingRule(Condition("type", "bug"), ("KR-2:40",)))
    made = backlog(*BOARDS, *SPRINTS, plans=plan(rules=rules, **settings))
    return replace(made, items=draw(items()), hidden_parents=frozenset({"HIDDEN"}))


def figures(analysis: Analysis) -> Iterator[Figure]:
    for report in analysis.sprints:
        yield from (figure for figure in report.scopes.values() if figure is not None)
    yield from (report.completed for report in analysis.periods)
    for rollup in analysis.rollups:
        yield rollup.figure
        if rollup.outside is not None:
            yield rollup.outside


@given(backlogs())
def test_the_parts_of_every_figure_sum_to_one_and_its_percents_to_a_hundred(data: Backlog) -> None:
    for figure in figures(analyse(data)):
        parts = [part for _, part in figure.shares] + [figure.exempt, figure.dead_link, figure.unaligned]
        assert sum(part.amount for part in parts) == figure.total
        assert sum(line.value for line in figure.receipt) == figure.total
        if figure.total:
            assert sum(part.share or 0 for part in parts) == 1
            assert sum(part.percent or 0 for part in parts) == 100
            for part in parts:
                assert part.low is not None
                assert part.high is not None
                assert 0 <= part.low <= (part.share or 0) <= part.high <= 1


@given(backlogs())
def test_the_links_of_every_item_weigh_one(data: Backlog) -> None:
    weights: dict[str, Fraction] = {}
    for link in analyse(data).links:
        weights[link.item] = weights.get(link.item, Fraction(0)) + link.weight
    assert set(weights.values()) <= {Fraction(1)}


@given(backlogs(), st.randoms(use_true_random=False))
def test_the_order_of_items_and_tags_changes_nothing(data: Backlog, chance: Any) -> None:
    def shuffled(item: Item) -> Item:
        mixed = tuple(
            state._replace(
                tags=tuple(chance.sample(state.tags, len(state.tags))),
                sprints=tuple(chance.sample(state.sprints, len(state.sprints))),
            )
            for state in item.states
        )
        return replace(item, states=mixed)

    other = replace(data, items=tuple(shuffled(item) for item in chance.sample(data.items, len(data.items))))
    first, second = analyse(data), analyse(other)
    assert [_told(each) for each in figures(first)] == [_told(each) for each in figures(second)]
    assert [(each.kind, each.subject) for each in first.findings] == [
        (each.kind, each.subject) for each in second.findings
    ]


def _told(figure: Figure) -> tuple[object, ...]:
    return (figure.items, figure.total, figure.shares, figure.exempt, figure.dead_link, figure.unaligned)


@given(backlogs(), st.data())
def test_a_closed_sprints_figures_do_not_move_under_later_edits(data: Backlog, draw: st.DataObject) -> None:
    later = NOW + timedelta(days=1)

    def edited(item: Item) -> Item:
        if not item.history_known:
            return item
        after = draw.draw(states())[0]._replace(at=later)
        deleted = item.deleted or draw.draw(st.sampled_from((None, later)))
        return replace(item, states=(*item.states, after), deleted=deleted)

    now = NOW + timedelta(days=2)
    moved = replace(data, now=now, items=tuple(edited(item) for item in data.items))
    for before, after in zip(analyse(data).sprints[:3], analyse(moved).sprints[:3], strict=True):
        assert before.scopes == after.scopes
    assert analyse(moved, NOW).sprints == analyse(data).sprints


@given(backlogs())
def test_without_subtasks_final_is_committed_and_added_without_removed(data: Backlog) -> None:
    for report in analyse(data).sprints:
        sets = {scope: set(figure.items) for scope, figure in report.scopes.items() if figure is not None}
        if Scope.COMMITTED in sets:
            assert sets[Scope.FINAL] == (sets[Scope.COMMITTED] | sets[Scope.ADDED]) - sets[Scope.REMOVED]
        if Scope.CARRIED_OVER in sets:
            ends = (Scope.COMPLETED, Scope.DONE_BEFORE, Scope.DROPPED, Scope.CARRIED_OVER)
            assert sum(len(sets[scope]) for scope in ends) == len(sets[Scope.FINAL])
