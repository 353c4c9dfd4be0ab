"""Making, editing and ending a mapping rule, by page or by API: who may, what moves, and that it is kept."""

from dataclasses import replace
from datetime import datetime

from integration.store import made_rules
from integration.store.made_rules import Deed
from integration.store.opened import Store
from mappings.foresight import Edit
from mappings.model import MappingRule
from reports import access
from reports.rule_preview import Effect, effects
from reports.rule_views import RulePage, teams_of_rules

ENDED = "This rule does not hold any more. Go back to the rules and look again."


def require(store: Store, page: RulePage, rule: MappingRule | None) -> None:
    """A rule by keys takes an editor of each item's team; one that may match anybody's work an admin."""
    rules = [one for one in (rule, page.rule.rule if page.rule is not None else None) if one is not None]
    teams = teams_of_rules(store, page.ground, rules)
    if teams is None:
        access.require("admin")
    for above in teams or ():
        access.require("editor", above)


def moved(store: Store, now: datetime, page: RulePage, rule: MappingRule | None, actor: str) -> tuple[Effect, ...]:
    """What it moves if it held from now on; without a rule, if the one of the page ended."""
    made = (replace(rule, author=actor),) if rule is not None else ()
    return effects(store, now, Edit(made, page.rule.rule if page.rule is not None else None))


def keep(store: Store, page: RulePage, rule: MappingRule, deed: Deed) -> int | None:
    """Keep a new rule, or one in the place of another; None: that one does not hold any more."""
    with store.writing() as session:
        if page.rule is None:
            return made_rules.make_rules(session, (rule,), deed)[0]
        return made_rules.edit_rule(session, page.rule.id, rule, deed)


def end(store: Store, number: int, deed: Deed) -> bool:
    with store.writing() as session:
        return made_rules.end_rule(session, number, deed)
