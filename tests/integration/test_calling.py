"""Calls to a site: counted by all processes together, held against what is allowed, and told in words."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests
import responses
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from integration import calling
from integration.calling import CallsTold
from integration.contract import Connection
from integration.http import Budget, HTTPClient, NotDone
from integration.limits import Pace, Said, said_of
from integration.secrets import Vault, new_key
from integration.store import calls, connections
from integration.store.calls import Book, Tally, book_of
from integration.store.engine import create_engine, reading, writing
from tests.integration.store.material import fresh_store

NOW = datetime(2026, 2, 2, 12, 0, 30, tzinfo=UTC)
PACE = Pace(80.0, 40)
SITE = "https://acme.example"
CLOUD_QUOTA = {
    "RateLimit-Reason": "jira-quota-tenant-based",
    "X-RateLimit-Limit": "65000",
    "X-RateLimit-Remaining": "0",
    "X-RateLimit-Reset": "2026-02-02T13:00Z",
    "Retry-After": "3570",
}


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    with fresh_store(database_url) as engine:
        with writing(engine) as session:
            connections.keep_connection(session, Vault([new_key()]), Connection("acme", "jira", SITE), NOW)
        yield engine


def told(engine: Engine, now: datetime = NOW) -> CallsTold:
    with reading(engine) as session:
        return calling.told_of(session, "acme", now)


def called(book: Book, times: int) -> None:
    for _ in range(times):
        book.note_call(PACE)


def refused(engine: Engine, headers: dict[str, str]) -> CallsTold:
    """What is told after the site has answered with 429."""
    responses.get(f"{SITE}/thing/7", status=429, headers=headers)
    http = HTTPClient(requests.Session(), SITE, budget=Budget(80, 40)).counted_in(book_of(engine, "acme"))
    with pytest.raises(NotDone):
        http.json("GET", "/thing/7")
    calling.keep(engine, NOW)
    return told(engine)


def test_calls_of_several_processes_add_up_and_outlive_them(engine: Engine) -> None:
    another = create_engine(engine.url.render_as_string(hide_password=False))
    called(book_of(engine, "acme"), 3)
    called(book_of(another, "acme"), 4)
    calling.keep(engine, NOW)
    calling.keep(another, NOW)
    calling.keep(engine, NOW)
    called(book_of(engine, "acme"), 2)
    calling.keep(engine, NOW + timedelta(minutes=20))
    another.dispose()
    assert told(engine, NOW + timedelta(minutes=30)).made == "9 calls in the last hour."
    assert told(engine, NOW + timedelta(minutes=61)).known.last_hour == 2


def test_calls_of_a_connection_that_is_not_there_are_not_kept(engine: Engine) -> None:
    called(book_of(engine, "draft"), 3)
    calling.keep(engine, NOW)
    with reading(engine) as session:
        assert calls.calls_by_connection(session, NOW) == {}
    assert told(engine).words == "No call was made yet."


def test_what_the_database_did_not_take_is_offered_again(sqlite_url: str) -> None:
    engine = create_engine(sqlite_url)  # without tables
    called(book_of(engine, "acme"), 3)
    with pytest.raises(OperationalError):
        calls.keep(engine, NOW)
    assert calls.tally_of(engine).take()["acme"].made == 3
    engine.dispose()


def test_a_call_costs_no_write_until_some_seconds_have_passed() -> None:
    tally = Tally(clock=iter([0.0, 4.0, 12.0, 12.0]).__next__)
    Book(tally, "acme").note_call(PACE)
    assert tally.take(at_least=10) == {}
    assert tally.take(at_least=10)["acme"].made == 1


@responses.activate
def test_a_used_up_quota_is_told_with_its_reason_and_its_end(engine: Engine) -> None:
    found = refused(engine, CLOUD_QUOTA)
    assert found.wait.startswith("No call is made until 13:00:0")
    assert found.wait.endswith("UTC: the hourly quota of this site is used up.")
    assert found.said == (
        "The site last said (12:00 UTC): no more for now (the hourly quota of this site is used up: "
        "jira-quota-tenant-based), 0 of 65,000 left, anew from 13:00 UTC."
    )
    assert calling.check(found).is_good is None
    after = told(engine, NOW + timedelta(hours=2))
    assert (after.wait, after.is_near) == ("", False)


@responses.activate
def test_a_burst_holds_one_endpoint_alone(engine: Engine) -> None:
    found = refused(engine, {"RateLimit-Reason": "jira-burst-based", "Retry-After": "90"})
    assert found.wait.startswith("No call such as GET /thing/7 is made until 12:02:0")
    assert found.wait.endswith("too many of these calls in one second.")


@pytest.mark.parametrize(
    ("left", "is_near"), [(20, True), (21, False), (None, False)], ids=["a fifth", "more", "nothing said"]
)
def test_little_that_is_left_is_worth_a_look(engine: Engine, left: int | None, is_near: bool) -> None:
    book = book_of(engine, "acme")
    called(book, 1)
    book.note_said(Said(limit=100, remaining=left))
    calling.keep(engine, NOW)
    assert told(engine).is_near is is_near


def test_answers_that_say_nothing_of_a_limit_leave_what_was_said_last() -> None:
    assert said_of(200, {"Retry-After": "0"}) is None
    assert said_of(429, {}) == Said(is_refusal=True)
    assert said_of(200, {"X-RateLimit-Remaining": "9" * 40, "X-RateLimit-Reset": "soon"}) == Said()
