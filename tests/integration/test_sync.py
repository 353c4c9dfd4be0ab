"""Backfill and reconciliation through the store: nothing lost by a kill, nothing written twice, errors kept."""

import logging
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from integration import sync
from integration.contract import Misconfigured
from integration.secrets import Vault, new_key
from integration.store import connections, positions
from integration.store.engine import reading, writing
from integration.store.tables import BoardRow, ConnectionRow, ItemRow, SprintRow
from tests.integration.store.material import fresh_store
from tests.integration.trackers.jira.fake_jira import FakeJira, connection, issue, running_jira, sprint

START = datetime(2026, 2, 2, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def jira() -> Iterator[FakeJira]:
    with running_jira() as fake:
        fake.add(*(issue(number) for number in range(250)))
        fake.sprints["31"] = sprint(31)
        yield fake


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault() -> Vault:
    return Vault([new_key()])


@pytest.fixture
def engine(database_url: str, vault: Vault) -> Iterator[Engine]:
    with fresh_store(database_url) as engine:
        with writing(engine) as session:
            connections.keep_connection(session, vault, connection(), START)
        yield engine


def count(engine: Engine, table: type[ItemRow | SprintRow | BoardRow]) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def health(session: Session) -> ConnectionRow:
    return session.get_one(ConnectionRow, "acme")


def test_a_backfill_fills_the_store_and_tells_its_progress(jira: FakeJira, engine: Engine, clock: Clock) -> None:
    told = list(sync.run_backfill(engine, connection(), clock))
    assert (count(engine, ItemRow), count(engine, SprintRow), count(engine, BoardRow)) == (250, 1, 1)
    assert told[-1] == sync.Progress(250, 250, is_finished=True)
    assert [step.is_finished for step in told[:-1]] == [False] * (len(told) - 1)


def test_a_backfill_that_was_killed_goes_on_and_ends_in_the_same_store(
    jira: FakeJira, engine: Engine, clock: Clock
) -> None:
    jira.page = 100
    broken = sync.run_backfill(engine, connection(), clock)
    for _ in range(3):
        next(broken)
    broken.close()
    jira.asked.clear()
    told = list(sync.run_backfill(engine, connection(), clock))
    assert count(engine, ItemRow) == 250
    assert told[-1].is_finished
    assert len(jira.called("/rest/agile/1.0/board/7")) == 0


def test_a_finished_backfill_is_not_run_again_unless_asked_for(jira: FakeJira, engine: Engine, clock: Clock) -> None:
    list(sync.run_backfill(engine, connection(), clock))
    jira.asked.clear()
    assert list(sync.run_backfill(engine, connection(), clock)) == [sync.Progress(250, 250, is_finished=True)]
    assert jira.asked == []
    list(sync.run_backfill(engine, connection(), clock, anew=True))
    assert jira.asked


def test_an_error_of_the_tracker_is_kept_for_the_person_who_must_act(
    jira: FakeJira, engine: Engine, clock: Clock
) -> None:
    jira.fail("/rest/api/3/search/jql", 403)
    with pytest.raises(Misconfigured):
        list(sync.run_backfill(engine, connection(), clock))
    with reading(engine) as session:
        assert "403" in (health(session).last_error or "")
    list(sync.run_backfill(engine, connection(), clock))
    with reading(engine) as session:
        assert health(session).last_error is None
        assert health(session).last_sync_at == START


def test_what_was_lost_is_found_by_reconciliation(jira: FakeJira, engine: Engine, vault: Vault, clock: Clock) -> None:
    list(sync.run_backfill(engine, connection(), clock))
    jira.add(issue(900))
    clock.now += timedelta(minutes=5)
    assert sync.reconcile_due(engine, vault, clock) > 0
    assert count(engine, ItemRow) == 251


def test_reconciliation_waits_for_its_turn(jira: FakeJira, engine: Engine, vault: Vault, clock: Clock) -> None:
    list(sync.run_backfill(engine, connection(), clock))
    sync.reconcile_due(engine, vault, clock)
    jira.asked.clear()
    clock.now += timedelta(minutes=4)
    assert sync.reconcile_due(engine, vault, clock) == 0
    assert jira.asked == []


def test_reconciliation_does_not_begin_before_the_backfill_is_complete(
    jira: FakeJira, engine: Engine, vault: Vault, clock: Clock
) -> None:
    assert sync.reconcile_due(engine, vault, clock) == 0
    assert jira.asked == []


def test_a_site_in_trouble_stops_no_other(jira: FakeJira, engine: Engine, vault: Vault, clock: Clock) -> None:
    list(sync.run_backfill(engine, connection(), clock))
    jira.fail("/rest/api/3/search/jql", 401)
    assert sync.reconcile_due(engine, vault, clock) == 0
    with reading(engine) as session:
        assert "401" in (health(session).last_error or "")


def deleted(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return list(session.scalars(select(col(ItemRow.key)).where(col(ItemRow.deleted).is_not(None))))


def test_a_deletion_without_a_delivery_is_found_when_it_was_absent_twice(
    jira: FakeJira, engine: Engine, clock: Clock
) -> None:
    list(sync.run_backfill(engine, connection(), clock))
    del jira.issues["20007"]
    clock.now += timedelta(minutes=5)
    sync.reconcile(engine, connection(), clock)
    assert deleted(engine) == []
    clock.now += timedelta(minutes=5)
    sync.reconcile(engine, connection(), clock)
    assert deleted(engine) == ["PAY-7"]


def test_what_was_absent_once_and_came_back_is_not_gone(jira: FakeJira, engine: Engine, clock: Clock) -> None:
    list(sync.run_backfill(engine, connection(), clock))
    away = jira.issues.pop("20007")
    sync.reconcile(engine, connection(), clock)
    jira.add(away)
    for _ in range(3):
        clock.now += timedelta(minutes=5)
        sync.reconcile(engine, connection(), clock)
    assert deleted(engine) == []


def test_lost_permissions_delete_nothing(jira: FakeJira, engine: Engine, clock: Clock) -> None:
    list(sync.run_backfill(engine, connection(), clock))
    jira.issues.clear()
    for _ in range(3):
        with pytest.raises(Misconfigured, match="Nothing is counted as deleted"):
            sync.reconcile(engine, connection(), clock)
    assert deleted(engine) == []
    jira.projects = []
    sync.reconcile(engine, connection(), clock)
    sync.reconcile(engine, connection(), clock)
    assert deleted(engine) == []


def test_a_project_that_was_closed_is_a_state_and_no_failure(
    jira: FakeJira, engine: Engine, vault: Vault, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    list(sync.run_backfill(engine, connection(), clock))
    every, jira.projects = jira.projects, jira.projects[1:]
    clock.now += timedelta(hours=2)
    with caplog.at_level(logging.INFO, logger="integration.sync"):
        sync.reconcile_due(engine, vault, clock)
        clock.now += timedelta(minutes=5)
        sync.reconcile_due(engine, vault, clock)
    assert [record.message for record in caplog.records] == ["the state of the site changed"]
    with reading(engine) as session:
        position = positions.position_of(session, "acme")
        assert health(session).last_error is None
    assert "Jira shows us no project PAY any more" in str(position.notice)
    assert position.seen_at("7") == clock.now - timedelta(minutes=5)
    jira.projects = every
    clock.now += timedelta(minutes=5)
    sync.reconcile_due(engine, vault, clock)
    with reading(engine) as session:
        assert positions.position_of(session, "acme").notice is None


def test_the_sweep_goes_around_all_items(
    jira: FakeJira, engine: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "SWEPT_AT_ONCE", 100)
    list(sync.run_backfill(engine, connection(), clock))
    del jira.issues["20240"]
    for _ in range(3):
        clock.now += timedelta(minutes=5)
        sync.reconcile(engine, connection(), clock)
    assert deleted(engine) == []
    clock.now += timedelta(minutes=5)
    sync.reconcile(engine, connection(), clock)
    assert deleted(engine) == ["PAY-240"]


def test_a_change_that_even_the_search_missed_is_found_by_the_sweep(
    jira: FakeJira, engine: Engine, clock: Clock
) -> None:
    list(sync.run_backfill(engine, connection(), clock))
    jira.issues["20007"]["fields"] |= {"updated": "2026-02-01T11:00:00.000+0000", "summary": "Renamed"}
    jira.fail("/rest/api/3/search/jql", 200, {"issues": []})
    assert sync.reconcile(engine, connection(), clock) == 1
    with reading(engine) as session:
        assert session.scalar(select(col(ItemRow.title)).where(col(ItemRow.key) == "PAY-7")) == "Renamed"


def test_the_loop_looks_until_it_is_stopped(jira: FakeJira, engine: Engine, vault: Vault, clock: Clock) -> None:
    list(sync.run_backfill(engine, connection(), clock))
    jira.add(issue(900))
    stop = threading.Event()
    loop = threading.Thread(target=sync.run, args=(engine, vault, clock, stop, 0.01))
    loop.start()
    deadline = time.monotonic() + 90
    while count(engine, ItemRow) < 251 and time.monotonic() < deadline:
        time.sleep(0.02)
    stop.set()
    loop.join(20)
    assert not loop.is_alive()
    assert count(engine, ItemRow) == 251
