"""Versions of register, rules and settings: each one document, holding from its moment, with who applied it and why.

What is read for figures and pages has the values of check-ins and the rules made in Tieline joined in; what is changed
and kept anew has not. A connection that is a file may have brought a plan of its own: its figures rest on that alone,
and those of no other connection on it; pages show both.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import Session, col

from integration.store import due
from integration.store.check_ins import with_check_ins
from integration.store.made_rules import with_made_rules
from integration.store.plan_documents import plan_document, plan_of
from integration.store.tables import ConnectionRow, PlanRow
from mappings.model import KeyResult, Plan
from mappings.tags import fold


@dataclass(frozen=True, slots=True)
class PlanVersion:
    id: int
    plan: Plan
    author: str | None
    reason: str | None
    applied_at: datetime


def plan_versions(session: Session, connection: str | None = None) -> tuple[PlanVersion, ...]:
    """Which versions are there? Those that the connection brought, else the register's, in the order in which they
    hold; of one moment the last applied counts."""
    own = () if connection is None else own_versions(session, connection)
    return own or _in_order(session.scalars(_OF_REGISTER))


def own_versions(session: Session, connection: str) -> tuple[PlanVersion, ...]:
    """Which versions did the connection bring itself?"""
    return _in_order(session.scalars(_ROWS.where(col(PlanRow.connection) == connection)))


def _in_order(rows: Iterable[PlanRow]) -> tuple[PlanVersion, ...]:
    found: dict[datetime | None, PlanVersion] = {}
    for row in rows:
        assert row.id is not None
        plan = replace(plan_of(row.document), since=row.since)
        found[row.since] = PlanVersion(row.id, plan, row.author, row.reason, row.applied_at)
    return tuple(sorted(found.values(), key=lambda version: (version.plan.since is not None, version.plan.since)))


_ROWS = select(PlanRow).order_by(col(PlanRow.applied_at), col(PlanRow.id))
_OF_REGISTER = _ROWS.where(col(PlanRow.connection).is_(None))


def versions(session: Session, connection: str | None = None) -> tuple[Plan, ...]:
    """The plans that the figures of a connection rest on, as the core wants them, with the values of check-ins and the
    rules made in Tieline: the first holds from always; without any, an empty one."""
    stored = _as_stored(session, connection)
    joined = with_made_rules(session, stored, foreign=_codes_of_others(session, stored))
    return with_check_ins(session, joined)


def _codes_of_others(session: Session, stored: Iterable[Plan]) -> frozenset[str]:
    """Key results that only other connections, or only the register, know: rules about them are not for these plans."""
    if session.scalar(select(col(PlanRow.id)).where(col(PlanRow.connection).is_not(None)).limit(1)) is None:
        return frozenset()
    everywhere = {fold(kr.code) for row in session.scalars(_ROWS) for kr in plan_of(row.document).key_results}
    return frozenset(everywhere - {fold(kr.code) for plan in stored for kr in plan.key_results})


def _as_stored(session: Session, connection: str | None = None) -> tuple[Plan, ...]:
    return _from_always(plan_versions(session, connection))


def _from_always(versions: tuple[PlanVersion, ...]) -> tuple[Plan, ...]:
    plans = tuple(version.plan for version in versions)
    if not plans:
        return (Plan(),)
    return (replace(plans[0], since=None), *plans[1:])


def plan_in_force(session: Session, moment: datetime, connection: str | None = None) -> Plan:
    """The version that holds, as it was applied: without the values of check-ins and the rules made in Tieline."""
    return _held(_as_stored(session, connection), moment)


def _held(stored: tuple[Plan, ...], moment: datetime) -> Plan:
    return next(plan for plan in reversed(stored) if plan.since is None or plan.since <= moment)


@dataclass(frozen=True, slots=True)
class AllPlans:
    """`plan` names all; `own`: the codes of the key results that a connection brought itself; `brought_by`: which
    connection those key results of `plan` are from that are not the register's."""

    plan: Plan
    own: Mapping[str, frozenset[str]]
    brought_by: Mapping[str, str]


def plan_of_all(session: Session, moment: datetime) -> Plan:
    return all_plans(session, moment).plan


def all_plans(session: Session, moment: datetime) -> AllPlans:
    """What pages name: the register that holds, and after it what connections brought beside it under other names.
    The settings are the register's; without one, those of the first such connection."""
    held = _held_by_connection(session, moment)
    first, *others = held.values() or (Plan(),)
    for plan in others:
        first = _beside(first, plan)
    own = {name: frozenset(kr.code for kr in plan.key_results) for name, plan in held.items() if name is not None}
    return AllPlans(first, own, _brought_by(held, first.key_results) if own else {})


def _brought_by(held: Mapping[str | None, Plan], shown: Iterable[KeyResult]) -> dict[str, str]:
    from_where: dict[KeyResult, str | None] = {}
    for name, plan in held.items():
        for kr in plan.key_results:
            from_where.setdefault(kr, name)
    return {kr.code: name for kr in shown if (name := from_where[kr]) is not None}


def own_plans(session: Session, moment: datetime) -> Iterator[tuple[str, Plan]]:
    """The plan that holds of each connection that brought one."""
    for name, plan in _held_by_connection(session, moment).items():
        if name is not None:
            yield name, plan


def _held_by_connection(session: Session, moment: datetime) -> dict[str | None, Plan]:
    """The plans that hold: the register's first, under None."""
    found: dict[str | None, list[PlanRow]] = {}
    for row in session.scalars(_ROWS):
        found.setdefault(row.connection, []).append(row)
    in_order = sorted(found, key=lambda name: (name is not None, name or ""))
    return {name: _held(_from_always(_in_order(found[name])), moment) for name in in_order}


def _beside(plan: Plan, other: Plan) -> Plan:
    """Whatever has a name that is taken stays out; rules are of their own connection."""
    teams = {fold(team.name) for team in plan.teams}
    cycles = {cycle.id for cycle in plan.cycles}
    ids = {fold(one.id) for one in plan.objectives}
    codes = {fold(kr.code) for kr in plan.key_results}
    objectives = tuple(one for one in other.objectives if fold(one.id) not in ids)
    named = {one.id for one in objectives}
    return replace(
        plan,
        teams=(*plan.teams, *(team for team in other.teams if fold(team.name) not in teams)),
        cycles=(*plan.cycles, *(cycle for cycle in other.cycles if cycle.id not in cycles)),
        objectives=(*plan.objectives, *objectives),
        key_results=(
            *plan.key_results,
            *(kr for kr in other.key_results if kr.objective in named and fold(kr.code) not in codes),
        ),
    )


def plan_with_values(session: Session, moment: datetime) -> Plan:
    """The version that holds, with the values of check-ins."""
    return with_check_ins(session, (plan_in_force(session, moment),))[0]


def apply_plan(
    session: Session,
    plan: Plan,
    now: datetime,
    *,
    author: str,
    reason: str | None = None,
    since: datetime | None = None,
    connection: str | None = None,
) -> int | None:
    """Keep a new version, holding from `since` (now, where not stated; the first one from always); all answers are due.
    `connection`: of what that one brought itself.

    None: nothing was written, for it is the very plan that holds already.
    """
    known = plan_versions(session) if connection is None else own_versions(session, connection)
    document = plan_document(plan)
    if known and since is None and plan_document(plan_in_force(session, now, connection)) == document:
        return None
    holds_from = (since or now) if known else None
    return keep_version(session, plan, holds_from, now, author=author, reason=reason, connection=connection)


def drop_own_plan(session: Session, connection: str, now: datetime) -> bool:
    """Let the connection rest on the register again; False: it did."""
    if not own_versions(session, connection):
        return False
    session.execute(delete(PlanRow).where(col(PlanRow.connection) == connection))
    due.note_everything(session, [connection], now)
    return True


def keep_version(
    session: Session,
    plan: Plan,
    since: datetime | None,
    now: datetime,
    *,
    author: str,
    reason: str | None = None,
    connection: str | None = None,
) -> int | None:
    """Keep a version that holds from `since` (None: from always), in place of one from that very moment."""
    row = PlanRow(
        connection=connection,
        since=since,
        document=plan_document(plan),
        author=author,
        reason=reason,
        applied_at=now,
    )
    session.add(row)
    session.flush()
    every = session.scalars(select(col(ConnectionRow.id))).all()
    due.note_everything(session, every if connection is None else [connection], now)
    return row.id
