"""Links of work items to goals, kept over time by what was seen, and given to items as tags."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, select, update
from sqlmodel import Session, col

from integration.store.bulk import insert, table_of
from integration.store.okr_tables import GoalLinkRow
from integration.store.tables import ItemRow
from mappings.model import Item, ItemState

SHOWN = "Goals"  # as Jira calls the field
_ALWAYS = datetime(1900, 1, 1, tzinfo=UTC)


class SeenLink(NamedTuple):
    item: str  # the tracker's id
    code: str
    earliest: datetime | None  # the goal is no older


class Look(NamedTuple):
    """One look at the goals of a source: `before` is the good look before it, None the first."""

    connection: str
    source: int
    now: datetime
    before: datetime | None


def keep_links(session: Session, look: Look, seen: Collection[SeenLink], unsure: Collection[str]) -> bool:
    """Begin and end links by what was seen; of goals in `unsure` none ends. Say whether anything changed.

    At the first look nobody knows since when a link is there: it holds from when its goal was made.
    """
    question = select(*table_of(GoalLinkRow).columns).where(
        col(GoalLinkRow.connection) == look.connection,
        col(GoalLinkRow.source) == look.source,
        col(GoalLinkRow.until).is_(None),
    )
    open_ones = {(row.item, row.code): row for row in session.execute(question)}
    told = {(link.item, link.code): link for link in seen}
    begun = [_begun(look, link) for pair, link in told.items() if pair not in open_ones]
    ended = [row for pair, row in open_ones.items() if pair not in told and row.code not in unsure]
    insert(session, GoalLinkRow, begun)
    for row in ended:
        _end(session, row, look)
    return bool(begun or ended)


def end_links(session: Session, source: int, now: datetime) -> bool:
    """A source is no more: what it told holds no longer."""
    mine = (col(GoalLinkRow.source) == source, col(GoalLinkRow.until).is_(None))
    found = session.scalars(select(col(GoalLinkRow.item)).where(*mine).limit(1)).first()
    session.execute(update(GoalLinkRow).where(*mine).values(until=now))
    return found is not None


def _begun(look: Look, link: SeenLink) -> dict[str, object]:
    since = look.now if look.before is not None else link.earliest or _ALWAYS
    return {
        "connection": look.connection,
        "item": link.item,
        "code": link.code,
        "since": min(since, look.now),
        "source": look.source,
        "not_before": look.before,
        "until": None,
        "until_not_before": None,
    }


def _end(session: Session, row: Row[Any], look: Look) -> None:
    """All of that pair: two who looked at once may have begun it twice."""
    mine = (
        col(GoalLinkRow.connection) == row.connection,
        col(GoalLinkRow.item) == row.item,
        col(GoalLinkRow.code) == row.code,
        col(GoalLinkRow.source) == look.source,
        col(GoalLinkRow.until).is_(None),
    )
    session.execute(update(GoalLinkRow).where(*mine).values(until=look.now, until_not_before=look.before))


# --- as tags


class _Span(NamedTuple):
    code: str
    since: datetime
    until: datetime | None

    def holds(self, moment: datetime) -> bool:
        return self.since <= moment and (self.until is None or moment < self.until)


def with_goal_links(session: Session, connection: str, items: Sequence[Item]) -> list[Item]:
    """The items with the goals that they serve among their tags, each for its time."""
    spans = _spans(session, connection)
    return [_tagged(item, spans[item.key]) if item.key in spans else item for item in items]


def _spans(session: Session, connection: str) -> dict[str, list[_Span]]:
    found: dict[str, list[_Span]] = defaultdict(list)
    question = (
        select(col(ItemRow.key), col(GoalLinkRow.code), col(GoalLinkRow.since), col(GoalLinkRow.until))
        .join(
            ItemRow,
            (col(ItemRow.connection) == col(GoalLinkRow.connection))
            & (col(ItemRow.tracker_id) == col(GoalLinkRow.item)),
        )
        .where(col(GoalLinkRow.connection) == connection)
        .order_by(col(GoalLinkRow.since), col(GoalLinkRow.code))
    )
    for key, code, since, until in session.execute(question):
        found[key].append(_Span(code, since, until))
    return dict(found)


def _tagged(item: Item, spans: Iterable[_Span]) -> Item:
    known = tuple(spans)
    field = item.tag_field
    return replace(
        item,
        states=tuple(_states(item.states, known)),
        tag_field=SHOWN if field is None else field if SHOWN in field.split(", ") else f"{field}, {SHOWN}",
    )


def _states(states: Sequence[ItemState], spans: tuple[_Span, ...]) -> Iterable[ItemState]:
    """A state at each moment at which the item or one of its links changed."""
    edges = {moment for span in spans for moment in (span.since, span.until) if moment is not None}
    moments = sorted({state.at for state in states} | {edge for edge in edges if edge > states[0].at})
    at = 0
    for moment in moments:
        while at + 1 < len(states) and states[at + 1].at <= moment:
            at += 1
        own = states[at].tags
        codes = dict.fromkeys(span.code for span in spans if span.holds(moment) and span.code not in own)
        yield states[at]._replace(at=moment, tags=(*own, *codes))
