"""The ten-minute audit in a terminal, and the small parts that it shares with the rest of the page."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mappings.audit import Audit, Carrier
from reports.figure_words import amount_words
from reports.foreign_text import on_one_line, shortened

_EPICS_SHOWN = 15


def audit_parts(audit: Audit, width: int) -> Iterator[RenderableType]:
    yield Text("\nTen-minute audit", "bold")
    facts = table("", "")
    for label, words in _facts(audit):
        facts.add_row(Text(label), Text(words))
    yield indented(facts)
    if audit.epics:
        rows = table("epic", "", ">open", ">items", ">work below")
        for epic in audit.epics[:_EPICS_SHOWN]:
            title = shortened(on_one_line(epic.title), max(width - 46, 40))
            rows.add_row(
                Text(on_one_line(epic.key)),
                Text(title),
                str(epic.open_items),
                str(len(epic.items)),
                amount_words(epic.total, audit.measure),
            )
        yield Text("\nWhat hangs below the epics", "bold")
        yield indented(rows)
        if len(audit.epics) > _EPICS_SHOWN:
            yield indented(Text(f"and {len(audit.epics) - _EPICS_SHOWN} more: --format json lists them", "dim"))
    yield Text("\nWhat could carry the name of a key result", "bold")
    for carrier in audit.carriers:
        yield indented(Text(_carrier(carrier, audit.counted)))


def _facts(audit: Audit) -> Iterator[tuple[str, str]]:
    yield "sprints", ", ".join(f"{len(ids)} {state.value}" for state, ids in audit.sprints)
    statuses = {status.value: len(keys) for status, keys in audit.statuses}
    yield "items", ", ".join(f"{number} {status}" for status, number in statuses.items()) or "none"
    share = f" ({round(100 * len(audit.estimated) / audit.counted)} %)" if audit.counted else ""
    yield "estimated", f"{len(audit.estimated)} of {audit.counted}{share}, in {audit.measure.value.replace('_', ' ')}"
    if audit.without_history:
        yield (
            "history",
            f"not in the source for {items_words(len(audit.without_history))}: tags, estimates and sprints are today's",
        )
    yield "epics", f"{len(audit.epics)}, {len(audit.childless_epics)} of them without a child in the file"
    if audit.unseen_parents:
        below = len({key for _, items in audit.unseen_parents for key in items})
        parents = len(audit.unseen_parents)
        yield (
            "unseen",
            f"{items_words(below)} below {parents} {'parent' if parents == 1 else 'parents'} that cannot be seen",
        )


def _carrier(carrier: Carrier, counted: int) -> str:
    if carrier.kind == "epics":
        return f"epics: tagging them would reach {carrier.items} of {counted} items, which inherit it"
    name = on_one_line(f"the field {carrier.name}" if carrier.kind == "field" else carrier.kind)
    samples = ", ".join(f"{shortened(on_one_line(value), 30)} ({number})" for value, number in carrier.values)
    return f"{name}: filled on {carrier.items} of {counted} items" + (f"; most often {samples}" if samples else "")


def items_words(number: int) -> str:
    return "1 item" if number == 1 else f"{number} items"


def table(*heads: str) -> Table:
    found = Table(box=None, pad_edge=False, show_header=any(heads), header_style="dim", padding=(0, 2, 0, 0))
    for head in heads:
        found.add_column(head.lstrip(">"), justify="right" if head.startswith(">") else "left", overflow="fold")
    return found


def indented(part: RenderableType) -> RenderableType:
    return Padding(part, (0, 0, 0, 2))
