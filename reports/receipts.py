"""Receipts: what made a figure, item by item; on a page, in the API and as CSV the rows add up to the same figure."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integration.company import rollup_told
from integration.store import kr_reads, page_reads, reads
from integration.store.opened import Store
from integration.store.reads import OUTSIDE, Answer, ItemLine, SprintAnswer
from integration.store.together import connections_together, parted, qualified
from mappings.document import figure_document, receipt_document
from mappings.exact import exact_number, plain
from mappings.model import Exact, Measure
from mappings.rollups import COMPANY, TEAM
from reports.addresses import board_address, safe_link, sprint_address
from reports.exports import number_text
from reports.figure_words import amount_words, bare_reason
from reports.figures import OTHERS, Bar, Document, bar_of
from reports.foreign_text import for_csv, on_one_line
from reports.rolled_up import rolled_measure
from reports.views import SCOPES, Ground, chosen_measure, ground_of

CSV_COLUMNS = (
    "connection", "figure", "scope", "measure", "item", "title", "moment", "value", "imputed",
    "bucket", "key_result", "weight", "amount", "source", "reason", "address",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """Which figure, and which part of it: a KR's code, exempt, dead_link, unaligned, or "" for all."""

    connection: str
    subject: str  # a sprint's id, or a period's
    scope: str
    measure: str | None
    part: str
    is_corrected: bool = False


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    item: str
    title: str
    url: str | None
    moment: datetime
    value: Exact
    imputed: bool
    bucket: str
    key_result: str | None
    weight: Exact
    amount: Exact
    source: str | None
    reason: str

    @property
    def part(self) -> str:
        return self.key_result or self.bucket

    @property
    def why(self) -> str:
        """The reason, where item, key result and weight stand beside it."""
        return bare_reason(self.item, self.reason)


@dataclass(frozen=True, slots=True)
class Receipt:
    ground: Ground
    asked: Asked
    measure: str
    name: str  # of the sprint or period
    scope_name: str
    back: str
    part_name: str
    part_title: str
    percent: int | None
    between: str
    total: str  # of the rows, in words
    exact_total: Exact
    figure_total: str
    items: int
    rows: tuple[ReceiptRow, ...]
    bar: Bar


def sprint_receipt(store: Store, now: datetime, asked: Asked) -> Receipt | None:
    """None: there is no such figure."""
    with store.reading() as session:
        ground = ground_of(session, now)
        measure = chosen_measure(ground, asked.measure)
        found = reads.sprint_answer(session, asked.connection, asked.subject, measure)
        if found is None:
            return None
        answer = _asked_of(found, asked)
        if answer is None:
            return None
        lines = _lines(answer.document, asked.scope)
        items = page_reads.items_named(session, asked.connection, [line["item"] for line in lines])
    back = sprint_address(asked.connection, asked.subject)
    return _receipt(ground, asked, measure, answer.document, found.sprint.name, back, items)


def _asked_of(found: SprintAnswer, asked: Asked) -> Answer | None:
    if asked.scope == OUTSIDE:
        return found.outside
    return found.corrected if asked.is_corrected else found.answer


def period_receipt(store: Store, now: datetime, asked: Asked) -> Receipt | None:
    with store.reading() as session:
        ground = ground_of(session, now)
        document = page_reads.answer_of_period(session, asked.connection, asked.subject)
        if document is None:
            return None
        keys = [line["item"] for line in _lines(document, asked.scope)]
        items = page_reads.items_named(session, asked.connection, keys)
    name = f"{document['start']} to {document['end']}"
    back = board_address(asked.connection, document["board"])
    return _receipt(ground, asked, document["measure"], document, name, back, items)


def rollup_receipt(store: Store, now: datetime, cycle: str, by: str, asked: Asked) -> Receipt | None:
    """`asked.subject` is the team, or the company; items of several connections bear their connection's name."""
    with store.reading() as session:
        ground = ground_of(session, now)
        is_scaled = asked.measure == Measure.POINTS_NORMALISED
        measure = rolled_measure(chosen_measure(ground, "points" if is_scaled else asked.measure))
        own = kr_reads.connection_of_rollup(session, cycle, by, asked.subject)
        if own is None or by not in (COMPANY, TEAM):
            return None
        told = rollup_told(session, cycle, by, asked.subject, Measure(measure), now, own)
        figure = None if told is None else told.outside if asked.scope == OUTSIDE else told.figure
        if figure is None:
            return None
        items = _items_of_all(session, figure.items, own)
    document = {
        "scopes": {asked.scope: figure_document(figure)},
        "receipts": {asked.scope: receipt_document(figure)},
    }
    name = f"{'Company' if by == COMPANY else asked.subject}, {cycle}"
    return _receipt(ground, asked, measure, document, name, "/key-results", items)


def _items_of_all(session: Any, keys: Iterable[str], own: str) -> dict[str, ItemLine]:
    """By the keys that they have among all connections together."""
    names = connections_together(session)
    if own or len(names) < 2:
        return page_reads.items_named(session, own or "".join(names), keys)
    wanted: dict[str, list[str]] = {}
    for connection, key in map(parted, keys):
        wanted.setdefault(connection, []).append(key)
    lines = ((name, page_reads.items_named(session, name, some)) for name, some in wanted.items())
    return {qualified(name, key): line for name, found in lines for key, line in found.items()}


def _receipt(
    ground: Ground,
    asked: Asked,
    measure: str,
    document: Document,
    name: str,
    back: str,
    items: dict[str, ItemLine],
) -> Receipt | None:
    figure = document["scopes"].get(asked.scope) if asked.scope in (*SCOPES, OUTSIDE) else None
    if figure is None:
        return None
    rows = tuple(row for row in _rows(_lines(document, asked.scope), items) if asked.part in ("", row.part))
    scope_name = "done outside sprints" if asked.scope == OUTSIDE else asked.scope.replace("_", " ")
    bar = bar_of(
        figure,
        measure,
        ground.names,
        lambda _part: "",
        key=f"receipt/{asked.connection}/{asked.subject}/{asked.scope}/{measure}",
        scope=asked.scope,
        label=scope_name,
    )
    segment = next((one for one in bar.segments if one.part == asked.part), None)
    total = plain(sum((row.amount for row in rows), 0))
    kr = ground.names.get(asked.part)
    return Receipt(
        ground=ground,
        asked=asked,
        measure=measure,
        name=name,
        scope_name=scope_name,
        back=back,
        part_name=OTHERS.get(asked.part, asked.part) or "all work",
        part_title=kr.title if kr is not None else "",
        percent=segment.percent if segment is not None else None,
        between=segment.between if segment is not None else "",
        total=amount_words(total, Measure(measure)),
        exact_total=total,
        figure_total=bar.total,
        items=len({row.item for row in rows}),
        rows=rows,
        bar=bar,
    )


def csv_text(receipt: Receipt) -> str:
    """The rows with exact numbers: the column `amount` adds up to the figure."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(CSV_COLUMNS)
    asked = receipt.asked
    for row in receipt.rows:
        cells = (
            asked.connection,
            f"{asked.subject}, corrected" if asked.is_corrected else asked.subject,
            asked.scope,
            receipt.measure,
            row.item,
            on_one_line(row.title),
            row.moment.isoformat(),
            number_text(row.value),
            "yes" if row.imputed else "no",
            row.bucket,
            row.key_result or "",
            number_text(row.weight),
            number_text(row.amount),
            row.source or "",
            on_one_line(row.reason),
            row.url or "",
        )
        writer.writerow([for_csv(cell) for cell in cells])
    return buffer.getvalue()


def number_words(value: Exact, measure: str) -> str:
    """A number as tables show it: the unit stands in the head."""
    return amount_words(value, Measure(measure)).rsplit(" ", 1)[0]


def _lines(document: Document, scope: str) -> list[Document]:
    found: list[Document] = document["receipts"].get(scope, [])
    return found


def _rows(lines: list[Document], items: dict[str, ItemLine]) -> Iterator[ReceiptRow]:
    for line in lines:
        item = items.get(line["item"])
        for part in line["parts"]:
            yield ReceiptRow(
                item=line["item"],
                title=item.title if item is not None else "",
                url=safe_link(item.url) if item is not None else None,
                moment=datetime.fromisoformat(line["moment"]),
                value=exact_number(line["value"]),
                imputed=line["imputed"],
                bucket=part["bucket"],
                key_result=part["key_result"],
                weight=exact_number(part["weight"]),
                amount=exact_number(part["amount"]),
                source=part["source"],
                reason=part["reason"],
            )
