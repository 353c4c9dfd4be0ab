"""What can be exported: sprints, findings, epics, trends, key results and links, each as one table."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from integration.store import list_reads, trends
from integration.store.opened import Store
from integration.store.reads import SprintLine
from integration.store.trends import BUCKETS, TrendPoint
from mappings.exact import exact_number
from reports import api_shapes, listings, sheets
from reports.audit_lines import audit_lines
from reports.finding_pages import LIVING
from reports.receipts import Receipt, ReceiptRow
from reports.sheets import Row, Table
from reports.trends import AHEAD
from reports.views import BARS, ground_of

SPRINT_COLUMNS = sheets.columns(
    connection="text", id="text", name="text", board="text", team="text", state="text", start="moment", end="moment",
    completed="moment", goal="text", goal_verdict="text", scope="text", measure="text", items="whole",
    unestimated="whole", total="exact", aligned="share", exempt="share", dead_link="share", unaligned="share",
)  # fmt: skip
TREND_COLUMNS = sheets.columns(
    connection="text", kind="text", id="text", name="text", board="text", team="text", at="moment", closed="flag",
    scope="text", measure="text", items="whole", total="exact", aligned="share", exempt="share", dead_link="share",
    unaligned="share",
)  # fmt: skip
KEY_RESULT_COLUMNS = sheets.columns(
    code="text", title="text", objective="text", team="text", live="flag", current="exact", progress="exact",
    to_go="exact", planned="exact", planned_epics="whole",
)  # fmt: skip
LINK_COLUMNS = sheets.columns(
    connection="text", item="text", bucket="text", key_result="text", weight="exact", source="text", reason="text",
)  # fmt: skip
RECEIPT_COLUMNS = sheets.columns(
    connection="text", figure="text", scope="text", measure="text", item="text", title="text", moment="moment",
    value="exact", imputed="flag", bucket="text", key_result="text", weight="exact", amount="exact", source="text",
    reason="text", address="text",
)  # fmt: skip
Source = Callable[[Store, datetime], Table]


def sprints_table(store: Store, now: datetime) -> Table:
    """A row for each scope that bars show; sprints that nothing was decided about have none."""
    with store.reading() as session:
        measure = ground_of(session, now).measure
        lines = tuple(list_reads.sprints_with_shares(session, measure))
    return Table("sprints", SPRINT_COLUMNS, (row for line in lines for row in _sprint_rows(line)))


def _sprint_rows(line: SprintLine) -> Iterator[Row]:
    summary = line.summary
    if summary is None:
        return
    times = (line.start, line.end, line.completed)
    head = (line.connection, line.id, line.name, line.board, line.team, line.state, *times)
    for scope in BARS:
        figure = summary["scopes"].get(scope)
        if figure is not None:
            shares = [part["share"] for part in figure["shares"]]
            others = [figure[name]["share"] for name in BUCKETS[1:]]
            aligned = None if None in others else sum(shares)
            goal = (summary["goal"]["text"], summary["goal"]["verdict"])
            numbers = (figure["items"], figure["imputed"], exact_number(figure["total"]))
            yield (*head, *goal, scope, summary["measure"], *numbers, aligned, *others)


def epics_table(store: Store, now: datetime) -> Table:
    """Those that findings speak of, in the order of the audit."""
    lines = audit_lines(store, now)
    return listings.epics_table(lines.views, lines.measure, lines.titles)


def trends_table(store: Store, now: datetime, scope: str = "completed", months: int = 12) -> Table:
    with store.reading() as session:
        measure = ground_of(session, now).measure
        points = trends.trends(session, months_before(now, months), now + AHEAD, measure, scope)
    return trends_of(points, scope, measure)


def trends_of(points: tuple[TrendPoint, ...], scope: str, measure: str) -> Table:
    return Table("trends", TREND_COLUMNS, (_trend_row(point, scope, measure) for point in points))


def months_before(now: datetime, months: int) -> datetime:
    """The first moment of that day so many months ago; of shorter months the last day."""
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    return now.replace(year=year, month=month + 1, day=min(now.day, 28), hour=0, minute=0, second=0, microsecond=0)


def _trend_row(point: TrendPoint, scope: str, measure: str) -> Row:
    words = (point.connection, point.kind, point.subject, point.name, point.board, point.team)
    shares = (point.aligned, point.exempt, point.dead_link, point.unaligned)
    total = exact_number(str(point.total))
    return (*words, point.at, point.closed, scope, measure, point.items, total, *shares)


def key_results_table(store: Store, now: datetime) -> Table:
    return table_of_key_results(api_shapes.key_results(store, now)["key_results"])


def table_of_key_results(readings: Iterable[Mapping[str, Any]]) -> Table:
    """Readings as the API answers them."""
    return Table("key-results", KEY_RESULT_COLUMNS, map(_key_result_row, readings))


def _key_result_row(reading: Mapping[str, Any]) -> Row:
    about = (reading.get(name) for name in ("title", "objective", "team"))
    values = (reading[name] for name in ("current", "progress", "to_go", "planned"))
    numbers = (None if value is None else exact_number(value) for value in values)
    return (reading["code"], *about, reading["live"], *numbers, len(reading["planned_epics"]))


def links_table(store: Store, _now: datetime) -> Table:
    return Table("links", LINK_COLUMNS, _links(store))


def _links(store: Store) -> Iterator[Row]:
    with store.reading() as session:
        for connection, key, document in list_reads.links_of_items(session):
            for link in document["links"]:
                weight = exact_number(link["weight"])
                served = (link["bucket"], link["key_result"], weight, link["source"], link["reason"])
                yield (connection, key, *served)


def receipts_table(found: Iterable[Receipt]) -> Table:
    """The rows of receipts: the amounts of each add up to its figure."""
    return Table("receipt", RECEIPT_COLUMNS, (_receipt_row(one, row) for one in found for row in one.rows))


def _receipt_row(receipt: Receipt, row: ReceiptRow) -> Row:
    asked = receipt.asked
    figure = f"{asked.subject}, corrected" if asked.is_corrected else asked.subject
    item = (row.item, row.title, row.moment, row.value, row.imputed)
    link = (row.bucket, row.key_result, row.weight, row.amount, row.source, row.reason, row.url)
    return (asked.connection, figure, asked.scope, receipt.measure, *item, *link)


TABLES: dict[str, Source] = {
    "sprints": sprints_table,
    "findings": partial(listings.findings_table, kind=None, states=LIVING),
    "epics": epics_table,
    "trends": trends_table,
    "key-results": key_results_table,
    "links": links_table,
}
