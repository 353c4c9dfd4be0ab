"""The simulated site answers as Atlassian's own documents say, loosened only where recorded answers contradict them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openapi_core import Config, OpenAPI
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest, WerkzeugOpenAPIResponse

from tests.shared_material import SHARED
from tests.simulator.callers import HOST, Caller, caller_of
from tests.simulator.companies import NOON, company_at

PLATFORM, AGILE, DATA_CENTER = "jira-platform-v3.json", "jira-software.json", "jira-software-dc-10.3.json"
EVERYTHING = {"issueIdsOrKeys": ["CHK-20", "PLAT-30", "ONB-40"], "fields": ["*all"]}
CHANGES = {"issueIdsOrKeys": ["CHK-20", "PLAT-30", "ONB-40"]}
ASKED: tuple[tuple[str, str, object, int], ...] = (
    ("GET", "/rest/api/3/serverInfo", None, 200),
    ("GET", "/rest/api/3/myself", None, 200),
    ("GET", "/rest/api/3/mypermissions?permissions=BROWSE_PROJECTS,ADMINISTER", None, 200),
    ("GET", "/rest/api/3/field", None, 200),
    ("GET", "/rest/api/3/status", None, 200),
    ("GET", "/rest/api/3/issuetype", None, 200),
    ("GET", "/rest/api/3/resolution/search", None, 200),
    ("GET", "/rest/api/3/issueLinkType", None, 200),
    ("GET", "/rest/api/3/project/search", None, 200),
    ("GET", "/rest/api/3/search/jql?jql=project%20%3D%20CHK&fields=*all&maxResults=20", None, 200),
    ("POST", "/rest/api/3/search/jql", {"jql": "project = PLAT", "fields": ["*all"]}, 200),
    ("POST", "/rest/api/3/search/approximate-count", {"jql": "project = CHK"}, 200),
    ("POST", "/rest/api/3/issue/bulkfetch", EVERYTHING, 200),
    ("POST", "/rest/api/3/changelog/bulkfetch", CHANGES, 200),
    ("GET", "/rest/api/3/issue/CHK-20", None, 200),
    ("GET", "/rest/api/3/issue/CHK-20/changelog", None, 200),
    ("GET", "/rest/api/3/issue/SEC-1", None, 404),
    ("GET", "/rest/agile/1.0/board", None, 200),
    ("GET", "/rest/agile/1.0/board/41", None, 200),
    ("GET", "/rest/agile/1.0/board/41/configuration", None, 200),
    ("GET", "/rest/agile/1.0/board/53/configuration", None, 200),
    ("GET", "/rest/agile/1.0/board/41/sprint", None, 200),
    ("GET", "/rest/agile/1.0/board/41/sprint?startAt=1&maxResults=2", None, 200),
    ("GET", "/rest/agile/1.0/board/41/project", None, 200),
    ("GET", "/rest/agile/1.0/board/53/sprint", None, 400),
    ("GET", "/rest/agile/1.0/sprint/301", None, 200),
    ("GET", "/rest/agile/1.0/sprint/999", None, 404),
)
FEW = {"jql": "project = CHK", "startAt": 0, "maxResults": 20, "fields": ["*all"], "expand": ["changelog"]}
ASKED_OF_DATA_CENTER: tuple[tuple[str, str, object, int], ...] = (
    ("GET", "/rest/api/2/serverInfo", None, 200),
    ("GET", "/rest/api/2/myself", None, 200),
    ("GET", "/rest/api/2/mypermissions", None, 200),
    ("GET", "/rest/api/2/field", None, 200),
    ("GET", "/rest/api/2/status", None, 200),
    ("GET", "/rest/api/2/issuetype", None, 200),
    ("GET", "/rest/api/2/resolution", None, 200),
    ("GET", "/rest/api/2/issueLinkType", None, 200),
    ("GET", "/rest/api/2/project", None, 200),
    ("POST", "/rest/api/2/search", FEW, 200),
    ("GET", "/rest/api/2/issue/CHK-20?expand=changelog", None, 200),
    ("GET", "/rest/api/2/issue/SEC-1", None, 404),
    ("GET", "/rest/agile/1.0/board", None, 200),
    ("GET", "/rest/agile/1.0/board/41", None, 200),
    ("GET", "/rest/agile/1.0/board/41/configuration", None, 200),
    ("GET", "/rest/agile/1.0/board/41/project", None, 200),
    ("GET", "/rest/agile/1.0/board/41/sprint", None, 200),
    ("GET", "/rest/agile/1.0/sprint/301", None, 200),
    ("GET", "/rest/agile/1.0/sprint/999", None, 404),
)


def _loosened(document: dict[str, Any]) -> dict[str, Any]:
    """What recorded answers of real sites hold although the documents do not allow it."""
    schemas = document["components"]["schemas"]
    if "ChangeDetails" not in schemas and "SprintBean" in schemas:
        return _loosened_data_center(document)
    configuration = document["paths"].get("/rest/agile/1.0/board/{boardId}/configuration")
    if configuration is not None:
        # A configuration names the project of its location, in the document's own example too.
        answer = configuration["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        answer["properties"]["location"]["additionalProperties"] = True
    else:
        for name in ("from", "fromString", "to", "toString"):
            schemas["ChangeDetails"]["properties"][name]["nullable"] = True
        # Histories fetched in bulk are dated in epoch milliseconds.
        schemas["Changelog"]["properties"]["created"] = {}
        # Translated names stand beside the untranslated ones.
        schemas["IssueTypeDetails"]["additionalProperties"] = True
    # Moments bear an offset without a colon: 2021-03-02T11:04:00.000+1000.
    text = json.dumps(document).replace('"format": "date-time", ', "").replace(', "format": "date-time"', "")
    loosened: dict[str, Any] = json.loads(text)
    return loosened


def _loosened_data_center(document: dict[str, Any]) -> dict[str, Any]:
    """Lists and pages are described by the schema of one entry, every value of a field as an object, and empty sides
    of a change not at all."""
    schemas = document["components"]["schemas"]
    schemas["IssueBean"]["properties"]["fields"]["additionalProperties"] = {}
    for name in ("from", "fromString", "to", "toString"):
        schemas["ChangeItemBean"]["properties"][name]["nullable"] = True
    for path in ("/api/2/field", "/api/2/status", "/api/2/issuetype", "/api/2/resolution", "/api/2/project"):
        content = _content(document, path)
        if content["schema"].get("type") != "array":
            content["schema"] = {"type": "array", "items": content["schema"]}
    for path in ("/agile/1.0/board", "/agile/1.0/board/{boardId}/sprint", "/agile/1.0/board/{boardId}/project"):
        content = _content(document, path)
        values = {"type": "array", "items": content["schema"]}
        content["schema"] = {"type": "object", "required": ["values"], "properties": {"values": values}}
    text = json.dumps(document).replace('"format": "date-time", ', "").replace(', "format": "date-time"', "")
    loosened: dict[str, Any] = json.loads(text)
    return loosened


def _content(document: dict[str, Any], path: str) -> dict[str, Any]:
    content = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    assert isinstance(content, dict)
    return content


@cache
def document(path: Path) -> OpenAPI:
    described = json.loads(path.read_text(encoding="utf-8"))
    # The paths of Data Center's document lie below /rest.
    described["servers"] = [{"url": f"{HOST}/rest" if path.name == DATA_CENTER else HOST}]
    # The documents themselves fail a strict check of documents.
    return OpenAPI.from_dict(_loosened(described), config=Config(spec_validator_cls=None))


@pytest.fixture(scope="module")
def caller() -> Caller:
    return caller_of(company_at(NOON).site)


@pytest.fixture(scope="module")
def server() -> Caller:
    return caller_of(company_at(NOON, (10, 3, 24)).site)


if SHARED is not None:
    SPECS = SHARED / "specs"

    @pytest.mark.parametrize(("method", "path", "body", "status"), ASKED, ids=[f"{a[0]} {a[1][:40]}" for a in ASKED])
    def test_answer_is_what_the_official_document_describes(
        caller: Caller, method: str, path: str, body: object, status: int
    ) -> None:
        address, _, query = path.partition("?")
        builder = caller.build(method, address, body, query or None)
        answer = caller.client.open(builder)
        asked = WerkzeugOpenAPIRequest(caller.build(method, address, body, query or None).get_request())
        api = document(SPECS / (AGILE if "/agile/" in path else PLATFORM))
        assert answer.status_code == status
        api.validate_request(asked)
        api.validate_response(asked, WerkzeugOpenAPIResponse(answer))

    @pytest.mark.parametrize(
        ("method", "path", "body", "status"),
        ASKED_OF_DATA_CENTER,
        ids=[f"{a[0]} {a[1][:40]}" for a in ASKED_OF_DATA_CENTER],
    )
    def test_answer_of_data_center_is_what_its_official_document_describes(
        server: Caller, method: str, path: str, body: object, status: int
    ) -> None:
        address, _, query = path.partition("?")
        answer = server.client.open(server.build(method, address, body, query or None))
        request = server.build(method, address, body, query or None)
        request.headers["Authorization"] = "Basic bWU6dG9rZW4="  # that document knows of no tokens
        asked = WerkzeugOpenAPIRequest(request.get_request())
        api = document(SPECS / DATA_CENTER)
        assert answer.status_code == status
        api.validate_request(asked)
        api.validate_response(asked, WerkzeugOpenAPIResponse(answer))
