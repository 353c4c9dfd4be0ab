"""A kept sprint in a terminal: what its page shows, from the same values."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from rich.console import RenderableType
from rich.text import Text

from reports.figure_words import NamedPart
from reports.figures import OTHERS, Bar, Names
from reports.finding_views import FindingView
from reports.foreign_text import on_one_line, shortened
from reports.receipts import Receipt, number_words
from reports.share_bar import legend, share_bar
from reports.sprint_views import SprintPage
from reports.terminal_audit import indented, items_words, table
from reports.terminal_findings import finding_lines

_LABEL = 11
_WIDEST = 100
_ROWS_SHOWN = 200


def sprint_parts(page: SprintPage, width: int) -> Iterator[RenderableType]:
    sprint = page.sprint
    head = Text(on_one_line(sprint.name), "bold")
    where = f" on {sprint.connection}" if page.ground.is_several else ""
    head.append(f"  {sprint.state} · {on_one_line(page.board)}{where}{_span(page)}", "not bold")
    yield head
    yield from _goal(page)
    for column in page.columns:
        for bar in column.bars:
            if column.measure == page.measure or bar.scope == "final":
                yield from bar_parts(bar, page.ground.names, width)
    for note in (*_missing(page), _imputed(page), *page.notes):
        if note:
            yield indented(Text(on_one_line(note), "italic"))
    if page.others:
        others = " · ".join(f"{one.label} {one.total} ({items_words(one.items)})" for one in page.others)
        yield indented(Text(others, "dim"))
    if page.outside is not None:
        yield indented(Text(page.outside.words))
    yield from _served(page, width)
    yield from _corrections(page)
    yield from sprint_findings(page.findings)


def bar_parts(bar: Bar, names: Names, width: int) -> Iterator[RenderableType]:
    """A figure: what it is of, the bar, and each part with its percent and interval."""
    codes, parts = tuple(names), parts_of(bar)
    label = bar.label if bar.measure != "count" else f"{bar.label}, by count"
    beside = ", ".join(words for words in (bar.total, bar.estimated) if words)
    if not parts:
        yield indented(Text.assemble((f"{label:<{_LABEL}} ", "bold"), f"no work to share out ({beside})"))
        return
    yield indented(Text.assemble((f"{label:<{_LABEL}} ", "bold"), (beside, "dim")))
    yield indented(share_bar(parts, codes, max(min(width - 4, _WIDEST), 10)))
    yield indented(legend(parts, codes))


def parts_of(bar: Bar) -> tuple[NamedPart, ...]:
    """The segments of a kept figure as the terminal's bar draws them."""
    return tuple(
        NamedPart(
            name=one.name,
            is_key_result=one.kind == "key_result",
            amount=0,
            share=Fraction(one.share),
            percent=one.percent,
            low=Fraction(one.low),
            high=Fraction(one.high),
        )
        for one in bar.segments
    )


def receipt_parts(receipt: Receipt, width: int) -> Iterator[RenderableType]:
    """What made a figure, item by item; the amounts add up to it."""
    named = on_one_line(f"{receipt.part_name} {receipt.part_title}".strip())
    percent = "" if receipt.percent is None else f", {receipt.percent} %"
    yield Text(f"{on_one_line(receipt.name)}, {receipt.scope_name}: {named}{percent}", "bold")
    yield indented(Text(f"{receipt.total} in {items_words(receipt.items)}, of {receipt.figure_total}"))
    rows = table("item", "", "serves", ">work", ">weight", ">amount", "why")
    for row in receipt.rows[:_ROWS_SHOWN]:
        value = number_words(row.value, receipt.measure) + ("*" if row.imputed else "")
        rows.add_row(
            Text(on_one_line(row.item)),
            Text(shortened(on_one_line(row.title), max(width // 4, 40))),
            Text(on_one_line(OTHERS.get(row.part, row.part))),
            value,
            f"{float(row.weight) * 100:.3g} %",
            number_words(row.amount, receipt.measure),
            Text(on_one_line(row.why)),
        )
    yield indented(rows)
    if any(row.imputed for row in receipt.rows):
        yield indented(Text("* not estimated: the value is that of the policy", "dim"))
    if len(receipt.rows) > _ROWS_SHOWN:
        yield indented(Text(f"and {len(receipt.rows) - _ROWS_SHOWN} more: --format csv has all of them", "dim"))


def sprint_findings(views: Sequence[FindingView]) -> Iterator[RenderableType]:
    if not views:
        yield Text("  No findings.", "dim")
        return
    yield Text("\nFindings", "bold")
    for view in views:
        yield from finding_lines(view)


def _goal(page: SprintPage) -> Iterator[RenderableType]:
    text = page.goal["text"]
    if not (text or "").strip():
        yield indented(Text("No goal is written."))
        return
    yield indented(Text(f"Goal: {on_one_line(text)}"))
    wording = page.wording
    said = wording.said
    verdict = wording.verdict if said is None else f"{said.words}, says {said.overruling.author}"
    yield indented(Text(on_one_line(verdict), "italic"))
    for span in wording.reasons:
        yield indented(Text(on_one_line(f"“{span.text}” {span.why}"), "dim"))
    if page.goal["first"] is not None:
        yield indented(Text(on_one_line(f"It was changed after the start; it was: {page.goal['first'] or 'none'}")))


def _missing(page: SprintPage) -> Iterable[str]:
    shown = next((column for column in page.columns if column.measure == page.measure), None)
    return [f"{scope}: {why}" for scope, why in shown.missing] if shown is not None else []


def _served(page: SprintPage, width: int) -> Iterator[RenderableType]:
    """Each part in each figure: the table of the page."""
    if not page.parts:
        return
    heads = [f">{scope}" if measure == page.measure else f">{scope}, {measure}" for scope, measure in page.heads]
    rows = table("", "", *heads)
    for part in page.parts:
        title = part.kr.title if part.kr is not None else ""
        cells = ["–" if cell is None else f"{cell.percent} %" for cell in part.cells]
        rows.add_row(Text(on_one_line(part.name)), Text(shortened(on_one_line(title), max(width - 60, 40))), *cells)
    yield Text()
    yield indented(rows)


def _corrections(page: SprintPage) -> Iterator[RenderableType]:
    """What was learnt after the close, beside the figure of the close."""
    for closed, fixed in page.corrected:
        words = f"{closed.label}: {closed.serves} % served key results at completion, {fixed.serves} % by the links of"
        yield indented(Text(f"{words} now.", "italic"))
    for change in page.changes:
        for old, new in change.pairs:
            words = f"{old.scope}: {old.serves} % before, {new.serves} % after"
            yield indented(Text(f"Restated on {change.learnt_at:%Y-%m-%d}. {change.why} {words}.", "italic"))


def _imputed(page: SprintPage) -> str:
    if not page.unestimated:
        return ""
    return f"Unestimated items count by the policy “{page.ground.unestimated}”; brackets say where a share could lie."


def _span(page: SprintPage) -> str:
    sprint = page.sprint
    end = sprint.completed if sprint.state == "closed" else sprint.end
    if sprint.start is None:
        return ""
    return f" · {sprint.start:%Y-%m-%d} to {end:%Y-%m-%d}" if end is not None else f" · from {sprint.start:%Y-%m-%d}"
