"""The sheet as Markdown to paste into a review: tables and share bars of signs; foreign text stays text."""

from collections.abc import Iterator

from reports.foreign_text import for_markdown
from reports.sheet import Correction, Sheet, Table


def markdown(sheet: Sheet) -> str:
    return "\n".join(_lines(sheet)).rstrip() + "\n"


def _lines(sheet: Sheet) -> Iterator[str]:
    yield from (f"# {for_markdown(sheet.title)}", "", for_markdown(sheet.subtitle), "")
    if sheet.goal:
        yield from (f"> {_goal(sheet)}", "")
    for sentence in sheet.reading:
        yield from (for_markdown(sentence), "")
    if sheet.headline:
        yield from (f"**{for_markdown(sheet.headline)}**", "")
    yield from (f"_{for_markdown(sheet.grounds)}_", "")
    yield from _figures(sheet)
    for table in (sheet.key_results, sheet.scope):
        if table is not None:
            yield from (f"## {table.caption}", "", *_table(table), "")
    if sheet.beside:
        yield from ("## Beside the figures", "", *(f"- {for_markdown(words)}" for words in sheet.beside), "")
    yield from _findings(sheet)
    if sheet.corrections:
        yield from ("## Changed since it was closed", "")
        for correction in sheet.corrections:
            yield from _correction(correction)
    # The address is ours: its parts are quoted, and the signs that end a link are among them.
    yield f"Every figure opens to its receipt: <{sheet.address}>"


def _goal(sheet: Sheet) -> str:
    """The words that decided the verdict are bold; blanks stay outside, where the marks would not work."""
    pieces = []
    for text, is_marked in sheet.goal:
        inner = for_markdown(text)
        before = " " if text[:1].isspace() else ""
        after = " " if text[-1:].isspace() and text.strip() else ""
        pieces.append(f"{before}{f'**{inner}**' if is_marked and inner else inner}{after}")
    return "".join(pieces).strip()


def _figures(sheet: Sheet) -> Iterator[str]:
    for pictures in sheet.pictures:
        yield from (f"In {pictures.measure}:", "")
        yield from (f"- {for_markdown(bar.words)}" for bar in pictures.bars)
        yield from (f"- {for_markdown(words)}" for words in pictures.missing)
        yield ""


def _findings(sheet: Sheet) -> Iterator[str]:
    if not sheet.findings:
        return
    yield from ("## Worth a look", "")
    for each in sheet.findings:
        evidence = f" ({for_markdown(each.evidence)})" if each.evidence else ""
        yield f"- **{for_markdown(each.title)}** _{each.severity}_{evidence}: {for_markdown(each.suggestion)}"
    if sheet.more_findings:
        yield f"- and {sheet.more_findings} more"
    yield ""


def _correction(correction: Correction) -> Iterator[str]:
    yield from (for_markdown(correction.words), "")
    for table in correction.tables:
        yield from (f"**{for_markdown(table.caption)}**", "", *_table(table), "")


def _table(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(map(for_markdown, table.heads))} |"
    yield f"| {' | '.join('---:' if number in table.numbers else '---' for number in range(len(table.heads)))} |"
    for row in table.rows:
        yield f"| {' | '.join(map(for_markdown, row))} |"
