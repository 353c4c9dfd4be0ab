"""Findings and epics in a terminal: by severity and kind, with what could be done."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from integration.store.together import qualified
from mappings.exact import exact_number
from mappings.model import Measure
from reports.figure_words import amount_words
from reports.finding_pages import FindingPage
from reports.finding_titles import TITLES
from reports.finding_views import OF_EPICS, SEVERITIES, FindingView
from reports.foreign_text import on_one_line, shortened
from reports.terminal_audit import indented, table
from reports.views import MEASURES

_SHOWN = 8  # of one kind
_EPICS_SHOWN = 40
_NOTHING = "Nothing is found."


def findings_parts(views: Sequence[FindingView], most: int = _SHOWN) -> Iterator[RenderableType]:
    """The gravest first; of each kind the first ones."""
    if not views:
        yield Text(_NOTHING)
    for severity, words in SEVERITIES.items():
        found = [view for view in views if view.finding.severity == severity]
        if not found:
            continue
        yield Text.assemble("\n", (words, "bold"), (f"  {len(found)} of {severity} severity", "dim"))
        for kind in dict.fromkeys(view.finding.kind for view in found):
            same = [view for view in found if view.finding.kind == kind]
            for view in same[:most]:
                yield from finding_lines(view)
            if len(same) > most:
                more = f"and {len(same) - most} more: tieline findings --kind {kind} --all"
                yield indented(Text(more, "dim"))


def finding_lines(view: FindingView) -> Iterator[RenderableType]:
    """What it is, about what, and what could be done; its number is how acts name it."""
    finding = view.finding
    number = f"#{finding.id} " if finding.id else ""
    state = "" if finding.state == "open" else f" ({finding.state})"
    subject = on_one_line(view.words)
    line = Text.assemble((f"{number}{view.title}", "bold"), f"{state}  {shortened(subject, 80)}")
    yield Padding(line, (0, 0, 0, 2))
    yield Padding(Text(on_one_line(finding.suggestion), "dim"), (0, 0, 0, 6))


def finding_page_parts(page: FindingPage) -> Iterator[RenderableType]:
    """One finding with its evidence, and what became of it so far."""
    yield from finding_lines(page.view)
    rows = table("", "")
    for name, words in page.view.evidence:
        rows.add_row(Text(on_one_line(name)), Text(on_one_line(words)))
    yield Padding(rows, (0, 0, 0, 6))
    for event in page.events:
        until = "" if event.until is None else f" until {event.until:%Y-%m-%d}"
        who = "" if event.actor is None else f", {event.actor}: {event.reason or ''}"
        yield indented(Text(on_one_line(f"{event.at:%Y-%m-%d %H:%M} {event.event}{until}{who}")))


def audit_tables(
    views: Sequence[FindingView], measure: str, titles: dict[tuple[str, str], str], width: int
) -> Iterator[RenderableType]:
    """The epics that findings speak of, by kind and cost; and a backlog without tags."""
    mine = [view for view in views if view.finding.kind in OF_EPICS]
    untagged = [view for view in views if view.finding.kind == "untagged_backlog"]
    if not mine and not untagged:
        yield Text("Every open epic that has work serves a key result, or is exempt.")
    for view in untagged:
        yield from _untagged(view, measure, titles, width)
    for kind in OF_EPICS:
        found = sorted((view for view in mine if view.finding.kind == kind), key=_cost)
        if found:
            yield Text.assemble("\n", (TITLES[kind], "bold"), f"  {len(found)}")
            yield indented(_epics(found, measure, width))
            if len(found) > _EPICS_SHOWN:
                more = f"and {len(found) - _EPICS_SHOWN} more: --format csv has all of them"
                yield indented(Text(more, "dim"))


def _epics(views: Sequence[FindingView], measure: str, width: int) -> RenderableType:
    left = f">left, {MEASURES[measure]}"
    rows = table("", "epic", "", ">days old", ">open", left, ">in all", ">of running sprints", "severity")
    for view in views[:_EPICS_SHOWN]:
        finding, evidence = view.finding, view.finding.evidence
        age = evidence.get("age_days")
        rows.add_row(
            f"#{finding.id}" if finding.id else "",
            Text(on_one_line(qualified(view.place, finding.subject) if view.place else finding.subject)),
            Text(shortened(on_one_line(view.about), max(width - 80, 40))),
            "–" if age is None else str(age),
            str(evidence["open_items"]),
            _amount(evidence["remaining"], measure),
            _amount(evidence["total"], measure),
            _percent(evidence["active_sprint_share"]),
            finding.severity if finding.state == "open" else f"{finding.severity}, {finding.state}",
        )
    return rows


def _untagged(
    view: FindingView, measure: str, titles: dict[tuple[str, str], str], width: int
) -> Iterator[RenderableType]:
    yield from finding_lines(view)
    rows = table("epic", "", ">open", f">left, {MEASURES[measure]}", ">of running sprints")
    for epic in view.finding.evidence["epics"][:_EPICS_SHOWN]:
        title = titles.get((view.finding.connection, epic["epic"]), "")
        rows.add_row(
            Text(on_one_line(qualified(view.place, epic["epic"]) if view.place else epic["epic"])),
            Text(shortened(on_one_line(title), max(width - 60, 40))),
            str(epic["open_items"]),
            _amount(epic["remaining"], measure),
            _percent(epic["active_sprint_share"]),
        )
    yield indented(rows)


def _cost(view: FindingView) -> tuple[float, float, str]:
    evidence = view.finding.evidence
    return -float(evidence["active_sprint_share"]), -float(exact_number(evidence["remaining"])), view.finding.subject


def _amount(text: str, measure: str) -> str:
    """Without its unit, which stands above the column."""
    return amount_words(exact_number(text), Measure(measure)).partition(" ")[0]


def _percent(share: float) -> str:
    return f"{float(share) * 100:.3g} %"
