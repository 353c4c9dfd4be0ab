"""The sprint review on one sheet: what the sprint page tells, as plain texts, tables and pictures for any paper."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from reports.figures import OTHERS, Bar
from reports.finding_views import FindingView
from reports.paper_bar import PaperBar, paper_bar
from reports.restated import Change
from reports.sprint_views import Cell, SprintPage
from reports.views import MEASURES

_MOST_FINDINGS, _MOST_MOVED = 8, 12
_MOST_BESIDE = 3  # figures, old and new, beside each other in one table
_PICTURE = 400  # as wide as half a sheet, so that its letters are those of the text
LETTER, A4 = "us-letter", "a4"


@dataclass(frozen=True, slots=True)
class Table:
    """`numbers` are the columns that stand right."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class SheetFinding:
    severity: str
    title: str
    evidence: str
    suggestion: str


@dataclass(frozen=True, slots=True)
class Pictures:
    """The bars in one measure, and what is said in place of those that are not there."""

    measure: str
    bars: tuple[PaperBar, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Correction:
    """Old figures beside new ones."""

    words: str  # why, and when it was learnt
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """All texts are as they came: whoever prints them makes them harmless for that form."""

    title: str
    subtitle: str
    grounds: str  # as of when, in what measure
    goal: tuple[tuple[str, bool], ...]  # pieces, and which of them decided the verdict
    reading: tuple[str, ...]
    headline: str
    pictures: tuple[Pictures, ...]
    key_results: Table | None
    scope: Table | None
    beside: tuple[str, ...]  # what must be said beside the figures
    findings: tuple[SheetFinding, ...]
    more_findings: int
    corrections: tuple[Correction, ...]
    address: str  # of the page whose figures lead to their receipts


def sheet_of(page: SprintPage, address: str) -> Sheet:
    return Sheet(
        title=page.sprint.name,
        subtitle=f"{page.board} · {page.sprint.state} · {_days(page)}",
        grounds=_grounds(page),
        goal=tuple(_goal(page)),
        reading=tuple(_reading(page)),
        headline=_headline(page),
        pictures=tuple(
            Pictures(
                MEASURES[column.measure],
                tuple(paper_bar(bar, _PICTURE) for bar in column.bars),
                tuple(f"{scope.replace('_', ' ').capitalize()}: {why}" for scope, why in column.missing),
            )
            for column in page.columns
        ),
        key_results=_key_results(page),
        scope=_scope(page),
        beside=tuple(_beside(page)),
        findings=tuple(map(_finding, page.findings[:_MOST_FINDINGS])),
        more_findings=len(page.findings[_MOST_FINDINGS:]),
        corrections=tuple(_corrections(page)),
        address=address,
    )


def moment_words(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%-d %b %Y, %H:%M} UTC"


def picture_bars(page: SprintPage) -> tuple[Bar, ...]:
    """The bars of the picture for a chat: of the measure that was asked for."""
    return next(column.bars for column in page.columns if column.measure == page.measure)


def picture_lines(sheet: Sheet) -> tuple[str, ...]:
    goal = "".join(piece for piece, _ in sheet.goal)
    return tuple(line for line in (sheet.subtitle, goal, sheet.headline, sheet.grounds) if line)


def _days(page: SprintPage) -> str:
    sprint = page.sprint
    start, end = sprint.start, sprint.completed or sprint.end
    if start is None and end is None:
        return "no dates"
    named = " to ".join("no date" if day is None else f"{day.astimezone(UTC):%-d %b %Y}" for day in (start, end))
    return f"{named}, completed {moment_words(sprint.completed)}" if sprint.completed is not None else named


def _grounds(page: SprintPage) -> str:
    measured = f"As of {moment_words(page.ground.as_of)}, measured in {MEASURES[page.measure]}"
    if page.measure in ("count", "time_spent"):
        return f"{measured}."
    return f"{measured}; unestimated items count by “{page.ground.unestimated}”."


def _goal(page: SprintPage) -> Iterator[tuple[str, bool]]:
    text, at = page.goal["text"] or "", 0
    for span in sorted(page.goal["reasons"] if text.strip() else (), key=lambda one: one["start"]):
        start, end = max(span["start"], at), span["end"]
        if end > at:
            yield text[at:start], False
            yield text[start:end], True
            at = end
    if text.strip():
        yield text[at:], False


def _reading(page: SprintPage) -> Iterator[str]:
    view = page.wording
    if not (page.goal["text"] or "").strip():
        yield "No goal is written."
    if view.said is not None:
        yield f"{view.said.words.capitalize()}, says {view.said.overruling.author}: {view.said.overruling.reason}"
    if view.verdict:
        yield view.verdict
    if view.advice and view.advice != view.verdict:
        yield view.advice
    if page.goal["key_results"]:
        yield f"It names {', '.join(page.goal['key_results'])}."
    if page.goal["first"] is not None:
        yield f"The goal was changed after the start. It was: {page.goal['first'].strip() or 'none'}"
    if view.rewrite:
        yield f"It could say: {view.rewrite}"


def _headline(page: SprintPage) -> str:
    """What share serves key results, by both measures."""
    for scope in ("completed", "final") if page.sprint.state == "closed" else ("final",):
        bars = [bar for column in page.columns for bar in column.bars if bar.scope == scope and bar.segments]
        if bars:
            by_measure = ", ".join(f"{bar.serves} % in {MEASURES[bar.measure]}" for bar in bars)
            return f"Of what is {scope}, this serves key results: {by_measure}."
    return ""


def _key_results(page: SprintPage) -> Table | None:
    if not page.parts:
        return None
    heads = tuple(f"{scope}, {MEASURES[measure]}" for scope, measure in page.heads)
    rows = tuple(
        (f"{row.name} {row.kr.title}" if row.kr is not None else row.name, *map(_cell, row.cells)) for row in page.parts
    )
    return Table("What the work serves", ("What it serves", *heads), rows, frozenset(range(1, len(heads) + 1)))


def _cell(cell: Cell | None) -> str:
    return "–" if cell is None else f"{cell.percent} % ({cell.amount})"


def _scope(page: SprintPage) -> Table | None:
    if page.change is None:
        return None
    rows = []
    for step in page.change.steps:
        named = ", ".join(step.items) + (f" and {step.more} more" if step.more else "")
        number = f"{step.more} {'item' if step.more == 1 else 'items'}"
        rows.append((step.name, step.amount, " ".join(filter(None, (number if step.is_level else named, step.note)))))
    heads = ("Step", MEASURES[page.change.measure].capitalize(), "Items")
    return Table("From committed to completed", heads, tuple(rows), frozenset({1}))


def _beside(page: SprintPage) -> Iterator[str]:
    yield from page.notes
    if page.unestimated:
        yield page.unestimated.replace("the lines under the bars show where", "the figures in brackets say where")
    if page.outside is not None:
        yield f"{page.outside.words} It is in none of the bars."


def _finding(view: FindingView) -> SheetFinding:
    evidence = "; ".join(f"{name}: {words}" for name, words in view.evidence)
    return SheetFinding(view.finding.severity, view.title, evidence, view.finding.suggestion)


# --- what changed after the close


def _corrections(page: SprintPage) -> Iterator[Correction]:
    if page.corrected:
        tables = list(_old_and_new(page.corrected, "closed", "corrected"))
        if page.moved:
            shown = tuple((one.key, one.title, one.was, one.now, one.reason) for one in page.moved[:_MOST_MOVED])
            more = len(page.moved[_MOST_MOVED:])
            caption = "Items that link elsewhere since the completion" + (f", and {more} more" if more else "")
            tables.append(Table(caption, ("Item", "Title", "At completion", "Now", "Why now"), shown))
        words = "Links were changed after the close. The closed figure stays; the corrected one has the links as of"
        yield Correction(f"{words} {moment_words(page.ground.as_of)}.", tuple(tables))
    for change in page.changes:
        yield _restated(change)


def _restated(change: Change) -> Correction:
    words = f"Restated: {change.why} Learnt {moment_words(change.learnt_at)}."
    return Correction(words, tuple(_old_and_new(change.pairs, "before", "after")))


def _old_and_new(pairs: Sequence[tuple[Bar, Bar]], before: str, after: str) -> Iterator[Table]:
    """The figures beside each other, so that several take hardly more room than one."""
    for start in range(0, len(pairs), _MOST_BESIDE):
        some = pairs[start : start + _MOST_BESIDE]
        bars = [bar for pair in some for bar in pair]
        cells: dict[str, list[str]] = {}
        for column, bar in enumerate(bars):
            for segment in bar.segments:
                row = cells.setdefault(segment.part, ["–"] * len(bars))
                row[column] = f"{segment.percent} % ({segment.amount})"
        rows = [(OTHERS.get(part, part), *row) for part, row in cells.items()]
        rows.append(("all of it", *(bar.total for bar in bars)))
        names = [new.label.removesuffix(f", {after}") for _, new in some]
        heads = (f"{name}, {which}" for name in names for which in (before, after))
        numbers = frozenset(range(1, len(bars) + 1))
        caption = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
        yield Table(caption.capitalize(), ("What it serves", *heads), tuple(rows), numbers)
