"""What is told of all connections together is what one connection with the same work would tell."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from integration import answers
from integration.answer_documents import ABOVE_BOARDS, Versions, rollup_answers
from integration.answers import decide_due
from integration.clock import tick
from integration.contract import Fetched, TrackedItem
from integration.past import past_store
from integration.store import check_ins, connections, due, kr_reads, plans, reads, removal
from integration.store.backlog import backlog_at
from integration.store.check_ins import CheckIn
from integration.store.due import OF_ALL
from integration.store.engine import reading, writing
from integration.store.opened import Store
from integration.store.tables import ConnectionRow
from integration.store.together import parted, qualified
from integration.store.writes import save_fetched
from mappings.document import plain_data
from mappings.findings import OF_THE_COMPANY, find_all
from mappings.model import (
    Board,
    Cycle,
    Goal,
    ItemState,
    KeyResult,
    Measure,
    MeasuredValue,
    Objective,
    Periods,
    Plan,
    Settings,
    Sprint,
    SprintState,
    Status,
    Team,
)
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
SMALL = Plan(
    teams=(Team("Pay"),),
    cycles=(Cycle("Q1", date(2026, 1, 1), date(2026, 3, 31)),),
    objectives=(Objective("O1", "Shops are paid in a day", "Pay", "Q1"),),
    key_results=(
        KeyResult(
            "KR-1", "O1", "Shops paid in a day", baseline=1, target=9,
            values=(MeasuredValue(day(-50), 3), MeasuredValue(day(0), 3)),
        ),
        KeyResult("KR-2", "O1", "Shops that come back"),
        KeyResult("KR-3", "O1", "Shops that recommend us"),
    ),
)  # fmt: skip


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
        tick(self.two, self.now)
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


@settings(max_examples=8, phases=(Phase.explicit, Phase.reuse, Phase.generate), deadline=None)
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


def _dice(seed: int, count: int) -> list[tuple[str, dict[str, Any], float]]:
    """Edits at random, the same each time."""
    dice = random.Random(seed)
    found: list[tuple[str, dict[str, Any], float]] = []
    for _ in range(count):
        key = dice.choice((*EAST_ITEMS, *WEST_ITEMS, *EPICS))
        side = "west" if key in WEST_ITEMS else "east"
        changes: list[dict[str, Any]] = [
            {"tags": ("KR-1:70, KR-2",), "points": 3},
            {"tags": ("KR-9",), "status": Status.TODO},
            {"status": Status.DONE, "sprints": dice.choice(SPRINTS_OF[side]), "points": None},
            {"status": Status.DONE, "board": dice.choice(BOARDS_OF[side]), "sprints": ()},
            {"team": "Shop", "impact": {"KR-1": 2}},
        ]
        found.append((key, dice.choice(changes), dice.choice((0.01, 0.3, 1.3))))
    return found


@pytest.fixture
def two(database_url: str) -> Iterator[Engine]:
    with fresh_store(database_url) as engine:
        yield engine


def test_both_databases_tell_the_same(two: Engine) -> None:
    with fresh_store("sqlite://") as one:
        stores = Stores(one, two, PLAN)
        for edit in _dice(3, 8):
            stores.edit(*edit)
            stores.compare()


def test_a_past_day_is_told_of_all_connections_together(tmp_path: Path) -> None:
    with fresh_store("sqlite://") as one, fresh_store("sqlite://") as two:
        stores = Stores(one, two, PLAN)
        for edit in _dice(4, 4):
            stores.edit(*edit)
        _name(two, "east", "west")
        moment = day(-0.3)
        with reading(one) as session:
            reckoning = Reckoning(backlog_at(session, "one", stores.now), moment)
            expected = _figures(rollup_answers(reckoning, Versions((), (), 0), ABOVE_BOARDS))
            findings = {(one.kind, one.subject) for one in find_all(Survey(reckoning), OF_THE_COMPANY)}
        past = past_store(Store(two), moment, stores.now, str(tmp_path / "past.sqlite")).engine
        with reading(past) as session:
            assert _figures(reads.answers(session, OF_ALL, "rollup")) == expected
            assert {(one.kind, one.subject) for one in reads.open_findings(session, OF_ALL)} == findings
        past.dispose()


def _name(engine: Engine, *connections: str) -> None:
    with writing(engine) as session:
        for name in connections:
            site = f"https://{name}.example"
            row = ConnectionRow(
                id=name, tracker="jira", base_url=site, callback_url="", mapping={}, created_at=day(-90)
            )
            session.add(row)


# --- figures by hand


def small(engine: Engine) -> None:
    """Three sprints on each of two sites, of one team; the east does 5 + 5 points for KR-1 in each, the west 80 for
    KR-2 and 20 for nothing. All is called the same on both."""
    with writing(engine) as session:
        plans.apply_plan(session, SMALL, day(-90), author="Ada")
    for connection, later, work in (("east", 0, ((5, "KR-1"), (5, "KR-1"))), ("west", 1, ((80, "KR-2"), (20, None)))):
        sprints, items = [], []
        for number in (1, 2, 3):
            start, end = -40 + 10 * number + later, -32 + 10 * number + later
            sprints.append(
                Sprint(f"S{number}", "B", f"Pay {number}", SprintState.CLOSED, (), day(start), day(end), day(end))
            )
            for place, (points, tag) in enumerate(work):
                tags = (tag,) if tag else ()
                first = state(start - 1, points=points, tags=tags, sprints=(f"S{number}",))
                done = first._replace(at=day(start + 2), status=Status.DONE)
                items.append(tracked(f"PAY-{number}{place}", first, done, created=day(-60)))
        told = Fetched(at=day(1), items=tuple(items), sprints=tuple(sprints), boards=(Board("B", "Pay", team="Pay"),))
        with writing(engine) as session:
            save_fetched(session, connection, told, told.at)
    decide_due(engine, day(1))


def _shares(engine: Engine, measure: str) -> dict[str, tuple[str, int]]:
    with reading(engine) as session:
        found = reads.answers(session, OF_ALL, "rollup", ("company/company/Q1/completed",))
    [told] = [one for one in found if one.measure == measure]
    parts = {part["key_result"]: part for part in told.document["shares"]} | {"": told.document["unaligned"]}
    return {name: (part["amount"], part["percent"]) for name, part in parts.items()}


def _found(engine: Engine, kind: str) -> dict[str, Mapping[str, Any]]:
    with reading(engine) as session:
        return {one.subject: one.evidence for one in reads.open_findings(session, kind=kind)}


def test_two_sites_are_one_company(two: Engine) -> None:
    small(two)
    assert _shares(two, "count") == {"KR-1": ("6", 50), "KR-2": ("3", 25), "": ("3", 25)}
    # Each board weighs its 6 items: 30 points of KR-1 are 6, 240 and 60 of 300 points are 4.8 and 1.2.
    assert _shares(two, "points_normalised") == {"KR-1": ("6", 50), "KR-2": ("24/5", 40), "": ("6/5", 10)}


def test_a_key_result_that_one_site_feeds_is_not_starved(two: Engine) -> None:
    small(two)
    starved = _found(two, "starved_kr")
    assert starved.keys() == {"KR-3"}
    assert starved["KR-3"]["sprints"] == ["west/S3", "east/S3", "west/S2"]
    # Of these three the west has 4 items and the east 2, all of them for KR-1.
    stuck = _found(two, "effort_without_movement")
    assert {code: round(each["share"], 6) for code, each in stuck.items()} == {"KR-1": 0.333333}


def test_a_finding_about_the_register_is_one_on_many_connections(two: Engine) -> None:
    small(two)
    with reading(two) as session:
        found = reads.open_findings(session, kind="no_baseline")
    assert [(one.connection, one.subject) for one in found] == [(OF_ALL, "KR-2"), (OF_ALL, "KR-3")]


def test_a_check_in_decides_findings_about_its_key_result_and_no_more(
    two: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(two)
    with writing(two) as session:
        check_ins.keep_check_ins(session, [CheckIn("KR-1", day(1), 9, None, "", "Ada", day(1))], day(2))
    monkeypatch.setattr(answers, "_decide_standing", _refuse)
    monkeypatch.setattr(answers, "_decide_figures", _refuse)
    assert answers.decide_standing(two, day(2), answers.Pace())
    assert _found(two, "effort_without_movement") == {}
    with reading(two) as session:
        assert due.waiting(session) == ()


def _refuse(*_of: Any) -> Any:
    raise AssertionError("nothing of a connection is touched")


def test_without_any_connection_the_register_speaks(two: Engine) -> None:
    with writing(two) as session:
        plans.apply_plan(session, SMALL, day(-90), author="Ada")
    decide_due(two, day(1))
    assert _found(two, "no_baseline").keys() == {"KR-2", "KR-3"}
    with reading(two) as session:
        readings = kr_reads.readings(session, plans.plan_in_force(session, day(1)), day(1))
    assert [(one.code, one.live, epics) for one, epics in readings] == [
        ("KR-1", True, ()), ("KR-2", True, ()), ("KR-3", True, ())
    ]  # fmt: skip


def test_a_site_that_is_forgotten_leaves_the_others_as_they_are(two: Engine) -> None:
    small(two)
    removal.remove_connection(two, "west", day(1), actor="Ada", reason="moved")
    decide_due(two, day(1))
    assert _shares(two, "count") == {"KR-1": ("6", 100), "": ("0", 0)}
    assert _found(two, "starved_kr")["KR-3"]["sprints"] == ["S3", "S2", "S1"]


def test_what_is_of_all_waits_for_a_connection_that_must_be_decided_as_a_whole(two: Engine) -> None:
    small(two)
    with writing(two) as session:
        due.note_everything(session, ["east"], day(2))
    pace = answers.Pace(lambda: 0.0)
    pace.took("east", 5)
    assert not answers.decide_standing(two, day(2), pace)
    assert answers.decide_standing(two, day(2), answers.Pace())


def test_a_connection_that_is_being_read_for_the_first_time_is_none_yet(two: Engine) -> None:
    small(two)
    with writing(two) as session:
        connections.start_backfill(session, "north", day(1))
        told = Fetched(at=day(1), items=(tracked("PAY-1"),), boards=(Board("B", "Pay", team="Pay"),))
        save_fetched(session, "north", told, told.at)
    decide_due(two, day(1))
    assert _shares(two, "count")["KR-1"] == ("6", 50)


def test_a_connection_with_a_plan_of_its_own_stands_alone(two: Engine) -> None:
    small(two)
    own = replace(SMALL, key_results=(replace(SMALL.key_results[0], code="KR-X"),))
    with writing(two) as session:
        plans.apply_plan(session, own, day(1), author="Ada", connection="west")
    decide_due(two, day(1))
    assert _shares(two, "count") == {"KR-1": ("6", 100), "": ("0", 0)}
    with reading(two) as session:
        alone = reads.answers(session, "west", "rollup")
        assert "company/company/Q1/completed" in {one.subject for one in alone}
        assert {one.subject for one in reads.open_findings(session, "west", "starved_kr")} == {"KR-X"}


def test_epics_of_a_key_result_are_named_with_their_connection(two: Engine) -> None:
    with writing(two) as session:
        plans.apply_plan(session, SMALL, day(-90), author="Ada")
    for connection, impact in (("east", {"KR-1": 2}), ("west", {})):
        epics = (tracked("PAY-1", state(-5, tags=("KR-1",), impact=impact), level=1), tracked("PAY-2", level=1))
        with writing(two) as session:
            save_fetched(session, connection, Fetched(at=day(1), items=epics), day(1))
    decide_due(two, day(1))
    with reading(two) as session:
        first, *_ = kr_reads.readings(session, plans.plan_in_force(session, day(1)), day(1))
        served = kr_reads.serving_epics(session, kr_reads.linked_epics(session, "KR-1")["KR-1"])
    assert (first[0].planned, first[0].planned_epics, first[1]) == (2, ("east/PAY-1",), ("east/PAY-1", "west/PAY-1"))
    assert [(one.connection, one.key, one.impact) for one in served] == [("east", "PAY-1", 2), ("west", "PAY-1", None)]
