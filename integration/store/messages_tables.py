"""The tables of messages: where they go, who wants what, what waits or was sent, and the links that share a figure."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from integration.store.columns import UtcDateTime, Words

Document = dict[str, Any]
_WAITING = text("run_at IS NOT NULL")


def _moment(nullable: bool = True) -> Any:
    return Field(default=None, sa_column=Column(UtcDateTime(), nullable=nullable))


def _text(nullable: bool = True) -> Any:
    return Field(default=None, sa_column=Column(Text(), nullable=nullable))


def _words(nullable: bool = True) -> Any:
    return Field(default=None, sa_column=Column(Words(), nullable=nullable))


class DestinationRow(SQLModel, table=True):
    """A place that messages go to. Its address is a secret, for whoever knows it can post there."""

    __tablename__ = "message_destinations"

    name: str = Field(sa_column=Column(Words(), primary_key=True))
    channel: str = _text(nullable=False)  # slack, slack-bot, teams, email, generic, webhook
    pictures: str | None = _text()  # inside, link, none; not known: inside
    secrets: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))  # encrypted JSON
    shown: str = _words(nullable=False)  # as much of the address as may be read
    created_at: datetime = _moment(nullable=False)
    sent_at: datetime | None = _moment()
    trouble: str | None = _words()
    trouble_at: datetime | None = _moment()


class SubscriptionRow(SQLModel, table=True):
    """What a destination is told, of which work, and when. Nothing that was before `since` is told."""

    __tablename__ = "message_subscriptions"

    id: int | None = Field(default=None, primary_key=True)
    destination: str = Field(sa_column=Column(Words(), nullable=False, index=True))
    topic: str = _text(nullable=False)
    connection: str | None = _words()
    board: str | None = _words()
    team: str | None = _words()
    severity: str | None = _text()  # the least that is told
    schedule: str | None = _words()
    since: datetime = _moment(nullable=False)
    next_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime(), index=True))
    author: str = _words(nullable=False)


class ToldRow(SQLModel, table=True):
    """What a subscription was told already, by the mark of the event: it is told once."""

    __tablename__ = "message_told"

    subscription: int = Field(primary_key=True)
    mark: str = Field(sa_column=Column(Words(), primary_key=True))
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))


class MessageRow(SQLModel, table=True):
    """A message as it was composed. `run_at`: not to be sent before; while it is being sent, the end of the lease;
    None when nothing is left to do."""

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_waiting", "run_at", "id", sqlite_where=_WAITING),  # see the inbox
        Index(None, "state", "id"),
        Index(None, "destination", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = _text(nullable=False)  # the same at every try, so that receivers can tell a repetition
    destination: str = _words(nullable=False)
    topic: str = _text(nullable=False)
    title: str = _words(nullable=False)
    body: Document = Field(sa_column=Column(JSON(none_as_null=True), nullable=False))
    state: str = _text(nullable=False)  # waiting, sending, sent, dead
    attempts: int = 0
    created_at: datetime = _moment(nullable=False)
    run_at: datetime | None = _moment()
    lease_owner: str | None = _text()
    begun_at: datetime | None = _moment()  # when a call was begun of which nobody knows whether the receiver took it
    ended_at: datetime | None = _moment()


class MessagePictureRow(SQLModel, table=True):
    """The picture of a message, drawn once, so that every try shows the same. Its link opens it until it expires or is
    revoked; the token is kept encrypted for the next try, and as its SHA-256 to be found by."""

    __tablename__ = "message_pictures"
    __table_args__ = (UniqueConstraint("token_hash"),)

    message: int = Field(
        sa_column=Column(
            Integer(), ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
        )
    )
    png: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))
    words: str = _words(nullable=False)  # the alternative text
    file: str | None = _text()  # its id at Slack, once it was uploaded there
    token: bytes | None = Field(default=None, sa_column=Column(LargeBinary()))
    token_hash: str | None = _text()
    expires_at: datetime | None = _moment()
    revoked_at: datetime | None = _moment()


class MessageTryRow(SQLModel, table=True):
    """One attempt to send a message, and what came of it."""

    __tablename__ = "message_tries"

    id: int | None = Field(default=None, primary_key=True)
    message: int = Field(foreign_key="messages.id", ondelete="CASCADE", index=True)
    at: datetime = _moment(nullable=False)
    status: int | None = None  # the answer's, where there was one
    reason: str = _text(nullable=False)  # sent, or the code of what went wrong
    sentence: str = _words(nullable=False)
    milliseconds: int


class SettledRow(SQLModel, table=True):
    """Since when what a connection raises is news: what its backfill brought to light is not."""

    __tablename__ = "message_settled"

    connection: str = Field(sa_column=Column(Text(), primary_key=True))
    backfill: datetime | None = _moment()  # when the backfill began that this is about
    at: datetime | None = _moment()  # None: not yet


class ShareLinkRow(SQLModel, table=True):
    """A link by which anybody may see one share bar, until it is revoked; only the SHA-256 of its token is kept."""

    __tablename__ = "share_links"
    __table_args__ = (UniqueConstraint("token_hash"),)

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = _text(nullable=False)
    connection: str = _words(nullable=False)
    board: str | None = _words()  # its running sprint, else its last one
    sprint: str | None = _words()
    label: str = _words(nullable=False)
    author: str = _words(nullable=False)
    made_at: datetime = _moment(nullable=False)
    revoked_at: datetime | None = _moment()
    revoked_by: str | None = _words()
