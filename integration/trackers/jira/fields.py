"""Which fields of a site play which part: found by `schema.custom`, confirmed by the operator, kept per connection.

Names and ids differ from site to site and repeat within one, so neither decides alone.
https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-fields/
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Literal, get_args

from integration.contract import Misconfigured
from mappings.model import Status

Encoding = Literal["text", "number", "option", "options", "cascading", "labels", "issue"]

SPRINT = "com.pyxis.greenhopper.jira:gh-sprint"
EPIC_LINK = "com.pyxis.greenhopper.jira:gh-epic-link"
EPIC_NAME = "com.pyxis.greenhopper.jira:gh-epic-label"
PARENT_LINK = "com.atlassian.jpo:jpo-custom-field-parent"
STORY_POINTS = "com.pyxis.greenhopper.jira:jsw-story-points"
TEAMS = (
    "com.atlassian.teams:rm-teams-custom-field-team",
    "com.atlassian.jira.plugin.system.customfieldtypes:atlassian-team",
)
DROPPED_RESOLUTIONS = ("Won't Do", "Won't Fix", "Duplicate", "Invalid", "Cannot Reproduce", "Declined")

# Always asked for; of people and comments nothing is.
SYSTEM_FIELDS = (
    "summary", "issuetype", "project", "status", "resolution", "resolutiondate", "statuscategorychangedate", "created",
    "updated", "labels", "components", "parent", "timeoriginalestimate", "timespent",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldRef:
    """A field by its id; `names` are those it goes by in changelogs that give no id, the shown one first."""

    id: str
    names: tuple[str, ...] = ()
    encoding: Encoding = "text"

    @property
    def name(self) -> str:
        return self.names[0] if self.names else self.id


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """What a connection keeps of the operator's choice. Pairs stand for mappings: the whole is one hashable value."""

    sprint_field: FieldRef | None = None
    points_fields: tuple[FieldRef, ...] = ()  # the first that has a value counts
    epic_link_field: FieldRef | None = None
    parent_link_field: FieldRef | None = None
    epic_name_field: FieldRef | None = None
    kr_fields: tuple[FieldRef, ...] = ()
    kr_label_prefix: str | None = None
    kr_text_pattern: str | None = None  # finds tags within the texts of the fields; its first group, else the whole
    kr_link_types: tuple[str, ...] = ()  # names of issue link types that tie an item to a key result
    team_field: FieldRef | None = None
    rule_fields: tuple[FieldRef, ...] = ()  # what rules on custom fields look at
    status_overrides: tuple[tuple[str, Status], ...] = ()  # by status id, else by name
    board_statuses: tuple[tuple[str, str, Status], ...] = ()  # board id, status id or name: what it means there
    dropped_resolutions: tuple[str, ...] = DROPPED_RESOLUTIONS  # by name or id
    type_levels: tuple[tuple[str, int], ...] = ()  # by issue type id, else by name

    def to_json(self) -> dict[str, object]:
        return asdict(self)

    @property
    def tag_field(self) -> str | None:
        """The shown name of where the tags come from."""
        names = [field.name for field in self.kr_fields]
        names += ["Labels"] if self.kr_label_prefix is not None else []
        names += [f"link “{name}”" for name in self.kr_link_types]
        return ", ".join(dict.fromkeys(names)) or None


def wanted_fields(mapping: FieldMapping) -> tuple[str, ...]:
    """The ids to name in `fields=`."""
    single = (mapping.sprint_field, mapping.epic_link_field, mapping.parent_link_field, mapping.epic_name_field)
    found = [field.id for field in (*single, mapping.team_field) if field is not None]
    found += [field.id for field in (*mapping.points_fields, *mapping.kr_fields, *mapping.rule_fields)]
    found += ["issuelinks"] if mapping.kr_link_types else []
    return tuple(dict.fromkeys((*SYSTEM_FIELDS, *found)))


# --- the mapping as plain JSON --------------------------------------------------------------------


def mapping_from_json(data: Mapping[str, object]) -> FieldMapping:
    """Read what `to_json` gave, from lists or tuples; raise `Misconfigured` naming the setting."""
    known = {field.name for field in fields(FieldMapping)}
    unknown = sorted(set(data) - known)
    if unknown:
        raise Misconfigured("field_mapping", f"The field mapping has an unknown setting: {unknown[0]}.")
    return FieldMapping(
        sprint_field=_ref(data, "sprint_field"),
        points_fields=_refs(data, "points_fields"),
        epic_link_field=_ref(data, "epic_link_field"),
        parent_link_field=_ref(data, "parent_link_field"),
        epic_name_field=_ref(data, "epic_name_field"),
        kr_fields=_refs(data, "kr_fields"),
        kr_label_prefix=_text(data, "kr_label_prefix"),
        kr_text_pattern=_pattern(data, "kr_text_pattern"),
        kr_link_types=_texts(data, "kr_link_types"),
        team_field=_ref(data, "team_field"),
        rule_fields=_refs(data, "rule_fields"),
        status_overrides=tuple((key, _status(value)) for key, value in _pairs(data, "status_overrides")),
        board_statuses=tuple(_board_status(value) for value in _list(data, "board_statuses")),
        dropped_resolutions=_texts({"dropped_resolutions": DROPPED_RESOLUTIONS, **data}, "dropped_resolutions"),
        type_levels=tuple((key, _level(value)) for key, value in _pairs(data, "type_levels")),
    )


def _wrong(setting: str, must: str) -> Misconfigured:
    return Misconfigured("field_mapping", f"The field mapping's {setting} must be {must}.")


def _ref(data: Mapping[str, object], setting: str) -> FieldRef | None:
    value = data.get(setting)
    return None if value is None else _as_ref(value, setting)


def _as_ref(value: object, setting: str) -> FieldRef:
    if not isinstance(value, Mapping) or not isinstance(value.get("id"), str) or not value["id"]:
        raise _wrong(setting, 'a field such as {"id": "customfield_10016", "names": ["Story Points"]}')
    encoding = value.get("encoding", "text")
    if encoding not in get_args(Encoding):
        raise _wrong(f"{setting}.encoding", "one of " + ", ".join(get_args(Encoding)))
    return FieldRef(value["id"], _texts(value, "names"), encoding)


def _refs(data: Mapping[str, object], setting: str) -> tuple[FieldRef, ...]:
    return tuple(_as_ref(value, setting) for value in _list(data, setting))


def _list(data: Mapping[str, object], setting: str) -> Sequence[object]:
    value = data.get(setting)
    if value is None:
        return ()
    if not isinstance(value, (list, tuple)):
        raise _wrong(setting, "a list")
    return value


def _texts(data: Mapping[str, object], setting: str) -> tuple[str, ...]:
    found = _list(data, setting)
    if not all(isinstance(text, str) for text in found):
        raise _wrong(setting, "a list of texts")
    return tuple(str(text) for text in found)


def _text(data: Mapping[str, object], setting: str) -> str | None:
    value = data.get(setting)
    if value is not None and not isinstance(value, str):
        raise _wrong(setting, "a text")
    return value or None


def _pattern(data: Mapping[str, object], setting: str) -> str | None:
    pattern = _text(data, setting)
    try:
        re.compile(pattern or "")
    except re.error as error:
        raise _wrong(setting, f"a regular expression ({error})") from None
    return pattern


def _pairs(data: Mapping[str, object], setting: str) -> list[tuple[str, object]]:
    """A mapping may be written as an object too."""
    value = data.get(setting)
    if isinstance(value, Mapping):
        return [(str(key), found) for key, found in value.items()]
    pairs = _list(data, setting)
    if not all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in pairs):
        raise _wrong(setting, "a list of pairs")
    return [(str(pair[0]), pair[1]) for pair in pairs if isinstance(pair, (list, tuple))]


def _status(value: object, setting: str = "status_overrides") -> Status:
    if value not in list(Status):
        raise _wrong(setting, "of " + ", ".join(Status))
    return Status(str(value))


def _board_status(value: object) -> tuple[str, str, Status]:
    if not isinstance(value, (list, tuple)) or len(value) != 3:
        raise _wrong("board_statuses", "a list of a board, a status and what it means there")
    return str(value[0]), str(value[1]), _status(value[2], "board_statuses")


def _level(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -1 <= value <= 20:
        raise _wrong("type_levels", "of levels from -1 (sub-task) up")
    return value
