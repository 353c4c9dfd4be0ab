"""What every tracker module offers, and the values that travel between tracker, worker and store."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from mappings.model import Board, Item, Sprint
from webhooks.contract import Sender

if TYPE_CHECKING:
    from integration.connecting import Connecting
    from integration.limits import CallBook


class TrackerError(Exception):
    """`reason` is a stable snake_case code for counting; `sentence` says what a person must do."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(f"{reason}: {sentence}")
        self.reason = reason
        self.sentence = sentence


LONGEST_WAIT = 86_400.0  # seconds: who asks for more has written nonsense, which no calendar may have to hold


class Temporary(TrackerError):
    """Try again later; not before `retry_after` seconds where the tracker said so."""

    def __init__(self, reason: str, sentence: str, retry_after: float | None = None) -> None:
        super().__init__(reason, sentence)
        self.retry_after = None if retry_after is None else min(retry_after, LONGEST_WAIT)


class Permanent(TrackerError):
    """Never try again; tell someone."""


class Misconfigured(TrackerError):
    """Stop; the sentence names the setting to mend."""


class Malformed(Permanent):
    """A body is not what its vendor promises: `path` names the place."""

    def __init__(self, path: str, sentence: str) -> None:
        super().__init__("malformed", f"{path}: {sentence}")
        self.path = path


class Ignored(Exception):
    """A genuine body that changes nothing we keep; `reason` is a sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Change:
    """A hint that something changed: its state is always fetched again."""

    kind: str  # work_item, sprint, board, project, field, ...
    id: str  # the tracker's own stable id, as text
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TrackedItem:
    """A translated item with its tracker's stable id and the tracker's `updated` moment.

    `notes` are sentences on what had to be guessed: an unknown status, a history that contradicts itself.
    `earlier`: the item as earlier mappings read it, each with the moment until which that one held; only where
    that is another reading.
    """

    id: str
    item: Item
    updated: datetime
    notes: tuple[str, ...] = ()
    earlier: tuple[tuple[datetime, Item], ...] = ()


@dataclass(frozen=True, slots=True)
class Fetched:
    """A part of the truth, as fetched at `at`. `gone`: ids asked for that are not there any more."""

    at: datetime
    items: tuple[TrackedItem, ...] = ()
    sprints: tuple[Sprint, ...] = ()
    boards: tuple[Board, ...] = ()
    earlier_boards: tuple[tuple[datetime, Board], ...] = ()  # these, as earlier mappings tell of them, until when
    gone: tuple[str, ...] = ()  # tracker ids of items
    gone_sprints: tuple[str, ...] = ()
    hidden_parents: frozenset[str] = frozenset()  # keys of parents that we may not see
    raw: Mapping[str, bytes] = field(default_factory=dict)  # scrubbed answers by item id, each a line of JSON
    asked: tuple[str, ...] = ()  # the fields that these answers were asked for
    refused: tuple[tuple[str, str], ...] = ()  # tracker ids of items that could not be read, each with its reason
    starts_are_exact: bool = False  # `Sprint.start` is when it was started, not a date that people edit later
    read_by: str = ""  # the mark of the mapping that read it; "" where none plays a part
    is_read_again: bool = False  # kept answers read by another mapping: nothing was seen anew


@dataclass(frozen=True, slots=True)
class Page:
    """One step of a backfill: save `fetched` and `cursor` in one transaction, then go on from there.

    The last step of a reconciliation is `is_whole`: its `notice` is what a person should know, though nothing failed.
    """

    fetched: Fetched
    cursor: str | None  # None: finished
    done: int
    total: int | None
    is_whole: bool = False
    notice: str | None = None
    boards_seen: tuple[str, ...] = ()  # boards whose sprints were asked for


@dataclass(frozen=True, slots=True)
class KeptTokens:
    """An access token and what it is renewed with; `refused`: the sentence for the person who must agree again."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    until: datetime
    refused: str | None = None


class TokenBox(Protocol):
    """Where the tokens of one connection are kept. Over all processes one owner renews them, while its lease lasts."""

    def __hash__(self) -> int: ...
    def read(self) -> KeptTokens: ...
    def take(self, owner: str, now: datetime, until: datetime) -> bool: ...
    def keep(self, owner: str, tokens: KeptTokens, now: datetime) -> None: ...
    def refuse(self, owner: str, sentence: str, now: datetime) -> None: ...
    def release(self, owner: str) -> None: ...


@dataclass(frozen=True, slots=True)
class EarlierMapping:
    """A mapping that held until `until`: what was closed before that moment keeps its reading."""

    until: datetime
    mapping: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Connection:
    """One tracker site we are connected to. `mapping` is the tracker's own, plain JSON data."""

    id: str  # short name chosen by the operator; part of the webhook's URL
    tracker: str
    base_url: str
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    mapping: Mapping[str, object] = field(default_factory=dict)
    tokens: TokenBox | None = field(default=None, repr=False, compare=False)  # where they change by themselves
    earlier: tuple[EarlierMapping, ...] = ()  # in order of time
    calls: "CallBook | None" = field(default=None, repr=False, compare=False)  # where its calls are counted


FILE = "file"  # in place of a tracker's name, of a connection that nobody can be asked about


def is_a_file(name: str) -> Misconfigured:
    return Misconfigured(
        "is_a_file",
        f"{name} is a file: nobody can be asked or written to. `tieline import FILE --name {name}` updates it.",
    )


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer of the tracker as it was kept: `asked` are the fields that were asked for then, where it is known."""

    id: str
    body: bytes
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Retranslated:
    """What kept answers amount to; `lacking` are the items of which they do not hold all that is needed, with what.

    `parents`: keys that items name as their parents, which may never have been looked at.
    """

    fetched: Fetched
    lacking: Mapping[str, str] = field(default_factory=dict)
    parents: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class KeyResultTag:
    """Write the tag of key results: each with the names that lead to it and to no other, the best one first.

    `replaces` False: an item that has a tag already keeps it. `into`: the field to write, where several could be.
    """

    names: tuple[tuple[str, ...], ...]
    replaces: bool = True
    into: str | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Put a label on an item, or an invisible property with a value, or take it off (`is_set` False)."""

    kind: str  # label, property
    name: str
    value: str = ""
    is_set: bool = True


@dataclass(frozen=True, slots=True)
class Remark:
    """Add a comment; its last line is a mark of ours, by which it is found again."""

    text: str


Wish = KeyResultTag | Mark | Remark


@dataclass(frozen=True, slots=True)
class Edit:
    """One place of an item that is to become `wanted` where it is `former`: the tracker's own plain JSON, None where
    nothing is there. Undoing it is the same edit with both exchanged. `scope`: where the tracker's permissions hold."""

    item: str  # the tracker's own id
    kind: str
    place: str
    former: object
    wanted: object
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a wish comes to for one item, in words; without an edit `problem` says why there is nothing to write.

    `tags` are those that the item will bear afterwards; None: they stay as they are.
    """

    item: str
    place: str  # as the tracker's people call it
    former: str = ""
    wanted: str = ""
    edit: Edit | None = None
    tags: tuple[str, ...] | None = None
    problem: str | None = None
    is_so_already: bool = False


@dataclass(frozen=True, slots=True)
class Writer:
    """How a tracker is written to. Only `send` changes anything; it sends an edit once and never repeats it after an
    unclear failure (`Temporary` other than `NotDone`): `look_for` finds out whether it arrived.

    `present` tells what is there now in the places of some edits, by item; an item that is not told is not there.
    `send` answers what undoing needs besides, such as the id of a comment, and `undone` makes the edit that undoes.
    """

    propose: Callable[[Connection, Wish, Sequence[str], datetime], tuple[Proposal, ...]]
    present: Callable[[Connection, Sequence[Edit]], Mapping[str, object]]
    send: Callable[[Connection, Edit], Mapping[str, str]]
    look_for: Callable[[Connection, Edit], tuple[object, Mapping[str, str]]]
    undone: Callable[[Edit, Mapping[str, str]], Edit]


@dataclass(frozen=True, slots=True)
class Tracker:
    """One tracker: its module ends in `TRACKER = Tracker(...)`.

    `read` turns a delivery's body into changes, or raises `Ignored` or `Malformed`.
    `fetch` gets the present state and history of what changed.
    `backfill` yields pages from `cursor` (None: the beginning).
    `reconcile` yields pages of what changed since the cursor of its last run, for deliveries may be lost; every page
    has a cursor, the last one that of the next run. None: the tracker has no such search.
    `sweep` looks at known items, given with their `updated`: what changed comes back, what is absent is `gone`.
    `connecting` answers the steps by which a site is connected and looked at again.
    `retranslate` reads kept answers by the connection's present mapping, without asking the tracker; `refetch` gets
    known items by id, or parents by key, wherever they are now. None: a changed mapping asks for another backfill.
    `writer` None: nothing can be written back to it.
    """

    name: str
    sender: Sender
    read: Callable[[bytes], tuple[Change, ...]]
    fetch: Callable[[Connection, Sequence[Change], datetime], Fetched]
    backfill: Callable[[Connection, str | None, datetime], Iterator[Page]]
    reconcile: Callable[[Connection, str | None, datetime], Iterator[Page]] | None = None
    sweep: Callable[[Connection, Mapping[str, datetime], datetime], Fetched] | None = None
    connecting: "Callable[[], Connecting] | None" = None  # loaded when it is called
    writer: Writer | None = None
    retranslate: Callable[[Connection, Sequence[Answered], bytes | None, datetime], Retranslated] | None = None
    refetch: Callable[[Connection, Sequence[str], datetime], Fetched] | None = None
