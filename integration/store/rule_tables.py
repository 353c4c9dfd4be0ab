"""The tables of what people made on pages of audit and rules: mapping rules, and views of a list under a name."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from integration.store.columns import UtcDateTime, Words

Document = dict[str, Any]  # JSON; checked before it is written


class MadeRuleRow(SQLModel, table=True):
    """A mapping rule made in Tieline, beside those of the register's file. Its words are never changed: an edited rule
    ends and another takes its place, which names the first of them."""

    __tablename__ = "made_rules"

    id: int | None = Field(default=None, primary_key=True)
    first: int | None = None  # the row that this one goes on from; None: itself
    document: Document = Field(sa_column=Column(JSON(none_as_null=True), nullable=False))
    made_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    made_by: str = Field(sa_column=Column(Words(), nullable=False))
    why: str = Field(sa_column=Column(Words(), nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    ended_by: str | None = Field(default=None, sa_column=Column(Words()))
    ended_why: str | None = Field(default=None, sa_column=Column(Words()))


class SavedViewRow(SQLModel, table=True):
    """What somebody asked of a list, under a name for everybody."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("page", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    page: str = Field(sa_column=Column(Words(), nullable=False))
    name: str = Field(sa_column=Column(Words(), nullable=False))
    query: str = Field(sa_column=Column(Words(), nullable=False))  # of the address
    author: str = Field(sa_column=Column(Words(), nullable=False))
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
