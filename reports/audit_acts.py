"""What can be done about several epics or findings at once, each act looked at before it is done."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from integration.store import made_rules, page_reads, reads
from integration.store.made_rules import Deed
from integration.store.opened import Store
from integration.store.reads import KeptFinding
from mappings.foresight import Edit
from mappings.model import Condition, MappingRule
from mappings.tags import Register
from reports import access, finding_pages
from reports.audit_views import AuditRow, chosen_rows
from reports.finding_pages import LONGEST_REASON, WrongAct
from reports.finding_views import FindingView, finding_views
from reports.rule_forms import day_in, line
from reports.rule_preview import Effect, effects
from reports.views import Ground, ground_of

ACTS = {"exempt": "Exempt", "acknowledged": "Acknowledge", "muted": "Mute", "key_result": "Set a key result"}
MOST = 200  # epics or findings of one act
Check = Callable[[frozenset[str]], None]


@dataclass(frozen=True, slots=True)
class ChosenPage:
    """A look at what an act would do; `without` are epics that one finding of the whole backlog names."""

    ground: Ground
    act: str
    rows: tuple[AuditRow, ...]
    without: tuple[AuditRow, ...]
    effects: tuple[Effect, ...]
    today: date

    @property
    def tomorrow(self) -> date:
        return self.today + timedelta(days=1)

    @property
    def is_exempting(self) -> bool:
        return self.act == "exempt"


@dataclass(frozen=True, slots=True)
class ChosenFindings:
    """The same of findings that are named by their numbers."""

    ground: Ground
    act: str
    views: tuple[FindingView, ...]
    today: date

    @property
    def tomorrow(self) -> date:
        return self.today + timedelta(days=1)


def chosen_page(
    store: Store, now: datetime, act: str, names: Iterable[str], actor: str, check: Check | None = None
) -> ChosenPage:
    """Raise `WrongAct` where nothing, or too much, is chosen. `check` is asked whether these teams' work may be acted
    on; without it that is for the editors of each."""
    if act not in ACTS:
        raise WrongAct("Epics can be exempted, acknowledged, muted, or given a key result.")
    ground, rows = chosen_rows(store, now, names)
    if not rows:
        raise WrongAct("Choose at least one epic that is still in the list.")
    if len(rows) > MOST:
        raise WrongAct(f"Choose at most {MOST} epics at once.")
    _require(ground, rows, check or _editors)
    today = now.astimezone(ZoneInfo(ground.time_zone)).date()
    without = tuple(row for row in rows if not row.finding) if act in ("acknowledged", "muted") else ()
    found: tuple[Effect, ...] = ()
    if act == "exempt":
        found = effects(store, now, Edit(_exempting(rows, None, None, actor)))
    return ChosenPage(ground, act, rows, without, found, today)


def do(store: Store, now: datetime, page: ChosenPage, form: Mapping[str, str], actor: str) -> int:
    """Do what was looked at; say about how many epics. Raise `WrongAct` with what is missing."""
    if page.act != "exempt":
        return act_on_findings(store, now, [row.finding for row in page.rows if row.finding], page.act, form, actor)
    reason, until = reason_in(form), day_in(form, "until")
    if until is not None and until < page.today:
        raise WrongAct("That day is over: name one to come, or none.")
    with store.writing() as session:
        is_there = _exempted(session, now)
        rows = [row for row in page.rows if row.key not in is_there]
        if rows:
            made_rules.make_rules(session, _exempting(rows, reason, until, None), Deed(actor, now, reason))
    return len(rows)


def findings_chosen(store: Store, now: datetime, act: str, numbers: Iterable[int]) -> ChosenFindings:
    if act not in ("acknowledged", "muted"):
        raise WrongAct("Findings can be acknowledged or muted.")
    wanted = sorted(set(numbers))
    if not wanted or len(wanted) > MOST:
        raise WrongAct(f"Choose at least one finding and at most {MOST}.")
    with store.reading() as session:
        ground = ground_of(session, now)
        kept = [found[0] for number in wanted if (found := reads.finding(session, number)) is not None]
        kept = [finding for finding in kept if finding.state != "resolved"]
        for teams in teams_of_findings(session, ground, kept):
            access.require("editor", teams)
        views = finding_views(session, kept, ground)
    if not views:
        raise WrongAct("None of these findings is open any more.")
    return ChosenFindings(ground, act, views, now.astimezone(ZoneInfo(ground.time_zone)).date())


def act_on_findings(
    store: Store, now: datetime, numbers: Iterable[int], act: str, form: Mapping[str, str], actor: str
) -> int:
    typed = {"act": act, "reason": form.get("reason", ""), "until": form.get("until", "")}
    return sum(1 for number in numbers if finding_pages.act(store, now, number, typed, actor))


def teams_of_findings(session: Any, ground: Ground, findings: Iterable[KeptFinding]) -> set[frozenset[str]]:
    """The teams, with those above them, whose findings these are; each once."""
    register = Register(ground.plan)
    named = {finding_pages.team_of(session, register, finding) for finding in findings}
    return {frozenset(register.teams_above(team)) for team in named}


def reason_in(form: Mapping[str, str]) -> str:
    reason = line(form.get("reason", ""))
    if not reason:
        raise WrongAct("Say why: the reason is kept with your name, and receipts show it.")
    if len(reason) > LONGEST_REASON:
        raise WrongAct(f"Say it in at most {LONGEST_REASON} signs.")
    return reason


def _require(ground: Ground, rows: Iterable[AuditRow], check: Check) -> None:
    register = Register(ground.plan)
    for team in {row.team for row in rows}:
        check(frozenset(register.teams_above(team)))


def _editors(teams: frozenset[str]) -> None:
    access.require("editor", teams)


def _exempting(
    rows: Iterable[AuditRow], reason: str | None, until: date | None, author: str | None
) -> tuple[MappingRule, ...]:
    keys = dict.fromkeys(row.key for row in rows)
    return tuple(MappingRule(Condition("ancestor", key), reason=reason, until=until, author=author) for key in keys)


def _exempted(session: Any, now: datetime) -> frozenset[str]:
    """The epics that such a rule exempts already: a form that is sent twice makes one rule."""
    today = now.astimezone(ZoneInfo(page_reads.plan_of_now(session, now).settings.time_zone)).date()
    held = (one.rule for one in made_rules.made_rules(session) if one.holds_at(now))
    rules = (rule for rule in held if rule.is_exempt and (rule.until is None or rule.until >= today))
    return frozenset(
        rule.when.value for rule in rules if isinstance(rule.when, Condition) and rule.when.kind == "ancestor"
    )
