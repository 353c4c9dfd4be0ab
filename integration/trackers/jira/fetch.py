"""The present state and whole history of what changed in Jira, in as few calls as it allows.

What does not come back is not simply deleted: Jira answers alike for what we may not see. It counts as gone only while
our account is known, all chosen projects are open to us, and Jira confirms the absence when asked once more.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

import orjson

from integration.contract import Change, Connection, Fetched, Malformed, Permanent, Temporary, TrackedItem
from integration.http import HTTPClient
from integration.json_text import mark
from integration.trackers.jira import client
from integration.trackers.jira.answered import Histories, Json, portions
from integration.trackers.jira.chosen import Chosen, Earlier, boards_before, chosen_of, earlier_choices
from integration.trackers.jira.fields import wanted_fields
from integration.trackers.jira.moves import with_boards_of_then
from integration.trackers.jira.scrub import without_people
from integration.trackers.jira.site import SiteFacts, site_facts
from integration.trackers.jira.sprints import RawSprint, raw_sprints, sprint_id, translate_sprint
from integration.trackers.jira.translate import translate_issue
from mappings.model import Board, Sprint

log = logging.getLogger(__name__)

FACTS_HOLD = 3600  # seconds
PARENTS_HOLD = 300
LEVELS_ABOVE = 4  # epic, initiative, and what a site may have put over them
PROJECT_AT_ONCE = 2000  # issues of a changed project; more than that is the backfill's work
CONFIRMED_ONE_BY_ONE = 20
SITE = "*site"  # under which what Jira tells of the whole site is kept beside the answers about issues


@dataclass(frozen=True, slots=True)
class Site:
    """A connection, opened. `earlier`: what was chosen before, until when, where it may read an issue otherwise."""

    http: HTTPClient
    chosen: Chosen
    facts: SiteFacts
    wanted: tuple[str, ...]
    earlier: Earlier = ()
    told: bytes = b"{}"  # of the whole site, as it was told
    read_by: str = ""  # the mark of the mapping

    @property
    def starts_are_exact(self) -> bool:
        """Data Center tells when a sprint was started, Cloud a date that people edit afterwards."""
        return self.http.dialect == client.DATA_CENTER


@dataclass(slots=True)
class Found:
    """What some ids amounted to. `sprints` are those that the issues name, as Jira wrote them, by id."""

    items: list[TrackedItem] = field(default_factory=list)
    raw: dict[str, bytes] = field(default_factory=dict)
    sprints: dict[str, RawSprint] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)  # present keys of chosen projects

    def add(self, other: "Found") -> None:
        self.items += other.items
        self.raw |= other.raw
        self.sprints |= other.sprints
        self.refused += other.refused
        self.ids |= other.ids
        self.keys |= other.keys


def open_site(connection: Connection, now: datetime) -> Site:
    chosen, earlier = chosen_of(connection), earlier_choices(connection)
    http = client.open_client(connection)
    with_links = any(one.fields.kr_link_types for one in (chosen, *(before for _, before in earlier)))
    told = told_of_site(http, with_links, int(now.timestamp() // FACTS_HOLD))
    facts, wanted = facts_from(connection.base_url, told), wanted_by(chosen, earlier)
    return Site(http, chosen, facts, wanted, earlier, told, mark(connection.mapping))


def wanted_by(chosen: Chosen, earlier: Earlier) -> tuple[str, ...]:
    """The fields that any of these mappings reads."""
    fields = (one.fields for one in (chosen, *(before for _, before in earlier)))
    return tuple(dict.fromkeys(id_ for mapping in fields for id_ in wanted_fields(mapping)))


@lru_cache(maxsize=64)
def told_of_site(http: HTTPClient, with_links: bool, _hour: int) -> bytes:
    """What Jira tells of the whole site. Statuses and resolutions change rarely: they are asked for once an hour."""
    told = {"statuses": client.statuses(http), "resolutions": client.resolutions(http)}
    return orjson.dumps({**told, "link_types": client.link_types(http)} if with_links else told)


@lru_cache(maxsize=64)
def facts_from(base_url: str, told: bytes) -> SiteFacts:
    parts = orjson.loads(told)
    lists = (parts.get(name, ()) for name in ("statuses", "resolutions"))
    return site_facts(base_url, *lists, link_types=parts.get("link_types", ()))


def fetch(connection: Connection, changes: Sequence[Change], now: datetime) -> Fetched:
    """Get what some hints are about; hints about the same thing cost one look."""
    site = open_site(connection, now)
    asked = _ids(changes, "work_item") | dict.fromkeys(_of_projects(site, _ids(changes, "project")))
    found = Found()
    for some in portions(tuple(asked), client.ISSUES_AT_ONCE):
        found.add(fetch_issues(site, some))
    lately = _parents_lately_asked_for(site.http, int(now.timestamp() // PARENTS_HOLD))
    above = set(lately)
    hidden = fetch_parents(site, found, above)
    sprints, gone_sprints = _sprints(site, tuple(_ids(changes, "sprint")))
    boards = _boards(site, _ids(changes, "board"))
    open_ones = {id_: raw for id_, raw in found.sprints.items() if str(raw.get("state")).lower() != "closed"}
    fetched = Fetched(
        at=now,
        items=tuple(found.items),
        sprints=tuple((translate_sprints(open_ones.values()) | sprints).values()),
        boards=boards,
        earlier_boards=boards_before(site.earlier, boards),
        gone=_gone(site, tuple(id_ for id_ in asked if id_ not in found.ids)),
        gone_sprints=gone_sprints,
        hidden_parents=hidden,
        raw=found.raw,
        asked=site.wanted,
        read_by=site.read_by,
        refused=tuple(found.refused),
        starts_are_exact=site.starts_are_exact,
    )
    lately |= above  # not before all calls went well: a hint that is tried again asks for everything again
    return fetched


# --- issues -----------------------------------------------------------------------------------


def fetch_issues(site: Site, ids: Sequence[str], strangers: bool = False) -> Found:
    """Issues by id or key with their histories; `strangers`: those of other projects, too."""
    whole = client.issues_with_histories(site.http, ids, site.wanted)
    informed = replace(site, facts=replace(site.facts, keys=keys_of([issue for issue, _ in whole])))
    found = Found()
    for issue, histories in whole:
        _take(informed, issue, histories, strangers, found)
    return found


def keys_of(issues: Sequence[Json]) -> dict[str, str]:
    """Present keys by id: histories name a parent by the key that it had then."""
    known = (*issues, *(_part(issue, "parent") for issue in issues))
    return {str(one["id"]): str(one["key"]) for one in known if one.get("id") and one.get("key")}


def _take(site: Site, issue: Json, histories: Histories, strangers: bool, found: Found) -> None:
    """One issue that cannot be read stops no other."""
    issue_id = str(issue["id"])
    found.ids.add(issue_id)
    try:
        history = without_people(histories)
        if not (strangers or _is_ours(site.chosen, issue, history)):
            return
        tracked, raw = translated(site.chosen, site.earlier, site.facts, issue, history), _kept(issue, history)
    except Malformed as error:
        found.refused.append((issue_id, error.sentence))
        return
    found.items.append(tracked)
    if _project_id(issue) in site.chosen.project_ids and tracked.item.project:
        found.keys.add(tracked.item.project)
    found.raw[issue_id] = raw
    found.sprints |= _named_sprints(site.chosen, issue)


def _kept(issue: Json, histories: list[Json]) -> bytes:
    kept = {"id": str(issue["id"]), "key": issue.get("key"), "fields": issue["fields"]}
    try:
        return orjson.dumps({"issue": kept, "histories": histories})
    except orjson.JSONEncodeError:
        raise Malformed("issue.fields", "is nested deeper than anything that is kept") from None


def translated(chosen: Chosen, earlier: Earlier, facts: SiteFacts, issue: Json, history: Sequence[Json]) -> TrackedItem:
    """The issue as the present mapping reads it, and beside it as earlier ones do where that is another reading."""
    project = _project_id(issue)

    def read_by(one: Chosen) -> TrackedItem:
        tracked = translate_issue(issue, history, one.fields, facts, board=one.board_of_project(project))
        states = with_boards_of_then(tracked.item.states, history, one.board_of_project)
        if states is tracked.item.states:  # as for all that never moved
            return tracked
        return replace(tracked, item=replace(tracked.item, states=states))

    tracked = read_by(chosen)
    if not earlier:
        return tracked
    before = ((until, read_by(one).item) for until, one in earlier)
    return replace(tracked, earlier=tuple((until, item) for until, item in before if item != tracked.item))


def _is_ours(chosen: Chosen, issue: Json, histories: Iterable[Json]) -> bool:
    """Of a chosen project, or moved out of one: what was counted once must not be lost from sight."""
    if _project_id(issue) in chosen.project_ids:
        return True
    changes = (change for history in histories for change in history["items"])
    return any(
        str(change.get("field")).lower() == "project" and str(change.get("from")) in chosen.project_ids
        for change in changes
    )


def _project_id(issue: Json) -> str:
    return str(_part(issue, "project").get("id"))


def _part(issue: Json, name: str) -> Json:
    part = issue["fields"].get(name)
    return part if isinstance(part, dict) else {}


def _named_sprints(chosen: Chosen, issue: Json) -> dict[str, RawSprint]:
    """The sprints in the issue's own field."""
    ref = chosen.fields.sprint_field
    value = issue["fields"].get(ref.id) if ref else None
    return {str(raw["id"]): raw for raw in raw_sprints([value])}


@lru_cache(maxsize=64)
def _parents_lately_asked_for(_http: HTTPClient, _some_minutes: int) -> set[str]:
    """A bulk edit comes in several portions, whose items often stand below the same epics."""
    return set()


def fetch_parents(site: Site, found: Found, known: set[str] | None = None) -> frozenset[str]:
    """Add what stands above the found items in other projects, level by level; answer the keys that we may not see.

    `known`: keys already looked for; they are not asked for again.
    """
    looked_for = known if known is not None else set()
    ours = {project.key for project in site.chosen.projects} | found.keys
    hidden: set[str] = set()
    below: Sequence[TrackedItem] = found.items
    for _ in range(LEVELS_ABOVE):
        keys = {state.parent for tracked in below for state in tracked.item.states if state.parent}
        outside = sorted(key for key in keys - looked_for if key.rpartition("-")[0] not in ours)
        if not outside:
            break
        looked_for.update(outside)
        above = Found()
        for some in portions(outside, client.ISSUES_AT_ONCE):
            above.add(fetch_issues(site, some, strangers=True))
        seen = {key for tracked in above.items for key in (tracked.item.key, *tracked.item.aliases)}
        hidden.update(key for key in outside if key not in seen)
        below = [tracked for tracked in above.items if tracked.id not in found.ids]
        found.add(above)
    return frozenset(hidden)


def _of_projects(site: Site, project_ids: Iterable[str]) -> Iterator[str]:
    """The issues of changed projects: a new key of the project is a new key of each, told by no event of theirs."""
    for project_id in project_ids:
        if project_id not in site.chosen.project_ids:
            continue
        jql = f"project = {project_id}"
        try:
            if (client.approximate_count(site.http, jql) or 0) > PROJECT_AT_ONCE:
                continue
            yield from issue_ids(site, jql)
        except Permanent as error:
            if error.reason != "refused":
                raise
            # Archived or closed to us: nothing can be read of it, and reconciliation says who must act.


def issue_ids(site: Site, jql: str) -> Iterator[str]:
    token: str | None = None
    while True:
        issues, token = client.search_page(site.http, f"{jql} ORDER BY created ASC, id ASC", ["id"], token=token)
        yield from (str(issue["id"]) for issue in issues)
        if token is None:
            return


# --- absence ----------------------------------------------------------------------------------


def _gone(site: Site, missing: tuple[str, ...]) -> tuple[str, ...]:
    """Of the ids that did not come back those that are certainly not there any more."""
    if not missing or not sees_all_projects(site):
        return ()
    for some in portions(missing, client.ISSUES_A_CALL):
        if client.issues(site.http, some, ["updated"]):
            raise _unsteady()
    # Above this number each further look would tell what the first ones told, at the cost of a call.
    if any(client.is_there(site.http, id_) for id_ in missing[:CONFIRMED_ONE_BY_ONE]):
        raise _unsteady()
    return missing


def _unsteady() -> Temporary:
    return Temporary("unsteady", "Jira did not return an issue and then did: it is asked again later.")


def sees_all_projects(site: Site) -> bool:
    """Whether absence means anything: Jira knows us, and every chosen project is open to us and live."""
    client.myself(site.http)
    open_to_us = {str(project.get("id")) for project in client.projects(site.http, site.chosen.project_ids)}
    return open_to_us.issuperset(site.chosen.project_ids)


# --- sprints and boards -----------------------------------------------------------------------


def translate_sprints(raws: Iterable[RawSprint]) -> dict[str, Sprint]:
    found: dict[str, Sprint] = {}
    for raw in raws:
        try:
            sprint = translate_sprint(raw)
        except Malformed as error:
            log.warning("sprint could not be read", extra={"sprint": str(raw.get("id")), "reason": error.sentence})
            continue
        found[sprint.id] = sprint
    return found


def _sprints(site: Site, ids: Sequence[str]) -> tuple[dict[str, Sprint], tuple[str, ...]]:
    answers: Mapping[str, Json | None] = {id_: client.sprint(site.http, id_) for id_ in ids}
    there = [raw for raw in answers.values() if raw is not None and _concerns_us(site, raw)]
    missing = tuple(id_ for id_, raw in answers.items() if raw is None)
    return translate_sprints(there), missing if missing and sees_all_projects(site) else ()


def _concerns_us(site: Site, sprint: Json) -> bool:
    """Webhooks tell of all sprints of a site; ours are those of chosen boards, or with issues of chosen projects."""
    id_ = sprint_id(sprint)
    if id_ is None or not site.chosen.boards or site.chosen.board(str(sprint.get("originBoardId"))) is not None:
        return True  # one that cannot be read is told of where it is translated
    jql = f"sprint = {id_} AND {site.chosen.jql}"
    issues, _ = client.search_page(site.http, jql, ["id"], size=1)
    return bool(issues)


def _boards(site: Site, ids: Iterable[str]) -> tuple[Board, ...]:
    found = []
    for id_ in ids:
        chosen = site.chosen.board(id_)
        answer = client.board(site.http, id_) if chosen is not None else None
        if chosen is not None and answer is not None:
            found.append(chosen.named(str(answer.get("name") or chosen.name)))
    return tuple(found)


def _ids(changes: Iterable[Change], kind: str) -> dict[str, None]:
    return dict.fromkeys(change.id for change in changes if change.kind == kind)
