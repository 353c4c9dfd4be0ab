"""Kept answers read again after the mapping has changed, with their whole histories; Jira is asked only for what they
do not hold: a field that nobody asked for then, an answer past its retention, what a new parent field points to."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime

import orjson

from integration.contract import Answered, Connection, Fetched, Malformed, Retranslated, TrackedItem
from integration.json_text import mark
from integration.trackers.jira import client
from integration.trackers.jira.answered import Json
from integration.trackers.jira.chosen import Chosen, boards_before, chosen_of, earlier_choices
from integration.trackers.jira.fetch import (
    FACTS_HOLD,
    facts_from,
    fetch_issues,
    fetch_parents,
    keys_of,
    open_site,
    told_of_site,
    translated,
    wanted_by,
)
from integration.trackers.jira.fields import FieldMapping, FieldRef


def retranslate(connection: Connection, kept: Sequence[Answered], told: bytes | None, now: datetime) -> Retranslated:
    """Read answers by the present mapping. `told`: what is kept of what Jira told of the whole site."""
    chosen, earlier = chosen_of(connection), earlier_choices(connection)
    whole = [orjson.loads(one.body) for one in kept]
    site = _told(connection, (chosen, *(before for _, before in earlier)), told, now)
    facts = replace(facts_from(connection.base_url, site), keys=keys_of([one["issue"] for one in whole]))
    wanted = wanted_by(chosen, earlier)
    lacking: dict[str, str] = {}
    items: list[TrackedItem] = []
    refused: list[tuple[str, str]] = []
    for answer, one in zip(kept, whole, strict=True):
        missing = _missing(answer, one["issue"], wanted)
        if missing is not None:
            lacking[answer.id] = f"{_named(chosen.fields, missing)} was not asked for before"
            continue
        try:
            items.append(translated(chosen, earlier, facts, one["issue"], one["histories"]))
        except Malformed as error:
            refused.append((answer.id, error.sentence))
    boards = tuple(board.named(board.name) for board in chosen.boards)
    fetched = Fetched(
        at=now,
        items=tuple(items),
        boards=boards,
        earlier_boards=boards_before(earlier, boards),
        refused=tuple(refused),
        read_by=mark(connection.mapping),
        is_read_again=True,
    )
    return Retranslated(fetched, lacking, _parents_elsewhere(chosen, [one["issue"] for one in whole], items))


def refetch(connection: Connection, names: Sequence[str], now: datetime) -> Fetched:
    """Known items by id, or parents by key, wherever they are now. What is absent is not gone: sweeps find that out."""
    site = open_site(connection, now)
    found = fetch_issues(site, names, strangers=True)
    hidden = fetch_parents(site, found)
    seen = {key for one in found.items for key in (one.item.key, *one.item.aliases)}
    return Fetched(
        at=now,
        items=tuple(found.items),
        hidden_parents=hidden | frozenset(name for name in names if not name.isdecimal() and name not in seen),
        raw=found.raw,
        asked=site.wanted,
        read_by=site.read_by,
        refused=tuple(found.refused),
    )


def _told(connection: Connection, choices: Sequence[Chosen], told: bytes | None, now: datetime) -> bytes:
    """What is kept, where that is all that is needed: types of links are asked for only where a mapping names some."""
    with_links = any(one.fields.kr_link_types for one in choices)
    if told is not None and (not with_links or b'"link_types"' in told):
        return told
    return told_of_site(client.open_client(connection), with_links, int(now.timestamp() // FACTS_HOLD))


def _missing(answer: Answered, issue: Json, wanted: Sequence[str]) -> str | None:
    """The first field that is needed and was not asked for. Where nobody noted what was: that is not there."""
    asked = answer.asked or issue["fields"]
    return next((id_ for id_ in wanted if id_ not in asked and id_ not in issue["fields"]), None)


def _named(mapping: FieldMapping, id_: str) -> str:
    for each in fields(mapping):
        value = getattr(mapping, each.name)
        for ref in value if isinstance(value, tuple) else (value,):
            if isinstance(ref, FieldRef) and ref.id == id_:
                return f"the field “{ref.name}”"
    return f"the field {id_}"


def _parents_elsewhere(chosen: Chosen, issues: Sequence[Json], items: Sequence[TrackedItem]) -> frozenset[str]:
    """The parents in other projects: a new parent field may name some that we never saw."""
    projects = [part for part in (issue["fields"].get("project") for issue in issues) if isinstance(part, dict)]
    ours = {project.key for project in chosen.projects}
    ours |= {str(part.get("key")) for part in projects if str(part.get("id")) in chosen.project_ids}
    named = {state.parent for one in items for state in one.item.states if state.parent is not None}
    return frozenset(key for key in named if key.rpartition("-")[0] not in ours)
