"""Time alone changes answers, and ends what is kept."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, func, select

from integration import clock
from integration.answers import decide_due
from integration.clock import Retention
from integration.store import due, findings, plans, reads
from integration.store.engine import reading, writing
from integration.store.tables import RawAnswerRow
from integration.store.writes import save_fetched
from mappings.model import Condition, Cycle, KeyResult, MappingRule, Objective, Plan
from tests.integration.store.material import day, fetched, fresh_store, sprint, state, tracked
from webhooks import inbox
from webhooks.intake import incoming, put

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
            answer = fetched(1, [*items, epic], [sprint()], raw={"id-PAY-1": b"{}"})
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
    clock.tick(engine, day(4), Retention())
    decide_due(engine, day(4))
    assert exempt(engine) == 0


def test_nothing_is_due_before_an_answer_runs_out_and_each_is_told_once(engine: Engine) -> None:
    clock.tick(engine, day(1.1), Retention())
    with reading(engine) as session:
        assert due.waiting(session) == ()
    clock.tick(engine, day(2), Retention())
    decide_due(engine, day(2))
    clock.tick(engine, day(2.1), Retention())
    with reading(engine) as session:
        assert due.waiting(session) == ()


def test_a_mute_that_runs_out_makes_its_finding_open_again(engine: Engine) -> None:
    with writing(engine) as session:
        [orphan] = reads.open_findings(session, "site", "orphan_epic")
        findings.mute(session, orphan.id, day(1.2), actor="Ada", reason="later", until=day(1.3))
    clock.tick(engine, day(1.4), Retention())
    decide_due(engine, day(1.4))
    with reading(engine) as session:
        assert [one.id for one in reads.open_findings(session, "site", "orphan_epic")] == [orphan.id]


def test_deliveries_that_are_done_and_raw_answers_are_not_kept_for_ever(engine: Engine) -> None:
    with engine.begin() as connection:
        put(connection, [incoming("fake", "site", delivery_id=None, headers={}, body=b"[]", at=day(1))])
    with writing(engine) as session:
        [delivery] = inbox.claim(session, day(1), 10, timedelta(minutes=1))
        inbox.finish(session, delivery.id, "done")
    retention = Retention(timedelta(days=14), timedelta(days=30))
    clock.tick(engine, day(14), retention)
    assert _kept(engine) == (1, 1)
    clock.tick(engine, day(15.1), retention)
    assert _kept(engine) == (0, 1)
    clock.tick(engine, day(31.1), replace(retention, deliveries=timedelta(0)))
    assert _kept(engine) == (0, 0)


def _kept(engine: Engine) -> tuple[int, int]:
    with reading(engine) as session:
        raw = session.execute(select(func.count()).select_from(RawAnswerRow)).scalar_one()
        return len(inbox.list_deliveries(session)), raw
