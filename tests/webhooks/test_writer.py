"""Group commit: few commits for many deliveries, none answered before its own, and none held up by another's fault."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import IntegrityError, OperationalError

from integration.store.engine import create_engine
from tests.asgi import finished
from tests.webhooks.door import arrival, stored
from webhooks import intake
from webhooks.inbox import DELIVERIES
from webhooks.intake import Incoming
from webhooks.writer import InboxWriter, Unavailable


class Gate:
    """Holds up each store until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached = threading.Semaphore(0)
        self.opened = threading.Event()
        self.batches: list[int] = []
        store = intake.put

        def gated(connection: Any, deliveries: list[Incoming]) -> None:
            self.batches.append(len(deliveries))
            self.reached.release()
            self.opened.wait(10)
            store(connection, deliveries)

        monkeypatch.setattr(intake, "put", gated)


def put_all(writer: InboxWriter, deliveries: list[Incoming]) -> list[str]:
    """Put them at the same time; give what became of each."""
    with ThreadPoolExecutor(len(deliveries)) as threads:
        return list(threads.map(lambda delivery: outcome(writer, delivery), deliveries))


def outcome(writer: InboxWriter, delivery: Incoming) -> str:
    try:
        put(writer, delivery)
    except Unavailable as error:
        return error.reason
    return "stored"


def put(writer: InboxWriter, delivery: Incoming) -> None:
    finished(writer.put(delivery))


def until(condition: Callable[[], object]) -> None:
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.005)
    raise AssertionError("it did not come to that within five seconds")


def test_deliveries_that_arrive_together_share_a_commit(
    engine: Engine, writer: InboxWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits: list[object] = []
    event.listen(engine, "commit", commits.append)
    gate = Gate(monkeypatch)
    with ThreadPoolExecutor(24) as threads:
        answers = [threads.submit(outcome, writer, arrival("first"))]
        gate.reached.acquire()
        answers += [threads.submit(outcome, writer, arrival(f"d-{number}")) for number in range(20)]
        until(lambda: len(writer._waiting) == 20)
        assert not any(answer.done() for answer in answers)
        gate.opened.set()
        assert {answer.result() for answer in answers} == {"stored"}
    assert gate.batches == [1, 20]
    assert len(commits) == 2
    assert len(stored(engine)) == 21


def test_a_delivery_is_on_the_disk_when_put_returns(engine: Engine, writer: InboxWriter) -> None:
    for number in range(5):
        put(writer, arrival(f"d-{number}"))
        assert len(stored(engine)) == number + 1


def test_the_same_delivery_from_many_threads_is_stored_once(engine: Engine, writer: InboxWriter) -> None:
    assert put_all(writer, [arrival("same")] * 12) == ["stored"] * 12
    (kept,) = stored(engine)
    # The receipt was the same, as if one request had been put twelve times; other requests are counted.
    assert put_all(writer, [arrival("same") for _ in range(12)]) == ["stored"] * 12
    assert stored(engine)[0].repeated == kept.repeated + 12


def test_one_that_cannot_be_stored_does_not_fail_the_others(
    engine: Engine, writer: InboxWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    with engine.begin() as connection:
        refuse_body(connection, engine.dialect.name)
    gate = Gate(monkeypatch)
    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(outcome, writer, arrival("first"))
        gate.reached.acquire()
        bodies = {"a": b"good", "b": b"bad", "c": b"good"}
        others = {name: threads.submit(outcome, writer, arrival(name, body)) for name, body in bodies.items()}
        until(lambda: len(writer._waiting) == 3)
        gate.opened.set()
        assert first.result() == "stored"
        assert {name: answer.result() for name, answer in others.items()} == {
            "a": "stored",
            "b": "store_error",
            "c": "stored",
        }
    assert sorted(kept.delivery_id or "" for kept in stored(engine)) == ["a", "c", "first"]


def refuse_body(connection: Any, dialect: str) -> None:
    if dialect == "sqlite":
        connection.execute(
            text(
                "CREATE TRIGGER refuse BEFORE INSERT ON deliveries WHEN NEW.body = X'626164' "
                "BEGIN SELECT RAISE(ABORT, 'refused'); END"
            )
        )
    else:
        connection.execute(text(r"ALTER TABLE deliveries ADD CONSTRAINT refuse CHECK (body <> '\x626164'::bytea)"))


def test_nothing_of_a_body_gets_into_the_log(
    sqlite_engine: Engine, sqlite_writer: InboxWriter, caplog: pytest.LogCaptureFixture
) -> None:
    with sqlite_engine.begin() as connection:
        refuse_body(connection, "sqlite")
    with caplog.at_level(logging.DEBUG, "webhooks"):
        assert outcome(sqlite_writer, arrival("a", b"bad")) == "store_error"
    (record,) = caplog.records
    assert record.message == "deliveries not stored"
    assert vars(record)["reason"] == "store_error"
    assert vars(record)["said"] == "refused"


def test_a_full_disk_refuses_and_recovers_when_there_is_space_again(
    sqlite_engine: Engine, sqlite_writer: InboxWriter
) -> None:
    put(sqlite_writer, arrival("before"))
    with full_disk(sqlite_engine):
        assert outcome(sqlite_writer, arrival("big", b"x" * 200_000)) == "disk_full"
    put(sqlite_writer, arrival("big", b"x" * 200_000))
    assert [kept.delivery_id for kept in stored(sqlite_engine)] == ["before", "big"]


@contextmanager
def full_disk(engine: Engine) -> Any:
    """Let no connection add a page to the database."""
    pages = 0

    def limit(connection: Any) -> None:
        count = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={count + pages}")

    event.listen(engine, "begin", limit)
    yield
    event.remove(engine, "begin", limit)
    engine.dispose()


def test_a_locked_database_refuses_in_time_and_recovers(sqlite_engine: Engine) -> None:
    writer = InboxWriter(sqlite_engine, patience=0.2)
    with sqlite_engine.connect() as connection:
        connection.exec_driver_sql("UPDATE deliveries SET attempts = 0")
        began = time.monotonic()
        assert outcome(writer, arrival("a")) == "too_slow"
        assert time.monotonic() - began < 2
        assert outcome(writer, arrival("b")) == "too_slow"
        assert len(writer._waiting) == 0
    until(lambda: [kept.delivery_id for kept in stored(sqlite_engine)] == ["a"])
    assert outcome(InboxWriter(sqlite_engine), arrival("a")) == "stored"
    assert [kept.repeated for kept in stored(sqlite_engine)] == [1]
    writer.close()


def test_two_processes_that_get_the_same_deliveries_store_them_once(engine: Engine) -> None:
    writers = [InboxWriter(engine), InboxWriter(engine)]
    names = [f"d-{number}" for number in range(40)]
    with ThreadPoolExecutor(16) as threads:
        forth = [threads.submit(outcome, writers[0], arrival(name)) for name in names]
        back = [threads.submit(outcome, writers[1], arrival(name)) for name in reversed(names)]
        assert {answer.result() for answer in (*forth, *back)} == {"stored"}
    assert [kept.repeated for kept in stored(engine)] == [1] * 40
    for writer in writers:
        writer.close()


def test_a_connection_that_the_database_closed_is_opened_again(postgresql_url: str) -> None:
    engine = create_engine(postgresql_url)
    DELIVERIES.create(engine)
    writer = InboxWriter(engine)
    put(writer, arrival("before"))
    until(lambda: writer._connection is None)
    with engine.connect() as connection:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        ours = "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        connection.execute(text(f"{others} {ours}"))
    put(writer, arrival("after"))
    assert [kept.delivery_id for kept in stored(engine)] == ["before", "after"]
    writer.close()
    engine.dispose()


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("database or disk is full", "disk_full"),
        ('could not extend file "base/5/16384": No space left on device', "disk_full"),
        ("database is locked", "locked"),
        ("server closed the connection unexpectedly", "store_error"),
    ],
)
def test_the_reason_is_what_the_database_said(
    sqlite_writer: InboxWriter, monkeypatch: pytest.MonkeyPatch, said: str, reason: str
) -> None:
    def fail(_connection: object, _deliveries: object) -> None:
        raise OperationalError("INSERT", {}, Exception(said))

    monkeypatch.setattr(intake, "put", fail)
    assert outcome(sqlite_writer, arrival()) == reason


def test_a_failing_question_makes_the_check_fail(sqlite_engine: Engine, sqlite_writer: InboxWriter) -> None:
    sqlite_writer.check()
    with sqlite_engine.begin() as connection:
        connection.execute(text("DROP TABLE deliveries"))
    with pytest.raises(Unavailable, match="store_error"):
        sqlite_writer.check()


def test_more_than_may_wait_is_refused_at_once(sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = InboxWriter(sqlite_engine, most_waiting=2)
    gate = Gate(monkeypatch)
    with ThreadPoolExecutor(4) as threads:
        answers = [threads.submit(outcome, writer, arrival("first"))]
        gate.reached.acquire()
        answers += [threads.submit(outcome, writer, arrival(name)) for name in ("a", "b")]
        until(lambda: len(writer._waiting) == 2)
        assert outcome(writer, arrival("c")) == "too_many_waiting"
        gate.opened.set()
        assert {answer.result() for answer in answers} == {"stored"}
    writer.close()


def test_more_bytes_than_may_wait_are_refused_but_a_single_body_always_fits(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = InboxWriter(sqlite_engine, most_bytes=100)
    gate = Gate(monkeypatch)
    with ThreadPoolExecutor(4) as threads:
        answers = [threads.submit(outcome, writer, arrival("first", b"x" * 500))]
        gate.reached.acquire()
        answers.append(threads.submit(outcome, writer, arrival("second", b"x" * 99)))
        until(lambda: len(writer._waiting) == 1)
        assert outcome(writer, arrival("third", b"xx")) == "too_many_waiting"
        gate.opened.set()
        assert {answer.result() for answer in answers} == {"stored"}
    writer.close()


def test_a_writer_that_is_closed_stores_what_waits_and_refuses_the_rest(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = InboxWriter(sqlite_engine)
    gate = Gate(monkeypatch)
    with ThreadPoolExecutor(4) as threads:
        answers = [threads.submit(outcome, writer, arrival("first"))]
        gate.reached.acquire()
        answers.append(threads.submit(outcome, writer, arrival("second")))
        until(lambda: len(writer._waiting) == 1)
        closing = threads.submit(writer.close)
        until(lambda: writer._closed)
        assert outcome(writer, arrival("late")) == "closing"
        gate.opened.set()
        closing.result()
        assert {answer.result() for answer in answers} == {"stored"}
    assert len(stored(sqlite_engine)) == 2


def test_a_writer_that_never_wrote_can_be_closed(sqlite_engine: Engine) -> None:
    InboxWriter(sqlite_engine).close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_unforeseen_error_fails_its_own_batch_only(
    sqlite_engine: Engine, sqlite_writer: InboxWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_connection: object, _deliveries: object) -> None:
        raise LookupError("unforeseen")

    with monkeypatch.context() as patch:
        patch.setattr(intake, "put", fail)
        assert outcome(sqlite_writer, arrival("a")) == "not_stored"
    until(lambda: sqlite_writer._thread is not None and not sqlite_writer._thread.is_alive())
    assert outcome(sqlite_writer, arrival("b")) == "stored"
    assert [kept.delivery_id for kept in stored(sqlite_engine)] == ["b"]


def test_a_batch_of_one_with_a_fault_is_refused(sqlite_writer: InboxWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_connection: object, _deliveries: object) -> None:
        raise IntegrityError("INSERT", {}, Exception("constraint failed"))

    monkeypatch.setattr(intake, "put", fail)
    assert outcome(sqlite_writer, arrival()) == "store_error"
