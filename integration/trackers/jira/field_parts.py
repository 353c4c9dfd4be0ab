"""Whether a field that the operator names can play the part it is named for: by its type, else by what it holds."""

from collections.abc import Mapping, Sequence
from typing import Literal

from integration.contract import Misconfigured, TrackerError
from integration.http import HTTPClient
from integration.trackers.jira import client
from integration.trackers.jira.answered import Json
from integration.trackers.jira.discovery import encoding_of
from integration.trackers.jira.scrub import PEOPLE
from integration.trackers.jira.site_names import quoted
from integration.trackers.jira.values import estimate, tag_texts

Part = Literal["points", "key results", "teams", "rules"]

SAMPLED = 50  # items that fill the field
SHOWN = 3
_KINDS = {
    "option": "a select list",
    "options": "a list of several choices",
    "cascading": "a cascading list",
    "labels": "a list of labels",
    "text": "a text",
    "issue": "a link to a work item",
}
_TYPES = {"date": "a date", "datetime": "a time", "version": "a version", "array": "a list", "string": "a text"}
_OF_PEOPLE = frozenset({"user", "watches", "votes", "comments-page", "worklog", "attachment"})
_NO_WORDS = frozenset({"date", "datetime", "progress", "timetracking", "issuerestriction", "securitylevel"})
_MAYBE_NUMBERS = frozenset({"string", "any"})  # what apps make is often called any


def check_part(http: HTTPClient, projects: Sequence[str], place: str, field: Mapping[str, object], part: Part) -> None:
    """Refuse a field of people for any part, one without numbers for estimates, and one without words for the rest."""
    schema = field.get("schema")
    schema = schema if isinstance(schema, Mapping) else {}
    name = f"{quoted(str(field.get('name')))} ({field.get('id')})"
    if _is_about_people(field, schema):
        said = f"{place}{name} speaks of people or holds long texts: of these Tieline reads nothing."
        raise Misconfigured("field_of_people", f"{said} Name another field.")
    kind = str(schema.get("type"))
    if part == "points":
        if kind != "number":
            _check_numbers(_filled(http, projects, field), place, name, schema)
    elif kind in _NO_WORDS:
        raise Misconfigured("wrong_kind_of_field", f"{place}{name} is {kind_in_words(schema)}, which names no {part}.")


def _is_about_people(field: Mapping[str, object], schema: Mapping[str, object]) -> bool:
    types = {str(schema.get("type")), str(schema.get("items"))}
    return bool(types & _OF_PEOPLE) or str(schema.get("system") or field.get("id")) in PEOPLE


def _check_numbers(values: Sequence[object], place: str, name: str, schema: Mapping[str, object]) -> None:
    """Estimates are kept in texts and select lists, too: then what they hold are numbers."""
    numbers = [value for value in values if estimate(value) is not None]
    if len(numbers) * 2 > len(values) or (not values and str(schema.get("type")) in _MAYBE_NUMBERS):
        return
    texts = dict.fromkeys(text for value in values for text in tag_texts(value))
    held = f" that holds {', '.join(quoted(text) for text in list(texts)[:SHOWN])}: no numbers" if texts else ""
    raise Misconfigured(
        "wrong_kind_of_field",
        f"{place}{name} is {kind_in_words(schema)}{held or ', and no item has a number in it'}. "
        "Name the field in which the boards estimate, such as “Story Points”.",
    )


def kind_in_words(schema: Mapping[str, object]) -> str:
    encoding, kind = encoding_of(schema), str(schema.get("type"))
    return _KINDS.get(encoding or "") or _TYPES.get(kind) or f"of the type {quoted(kind)}"


def _filled(http: HTTPClient, projects: Sequence[str], field: Mapping[str, object]) -> list[object]:
    """What the field holds on the items that were changed last; nothing where it cannot be searched for."""
    clauses = field.get("clauseNames")
    clause = next((one for one in clauses if isinstance(one, str)), "") if isinstance(clauses, list) else ""
    id_ = str(field.get("id"))
    clause = f"cf[{id_.removeprefix('customfield_')}]" if id_.startswith("customfield_") else clause or id_
    jql = f"project in ({', '.join(projects)}) AND {clause} is not EMPTY ORDER BY updated DESC"
    try:
        issues, _ = client.search_page(http, jql, [id_], size=SAMPLED)
    except TrackerError:
        return []
    found: list[Json] = [issue["fields"] for issue in issues]
    return [content[id_] for content in found if content.get(id_) not in (None, "", [])]
