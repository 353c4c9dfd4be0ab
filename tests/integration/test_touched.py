"""A change is followed to all that it touches, and to nothing else: what is kept equals what everything gives."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from integration import answers
from integration.answer_documents import Versions
from integration.answers import decide_due
from integration.clock import tick
from integration.contract import Fetched, TrackedItem
from integration.store import connections, due, plans, reads
from integration.store.backlog import backlog_at
from integration.store.due import OF_ALL, Part
from integration.store.engine import reading, writing
from integration.store.reads import EPICS
from integration.store.writes import save_fetched
from integration.touched import decide_touched
from mappings.document import plain_data
from mappings.findings import find_all
from mappings.model import (
    Board,
    Condition,
    Cycle,
    Goal,
    Inherit,
    ItemState,
    KeyResult,
    MappingRule,
    Measure,
    Objective,
    Periods,
    Plan,
    Settings,
    Split,
    Sprint,
    SprintState,
    Status,
    Team,
)
from mappings.reckoning import Reckoning
from mappings.survey import Survey
from tests.integration.store.material import day, fresh_store, state, tracked

BOARDS = (Board("B1", "Payments", team="Pay"), Board("B2", "Shops"), Board("K", "Support", "Help", Periods.WEEK))
TEAMS = (Team("All"), Team("Pay", "All", Split(70, 20, 10)), Team("Shop", "All"), Team("Help"))
PLAN = Plan(
    settings=Settings(),
    rules=(MappingRule(Condition("label", "support"), reason="not planned", until=date(2026, 3, 20)),),
    teams=TEAMS,
    cycles=(
        Cycle("Q4", date(2025, 10, 1), date(2026, 2, 28)),
        Cycle("Q1", date(2026, 3, 1), date(2026, 5, 31)),
    ),
    objectives=(
        Objective("O0", "Before", "Pay", "Q4", "primary"),
        Objective("O1", "New shops are live in a day", "Pay", "Q1", "primary"),
        Objective("O2", "Shops come back", "Shop", "Q1", "exploration"),
    ),
    key_results=(
        KeyResult("KR-0", "O0", "Lower the time to a payment"),
        KeyResult("KR-1", "O1", "Raise activation", baseline=1, target=9),
        KeyResult("KR-2", "O1", "Lower time to payment", aliases=("same",)),
        KeyResult("KR-3", "O2", "Raise the share of shops that come back", aliases=("same",)),
    ),
)
CHOICES = (
    Settings(unestimated=(("*", "zero"),)),
    Settings(),
    Settings(measure=Measure.COUNT, inherit=Inherit.MERGE),
    Settings(measure=Measure.TIME_SPENT, unestimated=(("bug", 2), ("*", "zero"))),
    Settings(count_subtasks=True, unestimated=(("*", 1),), thresholds={"starved_kr": 50, "untagged_backlog": 0}),
    Settings(thresholds={"untagged_backlog": 0, "scattered_sprint": 1, "late_tagging": 5, "undeclared_epic": 10}),
)


def _sprints(now: float) -> tuple[Sprint, ...]:
    """Four sprints on a board of several teams, two on one that names none; they start and close as time goes on."""
    one = (("S1", "B1", -40, -26), ("S2", "B1", -26, -12), ("S3", "B1", -12, 0), ("S4", "B1", 0, 12))
    spans = (*one, ("T1", "B2", -10, 2), ("T2", "B2", 2, 14))
    teams = {"S3": "Shop", "S4": None}
    found = []
    for name, board, start, end in spans:
        told = SprintState.CLOSED if now > end else SprintState.ACTIVE if now > start else SprintState.FUTURE
        completed = day(end + 0.2) if told is SprintState.CLOSED else None
        goal = (Goal(None, "More shops are live (KR-1)" if name != "T1" else None),)
        begun = day(start)
        about = (name, board, f"Sprint {name}", told, goal, begun, day(end), completed, teams.get(name))
        found.append(Sprint(*about))
    return tuple(found)


LEVELS = {"I": 2, "E1": 1, "E2": 1, "E3": 1, "A1": -1, "B1x": -1}
STORIES = ("A", "B", "C", "D", "F")
PARENTS: Mapping[str, tuple[str | None, ...]] = {
    "I": (None, "SEEN-NOT"),
    "E1": (None, "I"),
    "E2": (None, "I", "SEEN-NOT"),
    "E3": (None,),
    "A1": (None, "A", "B"),
    "B1x": ("B", "A"),
}
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "points": st.sampled_from([None, 1, 3, Fraction(1, 2)]),
        "tags": st.sampled_from([(), ("KR-1",), ("KR-1:70, KR-2",), ("none",), ("KR-9",), ("same",), ("KR-0:150",)]),
        "sprints": st.sampled_from([(), ("S2",), ("S3",), ("S4",), ("T1",), ("T2",), ("S3", "T1")]),
        "status": st.sampled_from(list(Status)),
        "parent": st.sampled_from([None, "E1", "E2", "I", "SEEN-NOT", "A", "B", "OLD-A"]),
        "labels": st.sampled_from([(), ("support",)]),
        "board": st.sampled_from([None, "B1", "B2", "K"]),
        "team": st.sampled_from([None, "Pay", "Shop"]),
        "time_spent": st.sampled_from([0, 3600, 5400]),
        "impact": st.sampled_from([{}, {"KR-1": 2}]),
    },
)
ACTS = st.sampled_from(["change"] * 6 + ["rewrite", "delete", "rename", "unsure"])
EDITS = st.lists(
    st.tuples(st.sampled_from([*STORIES, *LEVELS]), ACTS, CHANGES, st.sampled_from([0.01, 0.01, 0.02, 0.3, 1.3])),
    min_size=1,
    max_size=10,
)


class Site:
    """A tracker's site of a few items: each edit is a later look at it."""

    def __init__(self) -> None:
        names = (*LEVELS, *STORIES)
        self.items = {name: tracked(name, self._first(name), level=LEVELS.get(name, 0)) for name in names}
        for number, name in enumerate(STORIES):
            done = state(-20 + 4 * number, status=Status.DONE, points=2, sprints=("S2",), parent="E1")
            self.items[name] = self._with(name, (state(-35), done) if number < 3 else (state(-35),))
        self.now = -0.7

    def _first(self, name: str) -> ItemState:
        return state(-35, parent={"E1": "I", "A1": "A", "B1x": "B"}.get(name))

    def _with(self, name: str, states: tuple[ItemState, ...]) -> TrackedItem:
        old = self.items[name]
        return replace(old, item=replace(old.item, states=states), updated=states[-1].at)

    def edit(self, name: str, act: str, change: Mapping[str, Any], days: float) -> None:
        self.now += days
        old = self.items[name]
        states = old.item.states
        if change.get("parent", None) not in PARENTS.get(name, (None, "E1", "E2", "SEEN-NOT", "OLD-A")):
            change = {**change, "parent": states[-1].parent}
        if act == "rename":
            item = replace(old.item, key=f"{old.item.key}+", aliases=(*old.item.aliases, old.item.key))
            self.items[name] = replace(old, item=item, updated=day(self.now))
        elif act == "unsure":
            self.items[name] = replace(old, item=replace(old.item, history_known=False), updated=day(self.now))
        elif act == "rewrite":
            states = (states[0]._replace(**change), *states[1:])
            self.items[name] = replace(self._with(name, states), updated=day(self.now))
        elif act == "change":
            self.items[name] = self._with(name, (*states, states[-1]._replace(at=day(self.now), **change)))

    def told(self, name: str | None, act: str) -> Fetched:
        gone = (self.items[name].id,) if act == "delete" and name is not None else ()
        items = tuple(self.items.values()) if name is None else () if gone else (self.items[name],)
        return Fetched(at=day(self.now + 0.01), items=items, gone=gone, sprints=_sprints(self.now), boards=BOARDS)


def _save(engine: Engine, told: Fetched) -> None:
    with writing(engine) as session:
        save_fetched(session, "site", told, told.at)
    tick(engine, told.at)
    decide_due(engine, told.at)


def _follow(engine: Engine, plan: Plan, edits: list[tuple[str, str, dict[str, Any], float]]) -> None:
    site = Site()
    with writing(engine) as session:
        plans.apply_plan(session, plan, day(-90), author="Ada")
    _save(engine, site.told(None, "first"))
    for name, act, change, days in edits:
        site.edit(name, act, change, days)
        told = site.told(name, act)
        _save(engine, told)
        _compare(engine, told.at)


@settings(max_examples=40, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.sampled_from(CHOICES), EDITS)
def test_what_a_change_touches_is_all_that_differs(
    choice: Settings, edits: list[tuple[str, str, dict[str, Any], float]]
) -> None:
    with fresh_store("sqlite://") as engine:
        _follow(engine, replace(PLAN, settings=choice), edits)


def test_a_story_whose_sub_task_never_was_below_it_counts_itself_again() -> None:
    edits: list[tuple[str, str, dict[str, Any], float]] = [
        ("A", "change", {}, 0.3),
        ("B1x", "rewrite", {"parent": "A"}, 0.01),
    ]
    with fresh_store("sqlite://") as engine:
        _follow(engine, replace(PLAN, settings=CHOICES[4]), edits)


KINDS = ("outside", "period", "rollup", "links", EPICS, "work", "done", "census")


def _compare(engine: Engine, now: datetime) -> None:
    with reading(engine) as session:
        reckoning = Reckoning(backlog_at(session, "site", now))
        survey = Survey(reckoning)
        versions = Versions(((1, None),), (), 1)
        fresh = answers.whole_answers(reckoning, survey, versions, is_alone=True)
        kept = {
            (kind, answer.subject, answer.measure): answer.document
            for kind in KINDS
            for connection in ("site", OF_ALL)
            for answer in reads.answers(session, connection, kind)
        }
        seen = {(one.kind, one.subject): _ageless(one.evidence) for one in reads.open_findings(session)}
    expected = {(one.kind, one.subject, one.measure): one.document for one in fresh}
    assert {name: each for name, each in expected.items() if kept.get(name) != each} == {}
    assert kept.keys() == expected.keys()
    found = {(one.kind, one.subject): _ageless(plain_data(one.evidence)) for one in find_all(survey)}
    assert found == seen


def _ageless(evidence: Any) -> dict[str, Any]:
    """An epic becomes a day older at the time of day at which it was made; where nothing else changes, findings are
    looked at once a day."""
    return {name: value for name, value in evidence.items() if name != "age_days"}


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    with fresh_store(database_url) as engine:
        yield engine


def _dice(seed: int, count: int) -> list[tuple[str, str, dict[str, Any], float]]:
    """Edits at random, the same each time."""
    dice = random.Random(seed)
    texts: list[dict[str, Any]] = [
        {"tags": ("KR-1",)},
        {"tags": ("KR-1:70, KR-2",), "points": 3},
        {"tags": ("KR-9",), "sprints": ("S3", "T1")},
        {"sprints": ("T1",), "points": 5, "team": "Shop"},
        {"status": Status.DONE, "board": "K"},
        {"status": Status.DONE, "sprints": ("S3",), "points": 1},
        {"parent": "E2", "status": Status.DOING},
        {"parent": "SEEN-NOT", "board": "B2"},
        {"time_spent": 3600, "impact": {"KR-1": 2}},
    ]
    acts = ("change", "change", "change", "rewrite", "delete", "rename", "unsure")
    names = (*STORIES, *LEVELS)
    return [
        (dice.choice(names), dice.choice(acts), dice.choice(texts), dice.choice((0.01, 0.01, 0.02, 0.3)))
        for _ in range(count)
    ]


@pytest.mark.parametrize("choice", [CHOICES[1], CHOICES[3], CHOICES[5]])
def test_both_databases_follow_the_same_changes(engine: Engine, choice: Settings) -> None:
    _follow(engine, replace(PLAN, settings=choice), _dice(5, 12))


def test_an_edited_item_is_followed_without_a_look_at_all_others(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    _follow(engine, PLAN, [])
    monkeypatch.setattr(answers, "_decide_everything", _refuse)
    site = Site()
    site.edit("D", "change", {"sprints": ("S3",), "points": 2, "tags": ("KR-2",)}, 0.01)
    _save(engine, site.told("D", "change"))
    with reading(engine) as session:
        [links] = reads.answers(session, "site", "links", ("D",))
    assert links.document["links"][0]["key_result"] == "KR-2"


def test_a_new_plan_reaches_everything(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    _follow(engine, PLAN, [])
    monkeypatch.setattr(answers, "decide_touched", _refuse)
    with writing(engine) as session:
        due.note_everything(session, ["site"], day(-0.5))
    assert decide_due(engine, day(-0.5))


def test_many_items_at_once_and_a_backlog_that_is_being_read_are_decided_as_a_whole(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site()
    monkeypatch.setattr(due, "MANY", 3)
    _save(engine, site.told(None, "first"))
    assert not _is_whole(engine, site)
    with writing(engine) as session:
        connections.start_backfill(session, "site", day(-0.6))
    assert _is_whole(engine, site)


def _is_whole(engine: Engine, site: Site) -> bool:
    site.edit("A", "change", {"points": 1}, 0.01)
    with writing(engine) as session:
        told = site.told("A", "change")
        save_fetched(session, "site", told, told.at)
        [work] = due.waiting(session, "site")
    return work.everything_since is not None


def test_what_was_touched_meanwhile_stays_due(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    _follow(engine, PLAN, [])
    followed = decide_touched

    def meanwhile(*of: Any) -> Any:
        found = followed(*of)
        with writing(engine) as session:
            due.note_decided(session, "site", Part.STANDING)
        return found

    site = Site()
    site.edit("D", "change", {"points": 2}, 0.01)
    told = site.told("D", "change")
    with writing(engine) as session:
        save_fetched(session, "site", told, told.at)
    monkeypatch.setattr(answers, "decide_touched", meanwhile)
    assert not answers.decide_standing(engine, told.at, answers.Pace())
    monkeypatch.undo()
    assert answers.decide_standing(engine, told.at, answers.Pace())
    assert not answers.decide_standing(engine, told.at, answers.Pace())
    _compare(engine, told.at)


def _refuse(*_of: object) -> None:
    raise AssertionError("this is not called")
