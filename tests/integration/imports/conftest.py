"""An empty store of each kind."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.integration.store.material import fresh_store


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    with fresh_store(database_url) as engine:
        yield engine
