"""Reads issues as Jira's REST answers hold them (a search page, a list, one issue a line) into a backlog.

Where an issue brings its whole changelog its history is known; else it says how things are today.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from integration.contract import Malformed, TrackedItem
from integration.files.faults import Refused, shown
from integration.files.jira_backlog import put_together, register_names, rule_fields
from integration.files.jira_mapping import fields_of, mapping_of
from integration.files.jira_pages import Export, Raw, read_export
from integration.files.jira_points import load_points
from integration.trackers.jira.fields import FieldMapping
from integration.trackers.jira.parts import sprint_values
from integration.trackers.jira.site import SiteFacts, site_facts
from integration.trackers.jira.sprints import RawSprint, raw_sprints, sprint_id, translate_sprint
from integration.trackers.jira.translate import translate_issue
from integration.trackers.jira.values import option_texts
from mappings.model import Backlog, Plan, Sprint

_MOST_FAULTS = 20
_MOST_EXAMPLES = 3
_STATES = ("future", "active", "closed")


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
    export = read_export(data)
    mapping = mapping_of(export, kr_field, kr_label_prefix, rule_fields(plan))
    site = _site(export, mapping, plan)
    faults: list[str] = []
    tracked = _tracked(export, mapping, site, faults)
    if faults:
        raise Refused(tuple(faults[:_MOST_FAULTS]))
    notes = _notes(tracked)
    sprints = _sprints(export, mapping, notes)
    return put_together(
        [one.item for one in tracked],
        sprints,
        points=load_points(points) if points is not None else {},
        plan=plan,
        now=now,
        updated=(one.updated for one in tracked),
        notes=notes,
    )


def _tracked(export: Export, mapping: FieldMapping, site: SiteFacts, faults: list[str]) -> list[TrackedItem]:
    """The items; of an issue that stands in the file twice the later one."""
    found: dict[str, TrackedItem] = {}
    for place, issue in zip(export.places, export.issues, strict=True):
        try:
            one = translate_issue(issue, _histories(issue), mapping, site)
        except Malformed as malformed:
            mend = "; ask for all fields (fields=*all)" if "fields" not in issue else ""
            faults.append(f"{place}: {malformed.sentence}{mend}")
        else:
            found[one.id] = one
    keys = Counter(one.item.key for one in found.values())
    faults += [f"{key}: {n} issues have this key; keep the one that Jira has now" for key, n in keys.items() if n > 1]
    return list(found.values())


def _histories(issue: Raw) -> Sequence[Raw] | None:
    """The changelog where it is whole: a search returns only the latest histories of a long one."""
    changelog = issue.get("changelog")
    histories = changelog.get("histories") if isinstance(changelog, Mapping) else None
    if not isinstance(changelog, Mapping) or not isinstance(histories, list):
        return None
    total = changelog.get("total")
    return None if isinstance(total, int) and total > len(histories) else histories


def _sprints(export: Export, mapping: FieldMapping, notes: list[str]) -> list[Sprint]:
    """The sprints that the issues name. One without any date cannot be placed in time: imports leave such behind."""
    found: dict[str, RawSprint] = {}
    for fields in fields_of(export):
        for raw in raw_sprints(sprint_values(fields, mapping)):
            id_ = str(sprint_id(raw))
            if id_ not in found or _newness(raw) > _newness(found[id_]):
                found[id_] = raw
    translated: list[Sprint] = []
    for id_, raw in found.items():
        try:
            translated.append(translate_sprint(raw))
        except Malformed as malformed:
            notes.append(f"the sprint {shown(raw.get('name'))} ({id_}) was left out: {malformed.sentence}")
    return translated


def _newness(raw: RawSprint) -> tuple[int, int]:
    """Issues fetched at different times show a sprint at different stages: the last counts, and what tells most."""
    state = str(raw.get("state")).lower()
    return _STATES.index(state) if state in _STATES else -1, sum(value is not None for value in raw.values())


# --- what the file tells of its site --------------------------------------------------------------


def _site(export: Export, mapping: FieldMapping, plan: Plan | None) -> SiteFacts:
    fields = fields_of(export)
    facts = site_facts(
        _base_url(export.issues),
        [one.get("status") for one in fields],
        [one.get("resolution") for one in fields],
        keys=_keys(export.issues, fields),
    )
    return SiteFacts(
        base_url=facts.base_url,
        statuses=facts.statuses,
        status_names=facts.status_names,
        resolutions=facts.resolutions,
        keys=facts.keys,
        options={id_: text for ref in mapping.kr_fields for one in fields for id_, text in _options(one, ref.id)},
        sprints=_sprint_names(fields, mapping),
        epics=frozenset(_epics(fields, mapping)),
        names=register_names(plan),
    )


def _options(fields: Raw, id_: str) -> Iterable[tuple[str, str]]:
    return option_texts(fields.get(id_)).items()


def _base_url(issues: Iterable[Raw]) -> str:
    """The address before `/rest/` in an issue's `self`, which a context path may precede."""
    for issue in issues:
        address = issue.get("self")
        if isinstance(address, str) and "/rest/" in address:
            base = address.partition("/rest/")[0]
            parts = urlsplit(base)
            if parts.scheme in {"http", "https"} and parts.netloc and "@" not in parts.netloc:
                return base
    return ""


def _keys(issues: Iterable[Raw], fields: Iterable[Raw]) -> dict[str, str]:
    """The keys of the file's issues by their ids, and of the parents that they show."""
    found: dict[str, str] = {}
    for one in (*(value for raw in fields for value in (raw.get("parent"), raw.get("epic"))), *issues):
        match one:
            case {"id": str() | int() as id_, "key": str(key)}:
                found[str(id_)] = key
    return found


def _sprint_names(fields: Iterable[Raw], mapping: FieldMapping) -> dict[str, str]:
    """Only the names that one sprint alone has."""
    ids: dict[str, set[str]] = {}
    for one in fields:
        for raw in raw_sprints(sprint_values(one, mapping)):
            ids.setdefault(str(raw.get("name")).casefold(), set()).add(str(raw["id"]))
    return {name: next(iter(known)) for name, known in ids.items() if len(known) == 1}


def _epics(fields: Iterable[Raw], mapping: FieldMapping) -> Iterable[str]:
    for one in fields:
        match one.get("epic"):
            case {"key": str(key)}:
                yield key
        link = one.get(mapping.epic_link_field.id) if mapping.epic_link_field else None
        if isinstance(link, str):
            yield link


def _notes(tracked: Sequence[TrackedItem]) -> list[str]:
    """Each thing that had to be guessed once, with the items it is about."""
    about: dict[str, list[str]] = {}
    for one in tracked:
        for note in one.notes:
            about.setdefault(note, []).append(one.item.key)
    without = sum(not one.item.history_known for one in tracked)
    notes = [f"{without} of {len(tracked)} items came without their history: how they were before is not known"]
    return (notes if without else []) + [f"{note}: {_examples(keys)}" for note, keys in about.items()]


def _examples(keys: Sequence[str]) -> str:
    more = len(keys) - _MOST_EXAMPLES
    return ", ".join(keys[:_MOST_EXAMPLES]) + (f" and {more} more" if more > 0 else "")
