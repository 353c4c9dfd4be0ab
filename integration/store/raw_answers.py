"""Scrubbed answers of trackers, kept beside the items made of them, for a limited time: page by page, as they came.

One page for all answers that came together is compressed faster and smaller than each of them.
"""

import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CursorResult, bindparam, delete, func, insert, select
from sqlmodel import Session, col

from integration.store.bulk import batches, table_of, upsert
from integration.store.tables import ItemRow, RawAnswerRow, RawPageRow

_FASTEST = 1  # of zlib's levels; the best one makes a page a seventh smaller, at several times the cost
LINES_A_PAGE = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """The last answer about an item; `body` None: it is not kept (any more)."""

    tracker_id: str
    body: bytes | None
    asked: tuple[str, ...] = ()  # the fields that were asked for then
    fetched_at: datetime | None = None


def keep(
    session: Session,
    connection: str,
    raw: Mapping[str, bytes],
    asked: tuple[str, ...],
    at: datetime,
    new: Collection[str] = (),
) -> None:
    """Keep these answers in the place of earlier ones about the same items; of `new` there are certainly none."""
    ids = list(raw)
    for start in range(0, len(ids), LINES_A_PAGE):
        some = {id_: raw[id_] for id_ in ids[start : start + LINES_A_PAGE]}
        before = _pages(session, connection, [id_ for id_ in some if id_ not in new])
        _keep_page(session, connection, some, asked, at)
        _drop_unused(session, before)


def _keep_page(
    session: Session, connection: str, raw: Mapping[str, bytes], asked: tuple[str, ...], at: datetime
) -> None:
    body = zlib.compress(b"\n".join(raw.values()), _FASTEST)
    values = {"connection": connection, "fetched_at": at, "asked": asked, "body": body}
    page = session.connection().scalars(_NEW_PAGE, values).one()
    lines = enumerate(raw)
    upsert(
        session,
        RawAnswerRow,
        [{"connection": connection, "tracker_id": id_, "page": page, "line": line} for line, id_ in lines],
    )


# Put into words once, as in `writes`.
_NEW_PAGE = insert(table_of(RawPageRow)).returning(col(RawPageRow.id))
_PAGES = (
    select(col(RawAnswerRow.page))
    .where(
        col(RawAnswerRow.connection) == bindparam("connection"),
        col(RawAnswerRow.tracker_id).in_(bindparam("ids", expanding=True)),
    )
    .distinct()
)


def _pages(session: Session, connection: str, ids: Collection[str]) -> set[int]:
    """The pages that hold answers about these items."""
    found: set[int] = set()
    for some in batches(ids):
        found.update(session.connection().scalars(_PAGES, {"connection": connection, "ids": some}))
    return found


def _drop_unused(session: Session, pages: Collection[int]) -> None:
    """A page goes with the last of its answers."""
    if pages:
        used = select(col(RawAnswerRow.page)).where(col(RawAnswerRow.page) == col(RawPageRow.id)).exists()
        session.execute(delete(RawPageRow).where(col(RawPageRow.id).in_(pages), ~used))


def kept_after(session: Session, connection: str, tracker_id: str, number: int) -> tuple[Kept, ...]:
    """What is kept of the items that follow this one, in the order of their ids? Deleted ones of which nothing is kept
    are left out: there is nothing to ask for either."""
    mine = (col(RawAnswerRow.connection) == col(ItemRow.connection)) & (
        col(RawAnswerRow.tracker_id) == col(ItemRow.tracker_id)
    )
    question = (
        select(col(ItemRow.tracker_id), col(RawAnswerRow.page), col(RawAnswerRow.line))
        .join(RawAnswerRow, mine, isouter=True)
        .where(col(ItemRow.connection) == connection, col(ItemRow.tracker_id) > tracker_id)
        .where(col(ItemRow.deleted).is_(None) | col(RawAnswerRow.page).is_not(None))
        .order_by(col(ItemRow.tracker_id))
        .limit(number)
    )
    found = session.execute(question).all()
    pages = _read_pages(session, {page for _, page, _ in found if page is not None})
    return tuple(_kept(id_, pages.get(page), line) for id_, page, line in found)


@dataclass(frozen=True, slots=True)
class _Page:
    lines: Sequence[bytes]
    asked: tuple[str, ...]
    fetched_at: datetime


def _read_pages(session: Session, ids: Collection[int]) -> dict[int, _Page]:
    found: dict[int, _Page] = {}
    for some in batches(ids):
        for row in session.scalars(select(RawPageRow).where(col(RawPageRow.id).in_(some))):
            assert row.id is not None
            found[row.id] = _Page(zlib.decompress(row.body).split(b"\n"), row.asked, row.fetched_at)
    return found


def _kept(tracker_id: str, page: _Page | None, line: int | None) -> Kept:
    if page is None or line is None:
        return Kept(tracker_id, None)
    return Kept(tracker_id, page.lines[line], page.asked, page.fetched_at)


def kept_about(session: Session, connection: str, tracker_id: str) -> bytes | None:
    """What is kept under this name?"""
    row = session.get(RawAnswerRow, (connection, tracker_id))
    return None if row is None else _read_pages(session, {row.page})[row.page].lines[row.line]


def number_kept(session: Session, connection: str) -> int:
    """Of how many items is an answer kept?"""
    mine = (col(RawAnswerRow.connection) == connection, ~col(RawAnswerRow.tracker_id).startswith("*"))
    return session.scalar(select(func.count()).select_from(RawAnswerRow).where(*mine)) or 0


def purge(session: Session, before: datetime) -> int:
    """Delete the pages that were fetched before that moment, with their answers; say how many pages."""
    gone = session.execute(delete(RawPageRow).where(col(RawPageRow.fetched_at) < before))
    assert isinstance(gone, CursorResult)
    return gone.rowcount
