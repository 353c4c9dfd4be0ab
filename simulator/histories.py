"""Changelog entries as Jira Cloud writes them: which field was changed from what to what, in the
spelling that each field has there."""

from simulator.catalogue import (
    EPIC_LINK_FIELD,
    POINTS_FIELD,
    RESOLUTIONS,
    SPRINT_FIELD,
    SQUAD_FIELD,
    SQUAD_FIELD_NAME,
    STATUS,
    TAG_FIELD,
    TAG_FIELD_NAME,
    TYPE,
)
from simulator.things import ChangeItem, Place, Values


def changes_between(site: Place, before: Values, after: Values) -> list[ChangeItem]:
    """One entry for each attribute that differs."""
    items: list[ChangeItem] = []
    for name, describe in _DESCRIBERS.items():
        if getattr(before, name) != getattr(after, name):
            items.extend(describe(site, before, after))
    return items


def _summary(_site: Place, before: Values, after: Values) -> list[ChangeItem]:
    return [ChangeItem("summary", "summary", None, before.summary, None, after.summary)]


def _status(_site: Place, before: Values, after: Values) -> list[ChangeItem]:
    old, new = STATUS[before.status], STATUS[after.status]
    return [ChangeItem("status", "status", old.id, old.name, new.id, new.name)]


def _type(_site: Place, before: Values, after: Values) -> list[ChangeItem]:
    old, new = TYPE[before.type], TYPE[after.type]
    return [ChangeItem("issuetype", "issuetype", old.id, old.name, new.id, new.name)]


def _resolution(_site: Place, before: Values, after: Values) -> list[ChangeItem]:
    old = RESOLUTIONS.get(before.resolution or "", (None, None))
    new = RESOLUTIONS.get(after.resolution or "", (None, None))
    return [ChangeItem("resolution", "resolution", *old, *new)]


def _points(_site: Place, before: Values, after: Values) -> list[ChangeItem]:
    texts = ("" if points is None else f"{points:g}" for points in (before.points, after.points))
    old, new = texts
    return [ChangeItem("Story Points", POINTS_FIELD, None, old or None, None, new or None, custom=True)]


def _sprints(site: Place, before: Values, after: Values) -> list[ChangeItem]:
    def ids(values: Values) -> str:
        return ", ".join(str(sprint) for sprint in values.sprints)

    def names(values: Values) -> str:
        return ", ".join(site.sprints[sprint].name for sprint in values.sprints if sprint in site.sprints)

    return [ChangeItem("Sprint", SPRINT_FIELD, ids(before), names(before), ids(after), names(after), custom=True)]


def _parent(site: Place, before: Values, after: Values) -> list[ChangeItem]:
    def both(parent: int | None) -> tuple[str | None, str | None]:
        return (None, None) if parent is None else (str(parent), site.issues[parent].key)

    parent = site.issues.get(after.parent or before.parent or 0)
    if site.is_data_center and parent is not None and parent.values.type == "epic":
        return [ChangeItem("Epic Link", EPIC_LINK_FIELD, *both(before.parent), *both(after.parent), custom=True)]
    # Parent changes carry no fieldId on Cloud, nor those of sub-tasks on Data Center.
    field = "Parent Issue" if site.is_data_center else "IssueParentAssociation"
    return [ChangeItem(field, None, *both(before.parent), *both(after.parent))]


def _labels(_site: Place, before: Values, after: Values) -> list[ChangeItem]:
    return [ChangeItem("labels", "labels", None, " ".join(before.labels), None, " ".join(after.labels))]


def _components(_site: Place, before: Values, after: Values) -> list[ChangeItem]:
    gone = [
        ChangeItem("Component", "components", component_id(name), name, None, None)
        for name in before.components
        if name not in after.components
    ]
    come = [
        ChangeItem("Component", "components", None, None, component_id(name), name)
        for name in after.components
        if name not in before.components
    ]
    return gone + come


def _tags(site: Place, before: Values, after: Values) -> list[ChangeItem]:
    def both(tags: tuple[str, ...]) -> tuple[str, str]:
        ids = ", ".join(str(site.option_id(tag)) for tag in tags)
        return (f"[{ids}]" if tags else "", ",".join(tags))

    return [ChangeItem(TAG_FIELD_NAME, TAG_FIELD, *both(before.tags), *both(after.tags), custom=True)]


def _squad(site: Place, before: Values, after: Values) -> list[ChangeItem]:
    def both(squad: str | None) -> tuple[str | None, str | None]:
        return (None, None) if squad is None else (str(site.option_id(squad)), squad)

    return [ChangeItem(SQUAD_FIELD_NAME, SQUAD_FIELD, *both(before.squad), *both(after.squad), custom=True)]


def _project(site: Place, before: Values, after: Values) -> list[ChangeItem]:
    old, new = site.project_of_key(before.project), site.project_of_key(after.project)
    if old is None or new is None:
        return []
    return [ChangeItem("project", "project", str(old.id), old.name, str(new.id), new.name)]


def _key(_site: Place, before: Values, after: Values) -> list[ChangeItem]:
    return [ChangeItem("Key", None, None, before.key, None, after.key)]


def component_id(name: str) -> str:
    return str(13000 + sum(name.encode()) % 997)


_DESCRIBERS = {
    "summary": _summary,
    "type": _type,
    "project": _project,
    "status": _status,
    "resolution": _resolution,
    "points": _points,
    "sprints": _sprints,
    "parent": _parent,
    "labels": _labels,
    "components": _components,
    "tags": _tags,
    "squad": _squad,
    "key": _key,
}
