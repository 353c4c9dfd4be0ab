"""Deliveries become saved items, once, whatever goes wrong on the way."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from integration import worker as working
from integration.answers import decide_due
from integration.contract import (
    Change,
    Connection,
    Fetched,
    Ignored,
    Malformed,
    Misconfigured,
    Permanent,
    Temporary,
    Tracker,
)
from integration.secrets import Vault, new_key
from integration.store import connections, reads
from integration.store.backlog import backlog_at
from integration.store.due import Part
from integration.store.engine import reading, writing
from integration.worker import ATTEMPTS, LEASE, UNFORESEEN_ATTEMPTS, Worker
from tests.integration.store.material import day, fetched, fresh_store, sprint, state, tracked
from webhooks import inbox
from webhooks.contract import Sender
from webhooks.inbox import Summary
from webhooks.intake import incoming, put

SENDER = Sender("fake", lambda _headers, _body, _key, _now: None, lambda _headers, _body: None, can_sign=False)


@dataclass
class Site:
    """A tracker with items; deliveries are JSON lists of keys, or say what should go wrong."""

    now: datetime = field(default_factory=lambda: day(1))
    trouble: dict[str, Exception] = field(default_factory=dict)  # by key that is fetched
    fetches: list[tuple[str, ...]] = field(default_factory=list)
    during: Callable[[], None] = lambda: None

    def read(self, body: bytes) -> tuple[Change, ...]:
        told = json.loads(body)
        if "ignored" in told:
            raise Ignored("nothing we keep")
        if "malformed" in told:
            raise Malformed("$.issue", "there is no id")
        return tuple(Change("work_item", key) for key in told)

    def fetch(self, _connection: Connection, changes: Sequence[Change], now: datetime) -> Fetched:
        self.fetches.append(tuple(change.id for change in changes))
        for change in changes:
            if change.id in self.trouble:
                raise self.trouble[change.id]
        self.during()
        items = [tracked(change.id, state(0, sprints=("S1",))) for change in changes]
        return replace(fetched(0, items, [sprint()]), at=now)

    @property
    def tracker(self) -> Tracker:
        return Tracker("fake", SENDER, self.read, self.fetch, lambda _connection, _cursor, _now: iter(()))


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def worker(database_url: str, site: Site) -> Iterator[Worker]:
    vault = Vault([new_key()])
    with fresh_store(database_url) as engine:
        with writing(engine) as session:
            connection = Connection("site", "fake", "https://fake.example", {"token": "secret"})
            connections.keep_connection(session, vault, connection, day(0))
        yield Worker(engine, vault, {"fake": site.tracker}, lambda: site.now, jitter=lambda: 0.5)


def deliver(engine: Engine, *bodies: Any, at: datetime = day(0.5)) -> None:  # noqa: B008 - a constant
    for body in bodies:
        sent = json.dumps(body).encode()
        with engine.begin() as connection:
            put(connection, [incoming("fake", "site", delivery_id=None, headers={}, body=sent, at=at)])


def states(engine: Engine) -> list[Summary]:
    with reading(engine) as session:
        return sorted(inbox.list_deliveries(session), key=lambda line: line.id)


def keys(engine: Engine) -> set[str]:
    with reading(engine) as session:
        return {item.key for item in backlog_at(session, "site", day(9)).items}


def test_a_delivery_is_fetched_saved_decided_and_done(worker: Worker, site: Site) -> None:
    deliver(worker.engine, ["PAY-1"])
    assert working.work_once(worker)
    assert decide_due(worker.engine, site.now)
    assert keys(worker.engine) == {"PAY-1"}
    assert [line.state for line in states(worker.engine)] == ["done"]
    with reading(worker.engine) as session:
        assert reads.sprint_answer(session, "site", "S1", "points") is not None
        [health] = reads.connections(session)
    assert health.last_delivery_at == day(0.5)
    assert health.lag_seconds == 43200
    assert not working.work_once(worker)


def test_many_deliveries_about_the_same_items_cost_one_fetch(worker: Worker, site: Site) -> None:
    deliver(worker.engine, ["PAY-1", "PAY-2"], ["PAY-2", "PAY-3"], ["PAY-1", "PAY-1"])
    working.work_once(worker)
    assert site.fetches == [("PAY-1", "PAY-2", "PAY-3")]


def test_no_fetch_is_about_more_than_a_hundred_items(worker: Worker, site: Site) -> None:
    deliver(worker.engine, *([f"PAY-{number}", f"PAY-{number + 1}"] for number in range(0, 160, 2)))
    working.work_once(worker)
    assert [len(each) for each in site.fetches] == [100, 60]
    assert len(keys(worker.engine)) == 160


def test_an_ignored_delivery_is_kept_with_its_reason(worker: Worker) -> None:
    deliver(worker.engine, {"ignored": True})
    working.work_once(worker)
    [line] = states(worker.engine)
    assert (line.state, line.sentence) == ("ignored", "nothing we keep")


def test_a_malformed_delivery_is_set_aside_and_the_others_go_on(worker: Worker) -> None:
    deliver(worker.engine, {"malformed": True}, ["PAY-1"])
    working.work_once(worker)
    assert [(line.state, line.reason) for line in states(worker.engine)] == [("dead", "malformed"), ("done", None)]


def test_a_body_that_cannot_be_understood_is_tried_again_and_does_not_stop_the_others(worker: Worker) -> None:
    with worker.engine.begin() as connection:
        put(connection, [incoming("fake", "site", delivery_id=None, headers={}, body=b"\xff{", at=day(0.1))])
    deliver(worker.engine, ["PAY-1"])
    working.work_once(worker)
    first, second = states(worker.engine)
    assert (first.state, first.reason) == ("new", "unexpected")
    assert second.state == "done"


def test_one_bad_item_in_a_batch_stops_only_its_own_delivery(worker: Worker, site: Site) -> None:
    site.trouble["BAD"] = Permanent("forbidden", "The account may not see it.")
    deliver(worker.engine, ["PAY-1"], ["BAD"], ["PAY-2"])
    working.work_once(worker)
    assert [line.state for line in states(worker.engine)] == ["done", "dead", "done"]
    assert keys(worker.engine) == {"PAY-1", "PAY-2"}


def test_an_odd_answer_of_the_tracker_is_asked_for_again(worker: Worker, site: Site) -> None:
    site.trouble["PAY-1"] = Malformed("bulkfetch", "Jira answered with something else than an object.")
    deliver(worker.engine, ["PAY-1"])
    working.work_once(worker)
    [line] = states(worker.engine)
    assert (line.state, line.reason) == ("new", "malformed")
    site.trouble.clear()
    site.now = line.run_at or site.now
    working.work_once(worker)
    assert keys(worker.engine) == {"PAY-1"}


@pytest.mark.parametrize(
    "error", [Temporary("down", "The site is down."), Misconfigured("token", "The token has expired.")]
)
def test_what_may_heal_waits_longer_each_time_and_is_set_aside_at_last(
    worker: Worker, site: Site, error: Exception
) -> None:
    site.trouble["PAY-1"] = error
    deliver(worker.engine, ["PAY-1"])
    pauses = []
    for _ in range(ATTEMPTS):
        working.work_once(worker)
        [line] = states(worker.engine)
        if line.run_at is not None:
            pauses.append((line.run_at - site.now).total_seconds())
            site.now = line.run_at
    assert len(pauses) == ATTEMPTS - 1
    assert pauses[:4] == [5, 10, 20, 40]
    assert max(pauses) == 900
    assert line.state == "dead"
    with reading(worker.engine) as session:
        [health] = reads.connections(session)
    assert health.last_error == str(error.args[0]).partition(": ")[2]


def test_the_pause_is_never_shorter_than_the_tracker_asked(worker: Worker, site: Site) -> None:
    site.trouble["PAY-1"] = Temporary("rate_limited", "Too many calls.", retry_after=120)
    deliver(worker.engine, ["PAY-1"])
    working.work_once(worker)
    assert states(worker.engine)[0].run_at == site.now + timedelta(seconds=120)


def test_a_replayed_delivery_is_worked_on_again(worker: Worker, site: Site) -> None:
    site.trouble["PAY-1"] = Permanent("forbidden", "The account may not see it.")
    deliver(worker.engine, ["PAY-1"])
    working.work_once(worker)
    site.trouble.clear()
    with writing(worker.engine) as session:
        assert inbox.replay(session, states(worker.engine)[0].id)
    working.work_once(worker)
    assert states(worker.engine)[0].state == "done"


def test_a_delivery_of_an_unknown_connection_is_set_aside(worker: Worker) -> None:
    with worker.engine.begin() as connection:
        put(connection, [incoming("fake", "other", delivery_id=None, headers={}, body=b"[]", at=day(0.1))])
    working.work_once(worker)
    assert states(worker.engine)[0].reason == "unknown_connection"


def test_what_a_killed_worker_left_behind_is_done_when_its_lease_has_run_out(worker: Worker, site: Site) -> None:
    deliver(worker.engine, ["PAY-1"])
    with writing(worker.engine) as session:
        assert inbox.claim(session, site.now, 10, LEASE)
    assert not working.work_once(worker)
    site.now += LEASE
    assert working.work_once(worker)
    assert states(worker.engine)[0].state == "done"


def test_work_that_takes_longer_than_a_lease_stays_in_its_hands(
    worker: Worker, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "RENEWED_EVERY", 0.02)
    deliver(worker.engine, ["PAY-1"])
    others: list[object] = []

    def long() -> None:
        for _ in range(3):
            site.now += LEASE / 2
            _until(lambda: states(worker.engine)[0].run_at == site.now + LEASE)
            with writing(worker.engine) as session:
                others.extend(inbox.claim(session, site.now, 10, LEASE))

    site.during = long
    assert working.work_once(worker)
    assert others == []
    assert [(line.state, line.attempts) for line in states(worker.engine)] == [("done", 1)]


def _until(is_so: Callable[[], bool]) -> None:
    for _ in range(500):
        if is_so():
            return
        time.sleep(0.01)
    raise AssertionError("it did not come to that")


def test_a_worker_that_lost_its_lease_saves_nothing(
    worker: Worker, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    deliver(worker.engine, ["PAY-1"])

    def overtaken() -> None:
        with writing(worker.engine) as session:
            assert inbox.claim(session, site.now + LEASE, 10, LEASE)

    site.during = overtaken
    working.work_once(worker)
    assert keys(worker.engine) == set()
    assert [(line.state, line.attempts) for line in states(worker.engine)] == [("running", 2)]
    assert "lease lost" in caplog.text


def test_a_lease_that_cannot_be_renewed_once_is_renewed_the_next_time(
    worker: Worker, site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(working, "RENEWED_EVERY", 0.02)
    deliver(worker.engine, ["PAY-1"])
    renew, tries = inbox.renew, []

    def renewed(session: Any, owner: str, until: datetime) -> int:
        tries.append(until)
        if len(tries) == 1:
            raise OperationalError("UPDATE", {}, Exception("database is locked"))
        return renew(session, owner, until)

    monkeypatch.setattr(inbox, "renew", renewed)
    site.during = lambda: _until(lambda: len(tries) > 2)
    assert working.work_once(worker)
    assert states(worker.engine)[0].state == "done"
    assert "lease not renewed" in caplog.text


def test_a_worker_killed_while_it_saves_has_saved_nothing(
    worker: Worker, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(worker.engine, ["PAY-1"])

    class Killed(BaseException):
        pass

    def killed(*_args: object, **_named: object) -> None:
        raise Killed

    monkeypatch.setattr(connections, "note_sync", killed)
    with pytest.raises(Killed):
        working.work_once(worker)
    assert keys(worker.engine) == set()
    monkeypatch.undo()
    site.now += LEASE
    working.work_once(worker)
    assert keys(worker.engine) == {"PAY-1"}


def test_a_delivery_that_kills_every_worker_is_set_aside_at_last(worker: Worker, site: Site) -> None:
    deliver(worker.engine, ["PAY-1"])
    for _ in range(ATTEMPTS):
        with writing(worker.engine) as session:
            inbox.claim(session, site.now, 10, LEASE)
        site.now += LEASE
    working.work_once(worker)
    assert states(worker.engine)[0].reason == "attempts_exhausted"


def test_what_nobody_foresaw_is_tried_a_few_times_and_its_text_stays_out_of_the_inbox(
    worker: Worker, site: Site
) -> None:
    site.trouble["PAY-1"] = ZeroDivisionError("text from the tracker")
    deliver(worker.engine, ["PAY-1"])
    for _ in range(UNFORESEEN_ATTEMPTS):
        working.work_once(worker)
        [line] = states(worker.engine)
        site.now = line.run_at or site.now
    assert line.state == "dead"
    assert line.sentence == "An unexpected ZeroDivisionError happened; the log has its traceback."


def test_the_loop_works_until_it_is_stopped(worker: Worker, site: Site) -> None:
    deliver(worker.engine, ["PAY-1"])
    stop = threading.Event()
    site.during = stop.set
    working.run(worker, stop)
    assert states(worker.engine)[0].state == "done"


def test_several_workers_share_the_work_and_nothing_is_done_twice(worker: Worker, site: Site) -> None:
    deliver(worker.engine, *([f"PAY-{number}"] for number in range(150)))
    stop = threading.Event()
    threads = [threading.Thread(target=working.run, args=(worker, stop), daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(900):
        if all(line.state == "done" for line in _all_states(worker.engine)):
            break
        time.sleep(0.1)
    stop.set()
    for thread in threads:
        thread.join()
    assert [(line.state, line.attempts) for line in _all_states(worker.engine)] == [("done", 1)] * 150
    assert sorted(key for fetch in site.fetches for key in fetch) == sorted(f"PAY-{n}" for n in range(150))
    assert len(keys(worker.engine)) == 150


def test_deliveries_that_follow_each_other_are_worked_on_together(worker: Worker, site: Site) -> None:
    deliver(worker.engine, ["PAY-0"])
    stop = threading.Event()
    thread = threading.Thread(target=working.run, args=(worker, stop), daemon=True)
    thread.start()
    while not site.fetches:
        time.sleep(0.01)
    for number in range(1, 21):  # a bulk edit, told one by one
        deliver(worker.engine, [f"PAY-{number}"])
        time.sleep(0.02)
    for _ in range(100):
        if all(line.state == "done" for line in states(worker.engine)):
            break
        time.sleep(0.1)
    stop.set()
    thread.join()
    assert site.fetches[0] == ("PAY-0",)  # the first waits for nobody
    assert len(site.fetches) == 2
    assert len(keys(worker.engine)) == 21


def test_a_whole_claim_does_not_wait_for_more(worker: Worker, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "GATHERED", 60.0)
    deliver(worker.engine, *([f"PAY-{number}"] for number in range(200)))
    stop = threading.Event()
    thread = threading.Thread(target=working.run, args=(worker, stop), daemon=True)
    thread.start()
    for _ in range(900):
        if len(site.fetches) == 2:
            break
        time.sleep(0.05)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert [len(each) for each in site.fetches] == [100, 100]


def _all_states(engine: Engine) -> tuple[Summary, ...]:
    with reading(engine) as session:
        return inbox.list_deliveries(session, limit=1000)


@pytest.mark.parametrize("part", list(Part))
def test_what_a_save_made_due_is_decided_by_loops_of_its_own(worker: Worker, part: Part) -> None:
    deliver(worker.engine, ["PAY-1"])
    working.work_once(worker)
    stop = threading.Event()
    thread = threading.Thread(target=working.decide, args=(worker, stop, part), daemon=True)
    thread.start()
    for _ in range(100):
        with reading(worker.engine) as session:
            answers = reads.answers(session, "site", "sprint" if part is Part.FIGURES else "links")
        if answers:
            break
        time.sleep(0.1)
    stop.set()
    thread.join()
    assert answers


def test_the_loop_survives_what_nobody_foresaw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "AFTER_AN_ERROR", 0.01)
    stop = threading.Event()
    seen: list[int] = []

    def broken() -> bool:
        seen.append(1)
        if len(seen) == 2:
            stop.set()
        raise RuntimeError("no database")

    working.repeat(broken, stop, idle=0.01)
    assert len(seen) == 2
