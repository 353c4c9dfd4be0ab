"""An analysis as JSON, CSV and Markdown: files to keep, to add up and to paste."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from fractions import Fraction

import orjson

from mappings import document
from mappings.audit import Audit, Carrier, EpicAudit
from mappings.exact import exact_text
from mappings.model import Analysis, Exact, Figure, Scope, Severity, SprintReport
from reports.figure_words import amount_words, goal_words, notes, part_words, parts_of, totals_words
from reports.foreign_text import for_csv, for_markdown, on_one_line

CSV_COLUMNS = (
    "figure", "board", "id", "name", "cycle", "state", "scope", "measure",
    "item", "moment", "value", "imputed", "bucket", "key_result", "weight", "amount", "source", "reason",
)  # fmt: skip
MORE = 50  # findings of one kind in a Markdown report


def json_parts(analysis: Analysis, audit: Audit | None = None) -> Iterator[bytes]:
    """The document `tieline-analysis/1`, piece by piece: the links of a large backlog are many."""
    yield b'{\n"format": ' + _json(document.FORMAT)
    yield b',\n"as_of": ' + _json(document.moment_text(analysis.as_of))
    sections: dict[str, Iterable[document.Document]] = {
        "sprints": map(document.sprint_document, analysis.sprints),
        "periods": map(document.period_document, analysis.periods),
        "rollups": map(document.rollup_document, analysis.rollups),
        "links": map(document.link_document, document.links_in_order(analysis)),
        "key_results": map(document.key_result_document, analysis.key_results),
        "findings": map(document.finding_document, analysis.findings),
    }
    for name, elements in sections.items():
        yield b",\n" + _json(name) + b": ["
        for number, element in enumerate(elements):
            yield (b",\n" if number else b"\n") + _json(element)
        yield b"]"
    if audit is not None:
        yield b',\n"audit": ' + _json(audit_document(audit))
    yield b"\n}\n"


def audit_document(audit: Audit) -> document.Document:
    """The ten-minute audit as plain data; it stands beside the analysis where there are no OKRs or tags yet."""
    return {
        "measure": audit.measure.value,
        "sprints": {state.value: list(ids) for state, ids in audit.sprints},
        "statuses": {status.value: list(keys) for status, keys in audit.statuses},
        "estimated": list(audit.estimated),
        "unestimated": list(audit.unestimated),
        "without_history": list(audit.without_history),
        "epics": [_epic(epic) for epic in audit.epics],
        "childless_epics": list(audit.childless_epics),
        "unseen_parents": [{"key": key, "items": list(items)} for key, items in audit.unseen_parents],
        "carriers": [_carrier(carrier) for carrier in audit.carriers],
    }


def csv_text(analysis: Analysis) -> Iterator[str]:
    """One row for each part of an item's work in each figure; the amounts of a figure add up to its total."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(CSV_COLUMNS)
    for head, figure in _figures(analysis):
        for line, link, amount in document.receipt_rows(figure):
            source = link.source.value if link.source is not None else ""
            cells = (
                *head,
                line.item,
                document.moment_text(line.moment),
                number_text(line.value),
                "yes" if line.imputed else "no",
                link.bucket.value,
                link.key_result or "",
                number_text(link.weight),
                number_text(amount),
                source,
                on_one_line(link.reason),
            )
            writer.writerow([for_csv(cell) for cell in cells])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def number_text(value: Exact) -> str:
    """A number as an exact decimal where it has one, else as "a/b": never rounded, so that sums stay right."""
    fraction = Fraction(value)
    if fraction.denominator == 1:
        return str(fraction.numerator)
    twos = fives = 0
    rest = fraction.denominator
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    places = max(twos, fives)
    if rest != 1 or places > 12:
        return f"{fraction.numerator}/{fraction.denominator}"
    digits = str(abs(fraction.numerator) * 10**places // fraction.denominator).rjust(places + 1, "0")
    return f"{'-' if fraction < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def markdown_text(analysis: Analysis, audit: Audit | None = None) -> Iterator[str]:
    """A report to paste where people talk."""
    yield f"# Which key results the work serves\n\nAs of {document.moment_text(analysis.as_of)}.\n"
    for report in analysis.sprints:
        yield from _sprint_markdown(report)
    if analysis.key_results:
        yield "\n## Key results\n\n| key result | live | current | progress | to go | planned |\n"
        yield "|---|---|--:|--:|--:|--:|\n"
        for reading in analysis.key_results:
            cells = (reading.current, reading.progress, reading.to_go, reading.planned)
            numbers = " | ".join("not known" if value is None else number_text(value) for value in cells)
            yield f"| {for_markdown(reading.code)} | {'yes' if reading.live else 'no'} | {numbers} |\n"
    if audit is not None:
        yield from _audit_markdown(audit)
    yield from _findings_markdown(analysis)


def _sprint_markdown(report: SprintReport) -> Iterator[str]:
    sprint = report.sprint
    yield f"\n## {for_markdown(sprint.name)} ({report.state.value})\n\n"
    yield f"{for_markdown(goal_words(report.goal))}\n"
    if any(report.scopes.get(scope) is not None for scope in Scope):
        yield "\n| scope | total | served | with unestimated items at any value |\n|---|--:|---|---|\n"
    for scope in Scope:
        figure = report.scopes.get(scope)
        if figure is None:
            continue
        parts = [part for part in parts_of(figure) if part.percent]
        shown = " · ".join(for_markdown(f"{part.name} {part.percent} %") for part in parts) or "no work"
        between = " · ".join(for_markdown(words) for part in parts if (words := part_words(part)))
        yield f"| {scope.value.replace('_', ' ')} | {for_markdown(totals_words(figure))} | {shown} | {between} |\n"
    for note in notes(report):
        yield f"\n- {for_markdown(note)}"
    yield "\n"


def _audit_markdown(audit: Audit) -> Iterator[str]:
    yield "\n## The ten-minute audit\n\n"
    yield f"- {audit.counted} counted items, {len(audit.estimated)} of them estimated\n"
    for state, ids in audit.sprints:
        yield f"- {len(ids)} {state.value} sprints\n"
    yield f"- {len(audit.epics)} epics, {len(audit.childless_epics)} of them without a child\n"
    below = sum(len(items) for _, items in audit.unseen_parents)
    yield f"- {below} items below {len(audit.unseen_parents)} parents that cannot be seen\n"
    yield "\n| epic | title | items | open | work |\n|---|---|--:|--:|--:|\n"
    for epic in audit.epics[:MORE]:
        cells = f"{len(epic.items)} | {epic.open_items} | {for_markdown(amount_words(epic.total, audit.measure))}"
        yield f"| {for_markdown(epic.key)} | {for_markdown(epic.title)} | {cells} |\n"


def _findings_markdown(analysis: Analysis) -> Iterator[str]:
    if not analysis.findings:
        return
    yield "\n## Findings\n"
    for severity in Severity:
        found = [finding for finding in analysis.findings if finding.severity is severity]
        if not found:
            continue
        yield f"\n### {severity.value} ({len(found)})\n\n"
        for finding in found[:MORE]:
            yield f"- **{finding.kind}** {for_markdown(finding.subject)}: {for_markdown(finding.suggestion)}\n"
        if len(found) > MORE:
            yield f"- and {len(found) - MORE} more\n"


def _figures(analysis: Analysis) -> Iterator[tuple[tuple[str, ...], Figure]]:
    """Every figure with the cells that say which one it is."""
    for report in analysis.sprints:
        sprint = report.sprint
        for scope, figure in report.scopes.items():
            if figure is not None:
                name = on_one_line(sprint.name)
                yield ("sprint", sprint.board, sprint.id, name, "", report.state, scope, report.measure), figure
    for period in analysis.periods:
        head = ("period", period.board, period.id, period.id, "", period.state, Scope.COMPLETED, period.measure)
        yield head, period.completed
    for rollup in analysis.rollups:
        board = rollup.subject if rollup.by == "board" else ""
        for kind, figure in (("rollup", rollup.figure), ("outside", rollup.outside)):
            if figure is not None:
                yield (
                    (kind, board, f"{rollup.by}/{rollup.subject}", "", rollup.cycle, "", rollup.scope, rollup.measure),
                    figure,
                )


def _epic(epic: EpicAudit) -> document.Document:
    return {
        "key": epic.key,
        "title": epic.title,
        "status": epic.status.value,
        "children": list(epic.children),
        "subtasks": list(epic.subtasks),
        "items": list(epic.items),
        "open_items": epic.open_items,
        "total": exact_text(epic.total),
    }


def _carrier(carrier: Carrier) -> document.Document:
    values = [{"value": value, "items": items} for value, items in carrier.values]
    return {"kind": carrier.kind, "name": carrier.name, "items": carrier.items, "values": values}


def _json(value: object) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:
        # Numbers beyond 64 bits and halves of characters, which orjson does not write.
        return json.dumps(value).encode()
