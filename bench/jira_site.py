"""A Jira site made of prepared answers, for the backfill: it costs next to nothing, for the clients are measured.

python -m bench.jira_site PORT ISSUES
"""

import json
import sys
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SPRINT, POINTS, KEY_RESULT = "customfield_10020", "customfield_10016", "customfield_10050"
PROJECT = {"id": "10000", "key": "PAY", "name": "Payments"}
BOARD = 1
SPRINTS = 26
BORN = datetime(2025, 3, 1, 9, tzinfo=UTC)
STATUSES = {
    "todo": {"id": "1", "name": "To Do", "statusCategory": {"id": 2, "key": "new", "name": "To Do"}},
    "doing": {"id": "3", "name": "In Progress", "statusCategory": {"id": 4, "key": "indeterminate", "name": "Doing"}},
    "done": {"id": "5", "name": "Done", "statusCategory": {"id": 3, "key": "done", "name": "Done"}},
}
FIRST_ID = 20_000
SELF = "https://payments.example/rest/api/3"
ICON = "https://payments.example/images/icons/statuses/generic.png"

Json = dict[str, Any]


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def sprint(number: int) -> Json:
    start = BORN + timedelta(days=14 * number)
    dates = {"startDate": moment(start), "endDate": moment(start + timedelta(days=14))}
    closed = {"completeDate": moment(start + timedelta(days=14))}
    return {"id": number + 1, "name": f"Sprint {number}", "state": "closed", "originBoardId": BOARD, **dates, **closed}


def issue(number: int) -> Json:
    planned = sprint(number % SPRINTS)
    began = BORN + timedelta(days=14 * (number % SPRINTS))
    fields = {
        "summary": f"What item {number} is about",
        "issuetype": {
            "self": f"{SELF}/issuetype/10001",
            "id": "10001",
            "description": "Something that a user can do afterwards and could not do before.",
            "iconUrl": ICON,
            "name": "Story",
            "subtask": False,
            "hierarchyLevel": 0,
        },
        "project": PROJECT,
        "status": {"self": f"{SELF}/status/5", "description": "", "iconUrl": ICON, **STATUSES["done"]},
        "resolution": {"self": f"{SELF}/resolution/1", "id": "1", "description": "Delivered.", "name": "Done"},
        "resolutiondate": moment(began + timedelta(days=9)),
        "statuscategorychangedate": moment(began + timedelta(days=9)),
        "created": moment(began - timedelta(days=10)),
        "updated": moment(began + timedelta(days=9)),
        "labels": ["support"] if number % 12 == 0 else [],
        "components": [{"self": f"{SELF}/component/1", "id": "1", "name": "checkout"}],
        "timeoriginalestimate": None,
        "timespent": None,
        SPRINT: [planned],
        POINTS: float(number % 8 + 1),
        KEY_RESULT: {"self": f"{SELF}/customFieldOption/7", "id": "7", "value": f"KR-{number % 5 + 1}"}
        if number % 6 == 0
        else None,
    }
    about = {"expand": "operations,versionedRepresentations,editmeta,changelog,renderedFields"}
    identity = {"id": str(FIRST_ID + number), "self": f"{SELF}/issue/{FIRST_ID + number}", "key": f"PAY-{number + 1}"}
    return {**about, **identity, "fields": fields}


def changelog(number: int) -> Json:
    """Five changes, as a story has them: estimated, planned, begun, re-estimated, done."""
    began = BORN + timedelta(days=14 * (number % SPRINTS))
    planned = sprint(number % SPRINTS)
    steps = (
        (-9, POINTS, "Story Points", None, None, None, "3"),
        (-1, SPRINT, "Sprint", "", "", str(planned["id"]), planned["name"]),
        (2, "status", "status", "1", "To Do", "3", "In Progress"),
        (4, POINTS, "Story Points", None, "3", None, str(number % 8 + 1)),
        (9, "status", "status", "3", "In Progress", "5", "Done"),
    )
    keys = ("fieldId", "field", "from", "fromString", "to", "toString")
    histories = [
        {
            "id": str(10 * number + position),
            "created": moment(began + timedelta(days=days)),
            "items": [{"fieldtype": "custom", **dict(zip(keys, change, strict=True))}],
        }
        for position, (days, *change) in enumerate(steps)
    ]
    return {"issueId": str(FIRST_ID + number), "changeHistories": histories}


class Site:
    def __init__(self, issues: int) -> None:
        self.ids = [str(FIRST_ID + number) for number in range(issues)]
        self.issues = {str(FIRST_ID + number): json.dumps(issue(number)) for number in range(issues)}
        self.logs = {str(FIRST_ID + number): json.dumps(changelog(number)) for number in range(issues)}

    def get(self, path: str) -> str:
        sprints = {"values": [sprint(number) for number in range(SPRINTS)], "isLast": True, "startAt": 0}
        answers: dict[str, object] = {
            "/rest/api/3/status": list(STATUSES.values()),
            "/rest/api/3/resolution/search": {"values": [{"id": "1", "name": "Done"}], "isLast": True},
            f"/rest/agile/1.0/board/{BOARD}": {"id": BOARD, "name": "Payments", "type": "scrum"},
            f"/rest/agile/1.0/board/{BOARD}/sprint": sprints,
        }
        return json.dumps(answers[path])

    def post(self, path: str, asked: Json) -> str:
        if path.endswith("/approximate-count"):
            return json.dumps({"count": len(self.ids)})
        if path.endswith("/search/jql"):
            return self._page(asked)
        wanted = asked["issueIdsOrKeys"]
        if path.endswith("/changelog/bulkfetch"):
            return '{"issueChangeLogs": [' + ",".join(self.logs[id_] for id_ in wanted) + "]}"
        return '{"issues": [' + ",".join(self.issues[id_] for id_ in wanted) + "]}"

    def _page(self, asked: Json) -> str:
        start, size = int(asked.get("nextPageToken", 0)), asked["maxResults"]
        ids = self.ids[start : start + size]
        only_ids = asked["fields"] == ["id"]
        found = ",".join(f'{{"id": "{id_}"}}' if only_ids else self.issues[id_] for id_ in ids)
        after = f', "nextPageToken": "{start + size}"' if start + size < len(self.ids) else ""
        return f'{{"issues": [{found}]{after}}}'


def serve(port: int, issues: int) -> None:
    site = Site(issues)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(site.get(self.path.partition("?")[0]))

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(site.post(self.path, asked))

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name for it
            """Say nothing for each request."""

        def _answer(self, text: str) -> None:
            body = text.encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]))
