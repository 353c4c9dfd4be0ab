"""Looks at the sources of OKRs: whose turn it is, what came of it, and what is kept where it went wrong.

A look that cannot be taken over whole changes nothing: the last good plan holds, and the fault is shown.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from integration.contract import Connection, Misconfigured, TrackerError
from integration.files.faults import Refused
from integration.okr_sources.building import Part, build, without_values
from integration.okr_sources.definition import GOALS, Source, source_of
from integration.okr_sources.keeping import Moments, keep_part
from integration.okr_sources.told import Seen, Told
from integration.secrets import Vault
from integration.store import connections, due, okr_sources, plans
from integration.store.engine import reading, writing
from integration.store.goal_links import Look, SeenLink, keep_links
from integration.store.okr_sources import SourceState
from integration.store.source_readings import keep_values
from mappings.model import Plan
from mappings.tags import fold

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=5)
REST_A_CALL = timedelta(minutes=2)  # so that even many pages of goals are at most some thirty calls an hour
WHOLE_EVERY = timedelta(hours=1)  # an objective may change that the search does not see
AFTER_A_FAULT = timedelta(minutes=5)
FEW = 3

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one look."""

    source: Source
    is_changed: bool = False
    faults: tuple[str, ...] = ()
    objectives: int = 0
    key_results: int = 0


def run(engine: Engine, vault: Vault, clock: Clock, stop: threading.Event, look_every: float = 15.0) -> None:
    """Look at what is due until `stop` is set; a database that cannot be reached is asked again at the next look."""
    while not stop.wait(look_every):
        try:
            read_due(engine, vault, clock)
        except SQLAlchemyError as error:
            log.warning("the sources of OKRs cannot reach the database", extra={"reason": type(error).__name__})


def read_due(engine: Engine, vault: Vault, clock: Clock) -> int:
    """Look at the sources whose turn it is; answer how many."""
    with reading(engine) as session:
        known = okr_sources.declared(session)
    number = 0
    for state in known:
        with writing(engine) as session:
            is_ours = okr_sources.claim(session, state.id, clock(), clock() + AFTER_A_FAULT)
        if is_ours:
            _note(read_source(engine, vault, state.id, clock))
            number += 1
    return number


def _note(outcome: Outcome | None) -> None:
    if outcome is None:
        return
    fields = {"connection": outcome.source.connection, "key_results": outcome.key_results}
    if outcome.faults:
        log.warning("OKRs were not taken over", extra={**fields, "faults": len(outcome.faults)})
    elif outcome.is_changed:
        log.info("OKRs were taken over", extra=fields)


def read_all(engine: Engine, vault: Vault, clock: Clock, *, accept_missing: bool = False) -> tuple[Outcome, ...]:
    """Look at every source now, whosever turn it is."""
    with reading(engine) as session:
        known = okr_sources.declared(session)
    outcomes = [
        read_source(engine, vault, state.id, clock, is_whole=True, accept_missing=accept_missing) for state in known
    ]
    return tuple(outcome for outcome in outcomes if outcome is not None)


def read_source(
    engine: Engine, vault: Vault, id_: int, clock: Clock, *, is_whole: bool = False, accept_missing: bool = False
) -> Outcome | None:
    """One look at one source; None where it is declared no more."""
    with reading(engine) as session:
        state = okr_sources.state_of(session, id_)
        if state is None:
            return None
        source = source_of(state.definition)
        connection = connections.connection_named(session, vault, source.connection)
        held = plans.plan_with_values(session, clock())
    try:
        told = _look(source, connection, _seen(state, clock(), is_whole=is_whole), held, clock())
        return _taken_over(engine, state, source, told, clock(), accept_missing=accept_missing)
    except TrackerError as error:
        faults: tuple[str, ...] = (error.sentence,)
    except Refused as refused:
        faults = refused.faults
    with writing(engine) as session:
        okr_sources.note_faults(session, id_, clock(), faults, next_at=clock() + AFTER_A_FAULT)
        due.beat_for_pages(session, clock())
    return Outcome(source, faults=faults)


def _seen(state: SourceState, now: datetime, *, is_whole: bool) -> Seen:
    """What was seen last, unless everything is to be looked at again."""
    is_old = state.read_whole_at is None or now - state.read_whole_at >= WHOLE_EVERY
    return Seen("" if is_whole or is_old or state.faults or state.absent else state.digest, state.read_at)


def _look(source: Source, connection: Connection | None, seen: Seen, held: Plan, now: datetime) -> Told | None:
    if connection is None:
        sentence = f"There is no connection “{source.connection}”: connect it, or mend the register's sources."
        raise Misconfigured("unknown_connection", sentence)
    if connection.tracker != "jira":
        sentence = f"The connection “{source.connection}” is no Jira: mend the register's sources."
        raise Misconfigured("wrong_tracker", sentence)
    if source.kind == GOALS:
        from integration.trackers.jira.okr_goals import read_goals

        return read_goals(connection, source, held, now)
    from integration.trackers.jira.okr_issues import read_issues

    return read_issues(connection, source, seen, now)


def _taken_over(
    engine: Engine, state: SourceState, source: Source, told: Told | None, now: datetime, *, accept_missing: bool
) -> Outcome:
    if told is None:
        with writing(engine) as session:
            okr_sources.note_read(session, state.id, now, next_at=now + EVERY)
        return Outcome(source)
    with writing(engine) as session:
        held = plans.plan_in_force(session, now)
        part = build(told, source, held)
        # A first look gives other key results than the register had before; but none at all is a slip of the search.
        is_first = state.read_at is None and bool(told.key_results)
        absent = () if accept_missing or is_first else _absent(source, held, told)
        waiting = tuple(code for code in absent if code not in state.absent)
        _not_too_many(absent, held, source)
        if waiting:
            part = _with_absent(part, held, frozenset(waiting))
        moments = Moments(now, state.read_at, told.changed_at)
        # A value is no other version of the plan: else each one would have everything decided anew.
        changed = keep_part(session, source, without_values(part), moments, _reason(state, told))
        told_of = [one for one in part.key_results if one.code not in waiting]
        changed |= keep_values(session, source.place, told_of, now, is_whole=source.kind != GOALS)
        changed |= _keep_links(session, state, source, told, now)
        okr_sources.note_read(
            session,
            state.id,
            now,
            read_whole_at=now,
            digest=told.digest,
            absent=waiting,
            next_at=now + max(EVERY, REST_A_CALL * told.calls if source.kind == GOALS else EVERY),
            **({"changed_at": now} if changed else {}),
        )
        due.beat_for_pages(session, now)
    return Outcome(source, changed, (), len(part.objectives), len(part.key_results))


def _reason(state: SourceState, told: Told) -> str:
    if state.read_at is None:
        return "first look"
    return "changed there" if told.changed_at is None else f"changed there at {told.changed_at:%Y-%m-%d %H:%M} UTC"


def _keep_links(session: Session, state: SourceState, source: Source, told: Told, now: datetime) -> bool:
    if source.kind != GOALS:
        return False
    look = Look(source.connection, state.id, now, state.read_at)
    seen = [SeenLink(link.item, link.code, link.earliest) for link in told.links]
    if not keep_links(session, look, seen, told.links_unsure):
        return False
    due.note_everything(session, [source.connection], now)
    return True


# --- what is not seen any more


def _absent(source: Source, held: Plan, told: Told) -> tuple[str, ...]:
    """Key results that hold and were not told. What was moved goes by an earlier key."""
    mine = {one.id for one in held.objectives if source.is_of(one.team)}
    there = {fold(name) for one in told.key_results for name in (one.key, *one.aliases)}
    return tuple(one.code for one in held.key_results if one.objective in mine and fold(one.code) not in there)


def _not_too_many(absent: tuple[str, ...], held: Plan, source: Source) -> None:
    """Where much is absent at once, our account has lost sight of it more likely than it was deleted."""
    mine = {one.id for one in held.objectives if source.is_of(one.team)}
    number = sum(1 for one in held.key_results if one.objective in mine)
    if len(absent) > max(FEW, number // 3) or (absent and len(absent) == number):
        some = ", ".join(absent[:5])
        raise Misconfigured(
            "much_is_absent",
            f"{len(absent)} of {number} key results cannot be seen any more ({some}). Nothing was taken out: check "
            "that our account still sees them; if they are gone for good, run `tieline okrs sync --accept-missing`.",
        )


def _with_absent(part: Part, held: Plan, waiting: frozenset[str]) -> Part:
    """What was missed for the first time stays as it was: the tracker's index may lag."""
    kept = tuple(one for one in held.key_results if one.code in waiting)
    known = {one.id for one in part.objectives}
    above = {one.objective for one in kept} - known
    objectives = tuple(one for one in held.objectives if one.id in above)
    place = {one.code: number for number, one in enumerate(held.key_results)}
    in_order = sorted((*part.key_results, *kept), key=lambda one: place.get(one.code, len(place)))
    return replace(part, objectives=(*part.objectives, *objectives), key_results=tuple(in_order))
