"""What the page of mapping rules shows: those that hold, in the order in which they are tried, and whence they are."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from integration.store import audit_reads, connections, made_rules, plans
from integration.store.made_rules import MadeRule
from integration.store.opened import Store
from integration.store.plan_documents import rule_document
from integration.store.plans import PlanVersion
from mappings.foresight import keys_named
from mappings.model import MappingRule
from mappings.tags import LiveTime, Register
from reports.rule_forms import Desk
from reports.rule_words import days_words, gives_words, when_words
from reports.views import Ground, ground_of


@dataclass(frozen=True, slots=True)
class RuleLine:
    """`number` is that of a rule made here, 0 of one of the file."""

    number: int
    when: str
    gives: str
    is_exempt: bool
    days: str
    is_over: bool  # outside of its days now
    reason: str
    made: MadeRule | None = None


@dataclass(frozen=True, slots=True)
class RulesPage:
    ground: Ground
    made: tuple[RuleLine, ...]
    of_file: tuple[RuleLine, ...]
    ended: tuple[RuleLine, ...]
    version: PlanVersion | None  # of the register, whose rules are those of the file


@dataclass(frozen=True, slots=True)
class RulePage:
    """One rule that is to be made, edited or ended."""

    ground: Ground
    desk: Desk
    rule: MadeRule | None
    line: RuleLine | None


def rules_page(store: Store, now: datetime) -> RulesPage:
    with store.reading() as session:
        ground = ground_of(session, now)
        made = made_rules.made_rules(session)
        held = [one for one in plans.plan_versions(session) if one.plan.since is None or one.plan.since <= now]
    version = held[-1] if held else None
    of_file = version.plan.rules if version is not None else ()
    return RulesPage(
        ground=ground,
        made=tuple(_made_line(one, ground, now) for one in made if one.ended_at is None),
        of_file=tuple(line_of(rule, ground, now) for rule in of_file),
        ended=tuple(sorted(_ended(made, ground, now), key=_end, reverse=True)),
        version=version,
    )


def rule_page(store: Store, now: datetime, number: int | None) -> RulePage | None:
    """The page of a rule that holds, or of a new one; None: no such rule holds."""
    with store.reading() as session:
        ground = ground_of(session, now)
        rule = None if number is None else made_rules.made_rule(session, number)
    if number is not None and (rule is None or rule.ended_at is not None):
        return None
    desk = Desk(Register(ground.plan), LiveTime(now, None), now.astimezone(ZoneInfo(ground.time_zone)).date())
    return RulePage(ground, desk, rule, None if rule is None else _made_line(rule, ground, now))


def line_of(rule: MappingRule, ground: Ground, now: datetime) -> RuleLine:
    day = now.astimezone(ZoneInfo(ground.time_zone)).date()
    is_over = (rule.since is not None and day < rule.since) or (rule.until is not None and day > rule.until)
    return RuleLine(
        0, when_words(rule.when), gives_words(rule), rule.is_exempt, days_words(rule), is_over, rule.reason or ""
    )


def teams_of_rules(store: Store, ground: Ground, rules: Iterable[MappingRule]) -> tuple[frozenset[str], ...] | None:
    """Of each item that the rules name by key: its team and those above; None: a rule may match anybody's work."""
    named = [keys_named(rule.when) for rule in rules]
    if None in named:
        return None
    keys = {key for some in named for key in some or ()}
    register = Register(ground.plan)
    with store.reading() as session:
        found = [_teams(session, name, keys) for name in connections.connection_names(session)]
    teams = {(key, team) for some in found for key, team in some.items()}
    unknown = keys - {key for key, _ in teams}
    return (
        *(frozenset(register.teams_above(team)) for _, team in sorted(teams, key=str)),
        *(frozenset() for _ in unknown),
    )


def seen_mark(rule: MappingRule | None) -> str:
    """Names what a preview showed, so that nothing else is kept by its button."""
    document = "" if rule is None else json.dumps(rule_document(rule), sort_keys=True)
    return hashlib.sha256(document.encode()).hexdigest()[:16]


def _teams(session: Any, connection: str, keys: set[str]) -> dict[str, str | None]:
    found = audit_reads.items_now(session, connection, keys | {key.upper() for key in keys})
    return {key: found[name].team for key in keys for name in (key, key.upper()) if name in found}


def _made_line(one: MadeRule, ground: Ground, now: datetime) -> RuleLine:
    found = line_of(one.rule, ground, now)
    return RuleLine(one.id, found.when, found.gives, found.is_exempt, found.days, found.is_over, found.reason, made=one)


def _ended(made: Iterable[MadeRule], ground: Ground, now: datetime) -> Iterable[RuleLine]:
    return (_made_line(one, ground, now) for one in made if one.ended_at is not None)


def _end(line: RuleLine) -> tuple[Any, int]:
    assert line.made is not None
    return line.made.ended_at, line.number
