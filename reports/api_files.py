"""Files by the API: the review on one sheet, receipts as CSV, and whole tables in every form."""

from collections.abc import Iterable

from flask import Response, abort
from flask.typing import ResponseReturnValue

from reports import api_shapes, receipts, sheet_files, sheet_pages, sheets
from reports.api_routes import asked, private, query, route, site
from reports.export_tables import TABLES
from reports.receipts import Asked, Receipt
from reports.sheets import MIMETYPES, CannotWrite
from reports.sprint_views import CORRECTED
from reports.views import SCOPES

_MEASURE = query("measure", "points or count; else the measure of the settings.", "points", "count")
_PART = query("part", "A key result's code, exempt, dead_link or unaligned; all of it without.")
_NO_FIGURE = "There is no such figure."


def _any(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


@route(
    f"/sprints/<path:sprint>/sheet.<any({_any(sheet_files.FORMS)}):form>",
    "The review of a sprint on one sheet",
    "",
    _MEASURE,
    query("paper", "Of the PDF; a4 by default.", "a4", "letter"),
    missing=True,
    dated=True,
    media=tuple(sheet_files.FORMS.values()),
)
def sheet(sprint: str, form: str) -> ResponseReturnValue:
    with site().store.reading() as session:
        place = api_shapes.place_of_sprint(session, sprint)
    return sheet_pages.sheet_file(*place, form)


@route(
    "/sprints/<path:sprint>/receipt.csv",
    "What made a figure of a sprint: the amounts add up to it",
    "",
    query("scope", "final by default; outside for what was done outside sprints.", *SCOPES, "outside"),
    _MEASURE,
    _PART,
    query("figure", "The corrected figure instead of the closed one.", CORRECTED),
    missing=True,
    dated=True,
    media=("text/csv",),
)
def sprint_receipt(sprint: str) -> ResponseReturnValue:
    with site().store.reading() as session:
        connection, subject = api_shapes.place_of_sprint(session, sprint)
    is_corrected = asked("figure") == CORRECTED
    wanted = Asked(connection, subject, asked("scope") or "final", asked("measure"), asked("part") or "", is_corrected)
    return _csv(receipts.sprint_receipt(site().store, site().clock(), wanted))


@route(
    "/periods/<path:period>/receipt.csv",
    "What made the figure of a period: the amounts add up to it",
    "",
    _PART,
    missing=True,
    dated=True,
    media=("text/csv",),
)
def period_receipt(period: str) -> ResponseReturnValue:
    with site().store.reading() as session:
        connection, subject = api_shapes.place_of_period(session, period)
    wanted = Asked(connection, subject, "completed", None, asked("part") or "")
    return _csv(receipts.period_receipt(site().store, site().clock(), wanted))


@route(
    "/rollups/<cycle>/<any('company', 'team'):by>/<path:name>/receipt.csv",
    "What made the figure of a roll-up, of all connections together: the amounts add up to it",
    "",
    query("scope", "completed by default; outside for what was done outside sprints.", "completed", "outside"),
    _MEASURE,
    _PART,
    missing=True,
    dated=True,
    media=("text/csv",),
)
def rollup_receipt(cycle: str, by: str, name: str) -> ResponseReturnValue:
    wanted = Asked("", name, asked("scope") or "completed", asked("measure"), asked("part") or "")
    return _csv(receipts.rollup_receipt(site().store, site().clock(), cycle, by, wanted))


def _csv(receipt: Receipt | None) -> Response:
    if receipt is None:
        abort(404, _NO_FIGURE)
    return _file(receipts.csv_text(receipt), "receipt", "csv")


@route(
    f"/exports/<any({_any(TABLES)}):table>.<any({_any(MIMETYPES)}):form>",
    "A whole table, as `tieline export` writes it",
    "",
    dated=True,
    media=tuple(MIMETYPES.values()),
)
def export(table: str, form: str) -> ResponseReturnValue:
    try:
        content = sheets.written(TABLES[table](site().store, site().clock()), form)
    except CannotWrite as cannot:
        abort(501, str(cannot))
    return _file(content, table, form)


def _file(content: str | bytes, name: str, form: str) -> Response:
    response = Response(content, mimetype=MIMETYPES[form])
    ending = "md" if form == "markdown" else form
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return private(response)
