"""Answers of Jira with their shapes checked: pages by `startAt`, lists, objects, and what is not there."""

from collections.abc import Iterator, Sequence
from typing import Any

from integration.contract import Malformed, Permanent
from integration.http import HTTPClient, Query

Json = dict[str, Any]
Histories = list[Json] | None  # None: Jira does not tell them, which is another thing than an issue that never changed


def paged(http: HTTPClient, path: str, query: Query, size: int) -> Iterator[Json]:
    """All pages of an answer that pages by `startAt`."""
    start = 0
    while True:
        asked = [*query, ("startAt", str(start)), ("maxResults", str(size))]
        answer = as_object(http.json("GET", path, asked), path)
        values = as_objects(answer.get("values"), f"{path}.values")
        yield from values
        start += len(values)
        if not values or answer.get("isLast") is True or is_all(start, answer.get("total")):
            return


def is_all(start: int, total: object) -> bool:
    return isinstance(total, int) and start >= total


def found(http: HTTPClient, path: str, query: Query = ()) -> Json | None:
    """What is at that path; None where nothing is, or nothing for us to see."""
    try:
        return as_object(http.json("GET", path, query), path)
    except Permanent as error:
        if error.reason == "not_found":
            return None
        raise


def number(id_: str) -> str:
    """Ids stand in paths: only digits may."""
    if not id_.isascii() or not id_.isdecimal():
        raise Malformed("id", f"{id_[:40]!r} is no id of Jira's.")
    return id_


def portions(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def as_object(answer: Any, path: str) -> Json:
    if not isinstance(answer, dict):
        raise Malformed(path, "Jira answered with something else than an object.")
    return answer


def as_objects(answer: Any, path: str) -> list[Json]:
    if not isinstance(answer, list) or not all(isinstance(one, dict) for one in answer):
        raise Malformed(path, "Jira answered with something else than a list of objects.")
    return answer


def as_histories(told: Any) -> Histories:
    return told if isinstance(told, list) and all(isinstance(one, dict) for one in told) else None


def as_issues(answer: Any, path: str) -> list[Json]:
    """Issues with an id; what their fields hold is checked where it is translated."""
    issues = as_objects(answer, path)
    for issue in issues:
        if not str(issue.get("id")).isdecimal():
            raise Malformed(f"{path}.id", "must be a whole number.")
        if not isinstance(issue.get("fields"), dict):
            issue["fields"] = {}  # a search for ids alone answers without
    return issues


def held_of(permissions: Json, names: Sequence[str]) -> dict[str, bool]:
    """Which of these permissions the account has; of what is told oddly none."""
    told = ((name, permissions.get(name)) for name in names)
    return {name: isinstance(one, dict) and bool(one.get("havePermission")) for name, one in told}
