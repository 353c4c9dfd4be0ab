"""Two sprints, or two days of one, beside each other: bars, the differences of their shares, and of their items."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from integration.store import page_reads, reads
from integration.store.opened import Store
from mappings.document import moment_text
from mappings.model import SprintState
from reports.figures import OTHERS, Bar, Document, NamedKR, Segment
from reports.sprint_views import ItemRow, SprintPage
from reports.views import BARS, Ground, ground_of


@dataclass(frozen=True, slots=True)
class Side:
    """`asked` is the past day as it was asked for; "" for now."""

    page: SprintPage
    asked: str

    def address(self, href: str) -> str:
        """With the day: what one side shows leads to what it was made of then."""
        return f"{href}&as_of={quote(self.asked)}" if self.asked else href

    @property
    def bars(self) -> dict[str, Bar]:
        """By scope, in the measure that was asked for."""
        columns = (column for column in self.page.columns if column.measure == self.page.measure)
        return {bar.scope: self._dated(bar) for column in columns for bar in column.bars}

    def _dated(self, bar: Bar) -> Bar:
        segments = tuple(replace(each, href=self.address(each.href)) for each in bar.segments)
        return replace(bar, key=f"{bar.key}/{self.asked}", segments=segments)


@dataclass(frozen=True, slots=True)
class Share:
    percent: int
    amount: str
    href: str


@dataclass(frozen=True, slots=True)
class Difference:
    """`points` are percentage points from the first to the second; None where one of the two figures is not there."""

    part: str
    name: str
    kr: NamedKR | None
    first: Share | None
    second: Share | None
    points: int | None


@dataclass(frozen=True, slots=True)
class ScopeDifference:
    scope: str
    first: Bar | None
    second: Bar | None
    parts: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class ItemDifference:
    """What differs of an item; "" where it is not in that one."""

    key: str
    title: str
    url: str | None
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Comparison:
    first: Side
    second: Side
    scopes: tuple[ScopeDifference, ...]
    items: tuple[ItemDifference, ...]
    same: int  # items that do not differ

    @property
    def measure(self) -> str:
        return self.first.page.measure


@dataclass(frozen=True, slots=True)
class Choice:
    """A sprint that can be chosen; `value` is `connection/sprint`."""

    value: str
    words: str
    board: tuple[str, str]
    has_begun: bool


@dataclass(frozen=True, slots=True)
class Choices:
    ground: Ground
    sprints: tuple[Choice, ...]

    def offered(self, first: str, second: str) -> tuple[str, str]:
        """What is chosen to begin with: a sprint that has begun, and the one before it on its board."""
        begun = [one for one in self.sprints if one.has_begun] or list(self.sprints)
        one = next((one for one in self.sprints if one.value == first), begun[0] if begun else None)
        if one is None:
            return first, second
        earlier = self.sprints[self.sprints.index(one) + 1 :]
        others = [each for each in (*earlier, *begun) if each.board == one.board and each != one]
        return first or one.value, second or (others[0].value if others else one.value)


def choices(store: Store, now: datetime) -> Choices:
    """All sprints, the latest first."""
    with store.reading() as session:
        ground = ground_of(session, now)
        boards = {(board.connection, board.id): board.name for board in reads.boards(session)}
        found = page_reads.all_sprints(session)
    latest = sorted(found, key=lambda sprint: sprint.completed or sprint.start or sprint.end or now, reverse=True)
    words = ((each, boards.get((each.connection, each.board), each.board)) for each in latest)
    return Choices(
        ground,
        tuple(
            Choice(
                f"{each.connection}/{each.id}",
                f"{each.name}, {board}",
                (each.connection, each.board),
                each.state != SprintState.FUTURE.value,
            )
            for each, board in words
        ),
    )


def comparison(first: Side, second: Side) -> Comparison:
    scopes = (_scope(scope, first, second) for scope in BARS)
    items = tuple(_items(first.page, second.page))
    number = len({row.key for side in (first, second) for row in side.page.items})
    shown = tuple(scope for scope in scopes if scope.first is not None or scope.second is not None)
    return Comparison(first, second, shown, items, number - len(items))


def _scope(scope: str, first: Side, second: Side) -> ScopeDifference:
    bars = first.bars.get(scope), second.bars.get(scope)
    sides = [(side, {each.part: each for each in bar.segments} if bar else None) for side, bar in
             zip((first, second), bars, strict=True)]  # fmt: skip
    order = dict.fromkeys(part for _, segments in reversed(sides) for part in segments or ())
    named = [*(part for part in order if part not in OTHERS), *(part for part in OTHERS if part in order)]
    return ScopeDifference(scope, *bars, tuple(_difference(part, sides) for part in named))


def _difference(part: str, sides: list[tuple[Side, dict[str, Segment] | None]]) -> Difference:
    first, second = (_share((segments or {}).get(part)) for _, segments in sides)
    names = {**sides[0][0].page.ground.names, **sides[1][0].page.ground.names}
    points = None
    if all(segments for _, segments in sides):
        before, after = (share.percent if share is not None else 0 for share in (first, second))
        points = after - before
    kr = names.get(part) if part not in OTHERS else None
    return Difference(part, OTHERS.get(part, part), kr, first, second, points)


def _share(segment: Segment | None) -> Share | None:
    return None if segment is None else Share(segment.percent, segment.amount, segment.href)


def _items(first: SprintPage, second: SprintPage) -> Iterator[ItemDifference]:
    before, after = ({row.key: row for row in page.items} for page in (first, second))
    for key in sorted({*before, *after}):
        row = after.get(key) or before[key]
        was, now = (_words(side.get(key), first.measure) for side in (before, after))
        if was != now:
            yield ItemDifference(key, row.title, row.url, was, now)


def _words(row: ItemRow | None, measure: str) -> str:
    if row is None:
        return ""
    links = ", ".join(link.name if link.weight == "100 %" else f"{link.name} {link.weight}" for link in row.links)
    value = "" if measure == "count" else f"{row.value}{' imputed' if row.imputed else ''} · "
    return f"{value}{links}"


# --- for programs


def comparison_document(told: Comparison) -> dict[str, Any]:
    """For programs."""
    return {
        "measure": told.measure,
        "a": _side_document(told.first),
        "b": _side_document(told.second),
        "scopes": [
            {"scope": one.scope, "parts": [_difference_document(part) for part in one.parts]} for one in told.scopes
        ],
        "items": [
            {"item": one.key, "title": one.title, "url": one.url, "a": one.first or None, "b": one.second or None}
            for one in told.items
        ],
        "items_alike": told.same,
    }


def _side_document(side: Side) -> Document:
    sprint = side.page.sprint
    return {
        "connection": sprint.connection,
        "id": sprint.id,
        "name": sprint.name,
        "as_of": moment_text(side.page.ground.as_of),
        "state": sprint.state,
    }


def _difference_document(one: Difference) -> Document:
    """`points`: percentage points from the first to the second."""
    return {
        "part": one.part,
        "name": one.name,
        "a": _share_document(one.first),
        "b": _share_document(one.second),
        "points": one.points,
    }


def _share_document(share: Share | None) -> Document | None:
    return None if share is None else {"percent": share.percent, "amount": share.amount}
