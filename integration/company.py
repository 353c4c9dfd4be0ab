"""What is told of all connections together: roll-ups of teams and of the company, and findings about key results, teams
and what people declare. Reckoned by the functions of one backlog, from the work that is kept of each connection.

A connection that brought a plan of its own stands alone, and is not among them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime

from sqlmodel import Session

from integration.answer_documents import ABOVE_BOARDS, Versions, rollup_answers, rollup_name
from integration.company_work import CompanyWork, Ground
from integration.store import overrulings, plans
from integration.store.backlog import backlog_of
from integration.store.due import OF_ALL, Due
from integration.store.kin import Kin
from integration.store.together import connections_together
from integration.touched import Standing
from mappings.findings import OF_THE_COMPANY, find_all, is_within
from mappings.model import Backlog, Measure, Rollup
from mappings.reach import EVERYTHING, Reach, within
from mappings.reckoning import Reckoning
from mappings.rollups import COMPANY, TEAM, rollups
from mappings.survey import Survey
from mappings.tags import Register


def decide_company(session: Session, work: Due, versions: Versions, now: datetime) -> Standing:
    """What is due of it."""
    frames = {name: backlog_of(Kin(session, name), (), now) for name in connections_together(session)}
    return company_standing(session, frames, now, versions, work)


def company_standing(
    session: Session, frames: Mapping[str, Backlog], now: datetime, versions: Versions, work: Due | None = None
) -> Standing:
    """From the boards and sprints of these connections; `work` None: all of it."""
    ground = Ground(plans.versions(session), overrulings.overrulings_of(session, OF_ALL), now)
    company = CompanyWork(session, frames, ground)
    reckoning = company.reckoning()
    reach = EVERYTHING if work is None else _reach(reckoning.register, work)
    company.read_work_of(_days(reckoning, reach))
    survey = Survey(reckoning, reach)
    answers = tuple(rollup_answers(reckoning, versions, ABOVE_BOARDS, reach))
    findings = find_all(survey, OF_THE_COMPANY)
    over = None
    if reach is not EVERYTHING:
        over = {"rollup": frozenset(_names(reach)).difference(each.subject for each in answers)}
    return Standing(answers, over, findings, lambda kind, subject: is_within(survey, kind, subject))


def rollup_told(
    session: Session, cycle: str, by: str, name: str, measure: Measure, now: datetime, own: str = OF_ALL
) -> Rollup | None:
    """A roll-up of the company or a team with the lines that made it, which are not kept: reckoned again from the work
    that is. `own`: the connection with a plan of its own whose roll-up it is. None: there is no such figure."""
    names = connections_together(session) if own == OF_ALL else (own,)
    frames = {each: backlog_of(Kin(session, each), (), now) for each in names}
    held = plans.versions(session) if own == OF_ALL else plans.versions(session, own)
    company = CompanyWork(session, frames, Ground(held, overrulings.overrulings_of(session, own), now))
    reckoning = company.reckoning()
    reach = replace(EVERYTHING, teams=frozenset({name}), cycles=frozenset({cycle}))
    company.read_work_of(_days(reckoning, reach))
    lines_in = Measure.POINTS if measure is Measure.POINTS_NORMALISED else measure
    found = rollups(reckoning, lines_in, reach=reach, sorts={by})
    return next((one for one in found if (one.subject, one.measure) == (name, measure)), None)


def _reach(register: Register, work: Due) -> Reach:
    """The cycles and teams that are due, and the teams of key results whose value is another."""
    if work.everything_since is not None:
        return EVERYTHING
    nothing: frozenset[str] = frozenset()
    known = (code for code in work.key_results if code in register.key_results)
    teams = {*work.teams, *(register.team_of(code) for code in known)}
    families = frozenset(name for team in teams for name in register.teams_above(team))
    return Reach(nothing, nothing, nothing, nothing, families, work.cycles)


def _days(reckoning: Reckoning, reach: Reach) -> list[tuple[date, date]]:
    cycles = (cycle for cycle in reckoning.register.plan.cycles if within(cycle.id, reach.cycles))
    return [(cycle.start, cycle.end) for cycle in cycles]


def _names(reach: Reach) -> Iterator[str]:
    for cycle in reach.cycles or ():
        yield rollup_name(COMPANY, COMPANY, cycle)
        yield from (rollup_name(TEAM, team, cycle) for team in reach.teams or ())
