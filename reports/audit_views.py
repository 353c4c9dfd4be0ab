"""The audit of epics: those that serve no key result, or not clearly one, by cost; filtered, sorted, and with the key
results that each probably serves."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from integration.store import audit_reads, page_reads, reads, saved_views
from integration.store.audit_reads import Now
from integration.store.opened import Store
from integration.store.reads import KeptFinding
from integration.store.saved_views import SavedView
from mappings.exact import exact_number
from mappings.likely import Around, Likely, likely_key_results
from mappings.model import Exact, Measure
from mappings.tags import LiveTime, Register
from reports.addresses import safe_link
from reports.figure_words import amount_words
from reports.finding_pages import LIVING
from reports.finding_views import OF_EPICS, TITLES, FindingView, finding_views
from reports.views import Ground, ground_of, waits_for

PAGE = "epics"  # as saved views name it
UNTAGGED = "untagged_backlog"
KINDS = (*OF_EPICS[:1], UNTAGGED, *OF_EPICS[1:])
SORTS = {"cost": "cost", "age": "age", "left": "work left", "open": "open items", "key": "key"}
SHOWN = 50
NO_TEAM = "-"
_CAN_SERVE = frozenset(KINDS) - {"hidden_epic"}
_HOUR = 3600
_LONGEST = 200  # signs of a filter


@dataclass(frozen=True, slots=True)
class AuditAsked:
    """What the address asks for; what makes no sense there is not asked for."""

    team: str = ""
    connection: str = ""
    kind: str = ""
    state: str = ""
    age: int = 0  # days, at least
    size: int = 0  # work left, at least; hours of times
    text: str = ""
    sort: str = "cost"
    page: int = 1

    @property
    def query(self) -> str:
        """The filters and the order as an address names them."""
        sort = "" if self.sort == "cost" else self.sort
        named: dict[str, str | int] = {"team": self.team, "connection": self.connection, "kind": self.kind}
        named |= {"state": self.state, "age": self.age, "size": self.size, "text": self.text, "sort": sort}
        return urlencode({name: value for name, value in named.items() if value})

    @property
    def is_filtered(self) -> bool:
        return replace(self, sort="cost", page=1) != AuditAsked()

    def at_page(self, page: int) -> str:
        return "&".join(part for part in (self.query, f"page={page}") if part)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An epic to look at; `finding` is 0 where one finding names all the epics of a backlog together."""

    kind: str
    connection: str
    key: str
    title: str
    href: str | None  # in the tracker
    team: str | None
    teams: tuple[str, ...]  # its own, else those of the work below it
    age_days: int | None
    open_items: int
    remaining: str
    total: str
    share: float  # of the running sprints' work
    exact: tuple[Exact, Exact]  # remaining and total
    severity: str
    state: str
    suggestion: str
    finding: int
    items: tuple[str, ...]  # counted ones below
    parent: str | None
    likely: tuple[Likely, ...] = ()

    @property
    def numbers(self) -> tuple[float, float]:
        """Remaining and total, to sort by."""
        return float(self.exact[0]), float(self.exact[1])

    @property
    def name(self) -> str:
        """What a form calls it."""
        return f"{self.connection}/{self.key}"


@dataclass(frozen=True, slots=True)
class AuditPage:
    ground: Ground
    asked: AuditAsked
    rows: tuple[AuditRow, ...]  # of this page
    matching: int
    number: int  # without the filters
    kinds: tuple[tuple[str, str, int], ...]  # kind, its title, how many in all
    teams: tuple[str, ...]
    views: tuple[SavedView, ...]
    untagged: tuple[FindingView, ...]
    waits_for: str

    @property
    def pages(self) -> int:
        return max(1, -(-self.matching // SHOWN))

    @property
    def has_time(self) -> bool:
        return self.ground.measure not in ("points", "count")


def asked_of(args: Mapping[str, str]) -> AuditAsked:
    given = ((name, _printable(args.get(name, ""))[:_LONGEST]) for name in ("team", "connection", "text"))
    texts = {name: " ".join(text.split()) for name, text in given}
    kind, state, sort = args.get("kind", ""), args.get("state", ""), args.get("sort", "")
    return AuditAsked(
        team=texts["team"],
        connection=texts["connection"],
        kind=kind if kind in KINDS else "",
        state=state if state in LIVING else "",
        age=_number(args.get("age", "")),
        size=_number(args.get("size", "")),
        text=texts["text"],
        sort=sort if sort in SORTS else "cost",
        page=max(1, _number(args.get("page", ""))),
    )


def audit_page(store: Store, now: datetime, asked: AuditAsked) -> AuditPage:
    with store.reading() as session:
        ground, awaited = ground_of(session, now), waits_for(session)
        views = saved_views.saved_views(session, PAGE)
        every, untagged = _rows(session, ground, now)
        matching = _asked_for(session, ground, every, asked)
        last = max(1, -(-len(matching) // SHOWN))
        asked = replace(asked, page=min(asked.page, last))
        shown = _with_teams(session, matching[(asked.page - 1) * SHOWN :][:SHOWN])
        rows = _with_likely(session, ground, shown, now)
    return AuditPage(
        ground=ground,
        asked=asked,
        rows=rows,
        matching=len(matching),
        number=len(every),
        kinds=tuple((kind, TITLES[kind], n) for kind in KINDS if (n := sum(1 for row in every if row.kind == kind))),
        teams=_team_names(ground, every),
        views=views,
        untagged=untagged,
        waits_for=awaited,
    )


def all_rows(store: Store, now: datetime, asked: AuditAsked) -> tuple[Ground, tuple[AuditRow, ...]]:
    """Every row that the filters leave, in their order."""
    with store.reading() as session:
        ground = ground_of(session, now)
        every, _ = _rows(session, ground, now)
        return ground, tuple(_with_teams(session, _asked_for(session, ground, every, asked)))


def chosen_rows(store: Store, now: datetime, names: Iterable[str]) -> tuple[Ground, tuple[AuditRow, ...]]:
    """The rows that a form names, by cost; those that are not there any more are left out."""
    wanted = frozenset(names)
    ground, every = all_rows(store, now, AuditAsked())
    return ground, tuple(row for row in every if row.name in wanted)


def likely_of(store: Store, now: datetime, names: Iterable[str]) -> dict[str, tuple[Likely, ...]]:
    """The key results that these epics probably serve, by the epic's name."""
    ground, rows = chosen_rows(store, now, names)
    with store.reading() as session:
        return {row.name: row.likely for row in _with_likely(session, ground, rows, now)}


# --- rows


def _rows(session: Any, ground: Ground, now: datetime) -> tuple[list[AuditRow], tuple[FindingView, ...]]:
    found = reads.open_findings(session, states=LIVING)
    views = finding_views(session, [one for one in found if one.kind in KINDS], ground)
    keys: dict[str, set[str]] = {}
    for view in views:
        keys.setdefault(view.finding.connection, set()).update(key for key, _ in _epics_of(view.finding))
    about = {name: audit_reads.items_now(session, name, some) for name, some in keys.items()}
    untagged = tuple(view for view in views if view.finding.kind == UNTAGGED)
    titles = {
        view.finding.connection: page_reads.items_named(session, view.finding.connection, keys[view.finding.connection])
        for view in untagged
    }
    rows = []
    for view in views:
        connection = view.finding.connection
        for key, evidence in _epics_of(view.finding):
            item = view.item if view.finding.kind != UNTAGGED else titles[connection].get(key)
            row = _row(view.finding, key, evidence, about[connection].get(key), ground.measure, now)
            if item is not None:
                row = replace(row, title=item.title, href=safe_link(item.url))
            rows.append(row)
    return rows, untagged


def _epics_of(finding: KeptFinding) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if finding.kind == UNTAGGED:
        for epic in finding.evidence["epics"]:
            yield epic["epic"], epic
    else:
        yield finding.subject, finding.evidence


def _row(
    finding: KeptFinding, key: str, evidence: Mapping[str, Any], item: Now | None, measure: str, now: datetime
) -> AuditRow:
    remaining, total = exact_number(evidence["remaining"]), exact_number(evidence["total"])
    share = float(evidence["active_sprint_share"])
    is_one_of_many = finding.kind == UNTAGGED
    return AuditRow(
        kind=finding.kind,
        connection=finding.connection,
        key=key,
        title="",
        href=None,
        team=None if item is None else item.team,
        teams=() if item is None or item.team is None else (item.team,),
        age_days=None if item is None else (now - item.created).days,
        open_items=evidence["open_items"],
        remaining=_bare(remaining, measure),
        total=_bare(total, measure),
        share=share,
        exact=(remaining, total),
        severity=_by_cost(share) if is_one_of_many else finding.severity,
        state=finding.state,
        suggestion=finding.suggestion,
        finding=0 if is_one_of_many else finding.id,
        items=tuple(evidence["items"]),
        parent=None if item is None else item.parent,
    )


def _by_cost(share: float) -> str:
    return "high" if share >= 0.1 else "medium" if share else "low"


def _bare(value: Any, measure: str) -> str:
    return amount_words(value, Measure(measure)).rsplit(" ", 1)[0]


def _cost(row: AuditRow) -> tuple[Any, ...]:
    return (-row.share, -row.numbers[0], row.key, row.connection)


_ORDER: Mapping[str, Any] = {
    "cost": _cost,
    "age": lambda row: (-(row.age_days or 0), *_cost(row)),
    "left": lambda row: (-row.numbers[0], *_cost(row)),
    "open": lambda row: (-row.open_items, *_cost(row)),
    "key": lambda row: (row.key, row.connection),
}


# --- filters


def _asked_for(session: Any, ground: Ground, rows: Iterable[AuditRow], asked: AuditAsked) -> list[AuditRow]:
    """The rows that the filters leave, in their order."""
    known = _with_teams(session, rows) if asked.team else rows
    return sorted(_matching(known, ground, asked), key=_ORDER[asked.sort])


def _with_teams(session: Any, rows: Iterable[AuditRow]) -> list[AuditRow]:
    """An epic is seldom on a board: where nothing says whose it is, the work below it does."""
    rows = list(rows)
    below: dict[str, set[str]] = {}
    for row in rows:
        if row.team is None:
            below.setdefault(row.connection, set()).update(row.items)
    items = {name: audit_reads.items_now(session, name, keys) for name, keys in below.items()}
    return [row if row.team is not None else replace(row, teams=_teams_in(items[row.connection], row)) for row in rows]


def _teams_in(items: Mapping[str, Now], row: AuditRow) -> tuple[str, ...]:
    found = {items[key].team for key in row.items if key in items}
    return tuple(sorted(team for team in found if team is not None))


def _matching(rows: Iterable[AuditRow], ground: Ground, asked: AuditAsked) -> Iterator[AuditRow]:
    teams = Register(ground.plan).subteams(asked.team) if asked.team not in ("", NO_TEAM) else frozenset()
    least = asked.size * (1 if ground.measure in ("points", "count") else _HOUR)
    for row in rows:
        whose = not row.teams if asked.team == NO_TEAM else not teams or not teams.isdisjoint(row.teams)
        whose = whose and asked.connection in ("", row.connection)
        is_wanted = whose and asked.kind in ("", row.kind) and asked.state in ("", row.state)
        if is_wanted and (row.age_days or 0) >= asked.age and row.numbers[0] >= least and _holds(row, asked.text):
            yield row


def _holds(row: AuditRow, text: str) -> bool:
    return text.casefold() in f"{row.key} {row.title} {row.connection}".casefold()


def _team_names(ground: Ground, rows: Iterable[AuditRow]) -> tuple[str, ...]:
    named = {team.name for team in ground.plan.teams} | {row.team for row in rows if row.team is not None}
    return tuple(sorted(named | {one.team for one in ground.plan.objectives}, key=str.casefold))


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _number(text: str) -> int:
    return min(int(text), 1_000_000) if text.isascii() and text.isdigit() and len(text) < 10 else 0


# --- likely key results


def _with_likely(session: Any, ground: Ground, rows: Iterable[AuditRow], now: datetime) -> tuple[AuditRow, ...]:
    rows = tuple(rows)
    register = Register(ground.plan)
    found: dict[str, AuditRow] = {}
    for connection in {row.connection for row in rows}:
        known = ground.key_results_of(connection)
        live = [kr for kr in known if register.is_live(kr.code, LiveTime(now, None))]
        if not live:
            continue
        mine = [row for row in rows if row.connection == connection and row.kind in _CAN_SERVE]
        for row, around in _around(session, register, connection, mine, now):
            found[row.name] = replace(row, likely=likely_key_results(row.title, around, live))
    return tuple(found.get(row.name, row) for row in rows)


def _around(
    session: Any, register: Register, connection: str, rows: list[AuditRow], now: datetime
) -> Iterator[tuple[AuditRow, Around]]:
    beside = audit_reads.keys_beside(session, connection, {row.parent for row in rows if row.parent is not None})
    keys = {key for row in rows for key in row.items} | {key for some in beside.values() for key in some}
    items = audit_reads.items_now(session, connection, keys)
    for row in rows:
        others = [key for key in beside.get(row.parent or "", ()) if key != row.key]
        siblings = [key for key in others if key in items and items[key].parent == row.parent]
        yield row, Around(_by_code(register, row.items, items, now), _by_code(register, siblings, items, now))


def _by_code(
    register: Register, keys: Iterable[str], items: Mapping[str, Now], now: datetime
) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for key in keys:
        item = items.get(key)
        if item is not None and item.tags:
            targets, _ = register.targets(item.tags, LiveTime(now, None), item.team)
            for target in targets:
                if isinstance(target, str):
                    found.setdefault(target, []).append(key)
    return {code: tuple(some) for code, some in found.items()}
