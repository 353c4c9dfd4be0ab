"""Forgetting a connection; with a file goes what people added to the plan that it brought."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session

from integration.store import imported_files, made_rules, plans
from integration.store.acts import note_act
from integration.store.engine import reading, writing
from integration.store.forgetting import forget_rules, forget_said, keys_only_in
from integration.store.imported_files import ImportedFile
from integration.store.removal import remove_connection
from mappings.model import Condition, MappingRule, Not, When
from mappings.tags import fold

_ITEMS = frozenset({"key", "ancestor", "parent"})


def forget(engine: Engine, name: str, now: datetime, *, actor: str, reason: str) -> None:
    """Forget it; if it is a file with its own OKRs, their check-ins, and the rules about its items and key results."""
    with reading(engine) as session:
        file = imported_files.imported_file(session, name)
    if file is not None:
        _forget_what_was_added(engine, file, now, actor, reason)
    remove_connection(engine, name, now, actor=actor, reason=reason)


def _forget_what_was_added(engine: Engine, file: ImportedFile, now: datetime, actor: str, reason: str) -> None:
    name = file.connection
    with writing(engine) as session:
        if file.is_sample:
            note_act(session, now, actor, "sample_removed", name, reason)
        codes, keys = _own_codes(session, name), keys_only_in(session, name)
        forget_said(session, codes)
        rules = [one.id for one in made_rules.made_rules(session) if _is_about(one.rule, keys, codes)]
        forget_rules(session, rules, now)


def _own_codes(session: Session, name: str) -> frozenset[str]:
    """Those of its key results that no version of the register knows."""
    own = {kr.code for version in plans.own_versions(session, name) for kr in version.plan.key_results}
    others = {fold(kr.code) for version in plans.plan_versions(session) for kr in version.plan.key_results}
    return frozenset(code for code in own if fold(code) not in others)


def _is_about(rule: MappingRule, keys: frozenset[str], codes: frozenset[str]) -> bool:
    given = {fold(tag.rpartition(":")[0] or tag) for tag in rule.key_results}
    is_of_its_plan = bool(given) and given <= {fold(code) for code in codes}
    return is_of_its_plan or not keys.isdisjoint(_items_named(rule.when))


def _items_named(when: When) -> Iterator[str]:
    if isinstance(when, Condition):
        if when.kind in _ITEMS:
            yield when.value
    elif isinstance(when, Not):
        yield from _items_named(when.condition)
    else:
        for part in when.conditions:
            yield from _items_named(part)
