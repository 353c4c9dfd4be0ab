"""Deciding again what a change touched: figures by sprint, and what rests on the whole of a connection.

What is recomputed when:
- After each save, the figures of the sprints that it touched, from no more items than these rest on: those of the
  sprints, of the pools their medians come from, and all above and below them. A closed sprint is among them only if
  something was learnt about a moment up to its completion, and then a change is kept as a restatement. Later edits
  move its corrected figures alone.
- What rests on the whole connection (periods, work outside sprints, roll-ups by board, links, findings) after
  the same save, with a rest between two times: see `Pace`. The two never wait for each other.
- What is told of all connections together (roll-ups by team and company, findings about key results) after that, as
  far as their work is another: see `company`. It waits for a connection that has to be decided as a whole.
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

from integration.answer_documents import (
    ABOVE_BOARDS,
    Versions,
    rollup_answers,
    sprint_answers,
    standing_answers,
)
from integration.company import decide_company
from integration.store import connections, due, kept, mapping_versions, plans
from integration.store.backlog import backlog_around, backlog_at
from integration.store.due import ALL, CORRECTED, EVERYTHING, FIGURES, OF_ALL, Due, Part
from integration.store.engine import reading, writing
from integration.store.findings import keep_findings
from integration.store.kept import Decided
from integration.store.reads import EPICS, OUTSIDE
from integration.store.together import CENSUS
from integration.touched import Standing, decide_touched
from integration.work_documents import BOARD_WORK, SPRINT_WORK, board_work, census_answer, sprint_work
from mappings import reach
from mappings.findings import OF_ONE_BACKLOG, find_all
from mappings.model import Backlog
from mappings.reckoning import Reckoning
from mappings.survey import Survey

AT_ONCE = 1000  # answers of one transaction
STANDING = ("period", OUTSIDE, "rollup", "links", EPICS, SPRINT_WORK, BOARD_WORK, CENSUS)  # not of one sprint


class Pace:
    """How often what rests on a whole connection is decided: a rest as long as the work, for the figures go before."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, longest: float = 60.0) -> None:
        self._clock = clock
        self._longest = longest
        self._not_before: dict[str, float] = {}

    def allows(self, connection: str) -> bool:
        return self._clock() >= self._not_before.get(connection, 0.0)

    def took(self, connection: str, seconds: float) -> None:
        self._not_before[connection] = self._clock() + min(seconds, self._longest)


def decide_due(engine: Engine, now: datetime, pace: Pace | None = None) -> bool:
    """Decide all that is due; say whether anything was decided."""
    figures = decide_figures(engine, now)
    return decide_standing(engine, now, pace or Pace()) or figures


def decide_figures(engine: Engine, now: datetime) -> bool:
    """Decide the figures of the sprints that are due, connection by connection."""
    decided = [_decide_figures(engine, name, now) for name in _waiting(engine)]
    return any(decided)


def decide_standing(engine: Engine, now: datetime, pace: Pace) -> bool:
    """Decide what rests on a whole connection, or on all together, where it is due and was not decided just now."""
    decided = False
    for name in (*_waiting(engine), OF_ALL):
        if pace.allows(name):
            started = time.monotonic()
            decided |= _decide_together(engine, now) if name == OF_ALL else _decide_standing(engine, name, now)
            pace.took(name, time.monotonic() - started)
    return decided


def _waiting(engine: Engine) -> list[str]:
    """The connections of which something is due; not those still being read, for a closed figure that is
    told from a part of the backlog would have to be restated with every page."""
    with reading(engine) as session:
        partial = connections.being_read(session)
        return [work.connection for work in due.waiting(session) if work.connection not in (*partial, OF_ALL)]


@dataclass(frozen=True, slots=True)
class _Decision:
    """Answers of one part as computed, and how many times that part was kept before."""

    part: Part
    work: Due
    before: int
    answers: tuple[Decided, ...]


def _decide_figures(engine: Engine, connection: str, now: datetime) -> bool:
    with reading(engine) as session:
        work = _work(session, connection)
        if work is None or not (work.figures or work.corrected):
            return False
        before = due.decided(session, connection, Part.FIGURES)
        versions = _versions(session, connection, work)
        backlog = backlog_around(session, connection, work.figures | work.corrected, now)
    answers = tuple(sprint_answers(Reckoning(backlog), work.figures, work.corrected, versions))
    gone = (work.figures | work.corrected).difference(sprint.id for sprint in backlog.sprints)

    def keep(session: Session) -> bool:
        forgotten = [kept.forget(session, connection, kind, gone) for kind in (FIGURES, CORRECTED)]
        return any(forgotten)

    return _keep(engine, _Decision(Part.FIGURES, work, before, answers), keep, now)


def _decide_standing(engine: Engine, connection: str, now: datetime) -> bool:
    with reading(engine) as session:
        work = _work(session, connection)
        if work is None or not work.is_standing:
            return False
        before = due.decided(session, connection, Part.STANDING)
        versions = _versions(session, connection, work)
        is_alone = bool(plans.own_versions(session, connection))
        standing = None
        if work.everything_since is None and not is_alone:
            standing = decide_touched(session, connection, work, versions, now)
        backlog = backlog_at(session, connection, now) if standing is None else None
    if backlog is not None:
        standing = _decide_everything(backlog, versions, is_alone)
    assert standing is not None
    return _keep_standing(engine, _Decision(Part.STANDING, work, before, standing.answers), standing, now)


def _decide_everything(backlog: Backlog, versions: Versions, is_alone: bool) -> Standing:
    """`is_alone`: it brought its own plan, and what others are told together is told of it apart."""
    reckoning = Reckoning(backlog)
    survey = Survey(reckoning)
    answers = whole_answers(reckoning, survey, versions, is_alone)
    if is_alone:
        return Standing(answers, None, find_all(survey), _whatever)
    return Standing(answers, None, find_all(survey, OF_ONE_BACKLOG), _whatever, ((EVERYTHING, ALL),))


def whole_answers(reckoning: Reckoning, survey: Survey, versions: Versions, is_alone: bool) -> tuple[Decided, ...]:
    return (
        *standing_answers(reckoning, survey.work.facts, versions),
        *(rollup_answers(reckoning, versions, ABOVE_BOARDS) if is_alone else ()),
        *sprint_work(reckoning, reach.EVERYTHING, versions),
        *board_work(reckoning, reach.EVERYTHING, versions),
        census_answer(survey.work.census, versions, reckoning),
    )


def _whatever(_kind: str, _subject: str) -> bool:
    return True


def _decide_together(engine: Engine, now: datetime) -> bool:
    with reading(engine) as session:
        work = _work(session, OF_ALL)
        if work is None or _waits_for_others(session):
            return False
        before = due.decided(session, OF_ALL, Part.STANDING)
        standing = decide_company(session, work, _versions(session, OF_ALL, work), now)
    return _keep_standing(engine, _Decision(Part.STANDING, work, before, standing.answers), standing, now)


def _waits_for_others(session: Session) -> bool:
    """What is kept of a connection that must be decided as a whole is of another plan, or mapping."""
    partial = connections.being_read(session)
    return any(
        work.everything_since is not None for work in due.waiting(session) if work.connection not in (*partial, OF_ALL)
    )


def _keep_standing(engine: Engine, decision: _Decision, standing: Standing, now: datetime) -> bool:
    connection = decision.work.connection

    def keep(session: Session) -> bool:
        if standing.over is None:
            told = [(kind, {one.subject for one in standing.answers if one.kind == kind}) for kind in STANDING]
            forgotten = [kept.forget_others(session, connection, kind, subjects) for kind, subjects in told]
        else:
            forgotten = [kept.forget(session, connection, kind, gone) for kind, gone in standing.over.items()]
        due.note_of_all(session, now, standing.onward)
        return keep_findings(session, connection, standing.findings, now, standing.is_within) or any(forgotten)

    return _keep(engine, decision, keep, now)


def _keep(engine: Engine, decision: _Decision, keep_more: Callable[[Session], bool], now: datetime) -> bool:
    """False: somebody else has kept this part since ours was computed; what is due stays due.

    Many answers are kept in several transactions, for a long one would keep the door waiting.
    """
    answers = kept.marked(decision.answers)
    connection = decision.work.connection
    for start in range(0, max(len(answers), 1), AT_ONCE):
        is_last = start + AT_ONCE >= len(answers)
        with writing(engine) as session:
            if not _is_ours(session, decision, now):
                return False
            changed = kept.keep(session, connection, answers[start : start + AT_ONCE], now)
            if is_last:
                changed |= keep_more(session)
                due.done(session, decision.work, decision.part)
                due.note_decided(session, connection, decision.part)
            if changed:
                due.beat_for_pages(session, now)
    return True


def _is_ours(session: Session, decision: _Decision, now: datetime) -> bool:
    connection = decision.work.connection
    due.lock_pulse(session, connection, now)
    return due.decided(session, connection, decision.part) == decision.before


def _work(session: Session, connection: str) -> Due | None:
    return next(iter(due.waiting(session, connection)), None)


def _versions(session: Session, connection: str, work: Due) -> Versions:
    held = tuple((version.id, version.plan.since) for version in plans.plan_versions(session, connection))
    return Versions(held, mapping_versions.moments(session, connection), work.version)
