"""An inbox on each kind of database."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlmodel import SQLModel

from integration.store.engine import create_engine
from webhooks.inbox import DELIVERIES
from webhooks.writer import InboxWriter


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    yield from _engine(database_url)


@pytest.fixture
def sqlite_engine(sqlite_url: str) -> Iterator[Engine]:
    yield from _engine(sqlite_url)


@pytest.fixture
def writer(engine: Engine) -> Iterator[InboxWriter]:
    writer = InboxWriter(engine)
    yield writer
    writer.close()


@pytest.fixture
def sqlite_writer(sqlite_engine: Engine) -> Iterator[InboxWriter]:
    writer = InboxWriter(sqlite_engine)
    yield writer
    writer.close()


def _engine(url: str) -> Iterator[Engine]:
    engine = create_engine(url)
    SQLModel.metadata.create_all(engine, tables=[DELIVERIES])
    yield engine
    engine.dispose()
