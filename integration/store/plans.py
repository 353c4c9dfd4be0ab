"""Versions of register, rules and settings: each one document, holding from its moment, with who applied it and why.

What is read for figures and pages has the values of check-ins and the rules made in Tieline joined in; what is changed
and kept anew has not.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from integration.store import due
from integration.store.check_ins import with_check_ins
from integration.store.made_rules import with_made_rules
from integration.store.plan_documents import plan_document, plan_of
from integration.store.tables import ConnectionRow, PlanRow
from mappings.model import Plan


@dataclass(frozen=True, slots=True)
class PlanVersion:
    id: int
    plan: Plan
    author: str | None
    reason: str | None
    applied_at: datetime


def plan_versions(session: Session) -> tuple[PlanVersion, ...]:
    """Which versions are there? In the order in which they hold; of one moment the last applied counts."""
    found: dict[datetime | None, PlanVersion] = {}
    for row in session.scalars(select(PlanRow).order_by(col(PlanRow.applied_at), col(PlanRow.id))):
        assert row.id is not None
        plan = replace(plan_of(row.document), since=row.since)
        found[row.since] = PlanVersion(row.id, plan, row.author, row.reason, row.applied_at)
    return tuple(sorted(found.values(), key=lambda version: (version.plan.since is not None, version.plan.since)))


def versions(session: Session) -> tuple[Plan, ...]:
    """The plans as the core wants them, with the values of check-ins and the rules made in Tieline: the first holds
    from always; without any, an empty one."""
    return with_check_ins(session, with_made_rules(session, _as_stored(session)))


def _as_stored(session: Session) -> tuple[Plan, ...]:
    plans = tuple(version.plan for version in plan_versions(session))
    if not plans:
        return (Plan(),)
    return (replace(plans[0], since=None), *plans[1:])


def plan_in_force(session: Session, moment: datetime) -> Plan:
    """The version that holds, as it was applied: without the values of check-ins and the rules made in Tieline."""
    return next(plan for plan in reversed(_as_stored(session)) if plan.since is None or plan.since <= moment)


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
) -> int | None:
    """Keep a new version, holding from `since` (now, where not stated; the first one from always); all answers are due.

    None: nothing was written, for it is the very plan that holds already.
    """
    known = plan_versions(session)
    document = plan_document(plan)
    if known and since is None and plan_document(plan_in_force(session, now)) == document:
        return None
    return keep_version(session, plan, (since or now) if known else None, now, author=author, reason=reason)


def keep_version(
    session: Session, plan: Plan, since: datetime | None, now: datetime, *, author: str, reason: str | None = None
) -> int | None:
    """Keep a version that holds from `since` (None: from always), in place of one from that very moment."""
    row = PlanRow(since=since, document=plan_document(plan), author=author, reason=reason, applied_at=now)
    session.add(row)
    session.flush()
    due.note_everything(session, session.scalars(select(col(ConnectionRow.id))).all(), now)
    return row.id
