"""Sites that most tests of pages look at."""

from collections.abc import Iterator

import pytest

from tests.reports.material import Site, shop


@pytest.fixture
def site(database_url: str) -> Iterator[Site]:
    """A small site on both kinds of database."""
    with shop(database_url) as found:
        yield found


@pytest.fixture
def small(sqlite_url: str) -> Iterator[Site]:
    """The same on the default database alone."""
    with shop(sqlite_url) as found:
        yield found
