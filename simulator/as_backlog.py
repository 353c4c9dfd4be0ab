"""Writes the simulated company as a portable backlog file, from the simulator's own state: so its truths
can be checked without any network, and a tracker's translation can be compared with it.

    python -m simulator.as_backlog [FILE]
"""

import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from simulator import catalogue, newcomers
from simulator.company.build import build
from simulator.company.moments import Calendar
from simulator.company.okrs import register
from simulator.company.place import Company
from simulator.site import Site
from simulator.things import Issue, Sprint, Values

Json = dict[str, object]


def company_as_backlog(company: Company, now: datetime) -> Json:
    """The whole company with its register, as of `now`."""
    teams = {company.boards[team].id: team for team in ("Checkout", "Onboarding", "Merchant", "Operations")}
    plan = register(company.calendar, company.epics["licence-audit"].key)
    return site_as_backlog(company.site, now, plan, teams)


def site_as_backlog(site: Site, now: datetime, plan: Json, teams: dict[int, str]) -> Json:
    """All that the site shows: `plan` are the sections of the register, `teams` those of the boards."""
    items = [_item(site, issue) for issue in site.issues.values() if not issue.hidden]
    return {
        "format": "tieline-backlog/1",
        "now": _text(now),
        **plan,
        "boards": [
            {"id": str(board.id), "name": board.name, "team": teams.get(board.id)}
            | ({"periods": "week"} if board.type == "kanban" else {})
            for board in site.boards.values()
        ],
        "sprints": [_sprint(sprint) for sprint in site.sprints.values()],
        "hidden_parents": sorted(_hidden_parents(site)),
        "items": items,
    }


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _hidden_parents(site: Site) -> set[str]:
    parents = {issue.values.parent for issue in site.visible()} - {None}
    return {site.issues[parent].key for parent in parents if parent is not None and site.issues[parent].hidden}


def _sprint(sprint: Sprint) -> Json:
    dates = {"start": sprint.start, "end": sprint.end, "completed": sprint.completed}
    return {
        "id": str(sprint.id),
        "board": str(sprint.board),
        "name": sprint.name,
        "state": sprint.state,
        "goal": sprint.goal,
        **{name: _text(at) for name, at in dates.items() if at is not None},
    }


def _item(site: Site, issue: Issue) -> Json:
    type_ = catalogue.TYPE[issue.values.type]
    return {
        "key": issue.key,
        "type": type_.name,
        "level": type_.level,
        "project": issue.values.project,
        "title": issue.values.summary,
        "created": _text(issue.created),
        "deleted": None if issue.deleted is None else _text(issue.deleted),
        "history": list(_history(site, issue)),
    }


def _history(site: Site, issue: Issue) -> Iterable[Json]:
    before: Json = {}
    for at, values in issue.revisions:
        state = state_of(site, values)
        yield {"at": _text(at)} | {name: value for name, value in state.items() if before.get(name, ...) != value}
        before = state


def state_of(site: Site, values: Values) -> Json:
    """Done with Won't Do is dropped; review is still being worked on."""
    status = {"review": "doing"}.get(values.status, values.status)
    return {
        "status": "dropped" if values.resolution == "wont_do" else status,
        "points": values.points,
        "tags": list(values.tags),
        "sprints": [str(sprint) for sprint in values.sprints],
        "parent": None if values.parent is None else site.issues[values.parent].key,
        "labels": list(values.labels),
        "components": list(values.components),
        "team": values.squad,
        "board": _board(site, values),
    }


def _board(site: Site, values: Values) -> str | None:
    project = site.project_of_key(values.project)
    boards = [board for board in site.boards.values() if project is not None and board.project == project.id]
    return str(boards[0].id) if boards else None


def newcomer_as_backlog(now: datetime, tagged: int) -> Json:
    """One of the two newly connected sites, of whose open items so many bear a tag."""
    site, calendar = Site(clock=lambda: now), Calendar(now.date())
    newcomers.build(site, calendar, tagged)
    return site_as_backlog(site, now, newcomers.register(calendar), {})


def main() -> None:
    now = datetime.now(UTC)
    site = Site(clock=lambda: now)
    text = json.dumps(company_as_backlog(build(site, Calendar(now.date())), now), ensure_ascii=False, indent=1)
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
