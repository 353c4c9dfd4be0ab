"""The fake site; whatever is asked of it is held against Atlassian's documents, where these lie beside the checkout."""

from collections.abc import Iterator

import pytest
import responses

from tests.integration.trackers.jira.documents import judge
from tests.integration.trackers.jira.fake_jira import FakeJira
from tests.shared_material import SHARED


@pytest.fixture
def jira() -> Iterator[FakeJira]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        fake = FakeJira(mock)
        fake.start()
        yield fake
        if SHARED is not None:
            for request in fake.asked:
                judge(request, SHARED / "specs")
