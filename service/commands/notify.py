"""`tieline notify`: where messages go, what is told there, what was sent, and the links that share a bar."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlmodel import Session

from integration.contract import Misconfigured
from integration.messages import asking
from integration.messages.channels import CHANNELS
from integration.messages.news import SEVERITIES
from integration.messages.picture import PICTURES
from integration.messages.sending import LEASE, send_now
from integration.store import messages, messages_outbox, messages_shares
from integration.store.engine import reading, writing
from integration.store.messages import Wanted
from reports.foreign_text import on_one_line
from service import notifying
from service.commands import OPERATOR, TABLE_OR_JSON
from service.installation import Installation, now, opened

_PICTURES = click.option("--pictures", type=click.Choice(list(PICTURES)), help="How the picture is shown, if at all.")


@click.group()
def notify() -> None:
    """Tell chats, mailboxes and systems of yours what has happened."""


@notify.group()
def destinations() -> None:
    """Where messages go."""


@notify.group()
def subscriptions() -> None:
    """What is told there, of which work, and when."""


@notify.group()
def shares() -> None:
    """Links by which anybody sees one share bar, as a badge or in a frame."""


# --- destinations


@destinations.command("list")
@TABLE_OR_JSON
def list_destinations(form: str) -> None:
    """List all destinations; their addresses are not shown."""
    with reading(opened().engine) as session:
        found = messages.destinations(session)
    _print(form, ("name", "channel", "to", "pictures", "last sent", "trouble"), found, lambda one: (
        one.name, one.channel, one.shown, one.pictures, _day(one.sent_at), one.trouble or ""
    ))  # fmt: skip


@destinations.command("add")
@click.argument("name")
@click.argument("channel", type=click.Choice(list(CHANNELS)))
@click.option(
    "--address",
    help="Webhook address, mail addresses, or a Slack channel's id; asked for, or read from standard input with -.",
)
@click.option(
    "--secret",
    default="",
    help="A webhook's signing secret (whsec_…), else it is made; a bot's token (xoxb-…); - reads.",
)
@_PICTURES
def add_destination(name: str, channel: str, address: str | None, secret: str, pictures: str | None) -> None:
    """Add a destination. A webhook's signing secret is printed this once."""
    installation = opened()
    if address is None:
        is_open = channel in ("email", "slack-bot")
        address = click.prompt("Channel's id" if channel == "slack-bot" else "Address", hide_input=not is_open)
    if channel == "slack-bot" and not secret:
        secret = click.prompt("Bot token", hide_input=True)
    with _changing(installation) as (session, moment):
        given = (_read(address or ""), _read(secret))
        held = asking.add_destination(
            session, installation.vault, name, channel, *given, OPERATOR, moment, pictures or "inside"
        )
    click.echo(held if held is not None else f"{name} is added. Try it: tieline notify destinations test {name}")


@destinations.command("change")
@click.argument("name")
@click.option("--address", default="", help="Another address; - reads it from standard input.")
@click.option("--secret", default="", help="Another bot token or signing secret; - reads it from standard input.")
@_PICTURES
def change_destination(name: str, address: str, secret: str, pictures: str | None) -> None:
    """Change an address, a secret, or how pictures are shown; what is not given stays as it is."""
    installation = opened()
    with _changing(installation) as (session, moment):
        given = (_read(address), _read(secret), pictures or "")
        asking.change_destination(session, installation.vault, name, *given, OPERATOR, moment)


@destinations.command("test")
@click.argument("name")
def test_destination(name: str) -> None:
    """Send a test message now, and say what came of it."""
    installation = opened()
    postman = notifying.postman_of(installation)
    words = notifying.words_of(installation.settings)
    with _changing(installation) as (session, moment):
        number = asking.queue_test(session, words, name, OPERATOR, moment, moment + LEASE)
    tried = send_now(postman, number)
    if tried is None:
        raise click.ClickException(f"Message {number} is being sent by somebody else; tieline notify log says more.")
    if tried.reason != "sent":
        raise click.ClickException(tried.sentence)
    status = f" ({tried.status})" if tried.status is not None else ""
    click.echo(f"{tried.sentence.removesuffix('.')}{status}.")


@destinations.command("new-secret")
@click.argument("name")
def new_secret(name: str) -> None:
    """Give a webhook another signing secret, and print it; the one before signs along for a day."""
    installation = opened()
    with _changing(installation) as (session, moment):
        click.echo(asking.change_secret(session, installation.vault, name, OPERATOR, moment))


@destinations.command("remove")
@click.argument("name")
def remove_destination(name: str) -> None:
    """Remove a destination and what is told there; what still waits is set aside."""
    with _changing(opened()) as (session, moment):
        asking.remove_destination(session, name, OPERATOR, moment)


# --- subscriptions


@subscriptions.command("list")
@TABLE_OR_JSON
def list_subscriptions(form: str) -> None:
    """List what is told, to whom and when."""
    with reading(opened().engine) as session:
        found = messages.subscriptions(session)
    _print(form, ("number", "to", "what", "of", "when", "next"), found, lambda one: (
        str(one.id), one.destination, one.topic + (f" ({one.severity})" if one.severity else ""),
        ", ".join(filter(None, (one.connection, one.board, one.team))) or "everything",
        one.schedule or "when it happens", _day(one.next_at),
    ))  # fmt: skip


@subscriptions.command("add")
@click.argument("destination")
@click.argument("topic", type=click.Choice(asking.ASKED))
@click.option("--connection", help="Only what is of this connection.")
@click.option("--board", help="Its id; name the connection as well.")
@click.option("--team", help="This team and its sub-teams.")
@click.option("--severity", type=click.Choice(SEVERITIES), help="Findings at least so grave.")
@click.option("--schedule", help="When, for digest and sprint_starts.")
def add_subscription(
    destination: str,
    topic: str,
    connection: str | None,
    board: str | None,
    team: str | None,
    severity: str | None,
    schedule: str | None,
) -> None:
    """Tell a destination something.

    \b
    tieline notify subscriptions add team digest --schedule "every monday 08:00 Europe/Berlin"
    tieline notify subscriptions add team sprint_starts --schedule "2 hours before sprint start"
    tieline notify subscriptions add team sprint_closed --team Payments
    """
    wanted = Wanted(destination, topic, connection, board, team, severity, schedule)
    with _changing(opened()) as (session, moment):
        number = asking.subscribe(session, wanted, OPERATOR, moment)
    click.echo(number)


@subscriptions.command("remove")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
def remove_subscription(number: int) -> None:
    """Tell it no more."""
    with _changing(opened()) as (session, moment):
        asking.unsubscribe(session, number, OPERATOR, moment)


# --- what was sent


@notify.command()
@click.option("--state", type=click.Choice(messages_outbox.STATES), help="Only those in this state.")
@click.option("--destination", help="Only those to this destination.")
@click.option("--most", type=click.IntRange(1, 1000), default=50, show_default=True, help="So many at most.")
@TABLE_OR_JSON
def log(state: str | None, destination: str | None, most: int, form: str) -> None:
    """List the latest messages with what came of them; dead ones are set aside."""
    with reading(opened().engine) as session:
        found = messages_outbox.lines(session, state=state, destination=destination, most=most)
    _print(form, ("number", "to", "what", "title", "state", "tries", "last word"), found, lambda one: (
        str(one.id), one.destination, one.topic, one.title, one.state, str(one.attempts), one.sentence
    ))  # fmt: skip


@notify.command()
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
def replay(number: int) -> None:
    """Send a message again, with the same id."""
    with _changing(opened()) as (session, moment):
        asking.replay(session, number, OPERATOR, moment)
    click.echo("It waits to be sent.")


@notify.command("revoke-picture")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
def revoke_picture(number: int) -> None:
    """End the link to a message's picture."""
    with _changing(opened()) as (session, moment):
        asking.revoke_picture(session, number, OPERATOR, moment)


# --- links that share a bar


@shares.command("list")
@TABLE_OR_JSON
def list_shares(form: str) -> None:
    """List the links that hold."""
    with reading(opened().engine) as session:
        found = messages_shares.shares(session)
    _print(form, ("number", "connection", "what", "for", "made", "by"), found, lambda one: (
        str(one.id), one.connection, f"board {one.board}" if one.board else f"sprint {one.sprint}",
        one.label, _day(one.made_at), one.author,
    ))  # fmt: skip


@shares.command("add")
@click.argument("connection")
@click.option("--board", help="Its running sprint, or else its last one.")
@click.option("--sprint", help="This sprint.")
@click.option("--label", default="", help="What it is for.")
def add_share(connection: str, board: str | None, sprint: str | None, label: str) -> None:
    """Make a link; prints the addresses of its badge and its widget, this once."""
    installation = opened()
    with _changing(installation) as (session, moment):
        token = asking.share(session, connection, board, sprint, label, OPERATOR, moment)
    public = (installation.settings.public_url or "").rstrip("/")
    click.echo(f"{public}/badge/{token}/share.svg\n{public}/widget/{token}")


@shares.command("revoke")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
def revoke_share(number: int) -> None:
    """End a link."""
    with _changing(opened()) as (session, moment):
        asking.revoke_share(session, number, OPERATOR, moment)


# --- how it is said


def _read(given: str) -> str:
    """A line of standard input for a hyphen: what is typed as an option is seen by others on the machine."""
    return sys.stdin.readline() if given == "-" else given


@contextmanager
def _changing(installation: Installation) -> Iterator[tuple[Session, datetime]]:
    try:
        with writing(installation.engine) as session:
            yield session, now()
    except Misconfigured as wrong:
        raise click.ClickException(wrong.sentence) from wrong


def _print(form: str, heads: tuple[str, ...], found: tuple[Any, ...], cells: Any) -> None:
    if form == "json":
        for one in found:
            click.echo(json.dumps(asdict(one), default=str))
        return
    table = Table(*heads, box=None)
    for one in found:
        table.add_row(*(escape(on_one_line(cell)) for cell in cells(one)))
    Console(highlight=False).print(table)


def _day(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M}"
