"""Objectives and key results that are kept as Jira issues: what a search finds, with its whole history.

An idle look costs one call: only where the search tells another version of some issue is everything fetched again.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from integration.contract import Connection, Malformed, Misconfigured, Permanent
from integration.okr_sources.definition import Source
from integration.okr_sources.told import Seen, Told, ToldKeyResult, ToldObjective
from integration.trackers.jira import client
from integration.trackers.jira.answered import Histories, Json
from integration.trackers.jira.fetch import Site, open_site
from integration.trackers.jira.okr_fields import NotOfThatKind, OkrFields, changed_last, find_fields, measured
from integration.trackers.jira.scrub import without_people
from integration.trackers.jira.site import link_words
from integration.trackers.jira.translate import translate_issue
from mappings.model import Item, Status

SETTLED = timedelta(minutes=2)  # the index may lag: a look so soon after a change is not taken for the last
LEVELS_ABOVE = 6
_Whole = tuple[Json, list[Json]]


def read_issues(connection: Connection, source: Source, seen: Seen, now: datetime) -> Told | None:
    """One look; None where nothing has changed since `seen`."""
    site = open_site(connection, now)
    versions = _versions(site, source)
    digest = hashlib.sha256(repr(sorted(versions.items())).encode()).hexdigest()
    if seen.digest == digest:
        return None
    fields = find_fields(client.fields(site.http), source.fields)
    look = _Look(replace(site, wanted=_wanted(site, source, fields)), source, fields)
    look.take(client.issues_with_histories(site.http, tuple(versions), look.site.wanted))
    look.take_above()
    told = look.told()
    is_fresh = told.changed_at is not None and now - told.changed_at < SETTLED
    return replace(told, digest="" if is_fresh else digest)


def search_of(source: Source) -> str:
    """The JQL for a source: its project or search, narrowed to the types."""
    parts = [f"project = {_quoted(source.project)}"] if source.project else []
    parts += [f"({source.jql})"] if source.jql else []
    types = [name for name in (source.key_results, source.objectives) if name]
    parts += [f"issuetype in ({', '.join(map(_quoted, types))})"] if types else []
    return " AND ".join(parts)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _versions(site: Site, source: Source) -> dict[str, str]:
    """What the search finds, each with its version."""
    jql = f"{search_of(source)} ORDER BY created ASC, id ASC"
    found: dict[str, str] = {}
    token: str | None = None
    while True:
        try:
            issues, token = client.search_page(site.http, jql, ["updated"], token=token)
        except Permanent as error:
            if error.reason != "refused":
                raise
            sentence = f"Jira refuses the search for key results ({search_of(source)}): mend the register's sources."
            raise Misconfigured("bad_search", f"{sentence} {error.sentence}") from None
        found.update({str(issue["id"]): str(issue["fields"].get("updated")) for issue in issues})
        if token is None:
            return found


def _wanted(site: Site, source: Source, fields: OkrFields) -> tuple[str, ...]:
    """With those of the connection's own mapping: Data Center tells parents in fields of its own."""
    links = ("issuelinks",) if source.objective_link else ()
    return tuple(dict.fromkeys((*site.wanted, *fields.wanted, *links)))


@dataclass(slots=True)
class _Look:
    """What was fetched of a source, by key; `missing` are keys above it that we may not see."""

    site: Site
    source: Source
    fields: OkrFields
    issues: dict[str, _Whole] = field(default_factory=dict)
    old_keys: dict[str, str] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def take(self, whole: Iterable[tuple[Json, Histories]]) -> None:
        for issue, raw in whole:
            key = str(issue.get("key"))
            try:
                histories = without_people(raw)
                item = translate_issue(issue, histories, self.site.chosen.fields, self.site.facts).item
            except Malformed as error:
                self.faults.append(f"{key}: cannot be read ({error.sentence}).")
                continue
            self.issues[key] = (issue, histories)
            self.items[key] = item
            self.old_keys.update(dict.fromkeys(item.aliases, key))

    def take_above(self) -> None:
        """Fetch the objectives that the search did not find, level by level."""
        for _ in range(LEVELS_ABOVE):
            outside = sorted(
                key for key in set(self._all_above()) - self.missing if self._present(key) not in self.issues
            )
            if not outside:
                return
            self.take(client.issues_with_histories(self.site.http, outside, self.site.wanted))
            self.missing.update(key for key in outside if self._present(key) not in self.issues)

    def told(self) -> Told:
        key_results = [self._key_result(key) for key in self.issues if self._is_key_result(key)]
        above = {one.objective for one in key_results if one is not None and one.objective is not None}
        objectives = [one for key in self.issues if key in above and (one := self._objective(key)) is not None]
        objectives += self._idle_objectives(above)
        unreadable = (above & self.issues.keys()) - {one.key for one in objectives}  # said already
        return Told(
            objectives=tuple(objectives),
            key_results=tuple(one for one in key_results if one is not None and one.objective not in unreadable),
            faults=tuple(self.faults),
            changed_at=max(filter(None, (changed_last(*whole) for whole in self.issues.values())), default=None),
        )

    # --- which is which

    def _is_key_result(self, key: str) -> bool:
        return _type(self.issues[key][0]) == (self.source.key_results or "").casefold()

    def _present(self, key: str) -> str:
        return self.old_keys.get(key, key)

    def _all_above(self) -> Iterable[str]:
        for key in self.issues:
            if self._is_key_result(key):
                yield from self._named_above(key)

    def _named_above(self, key: str) -> tuple[str, ...]:
        """What the issue names as its objective: the other ends of its links, else its parent."""
        issue = self.issues[key][0]
        if self.source.objective_link:
            return tuple(dict.fromkeys(_linked(issue, self.source.objective_link, self.source.objectives)))
        parent = self.items[key].states[-1].parent
        return () if parent is None else (parent,)

    def _objective_of(self, key: str) -> str | None:
        """The first above it that is no key result itself; a circle has none."""
        seen = {key}
        at = key
        while True:
            above = self._named_above(at)
            if len(above) > 1:
                self._fault(at, f"is linked to {len(above)} objectives ({', '.join(above[:5])}); keep one")
                return None
            if not above:
                return None
            at = self._present(above[0])
            if at in seen:
                self._fault(key, f"goes round in a circle above it ({', '.join(sorted(seen))}); take one of these out")
                return None
            if at not in self.issues or not self._is_key_result(at):
                return at
            seen.add(at)

    # --- what they say

    def _objective(self, key: str) -> ToldObjective | None:
        issue = self.issues[key][0]
        fields, say = issue["fields"], self.fields
        wanted_type = self.source.objectives
        if wanted_type is not None and _type(issue) != wanted_type.casefold():
            self._fault(key, f"is no {wanted_type}, but key results have it as their objective; mend its type")
            return None
        try:
            return ToldObjective(
                key=key,
                title=self.items[key].title,
                team=say.text(fields, "team"),
                cycle=say.text(fields, "cycle"),
                since=say.day(fields, "from"),
                until=say.day(fields, "until"),
                aliases=self.items[key].aliases,
            )
        except NotOfThatKind as wrong:
            self._fault(key, str(wrong))
            return None

    def _idle_objectives(self, above: Collection[str]) -> list[ToldObjective]:
        """Those without key results: they are objectives, and so no work; what they say wrong disturbs nobody."""
        if self.source.objectives is None:
            return []
        wanted = self.source.objectives.casefold()
        idle = [key for key, (issue, _) in self.issues.items() if key not in above and _type(issue) == wanted]
        faults = list(self.faults)
        found = [one for key in idle if (one := self._objective(key)) is not None]
        self.faults[:] = faults
        return found

    def _key_result(self, key: str) -> ToldKeyResult | None:
        issue, histories = self.issues[key]
        item = self.items[key]
        before = len(self.faults)
        objective = self._objective_of(key)
        if len(self.faults) > before:
            return None
        try:
            return replace(
                _plain(key, item, issue, self.fields),
                objective=objective,
                dropped=_dropped(item),
                values=measured(self.fields, issue, histories, item.created),
            )
        except NotOfThatKind as wrong:
            self._fault(key, str(wrong))
            return None

    def _fault(self, key: str, sentence: str) -> None:
        line = f"{key}: {sentence}."
        if line not in self.faults:
            self.faults.append(line)


def _plain(key: str, item: Item, issue: Json, say: OkrFields) -> ToldKeyResult:
    fields = issue["fields"]
    return ToldKeyResult(
        key=key,
        title=item.title,
        team=say.text(fields, "team"),
        cycle=say.text(fields, "cycle"),
        since=say.day(fields, "from"),
        until=say.day(fields, "until"),
        aliases=(*say.texts(fields, "aliases"), *item.aliases),
        metric=say.text(fields, "metric"),
        unit=say.text(fields, "unit"),
        direction=say.text(fields, "direction"),
        baseline=say.number(fields, "baseline"),
        target=say.number(fields, "target"),
        kind=say.text(fields, "kind"),
        confidence=say.number(fields, "confidence"),
        owner=say.text(fields, "owner"),
    )


def _type(issue: Json) -> str:
    kind = issue["fields"].get("issuetype")
    return str(kind.get("name")).casefold() if isinstance(kind, dict) else ""


def _dropped(item: Item) -> datetime | None:
    """Since when it is given up, if it is."""
    states = item.states
    if states[-1].status is not Status.DROPPED:
        return None
    at = states[-1].at
    for state in reversed(states):
        if state.status is not Status.DROPPED:
            break
        at = state.at
    return at


def _linked(issue: Json, link_type: str, objectives: str | None) -> Iterable[str]:
    """The other ends of the issue's links of that type, of the type of objectives where one is named."""
    raw = issue["fields"].get("issuelinks")
    for link in raw if isinstance(raw, list) else ():
        if not isinstance(link, dict) or link_type.casefold() not in map(str.casefold, link_words(link.get("type"))):
            continue
        other = link.get("outwardIssue") or link.get("inwardIssue")
        if not isinstance(other, dict) or not isinstance(other.get("key"), str):
            continue
        inner = other.get("fields")
        if objectives is None or not isinstance(inner, Mapping) or _type({"fields": inner}) == objectives.casefold():
            yield other["key"]
