"""A kept sprint as Markdown, to paste where people talk."""

from collections.abc import Iterator

from reports.figures import Bar
from reports.foreign_text import for_markdown
from reports.sprint_views import SprintPage


def sprint_markdown(page: SprintPage) -> Iterator[str]:
    sprint = page.sprint
    yield f"# {for_markdown(sprint.name)} ({sprint.state})\n\n"
    goal = page.goal["text"]
    yield f"Goal: {for_markdown(goal)}\n\n" if goal else "No goal is written.\n\n"
    if page.wording.said is not None:
        yield f"{for_markdown(page.wording.said.words)}, says {for_markdown(page.wording.said.overruling.author)}.\n\n"
    elif page.wording.verdict:
        yield f"{for_markdown(page.wording.verdict)}\n\n"
    yield "| figure | work | served |\n|---|--:|---|\n"
    for column in page.columns:
        for bar in column.bars:
            yield _bar_row(bar, page.measure)
    yield from _notes(page)
    if page.findings:
        yield "\n## Findings\n\n"
    for view in page.findings:
        subject = f" {for_markdown(view.about)}" if view.about else ""
        said = for_markdown(view.finding.suggestion)
        yield f"- **{view.title}**{subject}, {view.finding.severity} severity: {said}\n"
    policy = for_markdown(page.ground.unestimated)
    yield f"\nDecided at {page.decided_at:%Y-%m-%d %H:%M} UTC. Unestimated items: {policy}.\n"


def _bar_row(bar: Bar, measure: str) -> str:
    label = bar.label if bar.measure == measure else f"{bar.label}, by {bar.measure}"
    shown = (
        f"{for_markdown(one.name)} {one.percent} %" + (f" ({for_markdown(one.range)})" if one.between else "")
        for one in bar.segments
    )
    total = ", ".join(words for words in (bar.total, bar.estimated) if words)
    return f"| {for_markdown(label)} | {for_markdown(total)} | {' · '.join(shown) or 'no work'} |\n"


def _notes(page: SprintPage) -> Iterator[str]:
    outside = page.outside.words if page.outside is not None else ""
    for note in (outside, *page.notes):
        if note:
            yield f"\n- {for_markdown(note)}"
    yield "\n"
