"""Types of items that are no work (test cases, risks, releases), chosen while connecting and kept in the register."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from integration.store import plans


@dataclass(frozen=True, slots=True)
class NotWork:
    """`has_register` False: nothing was applied yet. A first version would hold from always: people write it."""

    types: tuple[str, ...]
    has_register: bool


def held(session: Session, now: datetime) -> NotWork:
    """What holds now?"""
    has_register = bool(plans.plan_versions(session))
    return NotWork(plans.plan_in_force(session, now).settings.not_work, has_register)


def keep(
    session: Session, offered: Sequence[str], chosen: Collection[str], author: str, reason: str, now: datetime
) -> bool:
    """Let the chosen ones of those offered be no work from now on; say whether that was anything new."""
    before = held(session, now)
    kept = [name for name in before.types if name not in offered]
    types = tuple(dict.fromkeys([*kept, *(name for name in offered if name in chosen)]))
    if not before.has_register or set(types) == set(before.types):
        return False
    plan = plans.plan_in_force(session, now)
    changed = replace(plan, settings=replace(plan.settings, not_work=types), since=None)
    return plans.apply_plan(session, changed, now, author=author, reason=reason) is not None
