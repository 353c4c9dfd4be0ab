"""Which fields of an export play which part: by the page's own names and schemas, else by what they hold."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from integration.files.faults import Refused, shown
from integration.files.jira_pages import Export, Raw
from integration.trackers.jira.discovery import discover, encoding_of, suggest
from integration.trackers.jira.fields import Encoding, FieldMapping, FieldRef
from integration.trackers.jira.sprints import raw_sprints

_KEY = re.compile(r"[A-Z][A-Z0-9_]+-\d+")
_USUAL_NAMES = {
    "sprint": "sprint_field",
    "epic link": "epic_link_field",
    "parent link": "parent_link_field",
    "epic name": "epic_name_field",
}
_POINT_NAMES = ("story points", "story point estimate")


def mapping_of(
    export: Export, kr_field: str | None, kr_label_prefix: str | None, rule_fields: Iterable[str]
) -> FieldMapping:
    fields = [
        {"id": id_, "name": export.names.get(id_, id_), "schema": schema} for id_, schema in export.schema.items()
    ]
    found = replace(suggest(discover(fields)), kr_fields=())
    found = _by_name(_by_value(found, export), export)
    refs = _refs(export, kr_field) if kr_field is not None else ()
    if kr_field is not None and not refs:
        raise Refused((_no_field(kr_field, export),))
    rules = tuple(replace(ref, names=(name,)) for name in rule_fields for ref in _refs(export, name)[:1])
    return replace(found, kr_fields=refs, kr_label_prefix=kr_label_prefix, rule_fields=rules)


def _no_field(name: str, export: Export) -> str:
    known = sorted({text for id_, text in export.names.items() if id_.startswith("customfield_")})
    if known:
        some = ", ".join(shown(text) for text in known[:8])
        return f"--kr-field: no field {shown(name)} in the file; its fields include {some}"
    return (
        f"--kr-field: no field {shown(name)} in the file, which gives no field names; write its id, such as "
        "customfield_10050, or export with expand=names,schema"
    )


def _refs(export: Export, name: str) -> tuple[FieldRef, ...]:
    """All fields of that name or id: team-managed projects each have their own."""
    wanted = name.strip().casefold()
    ids = [id_ for id_, text in export.names.items() if text.strip().casefold() == wanted]
    if not ids:
        ids = [
            id_ for id_ in dict.fromkeys(id_ for raw in fields_of(export) for id_ in raw) if id_.casefold() == wanted
        ]
    return tuple(FieldRef(id_, (export.names.get(id_, name),), _encoding(id_, export)) for id_ in ids)


def fields_of(export: Export) -> list[Raw]:
    found = (issue.get("fields") for issue in export.issues)
    return [fields for fields in found if isinstance(fields, Mapping)]


def _encoding(id_: str, export: Export) -> Encoding:
    """By the schema, else by the first value."""
    known = encoding_of(export.schema.get(id_, {}))
    if known is not None:
        return known
    value = next((fields[id_] for fields in fields_of(export) if fields.get(id_) not in (None, "", [], {})), None)
    match value:
        case {"value": _, "child": _}:
            return "cascading"
        case {"value": _}:
            return "option"
        case [{"value": _}, *_]:
            return "options"
        case [str(), *_]:
            return "labels"
        case int() | float():
            return "number"
    return "text"


# --- without schemas ------------------------------------------------------------------------------


def _by_value(found: FieldMapping, export: Export) -> FieldMapping:
    """Sprints and epic links show what they are by what they hold."""
    if found.sprint_field is not None and found.epic_link_field is not None:
        return found
    columns: dict[str, list[object]] = {}
    for fields in fields_of(export):
        for id_, value in fields.items():
            if id_.startswith("customfield_") and value not in (None, "", []):
                columns.setdefault(id_, []).append(value)
    sprint = next((id_ for id_, values in columns.items() if _holds_sprints(values)), None)
    if found.sprint_field is None and sprint is not None:
        found = replace(found, sprint_field=FieldRef(sprint, ("Sprint",)))
    epics = {str(issue.get("key")) for issue in export.issues if _is_epic(issue)}
    link = next((id_ for id_, values in columns.items() if _holds_links(values, epics)), None)
    if found.epic_link_field is None and not export.schema and link is not None:
        found = replace(found, epic_link_field=FieldRef(link, ("Epic Link",)))
    return found


def _holds_sprints(values: Iterable[object]) -> bool:
    raws = [raw for value in values if isinstance(value, list) for raw in raw_sprints([value])]
    return bool(raws) and all("state" in raw and "name" in raw for raw in raws)


def _is_epic(issue: Raw) -> bool:
    match issue.get("fields"):
        case {"issuetype": {"hierarchyLevel": int(level)}}:
            return level == 1
        case {"issuetype": {"name": str(name)}}:
            return name.casefold() == "epic"
    return False


def _holds_links(values: list[object], epics: set[str]) -> bool:
    return all(isinstance(value, str) and _KEY.fullmatch(value) for value in values) and not epics.isdisjoint(
        str(value) for value in values
    )


def _by_name(found: FieldMapping, export: Export) -> FieldMapping:
    """A page with names but without schemas: the names that Jira gives these fields in English."""
    missing: dict[str, object] = {}
    for id_, name in export.names.items():
        part = _USUAL_NAMES.get(name.casefold())
        if part is not None and getattr(found, part) is None:
            missing[part] = FieldRef(id_, (name,))
    if not found.points_fields:
        points = (
            FieldRef(id_, (name,), "number")
            for wanted in _POINT_NAMES
            for id_, name in export.names.items()
            if name.casefold() == wanted
        )
        missing["points_fields"] = tuple(points)
    return replace(found, **missing)  # type: ignore[arg-type]  # each part gets what it holds
