"""The sprint page: goal, bars by measure and scope, key results, items, findings, and what changed after the close."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from integration.store import overrulings, page_reads, reads
from integration.store.opened import Store
from integration.store.reads import OUTSIDE, BoardLine, ItemLine, SprintAnswer, SprintLine
from mappings.exact import exact_number
from mappings.model import Measure, Overruling
from reports import charts
from reports.addresses import receipt_address, safe_link
from reports.figure_words import amount_words, bare_reason
from reports.figures import OTHERS, Bar, Document, NamedKR, items_words, parts_of, total_words
from reports.finding_views import FindingView, finding_views
from reports.moved_links import MovedLink, moved_links
from reports.restated import Change, changes_of
from reports.scope_change import ScopeChange, scope_change, scope_chart
from reports.views import BARS, OTHER_SCOPES, SCOPES, Ground, chosen_measure, ground_of, sprint_bar
from reports.wording_views import WordingView, goal_view

CORRECTED = "corrected"
ALL_STATES = ("open", "acknowledged", "muted")


@dataclass(frozen=True, slots=True)
class Column:
    """The bars of one measure; `missing` says of a scope why it is not there."""

    measure: str
    bars: tuple[Bar, ...]
    missing: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """What a key result gets in one figure; None where the figure is not there."""

    percent: int
    amount: str
    between: str
    href: str


@dataclass(frozen=True, slots=True)
class PartRow:
    part: str
    name: str
    kr: NamedKR | None
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class OtherScope:
    label: str
    total: str
    items: int
    href: str


@dataclass(frozen=True, slots=True)
class Link:
    """Where a part of an item's work goes, and why."""

    part: str
    name: str
    weight: str  # in percent
    reason: str
    source: str | None


@dataclass(frozen=True, slots=True)
class ItemRow:
    key: str
    title: str
    type: str
    url: str | None
    value: str
    number: float  # to sort by
    imputed: bool
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Outside:
    """What was done outside sprints between two completions: beside the sprint, in none of its bars."""

    words: str
    bar: Bar


@dataclass(frozen=True, slots=True)
class SprintPage:
    ground: Ground
    sprint: SprintLine
    board: str
    url: str | None
    measure: str
    goal: Document
    wording: WordingView
    notes: tuple[str, ...]
    columns: tuple[Column, ...]
    heads: tuple[tuple[str, str], ...]  # of the table of key results: scope and measure
    parts: tuple[PartRow, ...]
    others: tuple[OtherScope, ...]
    outside: Outside | None
    items: tuple[ItemRow, ...]
    items_scope: str
    unestimated: str
    findings: tuple[FindingView, ...]
    corrected: tuple[tuple[Bar, Bar], ...]  # closed beside corrected, where they differ
    moved: tuple[MovedLink, ...]  # the items that make the difference
    changes: tuple[Change, ...]
    change: ScopeChange | None  # from committed to completed; None: nobody can know it
    waterfall: Markup | None  # the same as a chart
    decided_at: datetime


def sprint_page(store: Store, now: datetime, connection: str, sprint: str, measure: str | None) -> SprintPage | None:
    """None: there is no such sprint, or nothing was decided about it yet."""
    with store.reading() as session:
        ground = ground_of(session, now)
        chosen = chosen_measure(ground, measure)
        beside = _beside(ground, chosen)
        answer = reads.sprint_answer(session, connection, sprint, chosen)
        if answer is None:
            return None
        document_beside = _document_beside(session, connection, sprint, beside)
        raised = reads.open_findings(session, connection, subject=sprint, states=ALL_STATES)
        findings = finding_views(session, raised, ground)
        scope = _items_scope(answer.answer.document)
        receipt = answer.answer.document["receipts"].get(scope, [])
        lines = page_reads.items_named(session, connection, [line["item"] for line in receipt])
        boards = {board.id: board for board in reads.boards(session, connection)}
        said = overrulings.overrulings_of(session, connection)
        outside = reads.restatements(session, connection, OUTSIDE, sprint, chosen)
    document = answer.answer.document
    board = boards.get(answer.sprint.board)
    heads = (*((scope, chosen) for scope in BARS), ("final", beside))
    told: dict[str, Document] = {chosen: document}
    if document_beside is not None:
        told[beside] = document_beside
    bars = _bars(ground, answer.sprint, told)
    change = scope_change(connection, sprint, chosen, document)
    return SprintPage(
        ground=ground,
        sprint=answer.sprint,
        board=board.name if board is not None else answer.sprint.board,
        url=safe_link(answer.sprint.url),
        measure=chosen,
        goal=document["goal"],
        wording=_wording(ground, answer, board, said),
        notes=tuple(notes_of(document, answer.sprint)),
        columns=tuple(_column(one, answer.sprint.state, each, bars) for each, one in told.items()),
        heads=heads,
        parts=_part_rows(ground, bars, heads),
        others=tuple(_others(answer, chosen)),
        outside=_outside(ground, answer, chosen),
        items=tuple(_item_row(line, lines.get(line["item"]), chosen) for line in receipt),
        items_scope=scope,
        unestimated=_unestimated(document, chosen, ground.unestimated),
        findings=findings,
        corrected=_corrected(ground, answer, chosen),
        moved=_moved(answer, lines),
        changes=changes_of(ground, (*answer.restatements, *outside)),
        change=change,
        waterfall=charts.on_page(scope_chart(change)) if change is not None else None,
        decided_at=answer.answer.decided_at,
    )


def _document_beside(session: Any, connection: str, sprint: str, measure: str) -> Document | None:
    """What the bars of the other measure need. Where items are counted nothing is imputed: it needs no receipts."""
    if measure == Measure.COUNT:
        line = reads.sprint_line(session, connection, sprint, measure)
        return line.summary if line is not None else None
    answer = reads.sprint_answer(session, connection, sprint, measure)
    return answer.answer.document if answer is not None else None


def _wording(
    ground: Ground, answer: SprintAnswer, board: BoardLine | None, said: tuple[Overruling, ...]
) -> WordingView:
    """The goal of the figures, with what people say of it by now: that need not wait for the figures."""
    document = answer.answer.document
    team = document.get("team") or (board.team if board is not None else None)
    final = document["scopes"].get("final") or {"shares": ()}
    served = [part["key_result"] for part in final["shares"] if exact_number(part["amount"])]
    return goal_view(ground.plan, team, (document["id"], document["goal"]["text"] or ""), said, served)


def notes_of(document: Document, sprint: SprintLine) -> Iterator[str]:
    """All that must be said beside a sprint's figures."""
    if document["late_close"] and sprint.completed is not None and sprint.end is not None:
        days = (sprint.completed - sprint.end).days
        yield f"Completed {days} {'day' if days == 1 else 'days'} after its planned end."
    if document["upper_bound"]:
        yield "The final scope is an upper bound: without history, items that left before completion are in it."
    for why, scopes in _unknown(document).items():
        yield f"Not known: {', '.join(scopes)}. {why}"
    if document["outside_filter"]:
        number = document["outside_filter"]
        hidden = "1 item is" if number == 1 else f"{number} items are"
        yield f"{hidden} hidden by the board's filter, and counted here."


def _unknown(document: Document) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for scope in SCOPES:
        if scope in document["unknown"]:
            found.setdefault(document["unknown"][scope], []).append(scope.replace("_", " "))
    return found


def _beside(ground: Ground, measure: str) -> str:
    """Points and count stand side by side; a measure of time has count beside it."""
    if measure != Measure.COUNT:
        return Measure.COUNT.value
    return ground.measure if ground.measure != Measure.COUNT else Measure.POINTS.value


def _bars(ground: Ground, sprint: SprintLine, told: dict[str, Document]) -> dict[tuple[str, str], Bar]:
    """The bars by scope and measure."""
    found = {}
    for measure, document in told.items():
        for scope in BARS:
            figure = document["scopes"].get(scope)
            if figure is not None:
                found[scope, measure] = sprint_bar(
                    ground, sprint.connection, sprint.id, figure, scope=scope, measure=measure
                )
    return found


def _column(document: Document, state: str, measure: str, bars: dict[tuple[str, str], Bar]) -> Column:
    unknown = document["unknown"]
    missing = [
        (scope, unknown.get(scope) or _not_there(scope, state)) for scope in BARS if (scope, measure) not in bars
    ]
    return Column(measure, tuple(bars[scope, measure] for scope in BARS if (scope, measure) in bars), tuple(missing))


def _not_there(scope: str, state: str) -> str:
    if state == "future":
        return "The sprint has not started."
    return f"There is no {scope.replace('_', ' ')} scope in this measure."


def _part_rows(
    ground: Ground, bars: dict[tuple[str, str], Bar], heads: tuple[tuple[str, str], ...]
) -> tuple[PartRow, ...]:
    """One row for each part that has work in any of the figures; in the order of the final one."""
    order: dict[str, None] = {}
    cells: dict[tuple[str, int], Cell] = {}
    for column in (1, 2, 0, 3):
        bar = bars.get(heads[column])
        for segment in bar.segments if bar is not None else ():
            order.setdefault(segment.part)
            cells[segment.part, column] = Cell(segment.percent, segment.amount, segment.between, segment.href)
    named = [*(part for part in order if part not in OTHERS), *(part for part in OTHERS if part in order)]
    return tuple(
        PartRow(
            part,
            OTHERS.get(part, part),
            ground.names.get(part) if part not in OTHERS else None,
            tuple(cells.get((part, column)) for column in range(len(heads))),
        )
        for part in named
    )


def _others(answer: SprintAnswer, measure: str) -> Iterator[OtherScope]:
    sprint = answer.sprint
    for scope in OTHER_SCOPES:
        figure = answer.answer.document["scopes"].get(scope)
        if figure is not None and figure["items"]:
            href = receipt_address(sprint.connection, sprint.id, scope, measure, "")
            yield OtherScope(scope.replace("_", " "), total_words(figure, measure), len(figure["items"]), href)


def _outside(ground: Ground, answer: SprintAnswer, measure: str) -> Outside | None:
    if answer.outside is None:
        return None
    sprint, document = answer.sprint, answer.outside.document
    figure = document["scopes"][OUTSIDE]
    bar = sprint_bar(ground, sprint.connection, sprint.id, figure, scope=OUTSIDE, measure=measure)
    number = "" if measure == Measure.COUNT else f", {items_words(bar.items)}"
    return Outside(f"Done outside sprints {_between(sprint, document)}: {bar.total}{number}.", bar)


def _between(sprint: SprintLine, document: Document) -> str:
    is_closed = sprint.state == "closed"
    if document["since"] is None:
        return "until this one was completed" if is_closed else "so far"
    return "between the completion before and this one's" if is_closed else "since the last one was completed"


def _items_scope(document: Document) -> str:
    return "final" if document["scopes"].get("final") is not None else "completed"


def _item_row(line: Document, item: ItemLine | None, measure: str) -> ItemRow:
    value = exact_number(line["value"])
    return ItemRow(
        key=line["item"],
        title=item.title if item is not None else "",
        type=item.type if item is not None else "",
        url=safe_link(item.url) if item is not None else None,
        value=amount_words(value, Measure(measure)).rsplit(" ", 1)[0],
        number=float(value),
        imputed=line["imputed"],
        links=tuple(links_of(line)),
    )


def links_of(line: Document) -> Iterator[Link]:
    for part in line["parts"]:
        name = part["key_result"] or part["bucket"]
        weight = f"{float(exact_number(part['weight'])) * 100:.3g} %"
        yield Link(name, OTHERS.get(name, name), weight, bare_reason(line["item"], part["reason"]), part["source"])


def _unestimated(document: Document, measure: str, policy: str) -> str:
    figure = document["scopes"].get("final")
    if figure is None or not figure["imputed"]:
        return ""
    number = len(figure["imputed"])
    added = amount_words(sum((exact_number(line["value"]) for line in figure["imputed"]), 0), Measure(measure))
    has, together = ("has", "it counts") if number == 1 else ("have", "they count together")
    return (
        f"{number} of {items_words(len(figure['items']))} {has} no estimate. By the policy “{policy}” {together}"
        f" {added}; the lines under the bars show where the shares could lie instead."
    )


def _moved(answer: SprintAnswer, items: dict[str, ItemLine]) -> tuple[MovedLink, ...]:
    if answer.corrected is None:
        return ()
    scopes = (_items_scope(answer.answer.document),)
    return tuple(moved_links(answer.answer.document, answer.corrected.document, scopes, items))


def _corrected(ground: Ground, answer: SprintAnswer, measure: str) -> tuple[tuple[Bar, Bar], ...]:
    if answer.corrected is None:
        return ()
    sprint = answer.sprint
    pairs = []
    for scope in BARS:
        closed, fixed = (one.document["scopes"].get(scope) for one in (answer.answer, answer.corrected))
        if closed is not None and fixed is not None and _shares(closed) != _shares(fixed):
            pairs.append(
                (
                    sprint_bar(ground, sprint.connection, sprint.id, closed, scope=scope, measure=measure),
                    sprint_bar(
                        ground, sprint.connection, sprint.id, fixed, scope=scope, measure=measure, form=CORRECTED
                    ),
                )
            )
    return tuple(pairs)


def _shares(figure: Document) -> list[tuple[str, Any]]:
    return [(name, part["amount"]) for name, part in parts_of(figure)]
