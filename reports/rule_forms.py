"""From a form to a mapping rule: checked as one of the register's file is, and refused with sentences."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from integration.files import conditions
from integration.files.faults import Wrong
from mappings.model import MappingRule, When
from mappings.tags import DeadTag, LiveTime, Register
from reports.finding_pages import LONGEST_REASON, WrongAct
from reports.rule_words import KINDS, PLACES

LONGEST = 500  # signs of a value
LONGEST_JSON = 10_000


@dataclass(frozen=True, slots=True)
class Desk:
    """What a form is read with: the register that holds, and today."""

    register: Register
    time: LiveTime
    today: date


def rule_in(form: Mapping[str, str], desk: Desk) -> MappingRule:
    """The rule that a form holds; raise `WrongAct` with what is wrong and the mend."""
    since, until = day_in(form, "from"), day_in(form, "until")
    if since is not None and until is not None and until < since:
        raise WrongAct("The last day lies before the first one: mend one of them.")
    if until is not None and until < desk.today:
        raise WrongAct("The last day is over: name one to come, or none.")
    reason = line(form.get("reason", ""))
    if len(reason) > LONGEST_REASON:
        raise WrongAct(f"Say the reason in at most {LONGEST_REASON} signs.")
    given = _gives(form, desk)
    if not given and not reason:
        raise WrongAct("Say why this work lies outside the OKRs: receipts show the reason.")
    return MappingRule(_when(form), given, reason or None, since, until)


def form_with(conditions: str, given: Mapping[str, str]) -> dict[str, str]:
    """The form that says the same: conditions as JSON; a rule that names no key results exempts."""
    form = {name: given.get(name) or "" for name in ("key_results", "reason", "from", "until")}
    return {**form, "json": conditions, "then": "serves" if form["key_results"].strip() else "exempt"}


def why_in(form: Mapping[str, str]) -> str:
    why = line(form.get("why", ""))
    if not why:
        raise WrongAct("Say why you change the rules: it is kept with your name.")
    if len(why) > LONGEST_REASON:
        raise WrongAct(f"Say it in at most {LONGEST_REASON} signs.")
    return why


def day_in(form: Mapping[str, str], name: str) -> date | None:
    text = form.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongAct("Write a day such as 2026-03-31.") from None


def line(text: str) -> str:
    """One line of what can be printed."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _when(form: Mapping[str, str]) -> When:
    typed = form.get("json", "").strip()
    try:
        return conditions.when(_data(typed) if typed else _parts(form))
    except Wrong as wrong:
        raise WrongAct(f"The conditions: {'; '.join(fault.line for fault in wrong.faults)}.") from None


def _data(text: str) -> object:
    if len(text) > LONGEST_JSON:
        raise WrongAct(f"The conditions: write them in at most {LONGEST_JSON} signs.")
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        raise WrongAct('The conditions: this is not JSON such as {"label": "support"}.') from None
    return _clean(found)


def _clean(value: object) -> object:
    """No text holds signs that cannot be printed: not every database keeps them."""
    if isinstance(value, str):
        return line(value)[:LONGEST]
    if isinstance(value, list):
        return [_clean(part) for part in value]
    return {line(key): _clean(part) for key, part in value.items()} if isinstance(value, dict) else value


def _parts(form: Mapping[str, str]) -> dict[str, object]:
    parts: list[dict[str, object]] = []
    for place in PLACES:
        kind, value = form.get(f"kind{place}", ""), line(form.get(f"value{place}", ""))[:LONGEST]
        if kind not in KINDS or not value:
            continue
        name = line(form.get(f"name{place}", ""))[:LONGEST]
        if kind == "field" and not name:
            raise WrongAct("Name the field whose value it is.")
        parts.append({kind: {"name": name, "value": value} if kind == "field" else value})
    if not parts:
        raise WrongAct("Say at least one thing that the items have: choose it and give its value.")
    return parts[0] if len(parts) == 1 else {"any" if form.get("join") == "any" else "all": parts}


def _gives(form: Mapping[str, str], desk: Desk) -> tuple[str, ...]:
    if form.get("then") == "exempt":
        return ()
    text = line(form.get("key_results", ""))[: LONGEST * 4]
    named = desk.register.names((text,)) if text else ()
    if not named:
        raise WrongAct("Name the key results that the work serves, such as KR-1:70, KR-2:30.")
    for tag in named:
        targets, is_none = desk.register.targets((tag.name,), desk.time, None)
        if is_none or any(isinstance(target, DeadTag) and target.why == "unknown" for target in targets):
            raise WrongAct(f"“{tag.name}” names no key result of the register.")
    if sum((tag.weight for tag in named if tag.weight is not None), 0) > 100:
        raise WrongAct("The weights sum to more than 100: make them at most 100.")
    return (text,)
