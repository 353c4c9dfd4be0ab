"""The tables of what earlier field mappings read otherwise, and of how far reading kept answers again is."""

from datetime import datetime

from sqlalchemy import Column, LargeBinary, Text
from sqlmodel import Field, SQLModel

from integration.store.columns import UtcDateTime, Words


class EarlierItemRow(SQLModel, table=True):
    """An item as the mapping reads it that held until `until`; only where that is not the present one's reading."""

    __tablename__ = "earlier_items"

    item_id: int = Field(primary_key=True, foreign_key="items.id", ondelete="CASCADE")
    until: datetime = Field(sa_column=Column(UtcDateTime(), primary_key=True))
    level: int
    tag_field: str | None = Field(default=None, sa_column=Column(Words()))
    states: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))  # a compressed document
    digest: str = Field(sa_column=Column(Text(), nullable=False))


class EarlierBoardRow(SQLModel, table=True):
    """A board as the mapping told of it that held until `until`."""

    __tablename__ = "earlier_boards"

    connection: str = Field(sa_column=Column(Text(), primary_key=True))
    id: str = Field(sa_column=Column(Text(), primary_key=True))
    until: datetime = Field(sa_column=Column(UtcDateTime(), primary_key=True))
    name: str = Field(sa_column=Column(Words(), nullable=False))
    team: str | None = Field(default=None, sa_column=Column(Words()))
    periods: str | None = Field(default=None, sa_column=Column(Text()))


class RetranslationRow(SQLModel, table=True):
    """How far reading a connection's kept answers again is, after its mapping changed."""

    __tablename__ = "retranslations"

    connection: str = Field(sa_column=Column(Text(), primary_key=True))
    cursor: str = Field(sa_column=Column(Text(), nullable=False))  # the tracker's id of the last item that is done
    done: int = 0
    fetched: int = 0  # of these: not kept, or kept without a field that is needed now
    total: int
    why_fetched: str | None = Field(default=None, sa_column=Column(Text()))  # said of the last ones
    started_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    finished_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
