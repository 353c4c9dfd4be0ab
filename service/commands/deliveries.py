"""`tieline deliveries list|show|replay`: what trackers sent, what became of it, and how to have it worked on again."""

import json
import sys
from dataclasses import asdict
from typing import Any, get_args

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from integration.store.engine import reading, writing
from mappings.document import plain_values
from service.commands import TABLE_OR_JSON
from service.installation import opened
from webhooks import inbox
from webhooks.inbox import Detail, State, Summary

NUMBER = click.IntRange(1, 2**63 - 1)  # as databases number
EXIT_NOTHING = 1


@click.group()
def deliveries() -> None:
    """Look at the deliveries of trackers, and have them worked on again."""


@deliveries.command("list")
@click.option("--state", type=click.Choice(get_args(State)), help="Only those in this state; dead ones were set aside.")
@click.option("--connection", help="Only those of this connection.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="So many at most.")
@click.option("--before", type=NUMBER, help="Only those before this number: to go on with an older page.")
@TABLE_OR_JSON
def list_(state: State | None, connection: str | None, limit: int, before: int | None, form: str) -> None:
    """List deliveries, the newest first."""
    with reading(opened().engine) as session:
        found = inbox.list_deliveries(session, state, limit, before, connection)
        counts = inbox.counts(session)
    if form == "json":
        for line in found:
            click.echo(json.dumps(plain_values(asdict(line))))
        return
    console = Console(highlight=False)
    if found:
        console.print(_table(found))
    console.print(", ".join(f"{number} {name}" for name, number in counts.items()) + " in all.")


def _table(found: tuple[Summary, ...]) -> Table:
    table = Table("number", "received", "connection", "state", "tries", "size", "reason", box=None)
    for line in found:
        why = ": ".join(part for part in (line.reason, line.sentence) if part)
        table.add_row(
            str(line.id),
            f"{line.received_at:%Y-%m-%d %H:%M:%S}",
            escape(f"{line.tracker}/{line.connection}"),
            line.state,
            str(line.attempts),
            str(line.body_size),
            escape(_printable(why)),
        )
    return table


@deliveries.command()
@click.argument("number", type=NUMBER)
@TABLE_OR_JSON
def show(number: int, form: str) -> None:
    """Show one delivery with its headers and its body."""
    with reading(opened().engine) as session:
        found = inbox.show(session, number)
    if found is None:
        _nothing(number)
    elif form == "json":
        body = found.body.decode("utf-8", "replace")
        click.echo(json.dumps({**plain_values(asdict(found.summary)), "headers": dict(found.headers), "body": body}))
    else:
        _print(found)


def _print(found: Detail) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for name, value in plain_values(asdict(found.summary)).items():
        if value is not None:
            console.print(f"[bold]{name}[/bold]: {escape(_printable(str(value)))}")
    for name, value in found.headers.items():
        console.print(f"[bold]{escape(name)}[/bold]: {escape(_printable(value))}")
    console.print(escape(_printable(found.body.decode("utf-8", "replace"))))


@deliveries.command()
@click.argument("numbers", type=NUMBER, nargs=-1)
@click.option("--dead", is_flag=True, help="All that were set aside, or those of --connection.")
@click.option("--connection", help="With --dead: only those of this connection.")
def replay(numbers: tuple[int, ...], dead: bool, connection: str | None) -> None:
    """Have deliveries worked on again, at once."""
    if not numbers and not dead:
        raise click.UsageError("Name the numbers of deliveries, or say --dead.")
    missed = []
    replayed = 0
    with writing(opened().engine) as session:
        chosen = list(numbers) + (_dead(session, connection) if dead else [])
        for number in chosen:
            if inbox.replay(session, number):
                replayed += 1
            else:
                missed.append(number)
    click.echo(f"{replayed} to be worked on again.")
    for number in missed:
        click.echo(f"Delivery {number} is being worked on, or there is none.", err=True)
    if missed:
        sys.exit(EXIT_NOTHING)


def _dead(session: Any, connection: str | None) -> list[int]:
    found: list[int] = []
    page = inbox.list_deliveries(session, "dead", 1000, None, connection)
    while page:
        found += [line.id for line in page]
        page = inbox.list_deliveries(session, "dead", 1000, found[-1], connection)
    return found


def _printable(text: str) -> str:
    """What trackers send is not trusted: no escape sequence reaches the terminal."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in text)


def _nothing(number: int) -> None:
    click.echo(f"There is no delivery {number}: `tieline deliveries list` shows those that there are.", err=True)
    sys.exit(EXIT_NOTHING)
