"""The tables of OKRs that are kept in trackers: where they are, how the last look went, and which items serve goals."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Text
from sqlmodel import Field, SQLModel

from integration.store.columns import Texts, UtcDateTime

Document = dict[str, Any]  # JSON; checked before it is written


def _moment(nullable: bool = True) -> Any:
    return Field(default=None, sa_column=Column(UtcDateTime(), nullable=nullable))


def _text(nullable: bool = True) -> Any:
    return Field(default=None, sa_column=Column(Text(), nullable=nullable))


def _texts() -> Any:
    return Field(default=(), sa_column=Column(Texts(), nullable=False))


class OkrSourceRow(SQLModel, table=True):
    """A source as the register declares it, and how it fares."""

    __tablename__ = "okr_sources"

    id: int | None = Field(default=None, primary_key=True)
    definition: Document = Field(sa_column=Column(JSON(none_as_null=True), nullable=False))
    declared_at: datetime = _moment(nullable=False)
    digest: str = _text(nullable=False)  # of what the last good look saw
    absent: tuple[str, ...] = _texts()  # codes that the last look did not see any more
    read_at: datetime | None = _moment()  # the last good look
    read_whole_at: datetime | None = _moment()
    changed_at: datetime | None = _moment()  # when it last gave a version
    next_at: datetime | None = _moment()  # not before
    faults: tuple[str, ...] = _texts()  # sentences on why the last look was not taken over
    faults_at: datetime | None = _moment()


class GoalLinkRow(SQLModel, table=True):
    """A work item that serves a goal, from `since` to `until`; trackers do not tell these moments, so the change lies
    after the look before (`not_before`, `until_not_before`)."""

    __tablename__ = "goal_links"

    connection: str = Field(sa_column=Column(Text(), primary_key=True))
    item: str = Field(sa_column=Column(Text(), primary_key=True))  # the tracker's id
    code: str = Field(sa_column=Column(Text(), primary_key=True))
    since: datetime = Field(sa_column=Column(UtcDateTime(), primary_key=True))
    source: int
    not_before: datetime | None = _moment()
    until: datetime | None = _moment()
    until_not_before: datetime | None = _moment()
