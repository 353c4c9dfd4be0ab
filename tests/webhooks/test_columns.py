"""Moments as columns, the same on both databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, Engine, Integer, MetaData, Table, insert, select
from sqlalchemy.exc import StatementError

from tests.webhooks.door import NOW
from webhooks.columns import UtcDateTime

MOMENTS = Table("moments", MetaData(), Column("id", Integer, primary_key=True), Column("at", UtcDateTime()))


def through_database(engine: Engine, at: datetime | None) -> datetime | None:
    MOMENTS.create(engine)
    with engine.begin() as connection:
        connection.execute(insert(MOMENTS).values(at=at))
        found: datetime | None = connection.execute(select(MOMENTS.c.at)).scalar_one()
    return found


def test_a_moment_comes_back_in_utc_to_the_microsecond(engine: Engine) -> None:
    sydney = datetime(2026, 11, 22, 20, 30, 0, 123456, tzinfo=timezone(timedelta(hours=11)))
    found = through_database(engine, sydney)
    assert found == sydney
    assert found is not None
    assert found.tzinfo is UTC


def test_an_unknown_moment_stays_unknown(engine: Engine) -> None:
    assert through_database(engine, None) is None


def test_a_moment_without_a_zone_is_refused(engine: Engine) -> None:
    with pytest.raises(StatementError, match="without a time zone"):
        through_database(engine, NOW.replace(tzinfo=None))
