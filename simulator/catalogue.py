"""What the simulated site calls its statuses, types and fields: ids and some names differ from the
usual ones on purpose, so that a client which guesses them fails."""

from dataclasses import dataclass

SPRINT_FIELD = "customfield_11877"
POINTS_FIELD = "customfield_11440"
POINT_ESTIMATE_FIELD = "customfield_11502"
EPIC_LINK_FIELD = "customfield_11213"
EPIC_NAME_FIELD = "customfield_11214"
RANK_FIELD = "customfield_11019"
TAG_FIELD = "customfield_12031"
SQUAD_FIELD = "customfield_12040"

TAG_FIELD_NAME = "Key Result"
SQUAD_FIELD_NAME = "Team"
_TYPES = "com.atlassian.jira.plugin.system.customfieldtypes"


@dataclass(frozen=True, slots=True)
class Status:
    key: str
    id: str
    name: str
    untranslated: str
    category: str


STATUSES = (
    Status("todo", "10101", "To Do", "To Do", "new"),
    Status("doing", "10102", "In Arbeit", "In Progress", "indeterminate"),
    Status("review", "10103", "Review", "Review", "indeterminate"),
    Status("done", "10104", "Erledigt", "Done", "done"),
)
STATUS = {status.key: status for status in STATUSES}
CATEGORIES = {
    "new": (2, "To Do", "blue-gray"),
    "indeterminate": (4, "In Progress", "yellow"),
    "done": (3, "Done", "green"),
}
RESOLUTIONS = {"done": ("10301", "Done"), "wont_do": ("10302", "Won't Do")}


@dataclass(frozen=True, slots=True)
class IssueType:
    key: str
    id: str
    name: str
    untranslated: str
    level: int


TYPES = (
    IssueType("story", "10201", "Story", "Story", 0),
    IssueType("task", "10202", "Task", "Task", 0),
    IssueType("bug", "10203", "Fehler", "Bug", 0),
    IssueType("subtask", "10204", "Unteraufgabe", "Sub-task", -1),
    IssueType("epic", "10205", "Epic", "Epic", 1),
)
TYPE = {type_.key: type_ for type_ in TYPES}


@dataclass(frozen=True, slots=True)
class Field:
    id: str
    name: str
    type: str
    items: str | None = None
    custom: str | None = None
    system: str | None = None


FIELDS = (
    Field("summary", "Summary", "string", system="summary"),
    Field("status", "Status", "status", system="status"),
    Field("issuetype", "Vorgangstyp", "issuetype", system="issuetype"),
    Field("project", "Project", "project", system="project"),
    Field("parent", "Parent", "any", system="parent"),
    Field("resolution", "Lösung", "resolution", system="resolution"),
    Field("resolutiondate", "Resolved", "datetime", system="resolutiondate"),
    Field("created", "Created", "datetime", system="created"),
    Field("updated", "Updated", "datetime", system="updated"),
    Field("labels", "Stichwörter", "array", items="string", system="labels"),
    Field("components", "Components", "array", items="component", system="components"),
    Field("timeoriginalestimate", "Original estimate", "number", system="timeoriginalestimate"),
    Field("timespent", "Time Spent", "number", system="timespent"),
    Field("assignee", "Assignee", "user", system="assignee"),
    Field("reporter", "Reporter", "user", system="reporter"),
    Field("description", "Description", "string", system="description"),
    Field(RANK_FIELD, "Rank", "any", custom="com.pyxis.greenhopper.jira:gh-lexo-rank"),
    Field(EPIC_LINK_FIELD, "Epic Link", "any", custom="com.pyxis.greenhopper.jira:gh-epic-link"),
    Field(EPIC_NAME_FIELD, "Epos-Name", "string", custom="com.pyxis.greenhopper.jira:gh-epic-label"),
    Field(POINTS_FIELD, "Story Points", "number", custom=f"{_TYPES}:float"),
    Field(
        POINT_ESTIMATE_FIELD,
        "Story point estimate",
        "number",
        custom="com.pyxis.greenhopper.jira:jsw-story-points",
    ),
    Field(SPRINT_FIELD, "Sprint", "array", items="json", custom="com.pyxis.greenhopper.jira:gh-sprint"),
    Field(TAG_FIELD, TAG_FIELD_NAME, "array", items="option", custom=f"{_TYPES}:multiselect"),
    Field(SQUAD_FIELD, SQUAD_FIELD_NAME, "option", custom=f"{_TYPES}:select"),
)
FIELD = {field.id: field for field in FIELDS}
