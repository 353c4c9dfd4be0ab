"""One issue with its changelog turned into a work item with its whole history. Of people nothing is read.

The issue's present values are the truth of now; the changelog is replayed to what held before.
https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from integration.contract import Malformed, TrackedItem
from integration.trackers.jira.fields import FieldMapping
from integration.trackers.jira.history import SlotsOf, Step, contradicts_itself, sort_steps
from integration.trackers.jira.parts import Parts, is_key, lines_of, present_values
from integration.trackers.jira.site import SiteFacts, site_facts, status_fact
from integration.trackers.jira.slots import slot_finder, text_slots
from integration.trackers.jira.sprints import is_id, moment_of, translate_sprint
from integration.trackers.jira.states import Plan, changed_state, plan_of, state_of
from mappings.model import Item, ItemState, Status

_first = itemgetter(0)

__all__ = ["SiteFacts", "site_facts", "translate_issue", "translate_sprint"]


def translate_issue(
    issue: Mapping[str, object],
    histories: Sequence[Mapping[str, object]] | None,
    mapping: FieldMapping,
    site: SiteFacts,
    *,
    board: str | None = None,
) -> TrackedItem:
    """Translate one issue; `histories` is its complete changelog, or None where that is not to be had.

    `board`: the board without sprints that shows it, if one does.
    """
    reading = _reading_of(mapping)
    parts = _checked(issue, mapping, site, reading)
    if histories is None:
        steps: dict[str, list[Step]] = {}
        states = _states_without_history(parts, board)
    else:
        steps = sort_steps(histories, reading.slots_of)
        states = _states(parts, steps, board)
        parts.notes.extend([f"the history of {slot} contradicts itself" for slot in _contradictions(steps)])
    item = Item(
        key=parts.key,
        type=parts.type,
        level=parts.level,
        created=parts.created,
        states=states,
        project=parts.project,
        title=parts.title,
        history_known=histories is not None,
        url=f"{site.base_url}/browse/{parts.key}" if site.base_url else None,
        tag_field=reading.tag_field,
        aliases=_aliases(steps.get("key", ()), parts.key),
    )
    return TrackedItem(parts.id, item, parts.updated, tuple(dict.fromkeys(parts.notes)))


class _Reading(NamedTuple):
    """What a mapping comes to, found out once: it is asked for with every issue."""

    slots_of: SlotsOf
    text_slots: Mapping[str, str]
    plan: Plan
    tag_field: str | None


@lru_cache(maxsize=64)
def _reading_of(mapping: FieldMapping) -> _Reading:
    return _Reading(slot_finder(mapping), text_slots(mapping), plan_of(mapping), mapping.tag_field)


def _contradictions(steps: Mapping[str, Sequence[Step]]) -> list[str]:
    chains = ("status", "resolution", "sprints")
    return [slot for slot in chains if slot in steps and contradicts_itself(steps[slot])]


def _aliases(steps: Sequence[Step], key: str) -> tuple[str, ...]:
    """The keys it had before it moved to other projects."""
    keys = (step.before.text for step in steps)
    return tuple(dict.fromkeys(found for found in keys if found is not None and found != key and is_key(found)))


# --- what must be there -----------------------------------------------------------------------------


def _checked(issue: Mapping[str, object], mapping: FieldMapping, site: SiteFacts, reading: _Reading) -> Parts:
    if not isinstance(issue, dict):
        raise Malformed("issue", "must be an object")
    id_, key, fields = issue.get("id"), issue.get("key"), issue.get("fields")
    if isinstance(id_, bool) or not isinstance(id_, (str, int)) or not is_id(str(id_)):
        raise Malformed("issue.id", "must be a whole number")
    if not isinstance(key, str) or not is_key(key.strip()):
        raise Malformed("issue.key", "must be a text without line breaks and control signs")
    if not isinstance(fields, dict):
        raise Malformed("issue.fields", "must be an object")
    type_, status = _object(fields, "issuetype"), _object(fields, "status")
    if not isinstance(type_.get("name"), str):
        raise Malformed("issue.fields.issuetype.name", "must be a text")
    created = moment_of(fields.get("created"))
    if created is None:
        raise Malformed("issue.fields.created", "must be a time")
    project, title = fields.get("project"), fields.get("summary")
    project_key = project.get("key") if isinstance(project, dict) else None
    return Parts(
        id=str(id_),
        key=key,
        type=str(type_["name"]),
        level=_level(key, type_, fields, mapping, site),
        project=project_key if isinstance(project_key, str) else key.rpartition("-")[0] or None,
        title=title if isinstance(title, str) else "",
        created=created,
        updated=moment_of(fields.get("updated")) or created,
        fields=fields,
        mapping=mapping,
        text_slots=reading.text_slots,
        site=_knowing(site, status),
        notes=[],
        plan=reading.plan,
    )


def _object(fields: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = fields.get(name)
    if not isinstance(value, dict):
        raise Malformed(f"issue.fields.{name}", "must be an object")
    return value


def _knowing(site: SiteFacts, raw: Mapping[str, object]) -> SiteFacts:
    """The issue tells the category of its own status: it is fresher than the site's list."""
    id_, name, status = status_fact(raw)
    if id_ is None and name is None:
        raise Malformed("issue.fields.status", "must have an id or a name")
    if status is None or (id_ is not None and site.statuses.get(id_) is status):
        return site
    names = {**site.status_names, name.casefold(): status} if name and id_ is None else site.status_names
    return replace(site, statuses={**site.statuses, **({id_: status} if id_ else {})}, status_names=names)


def _level(
    key: str, type_: Mapping[str, object], fields: Mapping[str, object], mapping: FieldMapping, site: SiteFacts
) -> int:
    """The mapping's word, else Jira's own level, else what marks epics and sub-tasks where Jira tells none."""
    name, id_ = str(type_["name"]).casefold(), str(type_.get("id"))
    for known, mapped in mapping.type_levels:
        if known == id_ or known.casefold() == name:
            return mapped
    level = type_.get("hierarchyLevel")
    if isinstance(level, int) and not isinstance(level, bool) and -1 <= level <= 20:
        return level
    if type_.get("subtask") is True:
        return -1
    epic_name = fields.get(mapping.epic_name_field.id) if mapping.epic_name_field else None
    return 1 if epic_name or name == "epic" or key in site.epics else 0


# --- states -----------------------------------------------------------------------------------------


def _states(parts: Parts, steps: Mapping[str, list[Step]], board: str | None) -> tuple[ItemState, ...]:
    """The whole state at each moment at which anything changed; equal neighbours are one."""
    now = present_values(parts)
    events: list[tuple[datetime, str, object]] = []
    for slot, line in lines_of(parts, steps, now).items():
        now[slot] = line.first
        events += [(at, slot, value) for at, value in line.changes]
    events.sort(key=_first)
    first = min(parts.created, events[0][0]) if events else parts.created
    states = [state_of(parts, first, now, board)]
    index = 0
    while index < len(events):
        at, slot, now[slot] = events[index]
        changed = {slot}
        index += 1
        while index < len(events) and events[index][0] == at:
            _, slot, now[slot] = events[index]
            changed.add(slot)
            index += 1
        _add(states, changed_state(parts, at, states[-1], now, changed))
    return tuple(states)


def _add(states: list[ItemState], state: ItemState) -> None:
    if state.at == states[-1].at:
        states[-1] = state
    elif state[1:] != states[-1][1:]:
        states.append(state)


def _states_without_history(parts: Parts, board: str | None) -> tuple[ItemState, ...]:
    """Today's values from always, but for the times of its status: open until the moment that Jira tells of."""
    today = state_of(parts, parts.created, present_values(parts), board)
    if today.status is Status.TODO:
        return (today,)
    since = _status_since(parts, today.status)
    if since <= parts.created:
        return (today,)
    return (today._replace(status=Status.TODO), today._replace(at=since))


def _status_since(parts: Parts, status: Status) -> datetime:
    """When it got its status. A resolution date is that of the last resolving; a category's date may be that of a
    migration; of an item that is done without either no more is known than that it was done by its last update."""
    category = moment_of(parts.fields.get("statuscategorychangedate"))
    if status is Status.DOING:
        return category or parts.created
    resolved = moment_of(parts.fields.get("resolutiondate"))
    if resolved is None and category is None:
        parts.notes.append("done at an unknown moment; taken as that of its last update")
    return resolved or category or parts.updated
