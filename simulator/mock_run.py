"""Sends the kinds of requests that Tieline's client makes to mocks made of the official documents, and lists what they
refuse.

    python -m simulator.mock_run --platform URL --agile URL --data-center URL
"""

import argparse
import json
import sys
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

PASSWORD = "Basic bWU6dG9rZW4="
IDS = ["10001", "10002"]
FIELDS = ["summary", "status", "issuetype", "project", "parent", "labels", "updated", "customfield_10020"]


@dataclass(frozen=True, slots=True)
class Asked:
    mock: str  # platform, agile, data_center
    method: str
    path: str
    body: object = None


DOCUMENT = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": "."}]}]}
HOOK = {"events": ["jira:issue_updated", "issue_property_set"], "jqlFilter": "project in (10001)"}


def _writes(mock: str, version: int, comment: object) -> tuple[Asked, ...]:
    issue = f"/rest/api/{version}/issue/10001"
    return (
        Asked(mock, "GET", f"{issue}/editmeta"),
        Asked(mock, "PUT", f"{issue}?notifyUsers=false", {"update": {"labels": [{"add": "kr-1"}]}}),
        Asked(mock, "GET", f"{issue}/properties/tieline.links"),
        Asked(mock, "DELETE", f"{issue}/properties/tieline.links"),
        Asked(mock, "POST", f"{issue}/comment", {"body": comment}),
        Asked(mock, "GET", f"{issue}/comment?orderBy=-created&maxResults=50"),
        Asked(mock, "GET", f"{issue}/comment/10200"),
        Asked(mock, "DELETE", f"{issue}/comment/10200"),
    )


EVERY = (
    *(
        Asked("platform", "GET", f"/rest/api/3/{path}")
        for path in (
            "serverInfo",
            "myself",
            "mypermissions?permissions=BROWSE_PROJECTS,ADMINISTER",
            "field",
            "status",
            "issueLinkType",
            "issuetype",
            "resolution/search?startAt=0&maxResults=50",
            "project/search?action=browse&id=10001&startAt=0&maxResults=100",
            "issue/10001?fields=updated",
        )
    ),
    Asked(
        "platform",
        "POST",
        "/rest/api/3/search/jql",
        {
            "jql": "project in (10001) AND updated >= -35m",
            "fields": ["updated"],
            "maxResults": 1000,
            "reconcileIssues": [10001],
        },
    ),
    Asked("platform", "POST", "/rest/api/3/search/approximate-count", {"jql": "project = 10001"}),
    Asked("platform", "POST", "/rest/api/3/issue/bulkfetch", {"issueIdsOrKeys": IDS, "fields": FIELDS}),
    Asked("platform", "POST", "/rest/api/3/changelog/bulkfetch", {"issueIdsOrKeys": IDS, "maxResults": 10_000}),
    *_writes("platform", 3, DOCUMENT),
    Asked("platform", "PUT", "/rest/api/3/issue/10001/properties/tieline.links", {"key_results": ["KR-1"]}),
    Asked("platform", "GET", "/rest/api/3/webhook?startAt=0&maxResults=100"),
    Asked(
        "platform",
        "POST",
        "/rest/api/3/webhook",
        {"url": "https://okr.example.org/hooks", "webhooks": [HOOK | {"issuePropertyKeysFilter": ["tieline.proof"]}]},
    ),
    Asked("platform", "PUT", "/rest/api/3/webhook/refresh", {"webhookIds": [1000]}),
    Asked("platform", "DELETE", "/rest/api/3/webhook", {"webhookIds": [1000]}),
    *(
        Asked("agile", "GET", f"/rest/agile/1.0/{path}")
        for path in (
            "board?projectKeyOrId=10001&startAt=0&maxResults=50",
            "board/7",
            "board/7/configuration",
            "board/7/project?startAt=0&maxResults=50",
            "board/7/sprint?state=active,future&startAt=0&maxResults=50",
            "sprint/37",
        )
    ),
    *(
        Asked("data_center", "GET", f"/rest/{path}")
        for path in (
            "api/2/serverInfo",
            "api/2/myself",
            "api/2/mypermissions",
            "api/2/field",
            "api/2/status",
            "api/2/resolution",
            "api/2/issueLinkType",
            "api/2/project",
            "api/2/issue/10001?fields=updated&expand=changelog",
            "agile/1.0/board?projectKeyOrId=10001&startAt=0&maxResults=50",
            "agile/1.0/board/7/project?startAt=0&maxResults=50",
            "agile/1.0/sprint/37",
        )
    ),
    *_writes("data_center", 2, "Seen."),
    Asked(
        "data_center",
        "POST",
        "/rest/api/2/search",
        {
            "jql": "id in (10001) ORDER BY created ASC, id ASC",
            "fields": FIELDS,
            "startAt": 0,
            "maxResults": 100,
            "expand": ["changelog"],
        },
    ),
)


def refusals(mocks: dict[str, str]) -> list[str]:
    """What the mocks do not accept, each with the reason that they give."""
    found = []
    for asked in EVERY:
        base = mocks.get(asked.mock)
        if base is None:
            continue
        headers = {"Authorization": PASSWORD, "Accept": "application/json"}
        answer = requests.request(asked.method, base + asked.path, json=asked.body, headers=headers, timeout=30)
        why = answer.headers.get("sl-violations")
        if answer.status_code >= requests.codes.bad_request or (why and _is_of_request(why)):
            found.append(f"{asked.method} {asked.path}: {answer.status_code} {why or ''}".rstrip())
    return found


def _is_of_request(why: str) -> bool:
    """The mock complains of its own examples, too."""
    return any(one.get("location", [""])[0] == "request" for one in json.loads(why))


def address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise argparse.ArgumentTypeError("give an address such as http://127.0.0.1:4010")
    return text.rstrip("/")


def main() -> None:
    parser = argparse.ArgumentParser(prog="simulator.mock_run")
    for name in ("platform", "agile", "data-center"):
        parser.add_argument(f"--{name}", type=address)
    given = parser.parse_args()
    mocks = {name: url for name, url in vars(given).items() if url is not None}
    found = refusals(mocks)
    print("\n".join(found) or f"Everything that was asked of {', '.join(mocks) or 'nobody'} was accepted.")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
