"""What is true of a whole Jira site and needed to read one issue: its statuses, resolutions and names."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from integration.trackers.jira.fields import FieldMapping
from integration.trackers.jira.history import Told
from mappings.model import Status

_CATEGORIES = {"new": Status.TODO, "indeterminate": Status.DOING, "done": Status.DONE}
# Statuses that Jira ships with; they may be gone from the site and still stand in old changelogs.
_SHIPPED = {
    "open": Status.TODO,
    "reopened": Status.TODO,
    "to do": Status.TODO,
    "backlog": Status.TODO,
    "selected for development": Status.TODO,
    "in progress": Status.DOING,
    "in review": Status.DOING,
    "resolved": Status.DONE,
    "closed": Status.DONE,
    "done": Status.DONE,
}


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """All but `base_url` may be empty: then each issue's own words must do."""

    base_url: str = ""
    statuses: Mapping[str, Status] = field(default_factory=dict)  # by id, from the category's key
    status_names: Mapping[str, Status] = field(default_factory=dict)  # by caseless name
    resolutions: Mapping[str, str] = field(default_factory=dict)  # present name by id
    keys: Mapping[str, str] = field(default_factory=dict)  # present issue key by id
    options: Mapping[str, str] = field(default_factory=dict)  # present text of select options by id
    sprints: Mapping[str, str] = field(default_factory=dict)  # id by caseless name, of those with a name of their own
    link_words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # phrases by caseless link type
    epics: frozenset[str] = frozenset()  # keys that other issues call their epic
    names: frozenset[str] = frozenset()  # caseless names of the register, where it is at hand


def site_facts(
    base_url: str,
    statuses: Iterable[object] = (),
    resolutions: Iterable[object] = (),
    *,
    keys: Mapping[str, str] | None = None,
    link_types: Iterable[object] = (),
) -> SiteFacts:
    """From the answers of GET status, GET resolution and GET issueLinkType."""
    found = list(statuses)
    return SiteFacts(
        base_url=base_url.rstrip("/"),
        statuses={id_: status for id_, _, status in map(status_fact, found) if id_ and status},
        status_names=_by_name(found),
        resolutions={
            str(raw["id"]): raw["name"]
            for raw in resolutions
            if isinstance(raw, Mapping) and isinstance(raw.get("name"), str) and "id" in raw
        },
        keys=keys or {},
        link_words={words[0].casefold(): words for words in map(link_words, link_types) if words},
    )


def status_fact(raw: object) -> tuple[str | None, str | None, Status | None]:
    """Id, name and status by the category's key: names are translated and may contradict it."""
    if not isinstance(raw, dict):
        return None, None, None
    category, id_, name = raw.get("statusCategory"), raw.get("id"), raw.get("name")
    key = category.get("key") if isinstance(category, dict) else None
    return (
        str(id_) if isinstance(id_, (str, int)) else None,
        name if isinstance(name, str) else None,
        _CATEGORIES.get(key) if isinstance(key, str) else None,
    )


def link_words(raw: object) -> tuple[str, ...]:
    """The name of a link type and its two phrases."""
    if not isinstance(raw, Mapping):
        return ()
    words = (raw.get("name"), raw.get("inward"), raw.get("outward"))
    return tuple(word for word in words if isinstance(word, str))


def _by_name(statuses: Iterable[object]) -> dict[str, Status]:
    """A name may stand for several statuses: what most of them mean."""
    votes: dict[str, Counter[Status]] = defaultdict(Counter)
    for _, name, status in map(status_fact, statuses):
        if name is not None and status is not None:
            votes[name.casefold()][status] += 1
    return {name: counter.most_common(1)[0][0] for name, counter in votes.items()}


def status_of(
    status: Told, resolution: Told, mapping: FieldMapping, site: SiteFacts, board: str | None = None
) -> tuple[Status, str | None]:
    """The status by the mapping, of the board before that of all; else the site's list by id, then by name; and a note
    where nothing knew it."""
    note = None
    found = None
    if mapping.board_statuses or mapping.status_overrides:
        found = _mapped(status, mapping, board)
    if found is None:
        found = site.statuses.get(status.id or "")
    if found is None:
        name = (status.text or "").casefold()
        found = site.status_names.get(name) or _SHIPPED.get(name)
    if found is None:
        found, note = Status.TODO, _UNKNOWN.format(status.text or status.id)
    if found is Status.DONE and is_dropped(resolution, mapping, site):
        return Status.DROPPED, note
    return found, note


_UNKNOWN = "unknown status “{}”, taken as to do"
_IS_UNKNOWN = re.compile("(?s)" + re.escape(_UNKNOWN).replace(re.escape("{}"), "(.+)"))


def unknown_status(note: str) -> str | None:
    """The status that a note of `status_of` is about: issues bore it, and the site does not list it."""
    found = _IS_UNKNOWN.fullmatch(note)
    return found.group(1) if found is not None else None


def _mapped(status: Told, mapping: FieldMapping, board: str | None) -> Status | None:
    """The mapping's word."""
    name = (status.text or "").casefold()
    there = [kept for on, key, kept in mapping.board_statuses if on == board and _is_named(key, status.id, name)]
    overrides = (kept for key, kept in mapping.status_overrides if _is_named(key, status.id, name))
    return there[0] if there and board is not None else next(overrides, None)


def _is_named(key: str, id_: str | None, name: str) -> bool:
    return key == id_ or key.casefold() == name


def is_dropped(resolution: Told, mapping: FieldMapping, site: SiteFacts) -> bool:
    """By id, present name or the name of then: resolutions are renamed and translated."""
    if resolution.is_empty:
        return False
    names = (resolution.id, resolution.text, site.resolutions.get(resolution.id or ""))
    return _is_among(names, mapping.dropped_resolutions)


@lru_cache(maxsize=1024)
def _is_among(names: tuple[str | None, ...], dropped: tuple[str, ...]) -> bool:
    return any(_plain(name) in _plain_names(dropped) for name in names if name)


@lru_cache(maxsize=64)
def _plain_names(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(_plain(name) for name in names)


def _plain(name: str) -> str:
    return name.casefold().replace("’", "'").strip()
