"""The audit of epics as CSV: what the page shows, every row of it, with exact numbers."""

import csv
import io
from collections.abc import Iterable

from reports.audit_views import AuditRow
from reports.exports import number_text
from reports.foreign_text import for_csv, on_one_line
from reports.views import Ground

COLUMNS = (
    "connection", "finding", "epic", "title", "severity", "state", "measure", "left", "in_all", "open_items",
    "days_old", "share_of_running_sprints", "suggestion", "address", "teams",
)  # fmt: skip


def epics_csv(ground: Ground, rows: Iterable[AuditRow]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([for_csv(on_one_line(cell)) for cell in _cells(row, ground.measure)])
    return buffer.getvalue()


def _cells(row: AuditRow, measure: str) -> tuple[str, ...]:
    return (
        row.connection,
        row.kind,
        row.key,
        row.title,
        row.severity,
        row.state,
        measure,
        number_text(row.exact[0]),
        number_text(row.exact[1]),
        str(row.open_items),
        "" if row.age_days is None else str(row.age_days),
        str(row.share),
        row.suggestion,
        row.href or "",
        ", ".join(row.teams),
    )
