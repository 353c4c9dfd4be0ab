"""Writing back to Jira: what a wish comes to on each issue, what is there now, and sending an edit once.

Nothing here decides whether something should be written. Of sprints nothing is ever written: the usual call for that
replaces the whole sprint. https://developer.atlassian.com/cloud/jira/software/rest/api-group-sprint/
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from integration.contract import Connection, Edit, KeyResultTag, Malformed, Mark, Permanent, Proposal, Remark, Wish
from integration.http import HTTPClient
from integration.trackers.jira import client
from integration.trackers.jira import write_calls as calls
from integration.trackers.jira import write_places as places
from integration.trackers.jira.answered import Json, portions
from integration.trackers.jira.chosen import chosen_of
from integration.trackers.jira.values import label_tag
from integration.trackers.jira.write_tags import Ground, proposed_tag
from integration.trackers.jira.write_values import is_label

_ALWAYS = ("project", "issuetype", "labels")
_PERMISSIONS = {
    "EDIT_ISSUES": "edit issues in project {project}: give it the permission “Edit Issues”",
    "LINK_ISSUES": "link issues in project {project}: give it the permission “Link Issues”",
    "ADD_COMMENTS": "comment in project {project}: give it the permission “Add Comments”",
}
_QUIET = ("ADMINISTER", "ADMINISTER_PROJECTS")


def propose(connection: Connection, wish: Wish, ids: Sequence[str], now: datetime) -> tuple[Proposal, ...]:  # noqa: ARG001 - as every tracker has it
    """What the wish comes to for each issue, in the order of the ids. It only reads."""
    http, mapping = client.open_client(connection), chosen_of(connection).fields
    ground = Ground(http, mapping)
    wanted = [*_ALWAYS, *(field.id for field in mapping.kr_fields), *(["issuelinks"] if mapping.kr_link_types else [])]
    found = _issues(http, ids, wanted)
    return tuple(_proposal(ground, wish, id_, found.get(id_)) for id_ in ids)


def present(connection: Connection, edits: Sequence[Edit]) -> dict[str, object]:
    """What is there now; one call for the fields of a hundred issues, one for each property and comment."""
    http = client.open_client(connection)
    wanted = {field for edit in edits if (field := places.field_of(edit)) is not None}
    found = _issues(http, [edit.item for edit in edits], sorted(wanted) or ["updated"])
    return {edit.item: _present(http, edit, found[edit.item]) for edit in edits if edit.item in found}


def send(connection: Connection, edit: Edit) -> Mapping[str, str]:
    http = client.open_client(connection)
    issue = _issues(http, [edit.item], ["issuelinks"])[edit.item] if edit.kind == "link" else {"fields": {}}
    is_of_fields = edit.kind in {"value", "values", "label", "labels"}
    quietly = is_of_fields and _may_be_quiet(http, edit)
    return places.deliver(http, edit, issue["fields"], quietly=quietly)


def look_for(connection: Connection, edit: Edit) -> tuple[object, Mapping[str, str]]:
    """What is there now, where nobody knows whether the edit arrived; a comment of ours is known by its last line."""
    if edit.kind == "comment" and isinstance(edit.wanted, Mapping):
        text = str(edit.wanted.get("text"))
        id_ = calls.comment_that_ends(client.open_client(connection), edit.item, text.rpartition("\n")[2].strip())
        return (None, {}) if id_ is None else (edit.wanted, {"id": id_})
    found = present(connection, [edit])
    if edit.item not in found:
        raise Permanent("not_found", "The issue is not there any more, or not visible to the account.")
    return found[edit.item], {}


# --- what is there ----------------------------------------------------------------------------


def _issues(http: HTTPClient, ids: Sequence[str], wanted: Sequence[str]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for some in portions(list(dict.fromkeys(ids)), client.ISSUES_A_CALL):
        found.update({str(issue["id"]): issue for issue in client.issues(http, some, wanted)})
    return found


def _present(http: HTTPClient, edit: Edit, issue: Json) -> object:
    if edit.kind == "property":
        return calls.property_value(http, edit.item, edit.place)
    if edit.kind == "comment":
        return _present_comment(http, edit)
    value = places.there(edit, issue["fields"])
    # What means the same is told in the edit's own words, so that the two compare equal.
    return next((known for known in (edit.former, edit.wanted) if places.is_same(value, known)), value)


def _present_comment(http: HTTPClient, edit: Edit) -> object:
    """Comments of others are not looked at: nothing is there before ours, and ours is looked at by its id alone."""
    if not edit.place:
        return None
    text, known = calls.comment_text(http, edit.item, edit.place), edit.former
    if text is None:
        return None
    is_ours = isinstance(known, Mapping) and _lines(text) == _lines(str(known.get("text")))
    return known if is_ours else {"text": "changed since"}


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


# --- proposals --------------------------------------------------------------------------------


def _proposal(ground: Ground, wish: Wish, id_: str, issue: Json | None) -> Proposal:
    if issue is None:
        return Proposal(id_, "", problem="It is not there any more, or not visible to the account.")
    try:
        if isinstance(wish, KeyResultTag):
            found = proposed_tag(ground, wish, issue)
        elif isinstance(wish, Mark):
            found = _marked(ground, wish, issue)
        else:
            found = _remarked(wish, issue)
    except Malformed as error:
        return Proposal(id_, "", problem=error.sentence)
    missing = _missing_permission(ground, found, issue)
    return Proposal(id_, found.place, found.former, found.wanted, problem=missing) if missing else found


def _missing_permission(ground: Ground, found: Proposal, issue: Json) -> str | None:
    if found.edit is None:
        return None
    needed = {"link": "LINK_ISSUES", "comment": "ADD_COMMENTS"}.get(found.edit.kind, "EDIT_ISSUES")
    held = ground.permissions(found.edit.scope, found.item, needed)
    project = issue["fields"].get("project") or {}
    return None if held else f"The account may not {_PERMISSIONS[needed].format(project=project.get('key'))}."


def _marked(ground: Ground, wish: Mark, issue: Json) -> Proposal:
    if wish.kind == "property":
        return _with_property(ground, wish, issue)
    id_, fields, place = str(issue["id"]), issue["fields"], "Labels"
    prefix = ground.mapping.kr_label_prefix
    if not is_label(wish.name):
        return Proposal(id_, place, problem=f"“{wish.name}” is no label: a label is one word of up to 255 signs.")
    if wish.is_set and prefix is not None and label_tag(wish.name, prefix) is not None:
        problem = f"The label “{wish.name}” would be read as the tag of a key result: choose one without “{prefix}”."
        return Proposal(id_, place, problem=problem)
    if "labels" not in ground.screen(issue):
        return Proposal(id_, place, problem="Labels are not on the edit screen of this issue, or not for the account.")
    edit = Edit(id_, "label", wish.name, None, True if wish.is_set else None, ground.scope(issue))
    return _to_or_off(edit, places.there(edit, fields), place, wish.name)


def _with_property(ground: Ground, wish: Mark, issue: Json) -> Proposal:
    id_ = str(issue["id"])
    if not calls.is_property_key(wish.name):
        return Proposal(id_, wish.name, problem="A property's key holds letters, digits, dots, dashes and no blanks.")
    value = calls.property_value(ground.http, id_, wish.name)
    wanted = wish.value if wish.is_set else None
    edit = Edit(id_, "property", wish.name, value, wanted, ground.scope(issue))
    shown = "" if value is None else str(value)[:200]
    place = f"property {wish.name}"
    if value == wanted:
        return Proposal(id_, place, shown, shown, is_so_already=True)
    return Proposal(id_, place, shown, wanted or "", edit)


def _to_or_off(edit: Edit, there: object, place: str, name: str) -> Proposal:
    has = name if there else ""
    if there == edit.wanted:
        return Proposal(edit.item, place, has, has, is_so_already=True)
    whole = Edit(edit.item, edit.kind, edit.place, there, edit.wanted, edit.scope)
    return Proposal(edit.item, place, has, name if edit.wanted else "", whole)


def _remarked(wish: Remark, issue: Json) -> Proposal:
    id_ = str(issue["id"])
    edit = Edit(id_, "comment", "", None, {"text": wish.text}, str((issue["fields"].get("project") or {}).get("id")))
    return Proposal(id_, "comment", "", wish.text, edit)


# --- mails ------------------------------------------------------------------------------------


def _may_be_quiet(http: HTTPClient, edit: Edit) -> bool:
    """Only administrators may change an issue without a mail to its watchers; whoever else asks may be ignored whole.

    https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-put
    """
    known = _quiet_scopes(http)
    if edit.scope not in known:
        known[edit.scope] = any(calls.permissions(http, edit.item, _QUIET).values())
    return known[edit.scope]


@lru_cache(maxsize=64)
def _quiet_scopes(_http: HTTPClient) -> dict[str, bool]:
    return {}
