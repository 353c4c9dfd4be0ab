"""Time alone changes answers."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Engine

from integration import clock
from integration.answers import decide_due
from integration.store import due, findings, plans, reads
from integration.store.engine import reading, writing
from integration.store.writes import save_fetched
from mappings.model import Condition, Cycle, KeyResult, MappingRule, Objective, Plan
from tests.integration.store.material import day, fetched, fresh_store, sprint, state, tracked

RULE = MappingRule(Condition("label", "support"), reason="not planned", until=date(2026, 3, 5))
PLAN = Plan(
    rules=(RULE,),
    cycles=(Cycle("2026Q1", date(2026, 1, 1), date(2026, 3, 31)),),
    objectives=(Objective("O1", "Live in a day", "Payments", "2026Q1"),),
    key_results=(KeyResult("KR-1", "O1", "Raise activation"),),
)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    with fresh_store(database_url) as engine:
        with writing(engine) as session:
            plans.apply_plan(session, PLAN, day(-30), author="Ada")
            items = [tracked("PAY-1", state(0, sprints=("S1",), points=1, labels=("support",)))]
            epic = tracked("PAY-9", type="epic", level=1)
            answer = fetched(1, [*items, epic], [sprint()])
            save_fetched(session, "site", answer, day(1))
        decide_due(engine, day(1))
        yield engine


def exempt(engine: Engine) -> int:
    with reading(engine) as session:
        found = reads.sprint_answer(session, "site", "S1", "points")
    assert found is not None
    return int(found.answer.document["scopes"]["final"]["exempt"]["percent"])


def test_the_end_of_a_rule_moves_the_running_sprint_without_any_delivery(engine: Engine) -> None:
    assert exempt(engine) == 100
    clock.tick(engine, day(4))
    decide_due(engine, day(4))
    assert exempt(engine) == 0


def test_nothing_is_due_before_an_answer_runs_out_and_each_is_told_once(engine: Engine) -> None:
    clock.tick(engine, day(1.1))
    with reading(engine) as session:
        assert due.waiting(session) == ()
    clock.tick(engine, day(2))
    decide_due(engine, day(2))
    clock.tick(engine, day(2.1))
    with reading(engine) as session:
        assert due.waiting(session) == ()


def test_a_mute_that_runs_out_makes_its_finding_open_again(engine: Engine) -> None:
    with writing(engine) as session:
        [orphan] = reads.open_findings(session, "site", "orphan_epic")
        findings.mute(session, orphan.id, day(1.2), actor="Ada", reason="later", until=day(1.3))
    clock.tick(engine, day(1.4))
    decide_due(engine, day(1.4))
    with reading(engine) as session:
        assert [one.id for one in reads.open_findings(session, "site", "orphan_epic")] == [orphan.id]
