"""Where each team's OKRs are kept, in words for the command line and the pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from integration.okr_sources.definition import source_of
from integration.store import made_rules, okr_sources, plans
from integration.store.okr_sources import SourceState
from mappings.model import Plan

_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"))


@dataclass(frozen=True, slots=True)
class ShownSource:
    """One source: `words` such as "from Jira project OKR of acme, read 5 minutes ago"."""

    teams: str
    words: str
    faults: tuple[str, ...]


def shown_sources(session: Session, now: datetime) -> tuple[ShownSource, ...]:
    """The sources outside of the register's file."""
    return tuple(_shown(state, now) for state in okr_sources.declared(session))


def lines(session: Session, now: datetime) -> Iterator[str]:
    """One line a team, and below it why the last look was not taken over."""
    plan = plans.plan_in_force(session, now)
    states = okr_sources.declared(session)
    teams = _teams(plan, states)
    if not teams:
        yield "The register names no team yet: apply one with `tieline okrs apply FILE`."
    width = max((len(team) for team in teams), default=0)
    for team in teams:
        state = next((one for one in states if source_of(one.definition).is_of(team)), None)
        where = "from the register's file" if state is None else _shown(state, now).words
        yield f"{team:<{width}}  {_counted(plan, team)}, {where}"
        for fault in () if state is None else state.faults:
            yield f"{'':<{width}}    {fault}"
    yield from _rules(session, plan, now)


def _rules(session: Session, plan: Plan, now: datetime) -> Iterator[str]:
    """Where rules are from, if there are any: those made in Tieline are tried first, each with who made it and when."""
    made = [one for one in made_rules.made_rules(session) if one.holds_at(now)]
    if made:
        yield f"Rules: {len(made)} made in Tieline, then {len(plan.rules)} from the register's file."
    elif plan.rules:
        yield f"Rules: {len(plan.rules)} from the register's file."
    for one in made:
        gives = "exempt" if one.rule.is_exempt else ", ".join(one.rule.key_results)
        yield f"  rule {one.id}: {gives}, by {one.made_by}, {one.made_at:%Y-%m-%d}: {one.why}"


def ago(moment: datetime, now: datetime) -> str:
    seconds = int((now - moment).total_seconds())
    for size, unit in _UNITS:
        if seconds >= size:
            number = seconds // size
            return f"{number} {unit}{'' if number == 1 else 's'} ago"
    return "just now"


def _shown(state: SourceState, now: datetime) -> ShownSource:
    source = source_of(state.definition)
    when = "not read yet" if state.read_at is None else f"read {ago(state.read_at, now)}"
    if state.faults:
        before = "" if state.read_at is None else ", what was read before it holds"
        when += f"; the last look was not taken over{before}"
    return ShownSource(", ".join(source.teams) or "all teams", f"from {source.place}, {when}", state.faults)


def _teams(plan: Plan, states: Sequence[SourceState]) -> list[str]:
    names = [team.name for team in plan.teams] + [one.team for one in plan.objectives]
    names += [team for state in states for team in source_of(state.definition).teams]
    return sorted(dict.fromkeys(names), key=str.casefold)


def _counted(plan: Plan, team: str) -> str:
    ids = {one.id for one in plan.objectives if one.team == team}
    number = sum(1 for one in plan.key_results if one.objective in ids)
    return f"{len(ids)} objective{'' if len(ids) == 1 else 's'}, {number} key result{'' if number == 1 else 's'}"
