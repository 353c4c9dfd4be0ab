"""What a Jira delivery says has changed: ids alone, for the state is always fetched again.

Decided by content before names: old servers leave out `webhookEvent`, and administrators add event names.
Shapes: https://developer.atlassian.com/cloud/jira/platform/webhooks/ and captured deliveries.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import orjson

from integration.contract import Change, Ignored, Malformed
from integration.json_text import loads

Body = Mapping[str, object]

_LONGEST_ID = 20
_SECONDS_END = 10**11  # epoch values above this are milliseconds; as seconds they would lie past the year 5000
_LAST_MILLISECOND = 253_402_300_799_000  # the end of the year 9999

_ISSUE_EVENTS = frozenset(f"jira:issue_{what}" for what in ("created", "updated", "deleted", "moved"))
_OBJECT_EVENTS: Mapping[str, tuple[str, str]] = {
    **{f"sprint_{what}": ("sprint", "sprint") for what in ("created", "updated", "started", "closed", "deleted")},
    **{f"board_{what}": ("board", "board") for what in ("created", "updated", "deleted")},
    "board_configuration_changed": ("configuration", "board"),
    **{
        f"project_{what}": ("project", "project")
        for what in (
            "created",
            "updated",
            "deleted",
            "soft_deleted",
            "restored_deleted",
            "archived",
            "restored_archived",
        )
    },
}
_IGNORED: tuple[tuple[str, str], ...] = (
    ("comment_", "comments are not kept; what else changed arrives as an issue event"),
    ("attachment_", "attachments are not kept"),
    ("issue_property_", "issue properties are not read"),
    ("user_", "of people nothing is kept"),
    ("jira:version_", "versions are not kept"),
    ("version_", "versions are not kept"),
    ("filter_", "filters are read with their board"),
    ("issuetype_", "issue types are read with the issues that have them"),
    ("option_", "settings of the Jira site change no work item"),
    ("jira_expression_evaluation_failed", "this tells of an app, not of work"),
    ("app_access_to_objects_blocked", "this tells of an app, not of work"),
)


def read(body: bytes) -> tuple[Change, ...]:
    """Say what a delivery's body means; raise `Ignored` or `Malformed` where it means nothing."""
    data = _parse(body)
    event = data.get("webhookEvent")
    if event is None:
        return _without_event(data)
    if not isinstance(event, str):
        raise Malformed("webhookEvent", "must be a text")
    return _reader_of(event)(data)


def _parse(body: bytes) -> Body:
    try:
        data = loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed("body", f"is no JSON ({error.msg} at character {error.pos})") from None
    if not isinstance(data, dict):
        raise Malformed("body", "must be a JSON object")
    return data


def _reader_of(event: str) -> Callable[[Body], tuple[Change, ...]]:
    if event in _ISSUE_EVENTS:
        return _issue
    if event in _OBJECT_EVENTS:
        key, kind = _OBJECT_EVENTS[event]
        return lambda data: (Change(kind, _id(_part(data, key), key), _moment(data)),)
    if event.startswith("issuelink_"):
        return _link
    if event.startswith(("worklog_", "jira:worklog_")):
        return _worklog
    reason = next((reason for start, reason in _IGNORED if event.startswith(start)), None)
    if reason is None:
        raise Ignored(f"unknown webhookEvent: {event[:80]}")
    raise Ignored(reason)


def _without_event(data: Body) -> tuple[Change, ...]:
    """A workflow's post function sends `issue` and `transition` without an event name."""
    if data.get("issue") is not None:
        return _issue(data)
    raise Ignored("no webhookEvent, and no issue that could have changed")


def _issue(data: Body) -> tuple[Change, ...]:
    return (Change("work_item", _id(_part(data, "issue"), "issue"), _moment(data)),)


def _link(data: Body) -> tuple[Change, ...]:
    """A link may be what ties an item to a key result that is an issue itself: both ends are read again."""
    link = _part(data, "issueLink")
    ends = (_id(link, "issueLink", "sourceIssueId"), _id(link, "issueLink", "destinationIssueId"))
    return tuple(Change("work_item", end, _moment(data)) for end in dict.fromkeys(ends))


def _worklog(data: Body) -> tuple[Change, ...]:
    worklog = data.get("worklog")
    if data.get("issue") is not None:  # servers of old send the whole issue
        return _issue(data)
    if worklog is None or (isinstance(worklog, dict) and worklog.get("issueId") is None):
        raise Ignored("a worklog that names no issue; its time arrives as an issue event")
    return (Change("work_item", _id(_part(data, "worklog"), "worklog", "issueId"), _moment(data)),)


def _part(data: Body, key: str) -> Body:
    part = data.get(key)
    if part is None:
        raise Malformed(key, "is missing")
    if not isinstance(part, dict):
        raise Malformed(key, "must be an object")
    return part


def _id(part: Body, path: str, key: str = "id") -> str:
    """Jira's ids are whole numbers, written as numbers or as texts."""
    value = part.get(key)
    if value is None:
        raise Malformed(f"{path}.{key}", "is missing")
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not (isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID):
        raise Malformed(f"{path}.{key}", "must be a whole number")
    return text


def _moment(data: Body) -> datetime | None:
    """`timestamp` is in milliseconds and only a hint: absent or absurd, the change still counts."""
    value = data.get("timestamp")
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _LAST_MILLISECOND:
        return None
    return datetime.fromtimestamp(value if value < _SECONDS_END else value / 1000, UTC)
