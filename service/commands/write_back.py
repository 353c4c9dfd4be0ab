"""`tieline write-back`: change the tracker from here. It is off until switched on, and shows before it sends."""

import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click
from rich.console import Console
from rich.progress import Progress

from integration.contract import Misconfigured, TrackerError
from service.commands import OPERATOR, TABLE_OR_JSON, write_back_shown

if TYPE_CHECKING:
    from integration.store.write_back_records import Run
    from integration.write_back.sending import Office
    from integration.write_back.wishes import Wish
    from service.installation import Installation

T = TypeVar("T")
LOOK_AGAIN = 0.5  # seconds
EXIT_NOT_DONE = 1

_send = click.option("--send", "sends", is_flag=True, help="Send it; without this it is shown only.")
_name = click.option("--name", default=OPERATOR, show_default=True, help="Who does it; kept with the record.")
_number = click.argument("number", type=click.IntRange(1, 2**31 - 1))


@click.group("write-back")
def write_back() -> None:
    """Write key results, marks and comments to the tracker. Off by default; shown first; every change can be undone."""


@write_back.command()
@click.argument("connection")
@_name
def enable(connection: str, name: str) -> None:
    """Allow that changes are sent to CONNECTION."""
    _switch(connection, name, on=True)
    click.echo(f"Writing to {connection} is on. Nothing is sent unless somebody says so for each preview.")


@write_back.command()
@click.argument("connection")
@_name
def disable(connection: str, name: str) -> None:
    """Send nothing more to CONNECTION; what is being sent stops before the next change."""
    _switch(connection, name, on=False)
    click.echo(f"Writing to {connection} is off.")


@write_back.command("key-result")
@click.argument("connection")
@click.argument("codes", nargs=-1, required=True)
@click.option("--on", "keys", required=True, multiple=True, help="Keys of the items, such as PAY-4; may be repeated.")
@click.option(
    "--children",
    type=click.Choice(["none", "open", "all"]),
    default="none",
    show_default=True,
    help="Tag the items right below, too.",
)
@click.option("--replace-children", is_flag=True, help="Also those that have a tag of their own.")
@click.option("--into", help="Which field to write, by name or id; or Labels, or a type of link.")
@_name
@_send
@TABLE_OR_JSON
def key_result(
    connection: str,
    codes: tuple[str, ...],
    keys: tuple[str, ...],
    children: Any,
    replace_children: bool,
    into: str | None,
    name: str,
    sends: bool,
    form: str,
) -> None:
    """Set the key results CODES on items of CONNECTION."""
    from integration.write_back.wishes import SetKeyResults, keys_in

    items = keys_in(" ".join(keys))
    _ask(connection, SetKeyResults(codes, items, children, replace_children, into), name, form, sends=sends)


@write_back.command()
@click.argument("connection")
@click.option("--label", help="Mark with this label.")
@click.option("--property", "key", help="Mark with an issue property of this key, which nobody sees.")
@_name
@_send
@TABLE_OR_JSON
def orphans(connection: str, label: str | None, key: str | None, name: str, sends: bool, form: str) -> None:
    """Mark the epics of CONNECTION that serve no key result, and unmark those of ours that do by now."""
    from integration.write_back.wishes import LABEL, MarkOrphans

    if label is not None and key is not None:
        raise click.UsageError("Mark with a label or with a property, not both.")
    wish = MarkOrphans("property", key) if key is not None else MarkOrphans("label", label or LABEL)
    _ask(connection, wish, name, form, sends=sends)


@write_back.command()
@click.argument("connection")
@click.option("--sprint", required=True, help="The sprint's id, as its page's address has it.")
@click.option("--on", "keys", required=True, multiple=True, help="Keys of the items that get the comment.")
@_name
@_send
@TABLE_OR_JSON
def comment(connection: str, sprint: str, keys: tuple[str, ...], name: str, sends: bool, form: str) -> None:
    """Comment what a sprint's work serves on items of CONNECTION: a sprint itself takes no comments."""
    from integration.write_back.wishes import CommentCoverage, keys_in

    _ask(connection, CommentCoverage(sprint, keys_in(" ".join(keys))), name, form, sends=sends)


@write_back.command()
@_number
@_name
@TABLE_OR_JSON
def send(number: int, name: str, form: str) -> None:
    """Send what record NUMBER has shown."""
    _send_it(number, name, form)


@write_back.command()
@_number
@_name
@TABLE_OR_JSON
def resume(number: int, name: str, form: str) -> None:
    """Go on with record NUMBER, which was stopped or whose sender died; nothing is sent twice."""
    _send_it(number, name, form)


@write_back.command()
@_number
@_name
def stop(number: int, name: str) -> None:
    """Send nothing more of record NUMBER, whoever is sending it."""
    from integration.write_back import asking
    from service.installation import now

    _said(lambda: asking.stop(_opened().engine, number, name, now()))
    click.echo(f"Record {number} is stopped: `tieline write-back resume {number}` goes on with it.")


@write_back.command()
@_number
@click.option("--change", type=click.IntRange(1), help="Only this change, by its number in the record.")
@_name
@_send
@TABLE_OR_JSON
def undo(number: int, change: int | None, name: str, sends: bool, form: str) -> None:
    """Give back what was there before record NUMBER; what was changed by others since stays."""
    from integration.write_back.undoing import plan_undo
    from service.installation import now

    office = _office()
    made = _said(lambda: plan_undo(office.engine, office.trackers, number, name, now(), change))
    if sends:
        _send_it(made, name, form)
    else:
        _show(office, made, form)


@write_back.command()
@click.argument("number", type=click.IntRange(1, 2**31 - 1), required=False)
@click.option("--connection", help="Only records of this connection.")
@TABLE_OR_JSON
def status(number: int | None, connection: str | None, form: str) -> None:
    """List the records, the newest first, or show record NUMBER with its changes."""
    from integration.store.engine import reading
    from integration.store.write_back_records import runs

    office = _office()
    if number is not None:
        _show(office, number, form)
        return
    with reading(office.engine) as session:
        found = runs(session, connection)
    write_back_shown.list_all(found, form)


# --- planning and sending ---------------------------------------------------------------------


def _ask(connection: str, wish: "Wish", name: str, form: str, *, sends: bool) -> None:
    from integration.write_back import asking
    from integration.write_back.sending import work_once

    office = _office()
    number = _said(lambda: asking.ask(office.engine, connection, wish, name, office.clock()))
    while _run(office, number).state == "planning":
        if not work_once(office, number):  # a worker of the service makes it
            time.sleep(LOOK_AGAIN)
    if sends and _run(office, number).to_send:
        _send_it(number, name, form)
    else:
        _show(office, number, form)


def _send_it(number: int, name: str, form: str) -> None:
    """Send here and now, beside the workers of the service; whoever has the turn sends."""
    from integration.write_back import asking

    office = _office()
    if _said(lambda: _run(office, number)).state not in ("waiting", "running"):
        _said(lambda: asking.send(office.engine, number, name, office.clock()))
    try:
        with Progress(console=Console(stderr=True), disable=form == "json" or not sys.stderr.isatty()) as progress:
            _watch(office, number, progress)
    except KeyboardInterrupt:
        asking.stop(office.engine, number, name, office.clock())
        click.echo(f"Stopped: `tieline write-back resume {number}` goes on.", err=True)
    _show(office, number, form)


def _watch(office: "Office", number: int, progress: Progress) -> None:
    from integration.write_back.sending import work_once

    first = _run(office, number)
    task = progress.add_task(f"Record {number}", total=first.total, completed=first.total - first.to_send)
    said = None
    while (run := _run(office, number)).state in ("waiting", "running"):
        progress.update(task, completed=run.total - run.to_send)
        if work_once(office, number, lambda: progress.advance(task)):
            continue
        said = _say_why_it_waits(run, said, office.clock())
        time.sleep(LOOK_AGAIN)


def _say_why_it_waits(run: "Run", said: str | None, now: datetime) -> str | None:
    until = run.not_before if run.state == "waiting" else run.lease_until
    if until is None or until <= now:
        return said
    why = run.problem or "Another process has the turn; if it died, this one takes over."
    line = f"{why} Until {until:%H:%M:%S} UTC at the latest."
    if run.state == "waiting" and line != said:
        click.echo(line, err=True)
    elif said is None:
        click.echo(line, err=True)
        return line
    return line if run.state == "waiting" else said


def _show(office: "Office", number: int, form: str) -> None:
    from integration.store.engine import reading
    from integration.store.write_back_records import changes_of

    run = _said(lambda: _run(office, number))
    with reading(office.engine) as session:
        changes = changes_of(session, number)
    write_back_shown.show(run, changes, form)
    if run.state == "stopped" or any(change.state in ("stale", "refused") for change in changes):
        sys.exit(EXIT_NOT_DONE)


# --- the installation ---------------------------------------------------------------------------


def _opened() -> "Installation":
    from service.installation import opened

    return opened()


def _office() -> "Office":
    from integration.trackers import load_trackers
    from integration.write_back.sending import Office
    from service.installation import now

    installation = _opened()
    return Office(installation.engine, installation.vault, load_trackers(), now)


def _run(office: "Office", number: int) -> "Run":
    from integration.store.engine import reading
    from integration.store.write_back_records import run_of

    with reading(office.engine) as session:
        found = run_of(session, number)
    if found is None:
        raise Misconfigured("write_back", f"There is no record {number}: `tieline write-back status` lists them.")
    return found


def _switch(connection: str, name: str, *, on: bool) -> None:
    from integration.write_back import asking
    from service.installation import now

    _said(lambda: asking.switch(_opened().engine, connection, name, now(), on=on))


def _said(act: Callable[[], T]) -> T:
    """For the command line: an error is said in a sentence."""
    try:
        return act()
    except TrackerError as error:
        raise click.ClickException(error.sentence) from error
