"""The table of what was forgotten: from which moment on questions can be asked, and how far pruning has come."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel

from integration.store.columns import UtcDateTime


def _moment() -> Any:
    return Field(default=None, sa_column=Column(UtcDateTime()))


class HistoryLimitRow(SQLModel, table=True):
    """Of each connection: of no moment before `earliest` can be told; `pruned` and `version` say of which states that
    was done to the end, so that a killed pruning goes on. All together: "*", with when pruning ended last."""

    __tablename__ = "history_limits"

    connection: str = Field(sa_column=Column(Text(), primary_key=True))
    earliest: datetime | None = _moment()
    pruned: datetime | None = _moment()
    version: int = 0  # of the connection's pulse, when that was begun
    pruned_at: datetime | None = _moment()
