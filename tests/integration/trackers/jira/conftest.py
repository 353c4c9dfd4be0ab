"""The fake site for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.integration.trackers.jira.fake_jira import FakeJira, running_jira


@pytest.fixture
def jira() -> Iterator[FakeJira]:
    with running_jira() as fake:
        yield fake
