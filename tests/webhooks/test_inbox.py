"""The worker's steps: what is claimed, ended, repeated, listed and deleted."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from integration.store.engine import create_engine, writing
from tests.webhooks.door import BODY, NOW, arrival, detail, stored
from webhooks import inbox
from webhooks.inbox import Delivery
from webhooks.intake import Incoming, put

LEASE = timedelta(minutes=5)
SOON = NOW + timedelta(minutes=1)
LATER = NOW + timedelta(minutes=6)


@pytest.fixture
def three(engine: Engine) -> Engine:
    """Three deliveries wait, the oldest first."""
    take_in(engine, [arrival(f"d-{number}", at=NOW + timedelta(seconds=number)) for number in range(3)])
    return engine


@pytest.fixture
def session(three: Engine) -> Iterator[Session]:
    with writing(three) as session:
        yield session


def take_in(engine: Engine, deliveries: list[Incoming]) -> None:
    """One by one, so that their ids follow their order."""
    with engine.begin() as connection:
        for delivery in deliveries:
            put(connection, [delivery])


def claim_one(session: Session) -> Delivery:
    (delivery,) = inbox.claim(session, SOON, 1, LEASE)
    return delivery


def state_of(session: Session, delivery: int) -> tuple[str, str | None, str | None]:
    found = inbox.show(session, delivery)
    assert found is not None
    return found.summary.state, found.summary.reason, found.summary.sentence


def test_the_longest_waiting_are_claimed_first_and_whole(session: Session) -> None:
    claimed = inbox.claim(session, SOON, 2, LEASE)
    assert [delivery.id for delivery in claimed] == [1, 2]
    first = claimed[0]
    assert (first.tracker, first.connection, first.attempts, first.body) == ("jira", "acme", 1, BODY)
    assert (first.received_at, first.headers) == (NOW, {"x-delivery": "d-1"})


def test_what_is_claimed_is_not_claimed_again_before_its_lease_ends(session: Session) -> None:
    inbox.claim(session, SOON, 2, LEASE)
    assert [delivery.id for delivery in inbox.claim(session, SOON, 9, LEASE)] == [3]
    assert inbox.claim(session, SOON, 9, LEASE) == ()


def test_work_left_behind_is_claimable_when_its_lease_ends(session: Session) -> None:
    left = claim_one(session)
    (again,) = inbox.claim(session, SOON + LEASE, 1, LEASE, trackers={"jira"})
    assert again.id != left.id
    inbox.finish(session, again.id, "done")
    both = inbox.claim(session, SOON + LEASE, 9, LEASE)
    assert [(delivery.id, delivery.attempts) for delivery in both] == [(left.id, 2), (3, 1)]


def test_what_is_not_due_is_not_claimed(session: Session) -> None:
    assert [delivery.id for delivery in inbox.claim(session, NOW, 9, LEASE)] == [1]


def test_claims_can_be_limited_to_trackers(session: Session) -> None:
    assert inbox.claim(session, SOON, 9, LEASE, trackers={"asana"}) == ()
    assert len(inbox.claim(session, SOON, 9, LEASE, trackers={"asana", "jira"})) == 3


def test_a_claim_that_is_rolled_back_leaves_the_delivery_waiting(three: Engine) -> None:
    with Session(three) as session:
        claim_one(session)
    assert [kept.state for kept in stored(three)] == ["new", "new", "new"]


def test_two_workers_never_claim_the_same_delivery(three: Engine) -> None:
    taken: list[int] = []
    for _ in range(2):
        with writing(three) as session:
            taken += [delivery.id for delivery in inbox.claim(session, SOON, 2, LEASE)]
    assert sorted(taken) == [1, 2, 3]


def test_many_workers_at_once_share_the_work_without_doing_any_twice(engine: Engine) -> None:
    with engine.begin() as connection:
        put(connection, [arrival(f"d-{number}") for number in range(200)])

    def work(_worker: int) -> list[int]:
        done: list[int] = []
        while True:
            with writing(engine) as session:
                claimed = inbox.claim(session, SOON, 7, LEASE)
            if not claimed:
                return done
            for delivery in claimed:
                with writing(engine) as session:
                    assert inbox.finish(session, delivery.id, "done", owner=delivery.lease_owner)
                done.append(delivery.id)

    with ThreadPoolExecutor(4) as threads:
        done = [delivery for worker in threads.map(work, range(4)) for delivery in worker]
    assert sorted(done) == list(range(1, 201))
    assert {kept.state for kept in stored(engine)} == {"done"}


def test_a_delivery_that_another_worker_is_just_claiming_is_passed_over(postgresql_url: str) -> None:
    engine = create_engine(postgresql_url)
    inbox.DELIVERIES.create(engine)
    take_in(engine, [arrival("a"), arrival("b")])
    with Session(engine) as first, Session(engine) as second:
        claimed = inbox.claim(first, SOON, 1, LEASE)
        assert [delivery.id for delivery in inbox.claim(second, SOON, 9, LEASE)] == [2]
        assert [delivery.id for delivery in claimed] == [1]
    engine.dispose()


@pytest.mark.parametrize(("outcome", "note"), [("done", None), ("ignored", "A comment changes nothing we keep.")])
def test_finished_work_is_not_claimed_again(session: Session, outcome: str, note: str | None) -> None:
    delivery = claim_one(session)
    assert inbox.finish(session, delivery.id, "done" if outcome == "done" else "ignored", note)
    assert state_of(session, delivery.id) == (outcome, None, note)
    assert delivery.id not in [other.id for other in inbox.claim(session, LATER + LEASE, 9, LEASE)]


def test_a_retry_waits_until_its_moment_and_tells_why(session: Session) -> None:
    delivery = claim_one(session)
    assert inbox.retry(session, delivery.id, LATER, "rate_limited", "Jira asked to wait.")
    assert state_of(session, delivery.id) == ("new", "rate_limited", "Jira asked to wait.")
    assert delivery.id not in [other.id for other in inbox.claim(session, LATER - timedelta(seconds=1), 9, LEASE)]
    (again,) = inbox.claim(session, LATER, 1, LEASE)
    assert (again.id, again.attempts) == (delivery.id, 2)


def test_success_after_a_retry_forgets_the_error(session: Session) -> None:
    delivery = claim_one(session)
    inbox.retry(session, delivery.id, SOON, "rate_limited", "Jira asked to wait.")
    inbox.claim(session, LATER, 9, LEASE)
    inbox.finish(session, delivery.id, "done")
    assert state_of(session, delivery.id) == ("done", None, None)


def test_a_buried_delivery_stays_with_its_error_until_it_is_replayed(session: Session) -> None:
    delivery = claim_one(session)
    assert inbox.bury(session, delivery.id, "malformed", "issue.id: missing")
    assert state_of(session, delivery.id) == ("dead", "malformed", "issue.id: missing")
    assert delivery.id not in [other.id for other in inbox.claim(session, LATER + LEASE, 9, LEASE)]
    assert inbox.replay(session, delivery.id)
    (again,) = inbox.claim(session, SOON, 1, LEASE)
    assert (again.id, again.attempts) == (delivery.id, 1)


def test_an_error_that_quotes_what_no_text_column_holds_is_kept_readable(session: Session) -> None:
    delivery = claim_one(session)
    inbox.bury(session, delivery.id, "malformed", "key \x00 and \ud800")
    assert state_of(session, delivery.id)[2] == "key \ufffd and ?"


def test_done_work_can_be_replayed_but_not_what_is_worked_on(session: Session) -> None:
    delivery = claim_one(session)
    assert not inbox.replay(session, delivery.id)
    inbox.finish(session, delivery.id, "done")
    assert inbox.replay(session, delivery.id)
    assert not inbox.replay(session, 4711)


def test_a_renewed_lease_holds_longer_and_what_was_ended_is_left_alone(session: Session) -> None:
    first, second = inbox.claim(session, SOON, 2, LEASE)
    assert inbox.finish(session, first.id, "done", owner=first.lease_owner)
    assert inbox.renew(session, second.lease_owner, SOON + 2 * LEASE) == 1
    assert inbox.renew(session, "somebody else", SOON) == 0
    claimed = inbox.claim(session, SOON + LEASE, 9, LEASE)
    assert {first.id, second.id}.isdisjoint(delivery.id for delivery in claimed)
    assert state_of(session, first.id)[0] == "done"


def test_a_worker_that_lost_its_lease_cannot_end_the_work_of_the_next(session: Session) -> None:
    slow = claim_one(session)
    inbox.claim(session, SOON, 9, LEASE)
    quick = inbox.claim(session, SOON + LEASE, 9, LEASE)[0]
    assert quick.id == slow.id
    assert not inbox.finish(session, slow.id, "done", owner=slow.lease_owner)
    assert not inbox.retry(session, slow.id, LATER, "slow", "Slow.", owner=slow.lease_owner)
    assert not inbox.bury(session, slow.id, "slow", "Slow.", owner=slow.lease_owner)
    assert inbox.finish(session, quick.id, "done", owner=quick.lease_owner)


def test_what_nobody_works_on_cannot_be_ended(session: Session) -> None:
    assert not inbox.finish(session, 1, "done")


def test_the_newest_are_listed_first_page_by_page(session: Session) -> None:
    first = inbox.list_deliveries(session, limit=2)
    rest = inbox.list_deliveries(session, limit=2, before=first[-1].id)
    assert [[line.id for line in page] for page in (first, rest)] == [[3, 2], [1]]


def test_lists_can_be_limited_to_a_state_and_a_connection(session: Session) -> None:
    inbox.bury(session, claim_one(session).id, "malformed", "issue.id: missing")
    assert [line.id for line in inbox.list_deliveries(session, "dead")] == [1]
    assert [line.id for line in inbox.list_deliveries(session, connection="acme")] == [3, 2, 1]
    assert inbox.list_deliveries(session, connection="globex") == ()


def test_an_unknown_delivery_is_shown_as_none(session: Session) -> None:
    assert inbox.show(session, 4711) is None


def test_every_state_is_counted_the_empty_ones_too(session: Session) -> None:
    inbox.bury(session, claim_one(session).id, "malformed", "issue.id: missing")
    claim_one(session)
    assert inbox.counts(session) == {"new": 1, "running": 1, "done": 0, "dead": 1, "ignored": 0}


def test_so_many_wait_as_could_be_claimed_at_that_moment(session: Session) -> None:
    assert inbox.waits(session, SOON, 3)
    assert not inbox.waits(session, SOON, 4)
    assert not inbox.waits(session, NOW + timedelta(seconds=1), 3)
    claim_one(session)
    assert not inbox.waits(session, SOON, 3)


def test_only_old_work_that_ended_well_is_purged(three: Engine) -> None:
    with writing(three) as session:
        for outcome in ("done", "ignored"):
            inbox.finish(session, claim_one(session).id, "done" if outcome == "done" else "ignored")
        inbox.bury(session, claim_one(session).id, "malformed", "issue.id: missing")
        assert inbox.purge(session, NOW + timedelta(seconds=1)) == 1
        assert inbox.purge(session, LATER, limit=1) == 1
        assert inbox.purge(session, LATER) == 0
    assert [kept.state for kept in stored(three)] == ["dead"]


def test_the_oldest_waiting_are_found_by_the_index_of_what_waits(sqlite_engine: Engine) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_other: object) -> None:
        asked.append((statement, parameters))

    take_in(sqlite_engine, [arrival()])
    event.listen(sqlite_engine, "before_cursor_execute", note)
    with writing(sqlite_engine) as session:
        claim_one(session)
    statement, parameters = next(one for one in asked if "UPDATE" in one[0])
    with sqlite_engine.connect() as connection:
        plan = " ".join(str(row) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters))
    assert "ix_deliveries_waiting" in plan
    assert "TEMP B-TREE" not in plan


def test_no_body_shows_in_the_text_of_a_delivery(three: Engine) -> None:
    with Session(three) as session:
        assert BODY.decode() not in repr(claim_one(session))
    assert BODY.decode() not in repr(detail(three, 1))


def test_what_was_left_behind_several_times_is_taken_alone(session: Session) -> None:
    """One of them may kill whoever works on it: the others must come to an end without it."""
    moment = SOON
    for _ in range(inbox.SUSPECT_AFTER):
        assert len(inbox.claim(session, moment, 10, LEASE)) == 3
        moment += LEASE
    taken = [inbox.claim(session, moment, 10, LEASE) for _ in range(4)]
    assert [[delivery.id for delivery in some] for some in taken] == [[1], [2], [3], []]
