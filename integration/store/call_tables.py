"""The tables of calls to sites: how many were made, minute by minute, and what each site last said of its own limit."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel

from integration.store.columns import UtcDateTime, Words


def _moment() -> Any:
    return Field(default=None, sa_column=Column(UtcDateTime()))


def _words() -> Any:
    return Field(default=None, sa_column=Column(Words()))


class CallsRow(SQLModel, table=True):
    """The calls of one minute, of all processes together."""

    __tablename__ = "calls"

    connection: str = Field(sa_column=Column(Text(), primary_key=True))
    minute: datetime = Field(sa_column=Column(UtcDateTime(), primary_key=True))
    made: int = 0


class CallLimitRow(SQLModel, table=True):
    """What our budget allows, what the site last said of its own limit, and what we wait for."""

    __tablename__ = "call_limits"

    connection: str = Field(sa_column=Column(Text(), primary_key=True))
    per_second: float | None = None
    burst: int | None = None
    said_at: datetime | None = _moment()
    said_limit: int | None = None
    said_remaining: int | None = None
    said_reset: datetime | None = _moment()
    said_reason: str | None = _words()
    is_refusal: bool = False
    wait_reason: str | None = _words()
    wait_call: str | None = _words()  # None: all calls wait
    wait_until: datetime | None = _moment()
