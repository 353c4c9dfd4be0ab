"""The tables of values that key results were given beside the register: by people, and by sources that are read."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from integration.store.columns import ExactNumber, Texts, UtcDateTime, Words
from mappings.model import Exact

Document = dict[str, Any]  # JSON; checked before it is written


class CheckInRow(SQLModel, table=True):
    """A value of a key result at a moment, never changed: a later one of the same moment holds in its place, and one
    that was taken back holds no more. A binary key result is told by its confidence alone."""

    __tablename__ = "check_ins"
    __table_args__ = (Index(None, "key_result", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    key_result: str = Field(sa_column=Column(Words(), nullable=False))  # its code
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    value: Exact | None = Field(default=None, sa_column=Column(ExactNumber()))
    confidence: Exact | None = Field(default=None, sa_column=Column(ExactNumber()))  # 0 to 1
    note: str = Field(default="", sa_column=Column(Words(), nullable=False))
    author: str = Field(sa_column=Column(Words(), nullable=False))  # who entered it, or the source it was read from
    is_read: bool = False  # from a source
    entered_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    taken_back_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    taken_back_by: str | None = Field(default=None, sa_column=Column(Words()))
    taken_back_why: str | None = Field(default=None, sa_column=Column(Words()))


class ValueSourceRow(SQLModel, table=True):
    """Where the values of a key result are read from, as the register declares it, and how the last readings went."""

    __tablename__ = "value_sources"

    key_result: str = Field(sa_column=Column(Words(), primary_key=True))
    definition: Document = Field(sa_column=Column(JSON(none_as_null=True), nullable=False))
    declared_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    next_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))  # not before
    read_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))  # the last good reading
    faults: tuple[str, ...] = Field(default=(), sa_column=Column(Texts(), nullable=False))  # why the last one failed
    faults_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
