"""What a fetched item changes, decided without a store."""

from dataclasses import replace

from integration import changes
from integration.changes import ALWAYS, Known
from mappings.model import Item
from tests.integration.store.material import day, state, tracked


def known(key: str = "PAY-1", updated: float = 1, fetched_at: float = 2, **values: object) -> Known:
    item = replace(tracked(key).item, states=(), **values)  # type: ignore[arg-type]
    return Known(item, day(updated), day(fetched_at), "")


def test_news_is_what_is_updated_later_or_asked_later() -> None:
    assert changes.is_news(None, tracked("PAY-1"), day(0))
    assert changes.is_news(known(updated=1, fetched_at=2), tracked("PAY-1", updated=1), day(3))
    assert not changes.is_news(known(updated=1, fetched_at=2), tracked("PAY-1", updated=1), day(1.5))
    assert not changes.is_news(known(updated=2), tracked("PAY-1", updated=1), day(3))


def test_every_key_that_an_item_ever_had_is_kept_as_an_alias() -> None:
    item = changes.merged(known("PAY-1", aliases=("OLD-1",)), tracked("OPS-1", aliases=("MID-1",)), day(3), ())
    assert item.aliases == ("MID-1", "OLD-1", "PAY-1")
    older = changes.merged_older(known("OPS-1"), tracked("PAY-1"), day(1), ())
    assert (older.key, older.aliases) == ("OPS-1", ("PAY-1",))


def test_an_item_is_deleted_from_the_first_moment_it_was_missing_after_it_was_last_seen() -> None:
    missing = (day(1), day(5), day(4))
    assert changes.deletion(missing, day(2)) == day(4)
    assert changes.deletion(missing, day(6)) is None
    assert changes.merged(None, tracked("PAY-1"), day(2), missing).deleted == day(4)


def test_a_deletion_that_the_tracker_itself_told_stays() -> None:
    assert changes.deletion_of_known(known(fetched_at=5, deleted=day(3)), (), day(5)) == day(3)


def test_without_history_this_time_the_history_is_kept_and_grows_by_how_it_is_now() -> None:
    history = (state(0), state(1, points=1))
    stub = tracked("PAY-1", state(0, points=2), updated=3, history_known=False)
    grown = changes.with_known_history(history, stub)
    assert grown.item.states == (*history, state(3, points=2))
    assert changes.with_known_history(grown.item.states, stub).item.states == grown.item.states


def test_nothing_grows_where_it_is_now_as_it_was() -> None:
    history = (state(0), state(1, points=1))
    stub = tracked("PAY-1", state(0, points=1), updated=3, history_known=False)
    assert changes.with_known_history(history, stub).item.states == history


def test_histories_differ_from_their_first_different_state() -> None:
    history = (state(0), state(1), state(2))
    assert changes.first_difference(history, history) == 3
    assert changes.first_difference(history, (state(0), state(1, points=1), state(2))) == 1
    assert changes.first_difference(history, history[:2]) == 2


def test_a_change_is_since_the_earliest_moment_that_is_told_otherwise() -> None:
    old = tracked("PAY-1", state(0), state(4)).item
    assert changes.changed_since(None, old) == ALWAYS
    assert changes.changed_since(old, old) is None
    assert changes.changed_since(old, _with(old, title="another")) is None
    assert changes.changed_since(old, _with(old, type="bug")) == ALWAYS
    assert changes.changed_since(old, _with(old, deleted=day(3))) == day(3)
    assert changes.changed_since(old, _with(old, states=(state(0), state(2), state(4)))) == day(2)
    assert changes.changed_since(old, _with(old, states=(state(0),))) == day(4)


def _with(item: Item, **values: object) -> Item:
    return replace(item, **values)  # type: ignore[arg-type]
