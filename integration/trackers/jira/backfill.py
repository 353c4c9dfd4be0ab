"""The whole of the chosen boards and projects, page by page, from where the last run stopped.

Tokens page strictly in sequence, so they only list ids; the issues behind them are fetched by several calls at once.
"""

import logging
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

import orjson

from integration.contract import Connection, Fetched, Misconfigured, Page, Permanent
from integration.trackers.jira import client
from integration.trackers.jira.answered import portions
from integration.trackers.jira.chosen import boards_before
from integration.trackers.jira.fetch import (
    SITE,
    Found,
    Site,
    fetch_issues,
    fetch_parents,
    open_site,
    translate_sprints,
)

log = logging.getLogger(__name__)

PARALLEL = 4
PAGE = client.ISSUES_A_CALL  # issues saved in one transaction; more of them cost memory and save next to no time


@dataclass(frozen=True, slots=True)
class Position:
    """Where a backfill stands: so many boards done, then so many projects, then a token within the next project.

    The order of both is that of the connection, checked by their ids: another choice begins anew.
    """

    choice: str
    boards: int = 0
    projects: int = 0
    token: str | None = None
    done: int = 0
    total: int | None = None

    def text(self) -> str:
        return orjson.dumps(asdict(self)).decode()


@dataclass(slots=True)
class _Run:
    """What one run remembers, so as to say nothing twice."""

    site: Site
    now: datetime
    sprints: set[str] = field(default_factory=set)
    parents: set[str] = field(default_factory=set)


def backfill(connection: Connection, cursor: str | None, now: datetime) -> Iterator[Page]:
    """Boards with their sprints, then all issues of each project with their histories.

    A page may be saved twice after a crash, which changes nothing. A token that has expired begins its project anew.
    """
    run = _Run(open_site(connection, now), now)
    at = _position(run.site, cursor)
    chosen = run.site.chosen
    for board in chosen.boards[at.boards :]:
        fetched = _board(run, board.id)
        at = replace(at, boards=at.boards + 1)
        yield Page(fetched, at.text(), at.done, at.total)
    while at.projects < len(chosen.projects):
        for fetched, after, done in _project(run, at):
            is_end = after.projects == len(chosen.projects)
            yield Page(fetched, None if is_end else after.text(), done, after.total)
        at = after


def _position(site: Site, cursor: str | None) -> Position:
    choice = ",".join((*(board.id for board in site.chosen.boards), "|", *site.chosen.project_ids))
    if cursor is not None:
        at = Position(**orjson.loads(cursor))
        if at.choice == choice:
            return at
    return Position(choice, total=_total(site))


def _total(site: Site) -> int | None:
    """Jira refuses to count where one of the projects is closed to us."""
    try:
        return client.approximate_count(site.http, site.chosen.jql)
    except Permanent as error:
        if error.reason != "refused":
            raise
        return None


# --- boards -----------------------------------------------------------------------------------


def _board(run: _Run, board_id: str) -> Fetched:
    """A board with all its sprints; it may show those of others, too."""
    site = run.site
    chosen, answer = site.chosen.board(board_id), client.board(site.http, board_id)
    if chosen is None or answer is None:
        raise Misconfigured(
            "board_missing",
            f"Board {board_id} is not there, or not visible to us: run `tieline connect jira` and choose again.",
        )
    sprints = translate_sprints(client.board_sprints(site.http, board_id))
    run.sprints.update(sprints)
    board = chosen.named(str(answer.get("name") or chosen.name))
    return Fetched(
        at=run.now,
        boards=(board,),
        earlier_boards=boards_before(site.earlier, (board,)),
        sprints=tuple(sprints.values()),
        starts_are_exact=site.starts_are_exact,
    )


# --- issues -----------------------------------------------------------------------------------


def _project(run: _Run, at: Position) -> Iterator[tuple[Fetched, Position, int]]:
    """The pages of one project, in order, each with the position from which to go on after it and the issues done.

    A few pages are fetched ahead, never all of them: memory stays flat.
    """
    waiting: deque[tuple[Future[Found], Position, int]] = deque()
    with ThreadPoolExecutor(PARALLEL, thread_name_prefix="backfill") as pool:
        try:
            for some, position, done in _listed(run.site, at):
                waiting.append((pool.submit(fetch_issues, run.site, some), position, done))
                if len(waiting) > PARALLEL:
                    yield _next(run, waiting)
                at = replace(position, done=done)
            while waiting:
                yield _next(run, waiting)
        finally:
            for future, _, _ in waiting:
                future.cancel()
    yield Fetched(at=run.now, raw={SITE: run.site.told}), replace(at, projects=at.projects + 1, token=None), at.done


def _next(run: _Run, waiting: deque[tuple[Future[Found], Position, int]]) -> tuple[Fetched, Position, int]:
    future, position, done = waiting.popleft()
    return _fetched(run, future.result()), position, done


def _listed(site: Site, at: Position) -> Iterator[tuple[Sequence[str], Position, int]]:
    """Ids by pages, each with the position to keep for it and how many are done with it.

    Within a page of ids the position stays at its beginning: a repeated page does no harm, a skipped one would.
    """
    before: frozenset[str] = frozenset()  # pages may overlap
    while True:
        ids, following = _ids(site, at)
        done = at.done
        fresh = [id_ for id_ in ids if id_ not in before]
        before = frozenset(ids)
        for some in portions(fresh, PAGE):
            done += len(some)
            yield some, at, done
        if following is None:
            return
        at = replace(at, token=following, done=done)


def _ids(site: Site, at: Position) -> tuple[list[str], str | None]:
    project = site.chosen.projects[at.projects]
    jql = f"project = {project.id} ORDER BY created ASC, id ASC"
    try:
        issues, following = client.search_page(site.http, jql, ["id"], token=at.token)
    except Permanent as error:
        if error.reason != "refused":
            raise
        if not any(client.projects(site.http, (project.id,))):
            log.info("a project is closed to us", extra={"project": project.key})
            return [], None  # every look says so, and what is open is read
        if at.token is None:
            raise
        # Tokens live for seven days; Jira refuses one that is older.
        issues, following = client.search_page(site.http, jql, ["id"])
    return [str(issue["id"]) for issue in issues], following


def _fetched(run: _Run, found: Found) -> Fetched:
    """Add what stands above in other projects, and sprints of boards that were not chosen; each once."""
    hidden = fetch_parents(run.site, found, run.parents)
    sprints = translate_sprints(raw for id_, raw in found.sprints.items() if id_ not in run.sprints)
    run.sprints.update(sprints)
    return Fetched(
        at=run.now,
        items=tuple(found.items),
        sprints=tuple(sprints.values()),
        hidden_parents=hidden,
        raw=found.raw,
        asked=run.site.wanted,
        read_by=run.site.read_by,
        refused=tuple(found.refused),
        starts_are_exact=run.site.starts_are_exact,
    )
