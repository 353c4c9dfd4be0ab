"""What is told of all connections together is what one connection with the same work would tell."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from integration.answer_documents import ABOVE_BOARDS, Versions, rollup_answers
from integration.answers import decide_due
from integration.clock import Retention, tick
from integration.contract import Fetched, TrackedItem
from integration.store import plans, reads
from integration.store.backlog import backlog_at
from integration.store.due import OF_ALL
from integration.store.engine import reading, writing
from integration.store.together import parted, qualified
from integration.store.writes import save_fetched
from mappings.document import plain_data
from mappings.findings import OF_THE_COMPANY, find_all
from mappings.model import Board, Goal, ItemState, Measure, Periods, Plan, Settings, Sprint, SprintState, Status
from mappings.reckoning import Reckoning
from mappings.survey import Survey
from tests.integration.store.material import day, fresh_store, state, tracked
from tests.integration.test_touched import PLAN

BOARDS = (
    Board("B1", "Payments", team="Pay"),
    Board("B2", "Shops", team="Shop"),
    Board("B3", "Payments abroad", team="Pay"),
    Board("K", "Support", "Help", Periods.WEEK),
)
SPANS = (
    ("S1", "B1", -40, -26), ("S2", "B1", -26, -12), ("S3", "B1", -12, 0), ("S4", "B1", 0, 12), ("S5", "B2", -9, 3),
    ("T1", "B3", -39, -25), ("T2", "B3", -25, -11), ("T3", "B3", -11, 1), ("T4", "B3", 1, 13),
)  # fmt: skip
WEST = {"B3": "B1", "K": "K", "T1": "S1", "T2": "S2", "T3": "S3", "T4": "S4", "D": "A", "F": "B", "G": "C", "D1": "A1"}
EPICS = ("E1", "E2")
EAST_ITEMS, WEST_ITEMS = ("A", "B", "C", "A1"), ("D", "F", "G", "D1")
SPRINTS_OF = {"east": [(), ("S2",), ("S3",), ("S4",), ("S5",), ("S3", "S5")], "west": [(), ("T2",), ("T3",), ("T4",)]}
BOARDS_OF: Mapping[str, list[str | None]] = {"east": [None, "B1", "B2"], "west": ["B3", "K"]}
CHOICES = (
    Settings(),
    Settings(measure=Measure.COUNT, thresholds={"starved_kr": 30}),
    Settings(measure=Measure.TIME_SPENT, unestimated=(("*", "zero"),)),
    Settings(count_subtasks=True, unestimated=(("*", 1),), thresholds={"starved_kr": 50, "effort_without_movement": 5}),
)


def _sprints(now: float) -> tuple[Sprint, ...]:
    found = []
    for name, board, start, end in SPANS:
        told = SprintState.CLOSED if now > end else SprintState.ACTIVE if now > start else SprintState.FUTURE
        completed = day(end + 0.2) if told is SprintState.CLOSED else None
        found.append(Sprint(name, board, f"Sprint {name}", told, (Goal(None, None),), day(start), day(end), completed))
    return tuple(found)


class Company:
    """The same work three times over: on one site, and in two parts, of which the second calls its items, sprints and
    boards as the first one does."""

    def __init__(self) -> None:
        self.now = -0.7
        self.items: dict[str, TrackedItem] = {}
        for key in EPICS:
            first = state(-45, tags=("KR-1",) if key == "E1" else ())
            self.items[key] = tracked(key, first, level=1, created=day(-46))
        for number, key in enumerate((*EAST_ITEMS, *WEST_ITEMS)):
            is_subtask = key.endswith("1")
            parent = key[0] if is_subtask else EPICS[number % 2]
            board, sprint = ("B3", "T2") if key in WEST_ITEMS else (None, "S2")
            first = state(-45, parent=parent, points=number, board=board)
            done = first._replace(at=day(-20 + number), status=Status.DONE, sprints=(sprint,))
            self.items[key] = tracked(key, first, done, level=-1 if is_subtask else 0, created=day(-46))

    def edit(self, key: str, change: Mapping[str, Any], days: float) -> tuple[str, ...]:
        """Which connections see it?"""
        self.now += days
        old = self.items[key]
        states = (*old.item.states, old.item.states[-1]._replace(at=day(self.now), **change))
        self.items[key] = replace(old, item=replace(old.item, states=states), updated=states[-1].at)
        return ("east", "west") if key in EPICS else ("west",) if key in WEST_ITEMS else ("east",)

    def told(self, connection: str, keys: tuple[str, ...]) -> Fetched:
        at = day(self.now + 0.01)
        sprints = _sprints(self.now)
        items = tuple(self.items[key] for key in keys)
        if connection == "one":
            return Fetched(at=at, items=items, sprints=sprints, boards=BOARDS)
        mine = [each for each in items if each.item.key in EPICS or _side(each.item.key) == connection]
        west = connection == "west"
        return Fetched(
            at=at,
            items=tuple(_as_in_the_west(each) for each in mine) if west else tuple(mine),
            sprints=tuple(_renamed(each) for each in sprints if _side(each.id) == connection),
            boards=tuple(
                replace(each, id=WEST.get(each.id, each.id)) for each in BOARDS if _side(each.id) == connection
            ),
        )


def _side(name: str) -> str:
    return "west" if name in WEST else "east"


def _renamed(sprint: Sprint) -> Sprint:
    return replace(sprint, id=WEST.get(sprint.id, sprint.id), board=WEST.get(sprint.board, sprint.board))


def _as_in_the_west(tracked_item: TrackedItem) -> TrackedItem:
    item = tracked_item.item
    states = tuple(_state_in_the_west(each) for each in item.states)
    return replace(tracked_item, item=replace(item, key=WEST.get(item.key, item.key), states=states))


def _state_in_the_west(told: ItemState) -> ItemState:
    """The epic that both have states its impact once."""
    return told._replace(
        sprints=tuple(WEST[each] for each in told.sprints),
        board=None if told.board is None else WEST[told.board],
        parent=WEST.get(told.parent or "", told.parent),
        impact={},
    )


class Stores:
    """`one` holds all in one connection, and nothing is decided there; `two` holds the parts."""

    def __init__(self, one: Engine, two: Engine, plan: Plan) -> None:
        self.one, self.two, self.company = one, two, Company()
        for engine in (one, two):
            with writing(engine) as session:
                plans.apply_plan(session, plan, day(-90), author="Ada")
        self.save(tuple(self.company.items), ("east", "west"))

    def save(self, keys: tuple[str, ...], seen_by: tuple[str, ...]) -> None:
        for engine, connection in ((self.one, "one"), *((self.two, each) for each in seen_by)):
            told = self.company.told(connection, keys)
            with writing(engine) as session:
                save_fetched(session, connection, told, told.at)
        tick(self.two, self.now, Retention())
        decide_due(self.two, self.now)

    @property
    def now(self) -> datetime:
        return day(self.company.now + 0.01)

    def edit(self, key: str, change: Mapping[str, Any], days: float) -> None:
        if key in EPICS:
            change = {name: value for name, value in change.items() if name in ("tags", "labels", "impact")}
        self.save((key,), self.company.edit(key, change, days))

    def compare(self) -> None:
        """Figures by figures, findings by findings."""
        with reading(self.one) as session:
            reckoning = Reckoning(backlog_at(session, "one", self.now))
            expected = _figures(rollup_answers(reckoning, Versions((), (), 0), ABOVE_BOARDS))
            findings = find_all(Survey(reckoning), OF_THE_COMPANY)
        with reading(self.two) as session:
            found = _figures(reads.answers(session, OF_ALL, "rollup"))
            seen = reads.open_findings(session, OF_ALL)
        assert found == expected
        assert {(one.kind, one.subject): _in_one_place(one.evidence) for one in seen} == {
            (one.kind, one.subject): _in_one_place(plain_data(one.evidence)) for one in findings
        }


def _figures(found: Any) -> dict[tuple[str, str], Any]:
    return {(one.subject, one.measure): _in_one_place(one.document) for one in found if one.document["by"] != "board"}


def _in_one_place(document: Any) -> Any:
    """With the names that the one site gives, lists of them in their order."""
    names = {qualified("west", theirs): ours for ours, theirs in WEST.items()}
    if isinstance(document, Mapping):
        return {name: _in_one_place(value) for name, value in document.items() if name != "moment"}
    if isinstance(document, list | tuple):
        return sorted((_in_one_place(each) for each in document), key=str)
    if isinstance(document, str):
        return names.get(document, parted(document)[1] if document.startswith("east/") else document)
    return document


def _changes(side: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {},
        optional={
            "points": st.sampled_from([None, 1, 3, 8]),
            "tags": st.sampled_from([(), ("KR-1",), ("KR-1:70, KR-2",), ("none",), ("KR-9",), ("same",)]),
            "sprints": st.sampled_from(SPRINTS_OF[side]),
            "status": st.sampled_from(list(Status)),
            "labels": st.sampled_from([(), ("support",)]),
            "board": st.sampled_from(BOARDS_OF[side]),
            "team": st.sampled_from([None, "Pay", "Shop"]),
            "time_spent": st.sampled_from([0, 3600, 5400]),
            "impact": st.sampled_from([{}, {"KR-1": 2}]),
        },
    )


def _edits_of(keys: tuple[str, ...], side: str) -> st.SearchStrategy[tuple[str, dict[str, Any], float]]:
    return st.tuples(st.sampled_from(keys), _changes(side), st.sampled_from([0.01, 0.02, 0.3, 1.3]))


EDITS = st.lists(
    st.one_of(_edits_of((*EAST_ITEMS, "E1", "E2"), "east"), _edits_of(WEST_ITEMS, "west")), min_size=1, max_size=6
)


@settings(max_examples=12, phases=(Phase.explicit, Phase.reuse, Phase.generate), deadline=None)
@given(st.sampled_from(CHOICES), EDITS)
def test_boards_on_two_sites_give_the_figures_that_they_give_on_one(
    choice: Settings, edits: list[tuple[str, dict[str, Any], float]]
) -> None:
    with fresh_store("sqlite://") as one, fresh_store("sqlite://") as two:
        stores = Stores(one, two, replace(PLAN, settings=choice))
        stores.compare()
        for key, change, days in edits:
            stores.edit(key, change, days)
            stores.compare()
