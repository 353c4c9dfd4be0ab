"""What holds for every tracker. Beside its tests stands `genuine.py`: a recorded body, and headers that prove it."""

import importlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.contract import Ignored, Malformed, Tracker
from integration.trackers import load_trackers
from webhooks.contract import Headers, Key, Rejected

DOCS = Path(__file__).resolve().parents[3] / "docs" / "trackers.md"
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
SECRET, BEFORE = b"the newest secret", b"the one before it"

every_tracker = pytest.mark.parametrize("tracker", load_trackers().values(), ids=load_trackers())


def genuine(tracker: Tracker) -> Any:
    return importlib.import_module(f"tests.integration.trackers.{tracker.name}.genuine")


def is_let_in(tracker: Tracker, headers: Headers, body: bytes) -> bool:
    key = Key("acme", tracker.name, secrets=(SECRET, BEFORE))
    try:
        tracker.sender.verify(headers, body, key, NOW)
    except Rejected:
        return False
    return True


def told(tracker: Tracker, body: bytes) -> tuple[str, ...]:
    """What a body names, or why it names nothing; the reader raises nothing else."""
    try:
        return tuple(change.kind and change.id for change in tracker.read(body))
    except (Ignored, Malformed) as error:
        return (str(error),)


@every_tracker
def test_the_sender_goes_by_the_name_of_its_tracker(tracker: Tracker) -> None:
    assert tracker.sender.tracker == tracker.name


@every_tracker
def test_a_delivery_signed_with_either_secret_is_let_in(tracker: Tracker) -> None:
    body = genuine(tracker).BODY
    assert [is_let_in(tracker, genuine(tracker).headers(body, secret), body) for secret in (SECRET, BEFORE)] == [
        True,
        True,
    ]


@every_tracker
def test_another_secret_is_refused(tracker: Tracker) -> None:
    body = genuine(tracker).BODY
    assert not is_let_in(tracker, genuine(tracker).headers(body, b"another"), body)


@every_tracker
def test_a_changed_body_is_refused(tracker: Tracker) -> None:
    body = genuine(tracker).BODY
    assert not is_let_in(tracker, genuine(tracker).headers(body, SECRET), body + b" ")


@every_tracker
def test_missing_and_garbled_headers_are_refused(tracker: Tracker) -> None:
    body = genuine(tracker).BODY
    proven = genuine(tracker).headers(body, SECRET)
    assert not is_let_in(tracker, {}, body)
    for garbage in ("", "é", "\ud800", "0" * 64, "\x00"):
        assert not is_let_in(tracker, dict.fromkeys(proven, garbage), body)


@every_tracker
def test_a_repeated_delivery_bears_the_name_of_the_first(tracker: Tracker) -> None:
    body = genuine(tracker).BODY
    names = {tracker.sender.delivery_id(genuine(tracker).headers(body, secret), body) for secret in (SECRET, BEFORE)}
    assert len(names) == 1


@every_tracker
def test_a_recorded_body_names_what_to_fetch_the_same_each_time(tracker: Tracker) -> None:
    first, second = (tracker.read(genuine(tracker).BODY) for _ in range(2))
    assert first == second
    assert all(change.kind and change.id for change in first)
    assert first


@every_tracker
@given(body=st.binary(max_size=200))
def test_whatever_bytes_come_the_reader_names_changes_or_says_why_not(tracker: Tracker, body: bytes) -> None:
    assert all(told(tracker, body))


@every_tracker
def test_the_tracker_has_a_row_in_the_documentation(tracker: Tracker) -> None:
    assert f"| `{tracker.name}` |" in DOCS.read_text(encoding="utf-8")
