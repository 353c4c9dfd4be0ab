"""Deciding again what a change touched: figures by sprint, and what rests on the whole of a connection.

What is recomputed when:
- After each save, the figures of the sprints that it touched, from no more items than these rest on: those of the
  sprints, of the pools their medians come from, and all above and below them. A closed sprint is among them only if
  something was learnt about a moment up to its completion, and then a change is kept as a restatement. Later edits
  move its corrected figures alone.
- What rests on the whole connection (periods, roll-ups, links, key results, findings) after the same save, but on
  large sites not more often than leaves the worker most of its time: see `Pace`.
- What time alone changes, when the clock finds that a kept answer holds no longer.

Figures are computed on a snapshot, outside any lock; keeping them takes a short transaction, which gives way if
somebody else has kept answers meanwhile. What is due is forgotten only there, so a crash loses nothing.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session

from integration.answer_documents import Versions, sprint_answers, standing_answers
from integration.store import connections, due, kept, plans
from integration.store.backlog import backlog_around, backlog_at
from integration.store.due import CORRECTED, Due
from integration.store.engine import reading, writing
from integration.store.findings import keep_findings
from integration.store.kept import Decided
from mappings.findings import find_all
from mappings.model import Finding
from mappings.reckoning import Reckoning
from mappings.survey import Survey

STANDING = ("period", "rollup", "links", "key_results")  # the kinds that rest on a whole connection


class Pace:
    """How often what rests on a whole connection is decided: at most a fifth of the time goes into it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, rest: float = 4.0) -> None:
        self._clock = clock
        self._rest = rest
        self._not_before: dict[str, float] = {}

    def allows(self, connection: str) -> bool:
        return self._clock() >= self._not_before.get(connection, 0.0)

    def took(self, connection: str, seconds: float) -> None:
        self._not_before[connection] = self._clock() + self._rest * seconds


def decide_due(engine: Engine, now: datetime, pace: Pace | None = None) -> bool:
    """Decide what is due, connection by connection; say whether anything was decided."""
    with reading(engine) as session:
        waiting = due.waiting(session)
    decided = [_decide(engine, work.connection, now, pace or Pace()) for work in waiting]
    return any(decided)


def _decide(engine: Engine, connection: str, now: datetime, pace: Pace) -> bool:
    started = time.monotonic()
    with reading(engine) as session:
        work = next(iter(due.waiting(session, connection)), None)
        everything = work is not None and work.everything_since is not None and pace.allows(connection)
        if work is None or not (everything or work.figures or work.corrected):
            return False
        before = due.decided(session, connection)
        versions = _versions(session, connection, work)
        sprints = work.figures | work.corrected
        backlog = (
            backlog_at(session, connection, now) if everything else backlog_around(session, connection, sprints, now)
        )
    reckoning = Reckoning(backlog)
    answers = list(sprint_answers(reckoning, work.figures, work.corrected, versions))
    findings = None
    if everything:
        answers += standing_answers(reckoning, versions)
        findings = find_all(Survey(reckoning))
    decision = _Decision(work, before, tuple(answers), findings, frozenset(reckoning.timeline.sprints))
    is_kept = _keep(engine, decision, now)
    if everything:
        pace.took(connection, time.monotonic() - started)
    return is_kept


@dataclass(frozen=True, slots=True)
class _Decision:
    """Answers as computed, and how many times some were kept before. `findings` None: only figures were due."""

    work: Due
    before: int
    answers: tuple[Decided, ...]
    findings: tuple[Finding, ...] | None
    sprints: frozenset[str]


def _keep(engine: Engine, decision: _Decision, now: datetime) -> bool:
    """False: somebody else has kept answers since ours were computed; what is due stays due."""
    connection, findings = decision.work.connection, decision.findings
    with writing(engine) as session:
        due.lock_pulse(session, connection, now)
        if due.decided(session, connection) != decision.before:
            return False
        changed = kept.keep(session, connection, decision.answers, now)
        if findings is not None:
            changed |= _forget_what_is_gone(session, decision)
            changed |= keep_findings(session, connection, findings, now)
        due.done(session, decision.work, everything=findings is not None)
        due.note_decided(session, connection)
        if changed:
            due.beat_for_pages(session, now)
    return True


def _forget_what_is_gone(session: Session, decision: _Decision) -> bool:
    subjects: dict[str, frozenset[str]] = {"sprint": decision.sprints, CORRECTED: decision.sprints}
    for kind in STANDING:
        subjects[kind] = frozenset(answer.subject for answer in decision.answers if answer.kind == kind)
    gone = [kept.forget_others(session, decision.work.connection, kind, there) for kind, there in subjects.items()]
    return any(gone)


def _versions(session: Session, connection: str, work: Due) -> Versions:
    held = tuple((version.id, version.plan.since) for version in plans.plan_versions(session))
    return Versions(held, connections.mapping_version(session, connection), work.version)
