"""Answers as of a past moment: computed by the same functions as those of now, and kept in a store of their own.

The store that is read is only read: one view of it is taken, and everything is computed outside of it.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session

from integration.answer_documents import Versions, sprint_answers
from integration.answers import whole_answers
from integration.company import company_standing
from integration.store import connections, kept, mapping_versions, past, plans, reads
from integration.store.backlog import backlog_at
from integration.store.due import OF_ALL
from integration.store.engine import create_engine, writing
from integration.store.findings import keep_findings
from integration.store.opened import Store
from mappings.findings import OF_ONE_BACKLOG, find_all
from mappings.model import Backlog, Scope, Sprint, SprintState
from mappings.reckoning import Reckoning
from mappings.survey import Survey


@dataclass(frozen=True, slots=True)
class _Site:
    connection: str
    backlog: Backlog
    versions: Versions
    is_alone: bool  # it brought its own plan


def past_store(source: Store, moment: datetime, now: datetime, path: str) -> Store:
    """A store in a new file that holds what could be said at `moment`, from all that is known by `now`."""
    with source.reading() as session:
        known = past.known_then(session, moment)
        highest = past.highest_finding(session)
        partial = connections.being_read(session)
        names = [one.id for one in reads.connections(session) if one.id not in partial]
        sites = [_site(session, name, moment, now) for name in names]
    engine = create_engine(f"sqlite:///{path}")
    past.make_tables(engine)
    with writing(engine) as session:
        past.keep_known(session, known)
    for site in sites:
        _decide(engine, site, moment, highest)
    _decide_together(engine, [site for site in sites if not site.is_alone], moment, highest)
    return Store(engine)


def _site(session: Session, connection: str, moment: datetime, now: datetime) -> _Site:
    held = tuple((version.id, version.plan.since) for version in plans.plan_versions(session, connection))
    versions = Versions(held, mapping_versions.moments(session, connection), 0)
    is_alone = bool(plans.own_versions(session, connection))
    return _Site(connection, backlog_at(session, connection, now, moment), versions, is_alone)


def _decide(engine: Engine, site: _Site, moment: datetime, highest: int) -> None:
    reckoning = Reckoning(site.backlog, min(moment, site.backlog.now))  # a file tells of nothing after its moment
    survey = Survey(reckoning)
    sprints = [sprint for sprint in reckoning.timeline.backlog.sprints if _was_there(reckoning, sprint)]
    ids = frozenset(sprint.id for sprint in sprints)
    answers = (
        *sprint_answers(reckoning, ids, ids, site.versions),
        *whole_answers(reckoning, survey, site.versions, site.is_alone),
    )
    findings = find_all(survey) if site.is_alone else find_all(survey, OF_ONE_BACKLOG)
    marked = kept.marked(answers)
    with writing(engine) as session:
        past.keep_sprints_and_items(session, site.connection, reckoning.timeline, sprints, moment)
        kept.keep(session, site.connection, marked, moment)
        with past.numbered_from(session, highest):
            keep_findings(session, site.connection, findings, moment)


def _decide_together(engine: Engine, sites: list[_Site], moment: datetime, highest: int) -> None:
    """From what was decided of each."""
    frames = {site.connection: replace(site.backlog, items=(), earlier=()) for site in sites}
    versions = Versions(sites[0].versions.plans if sites else (), (), 0)
    with writing(engine) as session:
        standing = company_standing(session, frames, moment, versions)
        kept.keep(session, OF_ALL, kept.marked(standing.answers), moment)
        with past.numbered_from(session, highest):
            keep_findings(session, OF_ALL, standing.findings, moment)


def _was_there(reckoning: Reckoning, sprint: Sprint) -> bool:
    """No tracker tells when a sprint was planned: one that had not started was there as soon as an item named it."""
    scopes = reckoning.sprints.scopes(sprint, reckoning.measure)
    return scopes.state is not SprintState.FUTURE or bool(scopes.placed[Scope.FINAL])
