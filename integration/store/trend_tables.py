"""The table of trends: the shares of each sprint and period as plain numbers, so that a year is one short read."""

from datetime import datetime

from sqlalchemy import JSON, Column, Index, Text
from sqlmodel import Field, SQLModel

from integration.store.columns import UtcDateTime, Words


class TrendRow(SQLModel, table=True):
    """What a kept figure amounts to. Shares are from 0 to 1, all null where nothing is in it; the exact figure and its
    receipt stand in the answer that this was taken from."""

    __tablename__ = "trends"
    __table_args__ = (Index(None, "measure", "scope", "at"),)

    connection: str = Field(sa_column=Column(Text(), primary_key=True))
    kind: str = Field(sa_column=Column(Text(), primary_key=True))  # sprint, period
    subject: str = Field(sa_column=Column(Words(), primary_key=True))
    measure: str = Field(sa_column=Column(Text(), primary_key=True))
    scope: str = Field(sa_column=Column(Text(), primary_key=True))  # final, completed
    board: str = Field(sa_column=Column(Words(), nullable=False))
    team: str | None = Field(default=None, sa_column=Column(Words()))  # that a sprint names; else its board's
    name: str = Field(sa_column=Column(Words(), nullable=False))
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))  # completed, or when it should end
    closed: bool
    items: int
    total: float
    aligned: float | None
    exempt: float | None
    dead_link: float | None
    unaligned: float | None
    key_results: dict[str, float] = Field(default_factory=dict, sa_column=Column(JSON(), nullable=False))
