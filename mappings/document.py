"""The analysis as plain data, as files, the API and pages print it; only here shares become floats."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from fractions import Fraction

from mappings.exact import exact_text, plain
from mappings.model import (
    Analysis,
    Bucket,
    Exact,
    Figure,
    Finding,
    GoalReading,
    KeyResultReading,
    Link,
    Overruling,
    Part,
    PeriodReport,
    ReceiptLine,
    Rollup,
    Scope,
    Span,
    SprintReport,
)

Document = dict[str, object]
FORMAT = "tieline-analysis/1"
_BUCKETS = {bucket: number for number, bucket in enumerate(Bucket)}


def to_document(analysis: Analysis) -> Document:
    """The whole analysis in the form `tieline-analysis/1`."""
    return {
        "format": FORMAT,
        "as_of": moment_text(analysis.as_of),
        "sprints": [sprint_document(report) for report in analysis.sprints],
        "periods": [period_document(report) for report in analysis.periods],
        "rollups": [rollup_document(rollup) for rollup in analysis.rollups],
        "links": [link_document(link) for link in links_in_order(analysis)],
        "key_results": [key_result_document(reading) for reading in analysis.key_results],
        "findings": [finding_document(finding) for finding in analysis.findings],
    }


def sprint_document(report: SprintReport) -> Document:
    sprint = report.sprint
    return {
        "id": sprint.id,
        "board": sprint.board,
        "name": sprint.name,
        "state": report.state.value,
        "measure": report.measure.value,
        "goal": goal_document(report.goal),
        "scopes": {scope.value: _figure_or_none(report.scopes.get(scope)) for scope in Scope},
        "unknown": {scope.value: why for scope, why in report.unknown.items()},
    }


def goal_document(goal: GoalReading) -> Document:
    return {
        "text": goal.text,
        "first": goal.first,
        "verdict": goal.verdict,
        "confidence": goal.confidence,
        "reasons": [_span(span) for span in goal.reasons],
        "key_results": list(goal.key_results),
    }


def goal_with_overrulings(goal: GoalReading) -> Document:
    """The goal as files print it, and what people say of its words instead of the judge."""
    return {
        **goal_document(goal),
        "is_checked": goal.is_checked,
        "overruled": None if goal.overruled is None else overruling_document(goal.overruled),
        "overruled_before": [overruling_document(one) for one in goal.overruled_before],
    }


def overruling_document(overruling: Overruling) -> Document:
    return {
        "about": overruling.about,
        "subject": overruling.subject,
        "team": overruling.team,
        "text": overruling.text,
        "label": overruling.label,
        "reason": overruling.reason,
        "author": overruling.author,
        "at": moment_text(overruling.at),
    }


def period_document(report: PeriodReport) -> Document:
    return {
        "id": report.id,
        "board": report.board,
        "start": report.start.isoformat(),
        "end": report.end.isoformat(),
        "state": report.state.value,
        "measure": report.measure.value,
        "scopes": {Scope.COMPLETED.value: figure_document(report.completed)},
    }


def rollup_document(rollup: Rollup) -> Document:
    return {
        "by": rollup.by,
        "subject": rollup.subject,
        "cycle": rollup.cycle,
        "measure": rollup.measure.value,
        "scope": rollup.scope.value,
        "sprints": list(rollup.sprints),
        "periods": list(rollup.periods),
        **figure_document(rollup.figure),
        "objectives": [{"objective": one.objective, **part_document(one.part)} for one in rollup.objectives],
        "outside": _figure_or_none(rollup.outside),
    }


def figure_document(figure: Figure) -> Document:
    return {
        "items": list(figure.items),
        "total": exact_text(figure.total),
        "shares": [{"key_result": code, **part_document(part)} for code, part in figure.shares],
        "exempt": part_document(figure.exempt),
        "dead_link": part_document(figure.dead_link),
        "unaligned": part_document(figure.unaligned),
        "imputed": [{"item": line.item, "value": exact_text(line.unscaled)} for line in figure.imputed],
    }


def part_document(part: Part) -> Document:
    return {
        "amount": exact_text(part.amount),
        "share": _float(part.share),
        "percent": part.percent,
        "low": _float(part.low),
        "high": _float(part.high),
    }


def receipt_document(figure: Figure) -> list[Document]:
    """What made a figure: each item with its value and where that work went; the amounts add up to the figure."""
    return [
        {
            "item": line.item,
            "value": exact_text(line.value),
            "imputed": line.imputed,
            "moment": moment_text(line.moment),
            "parts": [
                {**_link_without_item(link), "amount": exact_text(link.weight * line.value)} for link in line.links
            ],
        }
        for line in figure.receipt
    ]


def receipt_rows(figure: Figure) -> Iterator[tuple[ReceiptLine, Link, Exact]]:
    """A receipt as one row for each part of an item's work, with the amount of work in it."""
    for line in figure.receipt:
        for link in line.links:
            yield line, link, plain(link.weight * line.value)


def links_in_order(analysis: Analysis) -> list[Link]:
    """By item; of an item by bucket, then by code: the order of tags tells nothing."""
    return sorted(analysis.links, key=lambda link: (link.item, _BUCKETS[link.bucket], link.key_result or ""))


def link_document(link: Link) -> Document:
    return {"item": link.item, **_link_without_item(link)}


def key_result_document(reading: KeyResultReading) -> Document:
    return {
        "code": reading.code,
        "live": reading.live,
        "current": _text_or_none(reading.current),
        "progress": _text_or_none(reading.progress),
        "to_go": _text_or_none(reading.to_go),
        "planned": _text_or_none(reading.planned),
        "planned_epics": list(reading.planned_epics),
    }


def finding_document(finding: Finding) -> Document:
    return {
        "kind": finding.kind,
        "subject": finding.subject,
        "severity": finding.severity.value,
        "evidence": plain_data(finding.evidence),
        "suggestion": finding.suggestion,
    }


def plain_data(value: object) -> object:
    """Evidence as data that JSON can hold: shares (fractions) become floats, amounts are exact texts already."""
    if isinstance(value, Mapping):
        return {_key(key): plain_data(one) for key, one in value.items()}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    assert isinstance(value, Iterable), "evidence holds plain data only"
    return [plain_data(one) for one in value]


def moment_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def plain_values(values: Mapping[str, object]) -> Document:
    """With moments as texts."""
    return {name: moment_text(one) if isinstance(one, datetime) else one for name, one in values.items()}


def _link_without_item(link: Link) -> Document:
    return {
        "key_result": link.key_result,
        "bucket": link.bucket.value,
        "weight": exact_text(link.weight),
        "source": link.source.value if link.source is not None else None,
        "reason": link.reason,
    }


def _figure_or_none(figure: Figure | None) -> Document | None:
    return None if figure is None else figure_document(figure)


def _span(span: Span) -> Document:
    return {"start": span.start, "end": span.end, "text": span.text, "why": span.why}


def _float(value: Exact | None) -> float | None:
    return None if value is None else float(value)


def _text_or_none(value: Exact | None) -> str | None:
    return None if value is None else exact_text(value)


def _key(key: object) -> str:
    return key.value if isinstance(key, StrEnum) else str(key)
