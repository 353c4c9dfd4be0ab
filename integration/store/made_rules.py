"""Mapping rules that people made in Tieline: a layer of their own above the versions of the register.

They are joined into the plans where these are read, each from the moment it was made until it was ended, before the
rules of the file. So a file that is applied later, with whatever moment, takes none of them away, and what is closed
keeps the rules that held at its completion.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from integration.store import due
from integration.store.acts import note_act
from integration.store.plan_documents import rule_document, rule_of
from integration.store.rule_tables import MadeRuleRow
from integration.store.tables import ConnectionRow
from mappings.model import MappingRule, Plan
from mappings.tags import fold


@dataclass(frozen=True, slots=True)
class MadeRule:
    """`first` is the number of the rule that this one goes on from, its own if it is none's successor."""

    id: int
    first: int
    rule: MappingRule
    made_at: datetime
    made_by: str
    why: str
    ended_at: datetime | None = None
    ended_by: str | None = None
    ended_why: str | None = None

    def holds_at(self, moment: datetime) -> bool:
        return self.made_at <= moment and (self.ended_at is None or moment < self.ended_at)


@dataclass(frozen=True, slots=True)
class Deed:
    """Who does something to rules, when and why."""

    actor: str
    now: datetime
    why: str


def made_rules(session: Session) -> tuple[MadeRule, ...]:
    """All that were ever made, in the order in which they are tried: the latest first; an edited one keeps its turn."""
    found = [_made(row) for row in session.scalars(select(MadeRuleRow))]
    return tuple(sorted(found, key=lambda one: (-one.first, -one.id)))


def made_rule(session: Session, number: int) -> MadeRule | None:
    row = session.get(MadeRuleRow, number)
    return None if row is None else _made(row)


def make_rules(session: Session, rules: Iterable[MappingRule], deed: Deed) -> tuple[int, ...]:
    """Keep rules that hold from now on, the first of them tried first."""
    numbers = [_keep(session, rule, None, deed) for rule in reversed(list(rules))]
    _note_plan_changed(session, deed.now)
    return tuple(reversed(numbers))


def edit_rule(session: Session, number: int, rule: MappingRule, deed: Deed) -> int | None:
    """Let another take the place of a rule; None: that one does not hold any more."""
    row = _holding(session, number)
    if row is None:
        return None
    _end(session, row, deed)
    made = _keep(session, rule, row.first or number, deed, "edited_rule")
    _note_plan_changed(session, deed.now)
    return made


def end_rule(session: Session, number: int, deed: Deed) -> bool:
    """Let a rule hold no more from now on; False: it does not hold."""
    row = _holding(session, number)
    if row is None:
        return False
    _end(session, row, deed)
    note_act(session, deed.now, deed.actor, "ended_rule", f"rule {number}", deed.why)
    _note_plan_changed(session, deed.now)
    return True


# --- joined into the plan


def with_made_rules(
    session: Session, plans: Sequence[Plan], *, foreign: frozenset[str] = frozenset()
) -> tuple[Plan, ...]:
    """The versions with the rules that were made beside them, one more for each moment at which such rules changed.
    Rules that name a `foreign` key result, by its folded code, are about other plans."""
    made = tuple(one for one in made_rules(session) if not foreign.intersection(_codes(one.rule)))
    if not made:
        return tuple(plans)
    moments = sorted({moment for one in made for moment in (one.made_at, one.ended_at) if moment is not None})
    joined: list[Plan] = []
    for plan, over in zip(plans, [*(later.since for later in plans[1:]), None], strict=True):
        first = 0 if plan.since is None else bisect_right(moments, plan.since)
        starts = [moment for moment in moments[first:] if over is None or moment < over]
        joined += [_joined(plan, made, since) for since in (plan.since, *starts)]
    return tuple(joined)


def _codes(rule: MappingRule) -> Iterator[str]:
    return (fold(tag.rpartition(":")[0] or tag) for tag in rule.key_results) if rule.key_results else iter(())


def _joined(plan: Plan, made: Iterable[MadeRule], since: datetime | None) -> Plan:
    rules = () if since is None else tuple(one.rule for one in made if one.holds_at(since))
    return replace(plan, since=since, rules=(*rules, *plan.rules))


# --- rows


def _keep(session: Session, rule: MappingRule, first: int | None, deed: Deed, act: str = "made_rule") -> int:
    document = rule_document(replace(rule, author=deed.actor))
    row = MadeRuleRow(first=first, document=document, made_at=deed.now, made_by=deed.actor, why=deed.why)
    session.add(row)
    session.flush()
    assert row.id is not None
    note_act(session, deed.now, deed.actor, act, f"rule {row.id}", deed.why, detail=document)
    return row.id


def _holding(session: Session, number: int) -> MadeRuleRow | None:
    row = session.get(MadeRuleRow, number, with_for_update=True)
    return None if row is None or row.ended_at is not None else row


def _end(session: Session, row: MadeRuleRow, deed: Deed) -> None:
    row.ended_at, row.ended_by, row.ended_why = deed.now, deed.actor, deed.why
    session.add(row)


def _note_plan_changed(session: Session, now: datetime) -> None:
    due.note_everything(session, session.scalars(select(col(ConnectionRow.id))).all(), now)
    due.beat_for_pages(session, now)


def _made(row: MadeRuleRow) -> MadeRule:
    assert row.id is not None
    return MadeRule(
        id=row.id,
        first=row.first or row.id,
        rule=rule_of(row.document),
        made_at=row.made_at,
        made_by=row.made_by,
        why=row.why,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        ended_why=row.ended_why,
    )
