"""The judge of our requests itself: what Atlassian's documents do not allow, or have deprecated, does not pass."""

from typing import Any

import pytest
import requests
from openapi_core.exceptions import OpenAPIError

from tests.integration.trackers.jira.documents import judge
from tests.integration.trackers.jira.fake_jira import SITE
from tests.shared_material import SHARED

if SHARED is not None:
    SPECS = SHARED / "specs"

    def asked(method: str, path: str, body: Any = None) -> requests.PreparedRequest:
        headers = {"Authorization": "Basic bWU6dG9rZW4="}
        return requests.Request(method, SITE + path, json=body, headers=headers).prepare()

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("POST", "/rest/api/3/search/jql", {"jql": "project = 1", "fields": ["id"], "maxResults": 100}),
            ("POST", "/rest/api/3/changelog/bulkfetch", {"issueIdsOrKeys": ["1"], "maxResults": 10_000}),
            ("GET", "/rest/agile/1.0/board/7/sprint?state=active,future&startAt=0&maxResults=50", None),
        ],
    )
    def test_what_the_documents_allow_passes(method: str, path: str, body: Any) -> None:
        judge(asked(method, path, body), SPECS)

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/rest/api/3/search?jql=project%20%3D%201"),
            ("GET", "/rest/agile/1.0/board/7/issue"),
            ("GET", "/rest/agile/1.0/sprint/31/issue"),
            ("GET", "/rest/api/3/resolution"),
        ],
    )
    def test_a_deprecated_call_does_not_pass(method: str, path: str) -> None:
        with pytest.raises(AssertionError, match="deprecated"):
            judge(asked(method, path), SPECS)

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("POST", "/rest/api/3/search/jql", {"jql": "project = 1", "startAt": 50}),
            ("POST", "/rest/api/3/search/jql", {"jql": "project = 1", "expand": None}),
            ("POST", "/rest/api/3/changelog/bulkfetch", {"maxResults": 10}),
            ("POST", "/rest/api/3/changelog/bulkfetch", {"issueIdsOrKeys": ["1"], "maxResults": 10_001}),
            ("GET", "/rest/agile/1.0/sprint/thirty", None),
            ("GET", "/rest/greenhopper/1.0/rapid/charts", None),
        ],
    )
    def test_a_call_that_no_document_knows_does_not_pass(method: str, path: str, body: Any) -> None:
        with pytest.raises((OpenAPIError, StopIteration)):
            judge(asked(method, path, body), SPECS)
