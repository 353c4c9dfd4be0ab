"""The tables of connections in the making, of their webhooks' proof, and of who works for them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, LargeBinary, Text
from sqlmodel import Field, SQLModel

from integration.store.columns import UtcDateTime

Document = dict[str, Any]


def _moment(nullable: bool = True) -> Any:
    return Field(default=None, sa_column=Column(UtcDateTime(), nullable=nullable))


def _text(nullable: bool = True) -> Any:
    return Field(default=None, sa_column=Column(Text(), nullable=nullable))


class ConnectionDraftRow(SQLModel, table=True):
    """A connection that is being made, or chosen anew: what was said so far; its credentials are encrypted."""

    __tablename__ = "connection_drafts"

    id: str = Field(sa_column=Column(Text(), primary_key=True))
    tracker: str = _text(nullable=False)
    connection: str | None = _text()  # the one that is chosen anew; None: a new one
    data: Document = Field(sa_column=Column(JSON(none_as_null=True), nullable=False))
    secrets: bytes | None = Field(default=None, sa_column=Column(LargeBinary()))
    created_at: datetime = _moment(nullable=False)
    updated_at: datetime = _moment(nullable=False)


class WebhookRow(SQLModel, table=True):
    """What became of a connection's webhook: made by us or by hand, and proven once a delivery arrived since."""

    __tablename__ = "webhooks"

    connection: str = Field(sa_column=Column(Text(), primary_key=True))
    tracker_id: str | None = _text()  # None: made by hand
    made_at: datetime = _moment(nullable=False)
    proven_at: datetime | None = _moment()
    expires_at: datetime | None = _moment()
    expects_by_hand: bool = False  # the secret was shown to be pasted: the one before still counts until it is dropped
    for_proof: bool = False  # it tells of silent changes, until one has proven it
    trouble: str | None = _text()


class TokensRow(SQLModel, table=True):
    """Tokens that change by themselves, encrypted; `holder` is a connection, or `draft:` and the id of a draft."""

    __tablename__ = "rotating_tokens"

    holder: str = Field(sa_column=Column(Text(), primary_key=True))
    tokens: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))
    until: datetime = _moment(nullable=False)
    owner: str | None = _text()  # who renews them just now
    owned_until: datetime | None = _moment()
    refused: str | None = _text()
    changed_at: datetime = _moment(nullable=False)


class TurnRow(SQLModel, table=True):
    """Who runs the backfill of a connection, so that two processes never do; and where this turn began."""

    __tablename__ = "backfill_turns"

    connection: str = Field(sa_column=Column(Text(), primary_key=True))
    owner: str | None = _text()
    owned_until: datetime | None = _moment()
    began_at: datetime = _moment(nullable=False)
    began_done: int = 0
    not_before: datetime | None = _moment()  # after a failure
    is_anew: bool = False  # what is there is not gone on with: another choice was made meanwhile
