"""Reads a CSV as people download it from Jira's issue search, in any of five languages, into a backlog.

A CSV tells no history, and of sprints only the names: `jira_csv_sprints` says what is made of these.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from integration.files.faults import Refused, shown
from integration.files.jira_backlog import put_together, register_names, rule_fields
from integration.files.jira_csv_sprints import Naming, sprints_named
from integration.files.jira_points import load_points
from integration.files.jira_table import Row, Table, read_table
from integration.files.jira_words import level_of, status_in_words
from integration.trackers.jira.values import label_tag
from mappings.model import NOTHING, Backlog, FieldValue, Item, ItemState, Plan, Settings, Status

_MOST_FAULTS = 20
_CASCADE = " -> "


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What to take tags and rule fields from."""

    kr_places: tuple[int, ...]
    tag_field: str | None
    label_prefix: str | None
    names: frozenset[str]
    rule_places: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class _Issue:
    """One issue of the table, its parent not yet looked up."""

    key: str
    id: str
    type: str
    level: int | None
    parent: str
    created: datetime
    updated: datetime
    done: datetime | None
    state: ItemState
    title: str
    project: str | None


def load(
    data: bytes,
    *,
    kr_field: str | None = None,
    kr_label_prefix: str | None = None,
    points: bytes | None = None,
    plan: Plan | None = None,
    now: datetime | None = None,
) -> Backlog:
    """Read a whole export; raise `Refused` with one line per fault. Without `now`: its latest moment."""
    zone = (plan.settings if plan else Settings()).time_zone
    table = read_table(data, ZoneInfo(zone))
    wanted = _wanted(table, kr_field, kr_label_prefix, plan)
    notes: list[str] = []
    issues = _read(table, wanted, notes)
    if table.faults:
        raise Refused(tuple(table.faults[:_MOST_FAULTS]))
    if not issues:
        raise Refused(("the file holds no issue; export at least one",))
    latest = now or max(issue.updated for issue in issues.values())
    return put_together(
        _items(issues, table, wanted.tag_field),
        sprints_named([_naming(issue) for issue in issues.values()], latest),
        points=load_points(points) if points is not None else {},
        plan=plan,
        now=latest,
        updated=(),
        notes=[*_notes(table), f"Times are read as those of {zone}.", *notes],
    )


def _notes(table: Table) -> list[str]:
    notes = ["A CSV holds no history: tags, estimates, parents and sprints are those of the export."]
    if table.columns.parts.get("sprint"):
        notes.append(
            "A CSV names sprints and tells nothing else of them: their states, starts and completions are reckoned "
            "from when their items were done, and whether they had goals is not known."
        )
    if table.without_key:
        notes.append(f"Rows that name no issue were left out: {table.without_key}.")
    return notes


def _wanted(table: Table, kr_field: str | None, prefix: str | None, plan: Plan | None) -> _Wanted:
    places = table.columns.named(kr_field) if kr_field is not None else ()
    if kr_field is not None and not places:
        own = sorted({name for name in table.columns.names if name})
        some = ", ".join(shown(name) for name in own[:12])
        raise Refused((f"--kr-field: there is no column {shown(kr_field)}; the columns include {some}",))
    shown_names = [table.columns.names[place] for place in places[:1]] + (["Labels"] if prefix is not None else [])
    return _Wanted(
        kr_places=places,
        tag_field=", ".join(shown_names) or None,
        label_prefix=prefix,
        names=register_names(plan),
        rule_places={name: table.columns.named(name) for name in rule_fields(plan)},
    )


# --- one row --------------------------------------------------------------------------------------


def _read(table: Table, wanted: _Wanted, notes: list[str]) -> dict[str, _Issue]:
    """The issues by key; of one that stands in the file twice the later row."""
    found: dict[str, _Issue] = {}
    for row in table.rows:
        created = table.moment(row, "created")
        if created is not None:
            issue = _issue(table, row, created, wanted, notes)
            found[issue.key] = issue
        elif not table.text(row, "created"):
            table.faults.append(f"row {row.number}, column “Created”: is empty; export the column with its times")
    return found


def _issue(table: Table, row: Row, created: datetime, wanted: _Wanted, notes: list[str]) -> _Issue:
    key, type_ = table.text(row, "key"), table.text(row, "type")
    status = _status(table, row, key, notes)
    updated = table.moment(row, "updated")
    moments = [table.moment(row, part) for part in ("resolved", "category_changed")]
    since = next((moment for moment in moments if moment is not None), None) or updated or created
    parent_id, parent = table.text(row, "parent_id"), table.text(row, "parent")
    epic = next(iter(table.texts(row, table.columns.epic_links)), "")
    is_epic = bool(table.texts(row, table.columns.epic_names))
    return _Issue(
        key=key,
        id=table.text(row, "id"),
        type=type_ or "unknown",
        level=1 if is_epic and level_of(type_) in {None, 1} else level_of(type_),
        parent=parent or parent_id or epic,
        created=created,
        updated=max(updated or created, since, created),
        done=max(since, created) if status in {Status.DONE, Status.DROPPED} else None,
        state=_state(table, row, created, status, wanted),
        title=table.text(row, "summary"),
        project=table.text(row, "project") or key.rpartition("-")[0] or None,
    )


def _status(table: Table, row: Row, key: str, notes: list[str]) -> Status:
    name, resolution = table.text(row, "status"), table.text(row, "resolution")
    found = status_in_words(table.text(row, "category"), name, resolution)
    if found is not None:
        return found
    if "category" not in table.columns.parts:
        notes.append(f"The status {shown(name)} is taken as to do: the file has no column “Status Category” ({key}).")
    return Status.TODO


def _state(table: Table, row: Row, created: datetime, status: Status, wanted: _Wanted) -> ItemState:
    columns = table.columns
    labels = tuple(
        dict.fromkeys(label for cell in table.texts(row, columns.parts.get("labels", ())) for label in cell.split())
    )
    fields: dict[str, FieldValue] = {}
    for name, places in wanted.rule_places.items():
        texts = table.texts(row, places)
        fields[name] = texts if len(texts) > 1 else next(iter(texts), None)
    return ItemState(
        at=created,
        status=status,
        points=table.number(row, columns.points),
        tags=_tags(table, row, labels, wanted),
        sprints=table.texts(row, columns.parts.get("sprint", ())),
        labels=labels,
        components=table.texts(row, columns.parts.get("components", ())),
        original_estimate=table.number(row, columns.parts.get("estimate", ())),
        time_spent=table.number(row, columns.parts.get("spent", ())) or 0,
        fields=fields or NOTHING,
    )


def _tags(table: Table, row: Row, labels: Sequence[str], wanted: _Wanted) -> tuple[str, ...]:
    """A cascading value is written `parent -> child`: the child, unless the whole is a name of the register."""
    texts = table.texts(row, wanted.kr_places)
    found = [
        text.rpartition(_CASCADE)[2].strip() if _CASCADE in text and text.casefold() not in wanted.names else text
        for text in texts
    ]
    if wanted.label_prefix is not None:
        tags = (label_tag(label, wanted.label_prefix, wanted.names) for label in labels)
        found += [tag for tag in tags if tag is not None]
    return tuple(dict.fromkeys(text for text in found if text))


# --- all rows -------------------------------------------------------------------------------------


def _items(issues: Mapping[str, _Issue], table: Table, tag_field: str | None) -> list[Item]:
    keys = {issue.id: issue.key for issue in issues.values() if issue.id}
    epics = {epic for row in table.rows for epic in table.texts(row, table.columns.epic_links)}
    levels = {issue.key: 1 if issue.key in epics and not issue.level else issue.level for issue in issues.values()}
    return [_item(issue, keys.get(issue.parent, issue.parent) or None, levels, tag_field) for issue in issues.values()]


def _item(issue: _Issue, parent: str | None, levels: Mapping[str, int | None], tag_field: str | None) -> Item:
    level = levels[issue.key]
    if level is None:  # a type of the site's own: below a story it can only be a sub-task
        level = -1 if parent is not None and levels.get(parent) == 0 else 0
    today = issue.state._replace(parent=parent)
    states: tuple[ItemState, ...] = (today,)
    if issue.done is not None and issue.done > issue.created:
        states = (today._replace(status=Status.TODO), today._replace(at=issue.done))
    return Item(
        key=issue.key,
        type=issue.type,
        level=level,
        created=issue.created,
        states=states,
        project=issue.project,
        title=issue.title,
        history_known=False,
        tag_field=tag_field,
    )


def _naming(issue: _Issue) -> Naming:
    return Naming(
        issue.state.sprints, issue.created, issue.updated, issue.done, is_begun=issue.state.status is not Status.TODO
    )
