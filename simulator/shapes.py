"""How Jira writes its things as JSON: issues in v3 and v2, changelogs, fields."""

from collections.abc import Iterable, Mapping

from simulator import catalogue as names
from simulator.dates import Json, moment
from simulator.histories import component_id
from simulator.site import Site
from simulator.sprint_shapes import sprint_object, sprint_text
from simulator.things import ChangeItem, History, Issue, Project

EVERY_FIELD = tuple(field.id for field in names.FIELDS)
EXPAND = "operations,versionedRepresentations,editmeta,changelog,renderedFields"
ROBOT: Json = {"accountId": "557058:0d8f2c1e-simulated", "accountType": "app", "active": True, "displayName": "Robot"}
USER: Json = {
    "name": "robot",
    "key": "JIRAUSER10100",
    "active": True,
    "displayName": "Robot",
    "emailAddress": "r@invalid",
}


# --- issues


def issue_json(site: Site, issue: Issue, fields: Iterable[str], version: int = 3) -> Json:
    chosen = chosen_fields(fields)
    body: Json = {
        "expand": EXPAND,
        "id": str(issue.id),
        "self": f"{site.base_url}/rest/api/{version}/issue/{issue.id}",
        "key": issue.key,
    }
    if chosen:
        body["fields"] = {name: _field(site, issue, name, version) for name in chosen}
    return body


def chosen_fields(wanted: Iterable[str]) -> tuple[str, ...]:
    """The fields that a `fields` parameter means: names, `*all`, `*navigable`, and `-name` to leave out."""
    asked = [name.strip() for name in wanted if name.strip()]
    chosen = [name for name in asked if not name.startswith(("*", "-"))]
    if any(name in ("*all", "*navigable") for name in asked) or (asked and all(n.startswith("-") for n in asked)):
        chosen = list(EVERY_FIELD)
    left_out = {name[1:] for name in asked if name.startswith("-")}
    return tuple(name for name in chosen if name in EVERY_FIELD and name not in left_out)


def _field(site: Site, issue: Issue, name: str, version: int) -> object:
    values = issue.values
    plain: Mapping[str, object] = {
        "summary": values.summary,
        "labels": list(values.labels),
        "created": moment(issue.created),
        "updated": moment(issue.updated),
        names.POINTS_FIELD: values.points,
        names.RANK_FIELD: f"0|i{issue.id:05x}:",
    }
    if name in plain:
        return plain[name]
    renderer = _RENDERERS.get(name)
    return renderer(site, issue, version) if renderer is not None else None


def status_json(site: Site, key: str, version: int = 3) -> Json:
    status = names.STATUS[key]
    number, label, colour = names.CATEGORIES[status.category]
    return {
        "self": f"{site.base_url}/rest/api/{version}/status/{status.id}",
        "description": "",
        "iconUrl": f"{site.base_url}/",
        "name": status.name,
        "id": status.id,
        "statusCategory": {
            "self": f"{site.base_url}/rest/api/{version}/statuscategory/{number}",
            "id": number,
            "key": status.category,
            "colorName": colour,
            "name": label,
        },
    }


def type_json(site: Site, key: str, version: int = 3) -> Json:
    type_ = names.TYPE[key]
    body: Json = {
        "self": f"{site.base_url}/rest/api/{version}/issuetype/{type_.id}",
        "id": type_.id,
        "description": "",
        "iconUrl": f"{site.base_url}/",
        "name": type_.name,
        "subtask": type_.level < 0,
    }
    return body if site.is_data_center else body | {"hierarchyLevel": type_.level}


def project_json(site: Site, project: Project, version: int = 3) -> Json:
    return {
        "self": f"{site.base_url}/rest/api/{version}/project/{project.id}",
        "id": str(project.id),
        "key": project.key,
        "name": project.name,
        "projectTypeKey": "software",
        "simplified": False,
    }


def _status(site: Site, issue: Issue, version: int) -> object:
    return status_json(site, issue.values.status, version)


def _type(site: Site, issue: Issue, version: int) -> object:
    return type_json(site, issue.values.type, version)


def _project(site: Site, issue: Issue, version: int) -> object:
    project = site.project_of_key(issue.values.project)
    return None if project is None else project_json(site, project, version)


def _parent(site: Site, issue: Issue, version: int) -> object:
    """A parent is named even where it may not be seen itself."""
    if issue.values.parent is None or (site.is_data_center and issue.values.type != "subtask"):
        return None
    parent = site.issues[issue.values.parent]
    return {
        "id": str(parent.id),
        "key": parent.key,
        "self": f"{site.base_url}/rest/api/{version}/issue/{parent.id}",
        "fields": {
            "summary": parent.values.summary,
            "status": status_json(site, parent.values.status, version),
            "issuetype": type_json(site, parent.values.type, version),
        },
    }


def _resolution(site: Site, issue: Issue, version: int) -> object:
    if issue.values.resolution is None:
        return None
    identity, name = names.RESOLUTIONS[issue.values.resolution]
    link = f"{site.base_url}/rest/api/{version}/resolution/{identity}"
    return {"self": link, "id": identity, "description": "", "name": name}


def _resolved(_site: Site, issue: Issue, _version: int) -> object:
    if issue.values.resolution is None:
        return None
    at = next(at for at, values in issue.revisions if values.resolution is not None)
    return moment(at)


def _components(site: Site, issue: Issue, version: int) -> object:
    link = f"{site.base_url}/rest/api/{version}/component"
    return [{"self": f"{link}/{component_id(n)}", "id": component_id(n), "name": n} for n in issue.values.components]


def _sprints(site: Site, issue: Issue, version: int) -> object:
    """v3 lists objects; v2, and with it every webhook, lists the text of a Java object."""
    sprints = [site.sprints[identity] for identity in issue.values.sprints if identity in site.sprints]
    if not sprints:
        return None
    return (
        [sprint_text(s, site.is_data_center) for s in sprints] if version == 2 else [sprint_object(s) for s in sprints]
    )


def _option(site: Site, text: str, version: int) -> Json:
    identity = site.option_id(text)
    return {
        "self": f"{site.base_url}/rest/api/{version}/customFieldOption/{identity}",
        "value": text,
        "id": str(identity),
    }


def _tags(site: Site, issue: Issue, version: int) -> object:
    return [_option(site, text, version) for text in issue.values.tags] or None


def _squad(site: Site, issue: Issue, version: int) -> object:
    return None if issue.values.squad is None else _option(site, issue.values.squad, version)


def _epic_link(site: Site, issue: Issue, _version: int) -> object:
    parent = site.issues.get(issue.values.parent or 0)
    return parent.key if parent is not None and parent.values.type == "epic" else None


def _epic_name(_site: Site, issue: Issue, _version: int) -> object:
    return issue.values.summary if issue.values.type == "epic" else None


def _person(site: Site, _issue: Issue, _version: int) -> object:
    return user_json(site)


def user_json(site: Site) -> Json:
    """Data Center knows its people by name and key."""
    return USER if site.is_data_center else ROBOT


def _description(_site: Site, issue: Issue, version: int) -> object:
    if version == 2:
        return issue.values.summary
    text: Json = {"type": "text", "text": issue.values.summary}
    return {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [text]}]}


_RENDERERS = {
    "status": _status,
    "issuetype": _type,
    "project": _project,
    "parent": _parent,
    "resolution": _resolution,
    "resolutiondate": _resolved,
    "components": _components,
    "assignee": _person,
    "reporter": _person,
    "description": _description,
    names.SPRINT_FIELD: _sprints,
    names.TAG_FIELD: _tags,
    names.SQUAD_FIELD: _squad,
    names.EPIC_LINK_FIELD: _epic_link,
    names.EPIC_NAME_FIELD: _epic_name,
}


# --- histories


def item_json(item: ChangeItem, site: Site) -> Json:
    """Data Center names no field by its id."""
    body: Json = {"field": item.field, "fieldtype": "custom" if item.custom else "jira"}
    if item.field_id is not None and not site.is_data_center:
        body["fieldId"] = item.field_id
    return body | {
        "from": item.before,
        "fromString": item.before_text,
        "to": item.after,
        "toString": item.after_text,
    }


def history_json(history: History, created: object, site: Site) -> Json:
    return {
        "id": str(history.id),
        "author": user_json(site),
        "created": created,
        "items": [item_json(item, site) for item in history.items],
    }


# --- fields


def field_json(field: names.Field) -> Json:
    custom = field.custom is not None
    schema: Json = {"type": field.type}
    if field.items is not None:
        schema["items"] = field.items
    if custom:
        number = int(field.id.removeprefix("customfield_"))
        schema |= {"custom": field.custom, "customId": number}
        clauses = [f"cf[{number}]", field.name]
    else:
        schema["system"] = field.system
        clauses = [field.id]
    return {
        "id": field.id,
        "key": field.id,
        "name": field.name,
        "custom": custom,
        "orderable": True,
        "navigable": True,
        "searchable": True,
        "clauseNames": clauses,
        "schema": schema,
    }
