"""The tables of the store, all but the inbox: what trackers told, what people decided, and the answers kept from both.

Boards, sprints and items are known by their connection and the tracker's own id.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, LargeBinary, Text
from sqlmodel import Field, SQLModel

from integration.store.columns import ExactNumber, ExactNumbers, Fields, Texts, UtcDateTime, Words
from mappings.model import Exact, FieldValue

Document = dict[str, Any]  # JSON; checked before it is written


def _moment(nullable: bool = True) -> Any:
    return Field(default=None, sa_column=Column(UtcDateTime(), nullable=nullable))


def _text(nullable: bool = True, index: bool = False) -> Any:
    return Field(default=None, sa_column=Column(Text(), nullable=nullable, index=index))


def _words(nullable: bool = True) -> Any:
    return Field(default=None, sa_column=Column(Words(), nullable=nullable))


def _json(nullable: bool = False) -> Any:
    return Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=nullable))


def _texts() -> Any:
    return Field(default=(), sa_column=Column(Texts(), nullable=False))


def _number(nullable: bool = True) -> Any:
    return Field(default=None, sa_column=Column(ExactNumber(), nullable=nullable))


def _key() -> Any:
    return Field(sa_column=Column(Text(), primary_key=True))


class ConnectionRow(SQLModel, table=True):
    """One tracker site. Everything secret is encrypted or hashed; health is for the connections page."""

    __tablename__ = "connections"

    id: str = _key()
    tracker: str = _text(nullable=False)
    base_url: str = _text(nullable=False)
    credentials: bytes | None = Field(default=None, sa_column=Column(LargeBinary()))  # encrypted JSON
    webhook_secret: bytes | None = Field(default=None, sa_column=Column(LargeBinary()))  # encrypted
    previous_webhook_secret: bytes | None = Field(default=None, sa_column=Column(LargeBinary()))  # while rotating
    path_token: bytes | None = Field(default=None, sa_column=Column(LargeBinary()))  # encrypted
    unsigned: bool = False  # the operator said that this site cannot sign
    callback_url: str = _text(nullable=False)
    mapping: Document = _json()
    created_at: datetime = _moment(nullable=False)
    last_delivery_at: datetime | None = _moment()
    last_sync_at: datetime | None = _moment()
    lag_seconds: int | None = None  # from the oldest waiting delivery to its save, at the last save
    reconcile_cursor: str | None = _text()
    reconciled_at: datetime | None = _moment()
    last_error: str | None = _text()  # the sentence for the person who must act
    last_error_at: datetime | None = _moment()


class MappingVersionRow(SQLModel, table=True):
    __tablename__ = "mapping_versions"

    id: int | None = Field(default=None, primary_key=True)
    connection: str = _text(nullable=False, index=True)
    since: datetime | None = _moment()  # None: from always
    mapping: Document = _json()
    author: str | None = _text()
    reason: str | None = _text()
    applied_at: datetime = _moment(nullable=False)


class BoardRow(SQLModel, table=True):
    __tablename__ = "boards"

    connection: str = _key()
    id: str = _key()
    name: str = _words(nullable=False)
    team: str | None = _words()
    periods: str | None = _text()
    filter_excludes: tuple[str, ...] = _texts()
    fetched_at: datetime = _moment(nullable=False)


class SprintRow(SQLModel, table=True):
    """What the sightings of a sprint amount to."""

    __tablename__ = "sprints"
    __table_args__ = (Index(None, "connection", "board"), Index(None, "connection", "state"))

    connection: str = _key()
    id: str = _key()
    board: str = _words(nullable=False)
    name: str = _words(nullable=False)
    state: str = _text(nullable=False)
    start: datetime | None = _moment()
    end: datetime | None = _moment()
    completed: datetime | None = _moment()
    team: str | None = _words()
    url: str | None = _words()
    gone_at: datetime | None = _moment()


class SprintGoalRow(SQLModel, table=True):
    """The goals of a sprint; the change to one lies after `not_before` (its forerunner was seen then)."""

    __tablename__ = "sprint_goals"

    connection: str = _key()
    sprint: str = _key()
    position: int = Field(primary_key=True)
    at: datetime | None = _moment()  # None: from always
    not_before: datetime | None = _moment()
    text: str | None = _words()


class SprintSightingRow(SQLModel, table=True):
    """What the tracker told of a sprint from `first` to `last` seen: the sprint's row is reckoned from these,
    so that the order in which answers arrive does not matter."""

    __tablename__ = "sprint_sightings"

    connection: str = _key()
    sprint: str = _key()
    first: datetime = Field(sa_column=Column(UtcDateTime(), primary_key=True))
    last: datetime = _moment(nullable=False)
    told: Document | None = _json(nullable=True)  # None: it was not there any more


class ItemRow(SQLModel, table=True):
    __tablename__ = "items"
    __table_args__ = (
        Index(None, "connection", "tracker_id", unique=True),
        Index(None, "connection", "key"),
        Index(None, "connection", "version"),
    )

    id: int | None = Field(default=None, primary_key=True)
    connection: str = _text(nullable=False)
    tracker_id: str = _text(nullable=False)
    key: str = _words(nullable=False)
    type: str = _words(nullable=False)
    level: int
    created: datetime = _moment(nullable=False)
    project: str | None = _words()
    title: str = _words(nullable=False)
    deleted: datetime | None = _moment()
    history_known: bool
    url: str | None = _words()
    tag_field: str | None = _words()
    aliases: tuple[str, ...] = _texts()
    updated: datetime = _moment(nullable=False)
    fetched_at: datetime = _moment(nullable=False)
    states_digest: str = _text(nullable=False)  # tells whether the history must be written again
    notes: tuple[str, ...] | None = Field(default=None, sa_column=Column(Texts()))  # what had to be guessed
    version: int  # of the connection's pulse when this row or its history last changed


class ItemStateRow(SQLModel, table=True):
    __tablename__ = "item_states"

    item_id: int = Field(primary_key=True, foreign_key="items.id", ondelete="CASCADE")
    position: int = Field(primary_key=True)
    at: datetime = _moment(nullable=False)
    status: str = _text(nullable=False)
    points: Exact | None = _number()
    tags: tuple[str, ...] = _texts()
    sprints: tuple[str, ...] = _texts()
    parent: str | None = _words()
    labels: tuple[str, ...] = _texts()
    components: tuple[str, ...] = _texts()
    original_estimate: Exact | None = _number()
    time_spent: Exact = _number(nullable=False)
    fields: dict[str, FieldValue] = Field(default_factory=dict, sa_column=Column(Fields(), nullable=False))
    team: str | None = _words()
    board: str | None = _words()
    impact: dict[str, Exact] = Field(default_factory=dict, sa_column=Column(ExactNumbers(), nullable=False))


class ItemSprintRow(SQLModel, table=True):
    """Which items ever named a sprint."""

    __tablename__ = "item_sprints"

    connection: str = _key()
    sprint: str = _key()
    item_id: int = Field(primary_key=True, foreign_key="items.id", ondelete="CASCADE", index=True)


class ItemParentRow(SQLModel, table=True):
    """Which items ever named a parent."""

    __tablename__ = "item_parents"

    connection: str = _key()
    parent: str = _key()
    item_id: int = Field(primary_key=True, foreign_key="items.id", ondelete="CASCADE", index=True)


class GoneItemRow(SQLModel, table=True):
    """A moment at which an item was asked for and was not there: an older answer must not bring it to life."""

    __tablename__ = "gone_items"

    connection: str = _key()
    tracker_id: str = _key()
    at: datetime = Field(sa_column=Column(UtcDateTime(), primary_key=True))


class HiddenParentRow(SQLModel, table=True):
    __tablename__ = "hidden_parents"

    connection: str = _key()
    key: str = _key()
    seen_at: datetime = _moment(nullable=False)


class PlanRow(SQLModel, table=True):
    """One version of register, rules and settings; or of what one connection, a file, brought itself."""

    __tablename__ = "plans"

    id: int | None = Field(default=None, primary_key=True)
    connection: str | None = _text()  # None: the register's
    since: datetime | None = Field(default=None, sa_column=Column(UtcDateTime(), index=True))  # None: from always
    document: Document = _json()
    author: str | None = _text()
    reason: str | None = _text()
    applied_at: datetime = _moment(nullable=False)


class AnswerRow(SQLModel, table=True):
    """A kept answer. `kind`: sprint, corrected, outside, period, rollup, links, epics; work, done and census of what
    others are reckoned from. No connection ("") is what is told of all together.

    `summary` is the document without its receipts, for lists and bars.
    """

    __tablename__ = "answers"
    connection: str = _key()
    kind: str = _key()
    subject: str = _key()
    measure: str = _key()  # "" where none applies
    document: Document = _json()
    summary: Document = _json()
    versions: Document = _json()  # {"plan": id, "mapping": id, "pulse": n}
    digest: str = _text(nullable=False)  # of the document, so that only what changed is written
    closed: bool = False
    decided_at: datetime = _moment(nullable=False)
    holds_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime(), index=True))


class RestatementRow(SQLModel, table=True):
    """A closed figure that changed because we learned something: both figures, when and why."""

    __tablename__ = "restatements"
    __table_args__ = (Index(None, "connection", "kind", "subject", "measure"),)

    id: int | None = Field(default=None, primary_key=True)
    connection: str = _text(nullable=False)
    kind: str = _text(nullable=False)
    subject: str = _text(nullable=False)
    measure: str = _text(nullable=False)
    old: Document = _json()
    new: Document = _json()
    why: str = _text(nullable=False)  # late_data, mapping, re_opened
    learnt_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))


class FindingRow(SQLModel, table=True):
    __tablename__ = "findings"
    __table_args__ = (Index(None, "connection", "kind", "subject", unique=True), Index(None, "connection", "state"))

    id: int | None = Field(default=None, primary_key=True)
    connection: str = _text(nullable=False)
    kind: str = _words(nullable=False)
    subject: str = _words(nullable=False)
    severity: str = _text(nullable=False)
    evidence: Document = _json()
    suggestion: str = _words(nullable=False)
    state: str = _text(nullable=False)  # open, acknowledged, muted, resolved
    opened_at: datetime = _moment(nullable=False)
    resolved_at: datetime | None = _moment()
    muted_until: datetime | None = _moment()
    actor: str | None = _words()  # who acknowledged or muted it, in Tieline
    reason: str | None = _words()


class FindingEventRow(SQLModel, table=True):
    """The life of a finding: opened, resolved, and a person's acts: acknowledged, muted (until)."""

    __tablename__ = "finding_events"

    id: int | None = Field(default=None, primary_key=True)
    finding_id: int = Field(foreign_key="findings.id", ondelete="CASCADE", index=True)
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))
    event: str = _text(nullable=False)
    actor: str | None = _words()
    reason: str | None = _words()
    until: datetime | None = _moment()


class AccountRow(SQLModel, table=True):
    __tablename__ = "accounts"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(sa_column=Column(Text(), nullable=False, unique=True))
    role: str = _text(nullable=False)  # admin, editor, viewer
    password_hash: str | None = _text()
    created_at: datetime = _moment(nullable=False)
    disabled_at: datetime | None = _moment()


class TeamRoleRow(SQLModel, table=True):
    """What an account may do for one team and its sub-teams, beyond what it may do everywhere."""

    __tablename__ = "team_roles"

    account_id: int = Field(primary_key=True, foreign_key="accounts.id", ondelete="CASCADE")
    team: str = Field(sa_column=Column(Words(), primary_key=True))
    role: str = _text(nullable=False)  # editor, admin


class LoginAttemptRow(SQLModel, table=True):
    """An attempt to log in that failed; kept for a day, to slow down who guesses."""

    __tablename__ = "login_attempts"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))
    address: str = _text(nullable=False)
    name: str | None = _words()


class ApiTokenRow(SQLModel, table=True):
    """A key for programs. Only the SHA-256 of its secret part is kept; `id` is the part that may be shown."""

    __tablename__ = "api_tokens"

    id: str = _key()
    account_id: int = Field(foreign_key="accounts.id", ondelete="CASCADE", index=True)
    name: str = _words(nullable=False)
    secret_hash: str = _text(nullable=False)
    scopes: tuple[str, ...] = _texts()  # read, act, metrics
    created_at: datetime = _moment(nullable=False)
    expires_at: datetime = _moment(nullable=False)
    last_used_at: datetime | None = _moment()
    revoked_at: datetime | None = _moment()


class LoginLinkRow(SQLModel, table=True):
    """A link that lets its account in once; only the SHA-256 of its token is kept."""

    __tablename__ = "login_links"

    token_hash: str = _key()
    account_id: int = Field(foreign_key="accounts.id", ondelete="CASCADE")
    created_at: datetime = _moment(nullable=False)
    expires_at: datetime = _moment(nullable=False)
    used_at: datetime | None = _moment()


class SessionRow(SQLModel, table=True):
    """A login on the server's side, so that it can be revoked; only the SHA-256 of its id is kept."""

    __tablename__ = "sessions"

    id_hash: str = _key()
    account_id: int = Field(foreign_key="accounts.id", ondelete="CASCADE", index=True)
    created_at: datetime = _moment(nullable=False)
    last_seen_at: datetime = _moment(nullable=False)
    expires_at: datetime = _moment(nullable=False)
    revoked_at: datetime | None = _moment()


class ActRow(SQLModel, table=True):
    """What a person did in Tieline, by name."""

    __tablename__ = "acts"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))
    actor: str = _words(nullable=False)
    act: str = _text(nullable=False)
    subject: str | None = _words()
    reason: str | None = _words()
    detail: Document | None = _json(nullable=True)


class OverrulingRow(SQLModel, table=True):
    """A person's word against the judge's. Rows are only ever added: a later one takes an earlier one back."""

    __tablename__ = "overrulings"
    __table_args__ = (Index(None, "about", "subject"),)

    id: int | None = Field(default=None, primary_key=True)
    connection: str | None = _text()  # None: of key results and phrases, which are everybody's
    about: str = _text(nullable=False)  # goal, key_result
    subject: str | None = _words()  # sprint id or KR code; None: a phrase
    team: str | None = _words()  # of a phrase; None: everybody's
    text: str = _words(nullable=False)
    label: str | None = _text()  # None: the judge's verdict holds again
    reason: str = _words(nullable=False)
    author: str = _text(nullable=False)
    at: datetime = _moment(nullable=False)


class BackfillRow(SQLModel, table=True):
    """How far the present or last backfill of a connection is."""

    __tablename__ = "backfills"

    connection: str = _key()
    cursor: str | None = _text()
    done: int = 0
    total: int | None = None
    started_at: datetime = _moment(nullable=False)
    finished_at: datetime | None = _moment()


class RawPageRow(SQLModel, table=True):
    """Scrubbed answers of a tracker that came together, compressed together, to be translated again after a mapping
    change. `asked`: the fields that were asked for, as far as it is known."""

    __tablename__ = "raw_pages"

    id: int | None = Field(default=None, primary_key=True)
    connection: str = _text(nullable=False)
    fetched_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))
    asked: tuple[str, ...] = _texts()
    body: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))  # a line of JSON each


class RawAnswerRow(SQLModel, table=True):
    """Where the last answer about an item is kept: on which page, in which line."""

    __tablename__ = "raw_answers"

    connection: str = _key()
    tracker_id: str = _key()
    page: int = Field(foreign_key="raw_pages.id", ondelete="CASCADE", index=True)
    line: int


class RefusedItemRow(SQLModel, table=True):
    """An item that could not be read, until it can."""

    __tablename__ = "refused_items"

    connection: str = _key()
    tracker_id: str = _key()
    reason: str = _words(nullable=False)
    at: datetime = _moment(nullable=False)


class DueRow(SQLModel, table=True):
    """What must be decided again: written with the change, deleted with the new answer."""

    __tablename__ = "due"

    connection: str = _key()
    kind: str = _key()  # as `due.py` names them
    subject: str = _key()
    since: datetime = _moment(nullable=False)
    version: int  # of the connection's pulse when it was noted last


class PulseRow(SQLModel, table=True):
    """Counters of changes: one row a connection, and `*` for all that pages show (their ETag)."""

    __tablename__ = "pulses"

    connection: str = _key()
    version: int  # of what was fetched
    decided_figures: int = 0  # how often figures were kept, and what rests on the whole connection
    decided_standing: int = 0
    at: datetime = _moment(nullable=False)
