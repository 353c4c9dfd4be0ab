"""Whose findings these are, for a list of them at once: a constant number of statements for each connection."""

from collections.abc import Iterable
from typing import Any

from integration.store import audit_reads
from integration.store.reads import KeptFinding
from mappings.tags import Register
from reports.finding_views import OF_ITEMS, OF_SPRINTS
from reports.views import Ground

_OF_TEAMS = frozenset({"off_balance", "too_many_objectives"})  # subjects: team, team/cycle


def of_team(session: Any, ground: Ground, findings: Iterable[KeptFinding], team: str) -> list[KeptFinding]:
    """Those of a team and its sub-teams; all where no team is asked for."""
    found = list(findings)
    if not team:
        return found
    register = Register(ground.plan)
    within = register.subteams(team)
    teams = teams_by_finding(session, register, found)
    return [one for one in found if teams[one.id] in within]


def teams_by_finding(session: Any, register: Register, findings: Iterable[KeptFinding]) -> dict[int, str | None]:
    """By number: the team of the finding's sprint, item or key result, or the team itself; None: nobody's."""
    found = list(findings)
    teams: dict[int, str | None] = {}
    for connection in {one.connection for one in found}:
        mine = [one for one in found if one.connection == connection]
        sprints = audit_reads.teams_of_sprints(session, connection)
        items = audit_reads.items_now(session, connection, {one.subject for one in mine if one.kind in OF_ITEMS})
        for one in mine:
            if one.kind in OF_SPRINTS:
                teams[one.id] = sprints.get(one.subject)
            elif one.kind in OF_ITEMS:
                teams[one.id] = items[one.subject].team if one.subject in items else None
            else:
                teams[one.id] = _of_register(register, one)
    return teams


def team_names(ground: Ground) -> tuple[str, ...]:
    """The teams that the register names."""
    named = {team.name for team in ground.plan.teams} | {one.team for one in ground.plan.objectives}
    return tuple(sorted(named, key=str.casefold))


def _of_register(register: Register, finding: KeptFinding) -> str | None:
    if finding.kind in _OF_TEAMS:
        return finding.subject if finding.kind == "off_balance" else finding.subject.rpartition("/")[0]
    if finding.subject in register.objectives:
        return register.objectives[finding.subject].team
    code = finding.subject.rpartition("/")[2] if finding.kind == "catch_all_kr" else finding.subject
    return register.team_of(code) if code in register.key_results else None
