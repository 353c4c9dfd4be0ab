"""What goes into a row comes back equal, through both databases."""

from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from integration.store import plans
from integration.store.backlog import backlog_at
from integration.store.engine import reading, writing
from integration.store.plan_documents import plan_document, plan_of
from integration.store.rows import STATE_COLUMNS
from integration.store.tables import ItemRow, ItemStateRow, SprintRow
from integration.store.writes import save_fetched
from mappings.model import (
    AllOf,
    AnyOf,
    Board,
    Condition,
    Cycle,
    Inherit,
    Item,
    ItemState,
    KeyResult,
    MappingRule,
    Measure,
    MeasuredValue,
    Not,
    Objective,
    Periods,
    Plan,
    Settings,
    Split,
    Sprint,
    Status,
    Team,
    Wording,
)
from tests.integration.store.material import day, fetched, fresh_store, sprint, state, tracked

FULL_STATE = ItemState(
    at=day(1.123456),
    status=Status.DROPPED,
    points=Fraction(1, 3),
    tags=("KR-1:70, KR-2", "Zürich\n€"),
    sprints=("S1", "S2"),
    parent="PAY-1",
    labels=("support",),
    components=("api", "web"),
    original_estimate=3600,
    time_spent=Fraction(7, 2),
    fields={"Theme": "fast", "Areas": ("a", "b"), "Empty": None},
    team="Payments",
    board="B1",
    impact={"KR-1": Fraction(5, 2)},
)

FULL_PLAN = Plan(
    settings=Settings(
        measure=Measure.COUNT,
        unestimated=(("bug", 3), ("story", Fraction(1, 2)), ("*", "zero")),
        inherit=Inherit.MERGE,
        none_values=("none",),
        not_work=("risk",),
        count_subtasks=True,
        commit_grace=Fraction(15, 2),
        time_zone="Europe/Zurich",
        thresholds={"starved_kr": 5},
        wording=Wording(check=False),
    ),
    rules=(
        MappingRule(
            AllOf(
                (
                    Condition("label", "support"),
                    AnyOf((Condition("field", "x", "Theme"), Not(Condition("type", "bug")))),
                )
            ),
            ("KR-1:70",),
            "because",
            date(2026, 1, 1),
            date(2026, 2, 1),
            "Ada",
        ),
        MappingRule(Condition("ancestor", "PAY-44"), reason="by hand"),
    ),
    teams=(
        Team("Payments", "Company", Split(70, 20, 10), {"off_balance": 15}, Wording(True, "accept")),
        Team("Company"),
    ),
    cycles=(Cycle("2026Q1", date(2026, 1, 1), date(2026, 3, 31)),),
    objectives=(Objective("O1", "Shops are live in a day", "Payments", "2026Q1", "primary"),),
    key_results=(
        KeyResult(
            code="KR-1",
            objective="O1",
            title="Raise activation",
            aliases=("activation",),
            metric="activation rate",
            unit="%",
            direction="up",
            baseline=Fraction(101, 2),
            target=70,
            confidence=Fraction(1, 2),
            owner="Payments",
            supports=("KR-0",),
            cadence_days=7,
            since=date(2026, 1, 5),
            until=date(2026, 3, 1),
            values=(MeasuredValue(day(3), Fraction(1, 3)),),
        ),
        KeyResult("KR-2", "O1", "Do it"),
    ),
)


def test_an_item_with_all_its_history_comes_back_equal(engine: Engine) -> None:
    one = tracked(
        "PAY-2",
        state(-5),
        FULL_STATE,
        history_known=False,
        url="https://jira.example/browse/PAY-2",
        tag_field="Key Result",
        aliases=("OLD-2",),
        deleted=day(30),
    )
    parent = tracked("PAY-1", type="epic", level=1)
    with writing(engine) as session:
        save_fetched(session, "site", fetched(20, [one, parent], [sprint("S1"), sprint("S2")]), day(20))
    with reading(engine) as session:
        backlog = backlog_at(session, "site", day(21))
    assert backlog.items == (one.item, parent.item)


def test_boards_sprints_and_hidden_parents_come_back_equal(engine: Engine) -> None:
    board = Board("B2", "Kanban", "Ops", Periods.TWO_WEEKS, frozenset({"PAY-9"}))
    closed = sprint("S1", "closed", "Shops go live", completed=day(10), team="Ops", url="https://jira.example/s/1")
    told = fetched(20, [], [closed], hidden_parents=frozenset({"SECRET-1"}))
    with writing(engine) as session:
        save_fetched(session, "site", told, day(20))
        save_fetched(session, "site", type(told)(at=day(20), boards=(board,)), day(20))
    with reading(engine) as session:
        backlog = backlog_at(session, "site", day(21))
    assert backlog.sprints == (closed,)
    assert backlog.boards[1] == board
    assert backlog.hidden_parents == {"SECRET-1"}


def test_a_plan_comes_back_equal_and_the_first_holds_from_always(engine: Engine) -> None:
    with writing(engine) as session:
        plans.apply_plan(session, FULL_PLAN, day(0), author="Ada")
        plans.apply_plan(session, Plan(), day(5), author="Ada", reason="start anew")
    with reading(engine) as session:
        first, second = plans.versions(session)
        in_force = plans.plan_in_force(session, day(4))
    assert first == FULL_PLAN == in_force
    assert second == Plan(since=day(5))


def test_a_plan_that_holds_already_is_no_new_version(engine: Engine) -> None:
    with writing(engine) as session:
        plans.apply_plan(session, FULL_PLAN, day(0), author="Ada")
        assert plans.apply_plan(session, FULL_PLAN, day(1), author="Ada") is None
        assert len(plans.versions(session)) == 1


def test_a_plan_document_is_lossless() -> None:
    assert plan_of(plan_document(FULL_PLAN)) == FULL_PLAN


def test_tables_and_values_have_the_same_field_names() -> None:
    ours = {"id", "connection", "tracker_id", "updated", "fetched_at", "states_digest", "notes", "version"}
    assert set(ItemRow.model_fields) - ours == set(Item.__dataclass_fields__) - {"states"}
    assert set(ItemStateRow.model_fields) - {"item_id", "position"} == set(ItemState._fields)
    told = {"goals", "goal_known"}  # goals have rows of their own, and a tracker always tells whether there is one
    assert set(SprintRow.model_fields) - {"connection", "gone_at"} == set(Sprint.__dataclass_fields__) - told
    assert set(STATE_COLUMNS) == set(ItemStateRow.model_fields)


@given(st.text(max_size=40))
def test_any_text_that_people_type_can_be_stored(title: str) -> None:
    with fresh_store("sqlite://") as engine:
        one = tracked("PAY-1", state(0, tags=(title,)), title=title)
        with writing(engine) as session:
            save_fetched(session, "site", fetched(1, [one]), day(1))
            [item] = backlog_at(session, "site", day(1)).items
    assert item.title == title.replace("\0", "\ufffd")
