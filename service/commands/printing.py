"""What the commands that show figures have in common: their options, how they print, and how they end."""

import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, TypeVar

import click
from rich.console import Console, RenderableType
from rich.text import Text

from integration.store import due
from integration.store.opened import Store
from reports import moments, sheets
from reports.sheets import CannotWrite, Table
from reports.views import waits_for
from service.installation import now, opened

FORMATS = ("table", "json", "csv", "markdown")
SEVERITIES = ("high", "medium", "low")
_THEN = "tieline.as_of"  # the past moment that is asked for
_OUTDATED_SAID = "tieline.outdated_said"
_AWAITED = {
    "connection": "Nothing is connected yet: `tieline connect jira` or `tieline import FILE` brings a backlog, and"
    " `tieline sample load` one to look around in.",
    "backlog": "The backlog is still being read: what can be told of it comes by itself.",
}
_OUTDATED = (
    "What all figures rest on was changed, and they are not worked out anew yet: `tieline serve` or `tieline worker`"
    " does it."
)
EXIT_FOUND = 3  # apart from 1, something went wrong, and 2, wrong usage
Command = TypeVar("Command", bound=Callable[..., Any])

FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="A table for people, JSON for programs, CSV or Markdown.",
)
AS_OF = click.option("--as-of", metavar="DAY|MOMENT", help="As it was at the end of that day, or at that moment.")
MEASURE = click.option("--measure", type=click.Choice(["points", "count"]), help="Instead of that of the settings.")
CONNECTION = click.option("--connection", metavar="NAME", help="Only what is of this connection.")
FAIL_ON = click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    help=f"End with exit status {EXIT_FOUND} if an open finding of this severity, or a graver one, is shown.",
)


def the_store(as_of: str | None = None) -> tuple[Store, datetime]:
    """The store of this installation, or one of the past moment that is asked for as long as the command lasts; and
    one moment for the whole answer."""
    store, moment = Store(opened().engine), now()
    _work_out_first(store, moment)
    if as_of is None:
        return store, moment
    try:
        then = moments.past_moment(store, as_of, moment)
    except moments.NoMoment as none:
        raise click.BadParameter(none.sentence, param_hint="--as-of") from None
    if then is None:
        return store, moment
    here = click.get_current_context()
    here.meta[_THEN] = then
    return here.with_resource(moments.store_of(store, then, moment)), then


def _work_out_first(store: Store, moment: datetime) -> None:
    """Where a backlog was read and no worker has run yet, its figures are worked out here, lest one waits in vain."""
    here = click.get_current_context()
    with store.reading() as session:
        if waits_for(session):
            return
        waiting = [one for one in due.waiting(session) if one.connection]
        is_first = any(not any(due.decided(session, one.connection, part) for part in due.Part) for one in waiting)
    if is_first:
        from integration.answers import decide_due

        click.echo(
            "The figures are worked out, this once: `tieline serve` and `tieline worker` keep them so.", err=True
        )
        decide_due(store.engine, moment)
    elif any(one.everything_since is not None for one in waiting) and not here.meta.get(_OUTDATED_SAID):
        here.meta[_OUTDATED_SAID] = True
        click.echo(_OUTDATED, err=True)


def awaited(store: Store) -> str:
    """What must come before an empty answer may be taken for a good one; "" where nothing must."""
    with store.reading() as session:
        return _AWAITED.get(waits_for(session), "")


def print_parts(parts: Callable[[int], Iterable[RenderableType]]) -> None:
    """Print what is drawn for a width; into a pipe without blanks at the ends of lines."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
    if console.is_terminal:
        for part in (*_head(), *parts(console.width)):
            console.print(part, soft_wrap=False)
        return
    with console.capture() as captured:
        for part in (*_head(), *parts(console.width)):
            console.print(part, soft_wrap=False)
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def past_asked() -> str | None:
    """The past moment that is asked for, as addresses name it; None: now."""
    then: datetime | None = click.get_current_context().meta.get(_THEN)
    return None if then is None else then.isoformat()


def _head() -> Iterator[RenderableType]:
    then = click.get_current_context().meta.get(_THEN)
    if then is not None:
        yield Text(f"As of {then:%Y-%m-%d %H:%M} UTC.", "bold")


def print_table(table: Table, form: str) -> None:
    write_out(written(table, form))


def print_json(document: Any) -> None:
    import json

    write_out(json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8", "replace") + b"\n")


def write_out(content: bytes) -> None:
    sys.stdout.buffer.write(content)


def written(table: Table, form: str) -> bytes:
    try:
        return sheets.written(table, form)
    except CannotWrite as cannot:
        raise click.ClickException(str(cannot)) from None


def end(fail_on: str | None, findings: Iterable[Any]) -> None:
    """End as scripts are told: with the status for findings if an open one is grave enough."""
    if fail_on is None:
        return
    grave = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    number = sum(1 for one in findings if one.state == "open" and one.severity in grave)
    if number:
        click.echo(f"{number} open finding{'' if number == 1 else 's'} of severity {' or '.join(grave)}.", err=True)
        sys.exit(EXIT_FOUND)
