"""The tables of epics and findings as CSV: every row, exact numbers, and no cell that a spreadsheet would run."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from integration.store import reads
from integration.store.opened import Store
from mappings.exact import exact_number
from reports.addresses import safe_link
from reports.exports import number_text
from reports.finding_pages import EpicRow, EpicsPage, states_of
from reports.finding_views import FindingView, finding_views
from reports.foreign_text import for_csv, on_one_line
from reports.views import ground_of

EPIC_COLUMNS = (
    "connection", "finding", "epic", "title", "severity", "state", "measure", "left", "in_all", "open_items",
    "days_old", "share_of_running_sprints", "suggestion", "address",
)  # fmt: skip
FINDING_COLUMNS = (
    "id", "connection", "finding", "subject", "name", "severity", "state", "opened", "suggestion", "evidence",
    "reason", "by", "address",
)  # fmt: skip


def epics_csv(page: EpicsPage) -> str:
    rows = [_epic_cells(row, page.ground.measure) for _kind, _title, rows in page.groups for row in rows]
    return _csv(EPIC_COLUMNS, [*rows, *_untagged_cells(page)])


def findings_csv(store: Store, now: datetime, kind: str | None, state: str) -> str:
    """All of them, where the page shows the first ones of each kind."""
    with store.reading() as session:
        ground = ground_of(session, now)
        found = reads.open_findings(session, kind=kind, states=states_of(state))
        views = finding_views(session, found, ground.measure, ground.names)
    return _csv(FINDING_COLUMNS, map(_finding_cells, views))


def _epic_cells(row: EpicRow, measure: str) -> tuple[str, ...]:
    finding, item = row.view.finding, row.view.item
    return (
        finding.connection,
        finding.kind,
        row.key,
        row.title,
        finding.severity,
        finding.state,
        measure,
        number_text(exact_number(finding.evidence["remaining"])),
        number_text(exact_number(finding.evidence["total"])),
        str(row.open_items),
        "" if row.age_days is None else str(row.age_days),
        str(finding.evidence["active_sprint_share"]),
        finding.suggestion,
        (safe_link(item.url) or "") if item is not None else "",
    )


def _untagged_cells(page: EpicsPage) -> Iterator[tuple[str, ...]]:
    """The epics of a backlog without tags, which one finding names all together."""
    titles = {key: title for key, title, *_ in page.untagged_epics}
    for view in page.untagged:
        finding = view.finding
        for epic in finding.evidence["epics"]:
            left, share = number_text(exact_number(epic["remaining"])), str(epic["active_sprint_share"])
            place = (finding.connection, finding.kind, epic["epic"], titles.get(epic["epic"], ""))
            numbers = (page.ground.measure, left, "", str(epic["open_items"]), "", share)
            yield (*place, finding.severity, finding.state, *numbers, finding.suggestion, "")


def _finding_cells(view: FindingView) -> tuple[str, ...]:
    finding = view.finding
    return (
        str(finding.id),
        finding.connection,
        finding.kind,
        finding.subject,
        view.about or (view.subject if view.subject != finding.subject else ""),
        finding.severity,
        finding.state,
        finding.opened_at.isoformat(),
        finding.suggestion,
        json.dumps(finding.evidence, ensure_ascii=False),
        finding.reason or "",
        finding.actor or "",
        view.href or "",
    )


def _csv(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(columns)
    for cells in rows:
        writer.writerow([for_csv(on_one_line(cell)) for cell in cells])
    return buffer.getvalue()
