"""How `tieline write-back` shows records: as tables, or as JSON for programs."""

import json
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from integration.store.write_back_records import Change, Run

_STATES = {
    "planned": "to send",
    "sending": "not known",
    "sent": "sent",
    "same": "so already",
    "stale": "changed since",
    "refused": "refused",
    "nothing": "nothing to send",
}


def show(run: "Run", changes: "tuple[Change, ...]", form: str) -> None:
    """Show one record with its changes."""
    if form == "json":
        from reports.write_back_documents import change_document, run_document

        click.echo(json.dumps({**run_document(run), "changes": [change_document(change) for change in changes]}))
    else:
        _print(run, changes)


def list_all(found: "tuple[Run, ...]", form: str) -> None:
    """Show records, each in a line."""
    if form == "json":
        from reports.write_back_documents import run_document

        for run in found:
            click.echo(json.dumps(run_document(run)))
        return
    table = Table("record", "when", "by", "connection", "state", "sent", "what", box=None)
    for run in found:
        sent = f"{run.numbers.get('sent', 0)} of {run.total}"
        when = f"{run.at:%Y-%m-%d %H:%M}"
        cells = (str(run.id), when, run.author, run.connection, run.state, sent, run.words)
        table.add_row(*(escape(printable(cell)) for cell in cells))
    Console(highlight=False).print(table if found else "Nothing was ever planned.")


def _print(run: "Run", changes: "tuple[Change, ...]") -> None:
    console = Console(highlight=False)
    console.print(f"Record {run.id}, {run.state}: {escape(printable(run.words))}")
    if run.problem:
        console.print(escape(printable(run.problem)))
    if changes:
        console.print(_table(changes))
    for sentence in run.effect:
        console.print(escape(printable(sentence)))
    numbers = ", ".join(f"{run.numbers[state]} {words}" for state, words in _STATES.items() if run.numbers.get(state))
    console.print(f"{numbers or 'No item'}.")
    if run.state == "planned" and run.to_send:
        console.print(f"Nothing was sent. `tieline write-back send {run.id}` sends it.")


def _table(changes: "tuple[Change, ...]") -> Table:
    table = Table("", "item", "title", "where", "what", "state", box=None)
    for change in changes:
        what = f"{change.former or 'nothing'} → {change.wanted or 'nothing'}" if change.edit is not None else ""
        state = ": ".join(part for part in (_STATES[change.state], change.problem) if part)
        cells = (str(change.position), change.key, change.title, change.place, what, state)
        table.add_row(*(escape(printable(cell)) for cell in cells))
    return table


def printable(text: str) -> str:
    """What trackers say is not trusted: no escape sequence reaches the terminal."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in text)
