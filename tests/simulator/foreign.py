"""Jira sites that answer otherwise than the simulated one does, in ways that Atlassian's documents and recorded answers
allow: what is optional is missing, what may be null is null, and nothing comes in the order that one would expect."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from flask import Flask, Response, request

Json = dict[str, Any]
Change = Callable[[str, Any], Any]  # of the answer to a path


def foreign(app: Flask, *changes: Change) -> Flask:
    """The application, whose answers are changed on their way out."""

    @app.after_request
    def change(answer: Response) -> Response:
        if answer.status_code >= 300 or not answer.is_json or not answer.data:
            return answer
        body = json.loads(answer.data)
        for one in changes:
            body = one(request.path, body)
        answer.set_data(json.dumps(body))
        return answer

    return app


def each_object(body: Any, change: Callable[[Json], None]) -> Any:
    """Change every object within an answer, the innermost first."""
    for part in body.values() if isinstance(body, dict) else body if isinstance(body, list) else ():
        each_object(part, change)
    if isinstance(body, dict):
        change(body)
    return body


def issues_of(body: Any) -> list[Json]:
    """The issues of a search or bulk answer, or the one issue that it is."""
    if not isinstance(body, dict):
        return []
    if isinstance(body.get("issues"), list):
        return [issue for issue in body["issues"] if "fields" in issue]
    return [body] if "fields" in body and "key" in body else []


def histories_of(body: Any) -> list[list[Json]]:
    """The lists of histories in an answer: of one issue, of many, or within issues."""
    if not isinstance(body, dict):
        return []
    found = [log["changeHistories"] for log in body.get("issueChangeLogs", ())]
    found += [issue["changelog"]["histories"] for issue in [*issues_of(body), body] if "changelog" in issue]
    return found


# --- issues


def unknown_keys_everywhere(_path: str, body: Any) -> Any:
    def change(part: Json) -> None:
        if not any(name.startswith("customfield_") for name in part):
            part |= {"_links": {"self": None}, "entityId": 7, "": [], "x-new": {"nested": [1, None]}}

    return each_object(body, change)


def without_null_fields(_path: str, body: Any) -> Any:
    for issue in issues_of(body):
        issue["fields"] = {name: value for name, value in issue["fields"].items() if value not in (None, [])}
    return body


def null_for_empty_lists(_path: str, body: Any) -> Any:
    for issue in issues_of(body):
        issue["fields"] = {name: None if value == [] else value for name, value in issue["fields"].items()}
    return body


def bare_objects(_path: str, body: Any) -> Any:
    """Without what only links and decorates: addresses, icons, descriptions, colours."""

    def change(part: Json) -> None:
        for name in (
            "self",
            "iconUrl",
            "description",
            "colorName",
            "expand",
            "projectTypeKey",
            "simplified",
            "clauseNames",
        ):
            part.pop(name, None)

    return each_object(body, change)


def parents_by_id_and_key_alone(_path: str, body: Any) -> Any:
    for issue in issues_of(body):
        parent = issue["fields"].get("parent")
        if isinstance(parent, dict):
            issue["fields"]["parent"] = {"id": parent["id"], "key": parent["key"]}
    return body


def statuses_without_category(path: str, body: Any) -> Any:
    """Issues name their status barely; the list of statuses tells the categories."""
    if path.endswith("/status"):
        return body

    def change(part: Json) -> None:
        part.pop("statusCategory", None)

    return each_object(body, change)


def categories_by_key_alone(_path: str, body: Any) -> Any:
    def change(part: Json) -> None:
        if isinstance(part.get("statusCategory"), dict):
            part["statusCategory"] = {"key": part["statusCategory"]["key"]}

    return each_object(body, change)


def numbers_as_texts(_path: str, body: Any) -> Any:
    """Estimates written as text; sites with apps for estimates have them so."""
    for issue in issues_of(body):
        fields = issue["fields"]
        issue["fields"] = {
            n: str(v) if isinstance(v, float) and n.startswith("customfield") else v for n, v in fields.items()
        }
    return body


def ids_as_numbers(_path: str, body: Any) -> Any:
    def change(part: Json) -> None:
        for name in ("id", "issueId", "projectId"):
            if isinstance(part.get(name), str) and part[name].isdecimal():
                part[name] = int(part[name])

    return each_object(body, change)


def answers_upside_down(path: str, body: Any) -> Any:
    """Bulk answers in no order, issues named twice; what pages by tokens keeps its order."""
    if path.endswith(("/bulkfetch", "/search")) and isinstance(body, dict) and isinstance(body.get("issues"), list):
        body["issues"] = body["issues"][::-1] + body["issues"][:1]
    return body


# --- histories


def histories_in_any_order(_path: str, body: Any) -> Any:
    for histories in histories_of(body):
        random.Random(7).shuffle(histories)
        histories.extend(histories[:1])
    return body


def histories_without_people(_path: str, body: Any) -> Any:
    """Of people who are gone nothing is told, or null."""
    for number, history in enumerate(one for some in histories_of(body) for one in some):
        if number % 2:
            history.pop("author", None)
        else:
            history["author"] = None
    return body


def histories_dated_otherwise(_path: str, body: Any) -> Any:
    """In text where numbers are usual, with the offset of another zone."""
    zone = timezone(timedelta(hours=5, minutes=30))
    for history in (one for some in histories_of(body) for one in some):
        if isinstance(history["created"], int):
            at = datetime.fromtimestamp(history["created"] / 1000, UTC).astimezone(zone)
            history["created"] = at.isoformat(timespec="milliseconds").replace("+05:30", "+0530")
    return body


def histories_with_less(_path: str, body: Any) -> Any:
    """Empty sides are absent, a field's kind and id, too; changes of things nobody knows stand between."""
    noise = {"field": "Rank", "fieldtype": "custom", "fromString": "", "toString": "Ranked higher"}
    for history in (one for some in histories_of(body) for one in some):
        for item in history["items"]:
            item.pop("fieldtype", None)
            for name in [name for name, value in item.items() if value in (None, "")]:
                del item[name]
        history["items"].append(dict(noise))
        history["historyMetadata"] = {"type": "jira.automation"}
    return body


# --- sprints and boards


def _each_sprint(body: Any, change: Callable[[Json], None]) -> Any:
    def only_sprints(part: Json) -> None:
        if part.get("state") in ("future", "active", "closed") and "id" in part:
            change(part)

    return each_object(body, only_sprints)


def sprints_with_nulls(_path: str, body: Any) -> Any:
    """What a sprint has not is null in place of absent, and dates bear an offset."""

    def change(sprint: Json) -> None:
        for name in ("startDate", "endDate", "completeDate", "goal"):
            sprint.setdefault(name, None)
            if name != "goal" and sprint[name]:
                sprint[name] = sprint[name].replace("Z", "+00:00")

    return _each_sprint(body, change)


def sprints_without_their_board(path: str, body: Any) -> Any:
    """The sprint field of some sites names no board; the sprint itself does."""

    def change(sprint: Json) -> None:
        sprint.pop("boardId", None)
        sprint.pop("createdDate", None)

    return body if "/agile/" in path else _each_sprint(body, change)


def sprints_never_completed(_path: str, body: Any) -> Any:
    """Imported sprints are closed without a moment of completion."""

    def change(sprint: Json) -> None:
        sprint.pop("completeDate", None)

    return _each_sprint(body, change)


def boards_without_location(_path: str, body: Any) -> Any:
    """As those of a person, or of several projects."""
    if _path.startswith("/rest/agile"):

        def change(part: Json) -> None:
            if part.get("type") in ("scrum", "kanban", "simple"):
                part.pop("location", None)

        return each_object(body, change)
    return body


def boards_of_teams(_path: str, body: Any) -> Any:
    """Boards of team-managed projects are `simple`, with sprints or without."""

    def change(part: Json) -> None:
        if part.get("type") == "scrum":
            part["type"] = "simple"

    return each_object(body, change) if _path.startswith("/rest/agile") else body


def pages_that_do_not_count(path: str, body: Any) -> Any:
    """`total` is optional in pages, and `isLast` in some of them."""
    if "/agile/" in path and isinstance(body, dict):
        body.pop("total", None)
    if path.endswith("/search/jql") and isinstance(body, dict):
        body.pop("isLast", None)
    return body


# --- the site


def site_of_few_words(path: str, body: Any) -> Any:
    if path.endswith("/serverInfo"):
        return {name: body[name] for name in ("baseUrl", "version", "deploymentType")}
    if path.endswith("/myself"):
        return {name: body[name] for name in ("accountId", "displayName", "name") if name in body}
    return body


def fields_twice(path: str, body: Any) -> Any:
    """Team-managed projects bring fields of their own under the same names; system fields may lack a schema."""
    if not path.endswith("/field"):
        return body
    for field in body:
        if field["id"] in ("summary", "status"):
            field.pop("schema")
    scope = {"type": "PROJECT", "project": {"id": "99999"}}
    own = [
        dict(field, id="customfield_19" + field["id"][-3:], key="customfield_19" + field["id"][-3:], scope=scope)
        for field in body
        if field["name"] in ("Key Result", "Team")
    ]
    return own + body


def counts_that_are_unknown(path: str, body: Any) -> Any:
    return {} if path.endswith("/approximate-count") else body


def all_at_once(path: str, body: Any) -> Any:
    for change in EVERY[:-1]:
        body = change(path, body)
    return body


EVERY = (
    unknown_keys_everywhere,
    without_null_fields,
    null_for_empty_lists,
    bare_objects,
    parents_by_id_and_key_alone,
    statuses_without_category,
    categories_by_key_alone,
    numbers_as_texts,
    ids_as_numbers,
    answers_upside_down,
    histories_in_any_order,
    histories_without_people,
    histories_dated_otherwise,
    histories_with_less,
    sprints_with_nulls,
    sprints_without_their_board,
    boards_without_location,
    boards_of_teams,
    pages_that_do_not_count,
    site_of_few_words,
    fields_twice,
    counts_that_are_unknown,
    all_at_once,
)
