"""What is stored, once, and what is made of repetitions."""

import pytest
from sqlalchemy import Engine

from tests.webhooks.door import BODY, NOW, arrival, detail, stored
from webhooks.intake import Incoming, put


def take_in(engine: Engine, *batches: list[Incoming]) -> None:
    for batch in batches:
        with engine.begin() as connection:
            put(connection, batch)


def test_a_delivery_is_kept_whole(engine: Engine) -> None:
    take_in(engine, [arrival("d-1", b"\x00\xff not text")])
    (kept,) = stored(engine)
    assert (kept.tracker, kept.connection, kept.delivery_id, kept.state) == ("jira", "acme", "d-1", "new")
    assert (kept.received_at, kept.run_at, kept.attempts, kept.repeated) == (NOW, NOW, 0, 0)
    whole = detail(engine, kept.id)
    assert (whole.body, dict(whole.headers)) == (b"\x00\xff not text", {"x-delivery": "d-1"})
    assert kept.body_size == 11


def test_a_repeated_delivery_is_stored_once_and_counted(engine: Engine) -> None:
    take_in(engine, [arrival()], [arrival()], [arrival()])
    assert [kept.repeated for kept in stored(engine)] == [2]


def test_a_repetition_in_the_same_batch_is_stored_once_and_counted(engine: Engine) -> None:
    take_in(engine, [arrival("a"), arrival("b"), arrival("a"), arrival("a")])
    assert {kept.delivery_id: kept.repeated for kept in stored(engine)} == {"a": 2, "b": 0}


def test_a_single_new_delivery_after_a_repeated_one_is_stored(engine: Engine) -> None:
    take_in(engine, [arrival("a")], [arrival("a"), arrival("b")])
    assert [(kept.delivery_id, kept.repeated) for kept in stored(engine)] == [("a", 1), ("b", 0)]


def test_the_same_id_with_another_body_is_kept_and_marked(engine: Engine) -> None:
    take_in(engine, [arrival("d-1", b"first")], [arrival("d-1", b"second")])
    first, second = stored(engine)
    assert (first.conflicts_with, second.conflicts_with) == (None, first.id)
    assert detail(engine, second.id).body == b"second"
    assert second.state == "new"


def test_a_repeated_conflict_is_stored_once_and_counted(engine: Engine) -> None:
    take_in(engine, [arrival("d-1", b"first"), arrival("d-1", b"second")], [arrival("d-1", b"second")])
    assert [(kept.repeated, kept.conflicts_with is None) for kept in stored(engine)] == [(0, True), (1, False)]


def test_without_an_id_equal_bodies_are_one_delivery(engine: Engine) -> None:
    take_in(engine, [arrival(None), arrival(None, b"other")], [arrival(None)])
    assert sorted(kept.repeated for kept in stored(engine)) == [0, 1]
    assert {kept.delivery_id for kept in stored(engine)} == {None}


def test_an_id_is_never_mistaken_for_the_hash_of_a_body(engine: Engine) -> None:
    take_in(engine, [arrival(None)])
    (kept,) = stored(engine)
    take_in(engine, [arrival(kept.body_sha256)])
    assert len(stored(engine)) == 2


def test_the_same_id_on_another_connection_is_another_delivery(engine: Engine) -> None:
    take_in(engine, [arrival("d-1"), arrival("d-1", connection="globex")])
    assert {kept.connection for kept in stored(engine)} == {"acme", "globex"}


def test_more_deliveries_than_one_question_may_name_are_told_apart(engine: Engine) -> None:
    many = [arrival(f"d-{number}") for number in range(1100)]
    take_in(engine, many, [arrival(f"d-{number}") for number in range(1100)])
    assert [kept.repeated for kept in stored(engine)] == [1] * 1100


@pytest.mark.parametrize("odd", ["a\x00b", "\ud800", "x" * 5000, "naïve 🎯"])
def test_an_odd_id_is_storable_and_still_tells_repetitions(engine: Engine, odd: str) -> None:
    take_in(engine, [arrival(odd)], [arrival(odd)])
    (kept,) = stored(engine)
    assert kept.repeated == 1
    assert kept.delivery_id is not None
    assert len(kept.delivery_id) <= 1000


def test_no_body_shows_in_the_text_of_an_arrival() -> None:
    assert BODY.decode() not in repr(arrival())
