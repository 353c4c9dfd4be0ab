"""Raw answers are kept page by page, the last one about each item, until their time is over."""

from sqlalchemy import Engine, func, select

from integration.store import raw_answers
from integration.store.engine import reading, writing
from integration.store.raw_answers import Kept
from integration.store.tables import RawAnswerRow, RawPageRow
from integration.store.writes import save_fetched
from tests.integration.store.material import day, fetched, tracked

ASKED = ("summary", "customfield_1")


def save(engine: Engine, at: float, *keys: str, body: bytes = b"{}", updated: float = -10) -> None:
    raw = {f"id-{key}": body for key in keys}
    with writing(engine) as session:
        items = [tracked(key, updated=updated) for key in keys]
        save_fetched(session, "site", fetched(at, items, raw=raw, asked=ASKED), day(at))


def kept(engine: Engine) -> tuple[Kept, ...]:
    with reading(engine) as session:
        return raw_answers.kept_after(session, "site", "", 10)


def pages(engine: Engine) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(RawPageRow)) or 0


def test_answers_that_came_together_are_one_compressed_page(engine: Engine) -> None:
    save(engine, 2, "PAY-1", "PAY-2", body=b'{"a": 1}' * 500)
    with reading(engine) as session:
        [page] = session.scalars(select(RawPageRow)).all()
    assert len(page.body) < 200
    assert kept(engine) == tuple(Kept(f"id-{key}", b'{"a": 1}' * 500, ASKED, day(2)) for key in ("PAY-1", "PAY-2"))


def test_the_last_answer_about_an_item_counts_and_an_unused_page_goes(engine: Engine) -> None:
    save(engine, 2, "PAY-1", "PAY-2", body=b"1")
    save(engine, 3, "PAY-1", body=b"2", updated=3)
    assert [one.body for one in kept(engine)] == [b"2", b"1"]
    assert pages(engine) == 2
    save(engine, 4, "PAY-2", body=b"3", updated=4)
    assert [one.body for one in kept(engine)] == [b"2", b"3"]
    assert pages(engine) == 2


def test_an_older_answer_that_arrives_late_displaces_none(engine: Engine) -> None:
    save(engine, 3, "PAY-1", body=b"new", updated=3)
    save(engine, 2, "PAY-1", body=b"old", updated=2)
    assert [one.body for one in kept(engine)] == [b"new"]


def test_what_was_kept_long_enough_is_deleted_with_its_page(engine: Engine) -> None:
    save(engine, 2, "PAY-1")
    save(engine, 5, "PAY-2")
    with writing(engine) as session:
        assert raw_answers.purge(session, day(4)) == 1
    assert [(one.tracker_id, one.body) for one in kept(engine)] == [("id-PAY-1", None), ("id-PAY-2", b"{}")]
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(RawAnswerRow)) == 1
        assert raw_answers.number_kept(session, "site") == 1


def test_a_deleted_item_of_which_nothing_is_kept_is_left_out(engine: Engine) -> None:
    save(engine, 2, "PAY-1", "PAY-2")
    with writing(engine) as session:
        save_fetched(session, "site", fetched(3, gone=("id-PAY-1", "id-PAY-2")), day(3))
        raw_answers.purge(session, day(4))
    save(engine, 1, "PAY-2")
    assert kept(engine) == ()


def test_what_is_kept_is_told_in_portions(engine: Engine) -> None:
    save(engine, 2, "PAY-1", "PAY-2", "PAY-3")
    with reading(engine) as session:
        first = raw_answers.kept_after(session, "site", "", 2)
        rest = raw_answers.kept_after(session, "site", first[-1].tracker_id, 2)
        assert raw_answers.kept_about(session, "site", "id-PAY-3") == b"{}"
        assert raw_answers.kept_about(session, "site", "id-PAY-9") is None
    assert [one.tracker_id for one in (*first, *rest)] == ["id-PAY-1", "id-PAY-2", "id-PAY-3"]
