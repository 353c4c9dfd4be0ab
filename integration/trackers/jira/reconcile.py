"""What changed since we last looked, found by asking: Jira may lose a delivery, and tells of some changes by none.

Issues by `updated`, with an overlap for the lag of Jira's index; open sprints by looking at each board once an hour,
and new keys of projects: so that an idle site costs a dozen calls an hour and one more for each board.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from math import ceil

import orjson

from integration.contract import Connection, Fetched, Page, Permanent
from integration.trackers.jira import client
from integration.trackers.jira.answered import Json, portions
from integration.trackers.jira.fetch import (
    SITE,
    Found,
    Site,
    fetch_issues,
    fetch_parents,
    issue_ids,
    open_site,
    sees_all_projects,
    translate_sprints,
)

OVERLAP = timedelta(minutes=30)  # Jira repeats deliveries for half an hour; its index lags for minutes
SPRINTS_EVERY = timedelta(hours=1)
FIRST_LOOK = timedelta(hours=24)
MOST_REMEMBERED = 5000
CLOSED = (
    "Jira shows us no project {} any more: it was archived, deleted, or closed to the account. Its items stay as they "
    "are, and the others go on. Give the right back, or choose the projects anew without it."
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the last run saw: when, which issues in which version, which sprints open, which keys of projects."""

    issues_at: str
    sprints_at: str | None = None
    versions: dict[str, str] = field(default_factory=dict)
    open_sprints: tuple[str, ...] = ()
    keys: dict[str, str] = field(default_factory=dict)  # of projects, by id
    closed: tuple[str, ...] = ()  # keys of projects that were closed to us

    def text(self) -> str:
        return orjson.dumps(asdict(self)).decode()


def reconcile(connection: Connection, cursor: str | None, now: datetime) -> Iterator[Page]:
    """Yield what was missed. Until the last page the cursor stays what it was: a broken run is done again."""
    site = open_site(connection, now)
    seen = _seen(cursor, now)
    versions, closed = _changed(site, seen, now)
    news = [id_ for id_, updated in versions.items() if seen.versions.get(id_) != updated]
    done = 0
    for some in portions(news, client.ISSUES_A_CALL):
        found = fetch_issues(site, some)
        done += len(some)
        yield Page(_fetched(site, found, now), seen.text(), done, len(news))
    after = replace(seen, issues_at=now.isoformat(), versions=dict(list(versions.items())[-MOST_REMEMBERED:]))
    fetched = Fetched(at=now)
    if seen.sprints_at is None or now - datetime.fromisoformat(seen.sprints_at) >= SPRINTS_EVERY:
        open_to_us = _open_projects(site)
        keys = _project_keys(site, seen, open_to_us)
        for project_id in (id_ for id_, (old, new) in keys.items() if old != new):
            for some in _some_at_once(issue_ids(site, f"project = {project_id}")):
                yield Page(_fetched(site, fetch_issues(site, some), now), seen.text(), done, len(news))
        fetched, still_open = _sprints(site, seen.open_sprints, now)
        present = {id_: new for id_, (_, new) in keys.items()}
        after = replace(after, sprints_at=now.isoformat(), open_sprints=still_open, keys=present)
        closed = _closed(site, open_to_us)
    elif seen.closed and not closed:
        closed = _closed(site, _open_projects(site))
    after = replace(after, closed=closed)
    notice = CLOSED.format(", ".join(closed)) if closed else None
    boards = tuple(board.id for board in site.chosen.boards) if after.sprints_at != seen.sprints_at else ()
    yield Page(fetched, after.text(), done, len(news), is_whole=True, notice=notice, boards_seen=boards)


def _seen(cursor: str | None, now: datetime) -> Seen:
    if cursor is None:
        return Seen(issues_at=(now - FIRST_LOOK).isoformat())
    known = orjson.loads(cursor)
    return Seen(**{**known, "open_sprints": tuple(known["open_sprints"]), "closed": tuple(known.get("closed", ()))})


def _changed(site: Site, seen: Seen, now: datetime) -> tuple[dict[str, str], tuple[str, ...]]:
    """The versions of what changed, and the chosen projects that are closed to us: Jira refuses to search for these.

    Of what changed last the index may still hold the version before: Jira is told to look at these issues themselves.
    """
    back = now - datetime.fromisoformat(seen.issues_at) + OVERLAP
    projects = site.chosen.projects
    try:
        return _versions(site, site.chosen.project_ids, back, tuple(seen.versions)[-client.RECONCILED :]), ()
    except Permanent as error:
        if error.reason != "refused":
            raise
    closed = _closed(site, _open_projects(site))
    still = tuple(project.id for project in projects if project.key not in closed)
    return _versions(site, still, back) if still else {}, closed


def _open_projects(site: Site) -> dict[str, str]:
    """The present keys, by id, of the chosen projects that are open to us; raise where it is we who are unknown."""
    found = {str(raw.get("id")): str(raw.get("key")) for raw in client.projects(site.http, site.chosen.project_ids)}
    if not found:
        client.myself(site.http)
    return found


def _closed(site: Site, open_to_us: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(project.key for project in site.chosen.projects if project.id not in open_to_us)


def _versions(site: Site, projects: Sequence[str], back: timedelta, fresh: Sequence[str] = ()) -> dict[str, str]:
    """The issues that changed within that time, in the order of their changes, each with its version.

    Asked relative to now: absolute times would be read in the time zone of our account. Not asked in that order: what
    changes meanwhile would move on to a later page, and another issue into a page that we have seen.
    """
    minutes = ceil(back.total_seconds() / 60)
    jql = f"project in ({', '.join(projects)}) AND updated >= -{minutes}m ORDER BY created ASC, id ASC"
    found: dict[str, str] = {}
    token: str | None = None
    while True:
        issues, token = client.search_page(site.http, jql, ["updated"], token=token, reconcile=fresh)
        found.update({str(issue["id"]): str(issue["fields"].get("updated")) for issue in issues})
        if token is None:
            return dict(sorted(found.items(), key=lambda one: one[1]))


def _fetched(site: Site, found: Found, now: datetime) -> Fetched:
    hidden = fetch_parents(site, found)
    return Fetched(
        at=now,
        items=tuple(found.items),
        hidden_parents=hidden,
        raw=found.raw,
        asked=site.wanted,
        read_by=site.read_by,
        refused=tuple(found.refused),
    )


def _project_keys(site: Site, seen: Seen, present: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """The keys of the projects by id, as last seen and now. A new key of a project is a new key of each of its issues,
    of which neither a delivery nor `updated` tells."""
    known = {project.id: project.key for project in site.chosen.projects} | seen.keys
    return {id_: (old, present.get(id_, old)) for id_, old in known.items() if id_ in site.chosen.project_ids}


def _some_at_once(ids: Iterator[str]) -> Iterator[list[str]]:
    while some := list(islice(ids, client.ISSUES_A_CALL)):
        yield some


def _sprints(site: Site, open_before: tuple[str, ...], now: datetime) -> tuple[Fetched, tuple[str, ...]]:
    """The open sprints of all boards, and how those ended that were open when we last looked."""
    raws: dict[str, Json] = {}
    for board in site.chosen.boards:
        raws |= {str(raw.get("id")): raw for raw in client.board_sprints(site.http, board.id, "active,future")}
    still_open = tuple(raws)
    ended = {id_: client.sprint(site.http, id_) for id_ in open_before if id_ not in raws}
    raws |= {id_: raw for id_, raw in ended.items() if raw is not None}
    missing = tuple(id_ for id_, raw in ended.items() if raw is None)
    gone = missing if missing and sees_all_projects(site) else ()
    sprints = tuple(translate_sprints(raws.values()).values())
    fetched = Fetched(at=now, sprints=sprints, gone_sprints=gone, starts_are_exact=site.starts_are_exact)
    return replace(fetched, raw={SITE: site.told}), still_open
