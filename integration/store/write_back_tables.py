"""The tables of writing back: who switched it on, the runs, and every change with what was there before."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, Text
from sqlmodel import Field, SQLModel

from integration.store.columns import Texts, UtcDateTime, Words

Document = dict[str, Any]


class WriteBackSwitchRow(SQLModel, table=True):
    """Somebody switched writing to a connection on or off; the last word counts, and without any it is off."""

    __tablename__ = "write_back_switches"

    id: int | None = Field(default=None, primary_key=True)
    connection: str = Field(sa_column=Column(Text(), nullable=False, index=True))
    is_on: bool
    author: str = Field(sa_column=Column(Words(), nullable=False))
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))


class WriteBackRunRow(SQLModel, table=True):
    """One act of a person: what is wanted, its preview, and how far it was sent."""

    __tablename__ = "write_back_runs"

    id: int | None = Field(default=None, primary_key=True)
    connection: str = Field(sa_column=Column(Text(), nullable=False, index=True))
    kind: str = Field(sa_column=Column(Text(), nullable=False))
    wish: Document = Field(sa_column=Column(JSON(none_as_null=True), nullable=False))
    words: str = Field(sa_column=Column(Words(), nullable=False))
    effect: list[str] = Field(sa_column=Column(JSON(none_as_null=True), nullable=False))  # sentences on the figures
    author: str = Field(sa_column=Column(Words(), nullable=False))
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    state: str = Field(sa_column=Column(Text(), nullable=False, index=True))
    sender: str | None = Field(default=None, sa_column=Column(Words()))  # who said that it be sent
    problem: str | None = Field(default=None, sa_column=Column(Words()))
    undoes: int | None = None
    lease_owner: str | None = Field(default=None, sa_column=Column(Text()))
    lease_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    not_before: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    pauses: int = 0  # one after the other in which nothing was sent
    ended_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))


class WriteBackChangeRow(SQLModel, table=True):
    """One change of one item: the record is written before anything is sent."""

    __tablename__ = "write_back_changes"
    __table_args__ = (Index(None, "run", "state"), Index(None, "connection", "item"))

    id: int | None = Field(default=None, primary_key=True)
    run: int = Field(sa_column=Column(Integer(), ForeignKey("write_back_runs.id", ondelete="CASCADE"), nullable=False))
    connection: str = Field(sa_column=Column(Text(), nullable=False))
    position: int
    item: str = Field(sa_column=Column(Text(), nullable=False))  # the tracker's own id
    key: str = Field(sa_column=Column(Words(), nullable=False))
    title: str = Field(sa_column=Column(Words(), nullable=False))
    place: str = Field(sa_column=Column(Words(), nullable=False))
    former: str = Field(sa_column=Column(Words(), nullable=False))
    wanted: str = Field(sa_column=Column(Words(), nullable=False))
    edit: Document | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    tags: tuple[str, ...] | None = Field(default=None, sa_column=Column(Texts()))
    state: str = Field(sa_column=Column(Text(), nullable=False))
    problem: str | None = Field(default=None, sa_column=Column(Words()))
    tries: int = 0
    began_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    sent_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    receipt: Document | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    came_back_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    undoes: int | None = Field(default=None, index=True)  # the change of an earlier run
