"""Issue types that look like a level above epics where the site tells no such level, as Data Center never does.

Taken for work of level 0 they would be counted beside what stands below them.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from integration.contract import TrackerError
from integration.http import HTTPClient
from integration.trackers.jira import client
from integration.trackers.jira.answered import Json, as_object
from integration.trackers.jira.fields import FieldRef
from integration.trackers.jira.site_names import listed_types, plain
from integration.trackers.jira.values import tag_texts

SAMPLED = 50  # items that name one above them
ABOVE_EPICS = 2
_NAMES = re.compile(r"\b(?:initiati[vf]\w*|iniciativ\w*|iniziativ\w*|themes?|programmes?|portfolio\w*|legends?)\b")


@dataclass(frozen=True, slots=True)
class Above:
    """A type, and what tells that it stands above epics."""

    id: str
    name: str
    why: str

    @property
    def sentence(self) -> str:
        return f"“{self.name}” looks like a level above epics ({self.why}), and Jira tells no such level"


def above_epics(http: HTTPClient, projects: Sequence[str], parent_link: FieldRef | None) -> tuple[Above, ...]:
    """Those that Jira counts among stories and tasks, or tells no level of."""
    plainly = [raw for raw in listed_types(http) if raw.get("subtask") is not True and not raw.get("hierarchyLevel")]
    found = {str(raw.get("name")): "by its name" for raw in plainly if _NAMES.search(plain(str(raw.get("name"))))}
    if http.dialect == client.DATA_CENTER and parent_link is not None and projects:
        named = {str(raw.get("name")) for raw in plainly}
        above = _types(http, _named_as_parents(http, projects, parent_link))
        found |= dict.fromkeys(named & above, f"items name it in “{parent_link.name}”")
    ids = {str(raw.get("name")): str(raw.get("id")) for raw in plainly}
    return tuple(Above(ids[name], name, why) for name, why in sorted(found.items()))


def undecided(found: Iterable[Above], type_levels: Sequence[tuple[str, int]]) -> tuple[Above, ...]:
    """Those of which the mapping says nothing."""
    said = {plain(name) for name, _ in type_levels}
    return tuple(one for one in found if not {plain(one.name), one.id} & said)


def _named_as_parents(http: HTTPClient, projects: Sequence[str], parent_link: FieldRef) -> tuple[str, ...]:
    clause = f"cf[{parent_link.id.removeprefix('customfield_')}]"
    jql = f"project in ({', '.join(projects)}) AND {clause} is not EMPTY ORDER BY updated DESC"
    try:
        issues, _ = client.search_page(http, jql, [parent_link.id], size=SAMPLED)
    except TrackerError:
        return ()  # where it cannot be searched for, the names must do
    keys = (key for issue in issues for key in _keys(issue["fields"].get(parent_link.id)))
    return tuple(dict.fromkeys(keys))[:SAMPLED]


def _keys(value: object) -> Iterable[str]:
    """A key, an issue, or an object with the issue in `data`."""
    inner = value.get("data") if isinstance(value, dict) else None
    return tag_texts(inner if isinstance(inner, dict) else value)


def _types(http: HTTPClient, keys: Sequence[str]) -> set[str]:
    found: list[Json] = client.issues(http, keys, ["issuetype"]) if keys else []
    return {str(as_object(issue["fields"].get("issuetype") or {}, "issuetype").get("name")) for issue in found}
