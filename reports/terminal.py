"""An analysis for people in a terminal: share bars, what stands beside them, findings with what could be done.

Text from the tracker is only ever put into `Text` objects, never into markup."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.text import Text

from mappings.audit import Audit
from mappings.model import (
    Analysis,
    Backlog,
    Figure,
    Finding,
    KeyResultReading,
    Measure,
    PeriodReport,
    Rollup,
    Scope,
    Severity,
    SprintReport,
    SprintState,
)
from reports.figure_words import amount_words, estimated_words, goal_words, notes, parts_of, totals_words
from reports.finding_titles import TITLES
from reports.foreign_text import on_one_line
from reports.share_bar import legend, share_bar
from reports.terminal_audit import audit_parts, indented, items_words, table

_BARS = (Scope.COMMITTED, Scope.FINAL, Scope.COMPLETED)
_OTHERS = (Scope.ADDED, Scope.REMOVED, Scope.DONE_BEFORE, Scope.DROPPED, Scope.CARRIED_OVER)
_CLOSED_SHOWN = 3  # closed sprints of a board, the last ones
_CLOSED_SHOWN_IN_ALL = 12
_PERIODS_SHOWN = 6
_FINDINGS_SHOWN = 5  # of one kind
_LABEL = 11
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_SEVERITIES = {Severity.HIGH: "Look at these first", Severity.MEDIUM: "Worth a look", Severity.LOW: "For completeness"}


@dataclass(frozen=True, slots=True)
class Page:
    """What a person asked to see: `counts` are the same sprints by count, shown beside points."""

    analysis: Analysis
    backlog: Backlog
    counts: dict[str, SprintReport]
    audit: Audit | None = None
    only: frozenset[str] | None = None  # ids of the sprints asked for
    outside: Mapping[str, Figure] = field(default_factory=dict)  # by sprint: done outside sprints, beside it

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(reading.code for reading in self.analysis.key_results)


def shown_sprints(analysis: Analysis, only: frozenset[str] | None) -> tuple[SprintReport, ...]:
    """The sprints asked for; else the open ones and of each board the last three closed, of many boards the latest."""
    if only is not None:
        return tuple(report for report in analysis.sprints if report.sprint.id in only)
    closed: dict[str, list[SprintReport]] = {}
    for report in sorted(analysis.sprints, key=_completed):
        if report.state is SprintState.CLOSED:
            closed.setdefault(report.sprint.board, []).append(report)
    last = sorted((one for reports in closed.values() for one in reports[-_CLOSED_SHOWN:]), key=_completed)
    shown = {report.sprint.id for report in last[-_CLOSED_SHOWN_IN_ALL:]}
    return tuple(
        report
        for report in analysis.sprints
        if report.state is SprintState.ACTIVE or report.sprint.id in shown or _is_planned(report)
    )


def print_page(page: Page, console: Console) -> None:
    """Print everything, most telling first."""
    for part in page_parts(page, console.width):
        console.print(part, soft_wrap=False)


def page_parts(page: Page, width: int) -> Iterator[RenderableType]:
    analysis = page.analysis
    yield Text(f"As of {_moment(analysis.as_of)} · {_counts(page)}", "bold")
    for note in (*_grace(page), *page.backlog.notes):
        yield indented(Text(on_one_line(note), "italic"))
    if page.audit is not None and page.only is None:
        yield from audit_parts(page.audit, width)
    reports = shown_sprints(analysis, page.only)
    for report in reports:
        yield Text()
        yield from _sprint(report, page, width)
    left = len(analysis.sprints) - len(reports)
    if left and page.only is None:
        yield Text(
            f"\n{left} more sprint{'' if left == 1 else 's'}: --sprint NAME shows one, --format json all of them.",
            "dim",
        )
    if page.only is None:
        yield from _periods(page, width)
        yield from _rollups(page)
        yield from _key_results(page)
    yield from _findings(page)


# --- sprints and periods


def _sprint(report: SprintReport, page: Page, width: int) -> Iterator[RenderableType]:
    sprint = report.sprint
    board = next((board.name for board in page.backlog.boards if board.id == sprint.board), sprint.board)
    head = Text(on_one_line(sprint.name), "bold")
    head.append(f"  {report.state.value} · {on_one_line(board)}{_span(report)}", "not bold")
    yield head
    yield indented(Text(on_one_line(goal_words(report.goal))))
    for scope in _BARS:
        figure = report.scopes.get(scope)
        if figure is not None and figure.receipt:
            yield from _bar(scope.value, figure, page.codes, width)
    yield from _in_count(page.counts.get(sprint.id), page.codes)
    others = _other_scopes(report)
    if others:
        yield indented(Text(others, "dim"))
    if not any(figure is not None and figure.receipt for figure in report.scopes.values()):
        yield indented(Text("No work in it.", "dim"))
    yield from _outside(page.outside.get(sprint.id), page.codes)
    for note in notes(report):
        yield indented(Text(on_one_line(note), "italic"))


def _bar(label: str, figure: Figure, codes: Sequence[str], width: int) -> Iterator[RenderableType]:
    parts = parts_of(figure)
    beside = ", ".join(words for words in (totals_words(figure), estimated_words(figure)) if words)
    if not parts:
        yield indented(Text.assemble((f"{label:<{_LABEL}}", "bold"), f"no work to share out ({beside})"))
        return
    yield indented(Text.assemble((f"{label:<{_LABEL}}", "bold"), (beside, "dim")))
    yield indented(share_bar(parts, codes, min(width - 4, 100)))
    yield indented(legend(parts, codes))


def _in_count(report: SprintReport | None, codes: Sequence[str]) -> Iterator[RenderableType]:
    """The last known figure once more by count: points and count are never mixed in one."""
    figure = report.scopes.get(Scope.FINAL) if report is not None else None
    if figure is not None and figure.receipt:
        line = Text.assemble(
            (f"{'by count':<{_LABEL}}", "bold"), f"final, {amount_words(figure.total, Measure.COUNT)}: "
        )
        yield indented(line.append_text(legend(parts_of(figure), codes)))


def _outside(figure: Figure | None, codes: Sequence[str]) -> Iterator[RenderableType]:
    """Beside the sprint, never in its bars."""
    if figure is not None:
        number = "" if figure.measure is Measure.COUNT else f", {items_words(len(figure.items))}"
        words = f"done outside sprints, {totals_words(figure)}{number}"
        line = Text.assemble((f"{'beside':<{_LABEL}}", "bold"), words)
        parts = parts_of(figure)
        yield indented(line.append(": ").append_text(legend(parts, codes)) if parts else line)


def _other_scopes(report: SprintReport) -> str:
    found = ((scope, report.scopes.get(scope)) for scope in _OTHERS)
    return " · ".join(
        f"{scope.value.replace('_', ' ')} {totals_words(figure)} ({items_words(len(figure.items))})"
        for scope, figure in found
        if figure is not None and figure.receipt
    )


def _periods(page: Page, width: int) -> Iterator[RenderableType]:
    by_board: dict[str, list[PeriodReport]] = {}
    for report in page.analysis.periods:
        by_board.setdefault(report.board, []).append(report)
    names = {board.id: board.name for board in page.backlog.boards}
    for board, reports in by_board.items():
        yield Text.assemble("\n", (on_one_line(names.get(board, board)), "bold"), "  a board without sprints")
        for report in reports[-_PERIODS_SHOWN:]:
            label = f"{report.start.isoformat()} to {report.end.isoformat()}"
            running = ", still running" if report.state is SprintState.ACTIVE else ""
            yield from _bar(f"completed {label}{running}  ", report.completed, page.codes, width)


# --- roll-ups and key results


def _rollups(page: Page) -> Iterator[RenderableType]:
    """Those of the cycle that holds the moment, else of the last one there is."""
    cycle = _current_cycle(page)
    rows = [rollup for rollup in page.analysis.rollups if rollup.cycle == cycle]
    if not rows:
        return
    yield Text.assemble("\n", (f"Cycle {on_one_line(rows[0].cycle)}", "bold"), "  completed work, added up")
    for rollup in rows:
        line = Text.assemble((f"{_subject(rollup, page)}  ", "bold"), (totals_words(rollup.figure), "dim"))
        yield indented(line)
        yield Padding(legend(parts_of(rollup.figure), page.codes), (0, 0, 0, 4))
        if rollup.outside is not None:
            outside = Text("and outside sprints: " + totals_words(rollup.outside) + ": ", "dim")
            yield Padding(outside.append_text(legend(parts_of(rollup.outside), page.codes)), (0, 0, 0, 4))


def _subject(rollup: Rollup, page: Page) -> str:
    names = {board.id: board.name for board in page.backlog.boards}
    name = names.get(rollup.subject, rollup.subject) if rollup.by == "board" else rollup.subject
    by = "" if rollup.by == "company" else f"{rollup.by} "
    return f"{by}{on_one_line(name)}, {rollup.measure.value.replace('_', ' ')}"


def _current_cycle(page: Page) -> str | None:
    day = page.analysis.as_of.date()
    cycles = [cycle for plan in page.backlog.plans[-1:] for cycle in plan.cycles]
    holding = [cycle.id for cycle in cycles if cycle.start <= day <= cycle.end]
    with_rows = {rollup.cycle for rollup in page.analysis.rollups}
    past = [cycle.id for cycle in sorted(cycles, key=lambda one: one.end) if cycle.id in with_rows]
    return next((cycle for cycle in (*holding[::-1], *past[::-1]) if cycle in with_rows), None)


def _key_results(page: Page) -> Iterator[RenderableType]:
    if not page.analysis.key_results:
        return
    titles = {kr.code: kr for plan in page.backlog.plans for kr in plan.key_results}
    rows = table("key result", "", ">current", ">progress", ">to go", ">planned")
    for reading in page.analysis.key_results:
        kr = titles.get(reading.code)
        title = kr.title if kr is not None else ""
        live = "" if reading.live else "not live: "
        unit = f" {on_one_line(kr.unit)}" if kr is not None and kr.unit else ""
        rows.add_row(Text(on_one_line(reading.code)), Text(live + on_one_line(title)), *_readings(reading, unit))
    yield Text("\nKey results", "bold")
    yield indented(rows)


def _readings(reading: KeyResultReading, unit: str) -> Iterator[Text]:
    yield Text("–" if reading.current is None else f"{float(reading.current):g}{unit}")
    yield Text("–" if reading.progress is None else f"{float(reading.progress * 100):.0f} %")
    for value in (reading.to_go, reading.planned):
        yield Text("–" if value is None else f"{float(value):g}")


# --- findings


def _findings(page: Page) -> Iterator[RenderableType]:
    findings = [finding for finding in page.analysis.findings if page.only is None or finding.subject in page.only]
    if not findings:
        yield Text("\nNo findings.")
    for severity, title in _SEVERITIES.items():
        found = [finding for finding in findings if finding.severity is severity]
        if found:
            yield Text.assemble("\n", (f"{title}", "bold"), (f"  {len(found)} of {severity.value} severity", "dim"))
            yield from _by_kind(found, page)


def _by_kind(findings: Sequence[Finding], page: Page) -> Iterator[RenderableType]:
    kinds = dict.fromkeys(finding.kind for finding in findings)
    names = {sprint.id: sprint.name for sprint in page.backlog.sprints}
    for kind in kinds:
        found = [finding for finding in findings if finding.kind == kind]
        for finding in found[:_FINDINGS_SHOWN]:
            name = names.get(finding.subject, "")
            subject = f"{finding.subject} ({name})" if name and name != finding.subject else finding.subject
            line = Text.assemble((TITLES[kind], "bold"), f"  {on_one_line(subject)}: {on_one_line(finding.suggestion)}")
            yield Padding(line, (0, 0, 0, 2))
        if len(found) > _FINDINGS_SHOWN:
            yield indented(Text(f"and {len(found) - _FINDINGS_SHOWN} more: --format json lists them", "dim"))


# --- small things


def _counts(page: Page) -> str:
    policy = dict(page.backlog.plans[-1].settings.unestimated)
    shown = ", ".join(f"{kind}: {value}" if kind != "*" else str(value) for kind, value in policy.items())
    measure = page.analysis.sprints[0].measure if page.analysis.sprints else page.backlog.plans[-1].settings.measure
    parts = [f"measure {measure.value.replace('_', ' ')}"]
    if measure in (Measure.POINTS, Measure.ORIGINAL_ESTIMATE):
        parts.append(f"unestimated items count {on_one_line(shown)}")
    parts.append(items_words(len(page.backlog.items)))
    return " · ".join(parts)


def _grace(page: Page) -> Iterator[str]:
    grace = page.backlog.plans[-1].settings.commit_grace
    if grace:
        yield f"committed is what is in a sprint {float(grace):g} minutes after its start: planning often ends later"


def _span(report: SprintReport) -> str:
    start = report.sprint.start
    end = report.sprint.completed if report.state is SprintState.CLOSED else report.sprint.end
    if start is None:
        return ""
    return f" · {start:%Y-%m-%d} to {end:%Y-%m-%d}" if end is not None else f" · from {start:%Y-%m-%d}"


def _is_planned(report: SprintReport) -> bool:
    final = report.scopes.get(Scope.FINAL)
    return report.state is SprintState.FUTURE and final is not None and bool(final.receipt)


def _completed(report: SprintReport) -> tuple[bool, datetime]:
    """Order by completion; those that are not completed last."""
    completed = report.sprint.completed
    return completed is None, completed or _NEVER


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
