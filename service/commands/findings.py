"""`tieline findings`: what a person should look at, and what they say about it."""

from datetime import datetime

import click
from rich.text import Text

from integration.store import reads
from integration.store.opened import Store
from integration.store.reads import KeptFinding
from reports import api_shapes, finding_pages, listings
from reports.finding_pages import STATES, WrongAct
from reports.finding_teams import of_team
from reports.finding_titles import TITLES
from reports.finding_views import FindingView, finding_views
from reports.terminal_findings import finding_page_parts, findings_parts
from reports.views import ground_of
from service.commands import OPERATOR, TABLE_OR_JSON, printing
from service.commands.deliveries import NUMBER
from service.commands.printing import AS_OF, CONNECTION, FAIL_ON, FORMAT, SEVERITIES

_EVERY = 1_000_000
_NONE = "There is no finding {}: `tieline findings` shows those that there are."
_numbers = click.argument("numbers", metavar="NUMBER...", type=NUMBER, nargs=-1, required=True)


@click.group(invoke_without_command=True)
@click.option("--kind", type=click.Choice(sorted(TITLES)), metavar="KIND", help="Only those of this kind.")
@click.option("--severity", type=click.Choice(SEVERITIES), help="Only those of this severity.")
@click.option("--team", default="", help="Only those of this team and its sub-teams.")
@click.option(
    "--state", type=click.Choice([*STATES, "all"]), default="open", show_default=True, help="Only those in this state."
)
@click.option("--all", "every", is_flag=True, help="All of a kind, where the table shows the first ones.")
@CONNECTION
@AS_OF
@FORMAT
@FAIL_ON
@click.pass_context
def findings(
    context: click.Context,
    kind: str | None,
    severity: str | None,
    team: str,
    state: str,
    every: bool,
    connection: str | None,
    as_of: str | None,
    form: str,
    fail_on: str | None,
) -> None:
    """List findings, the gravest first; or show, acknowledge or mute some by their numbers."""
    if context.invoked_subcommand is not None:
        return
    store, now = printing.the_store(as_of)
    with store.reading() as session:
        states = STATES if state == "all" else (state,)
        found = reads.open_findings(session, connection=connection, kind=kind, states=states)
        mine = of_team(session, ground_of(session, now), found, team)
    chosen = [one for one in mine if severity in (None, one.severity)]
    if form == "table" and not chosen and (awaited := printing.awaited(store)):
        printing.print_parts(lambda _width: (Text(awaited),))
    else:
        _print(_views(store, now, chosen), form, every)
    printing.end(fail_on, chosen)


def _print(views: tuple[FindingView, ...], form: str, every: bool) -> None:
    if form == "table":
        printing.print_parts(lambda _width: findings_parts(views, *((_EVERY,) if every else ())))
    elif form == "json":
        printing.print_json({"findings": [api_shapes.finding(view.finding) for view in views]})
    else:
        printing.print_table(listings.table_of_findings(views), form)


def _views(store: Store, now: datetime, found: list[KeptFinding]) -> tuple[FindingView, ...]:
    with store.reading() as session:
        ground = ground_of(session, now)
        return finding_views(session, found, ground)


@findings.command()
@click.argument("number", type=NUMBER)
@AS_OF
@TABLE_OR_JSON
def show(number: int, as_of: str | None, form: str) -> None:
    """Show one with its evidence, and what became of it so far."""
    page = finding_pages.finding_page(*printing.the_store(as_of), number)
    if page is None:
        raise click.ClickException(_NONE.format(number))
    if form == "json":
        printing.print_json(api_shapes.finding_with_events(page.view.finding, page.events))
    else:
        printing.print_parts(lambda _width: finding_page_parts(page))


@findings.command()
@_numbers
@click.option("--reason", required=True, help="Kept with the finding.")
def acknowledge(numbers: tuple[int, ...], reason: str) -> None:
    """Say that findings are seen, and why they may stay."""
    _act(numbers, {"act": "acknowledged", "reason": reason})


@findings.command()
@_numbers
@click.option("--reason", required=True, help="Kept with the finding.")
@click.option("--until", required=True, metavar="DAY", help="The last day of the mute, such as 2026-03-31.")
def mute(numbers: tuple[int, ...], reason: str, until: str) -> None:
    """Put findings aside until the end of a day."""
    _act(numbers, {"act": "muted", "reason": reason, "until": until})


def _act(numbers: tuple[int, ...], form: dict[str, str]) -> None:
    store, now = printing.the_store()
    for number in numbers:
        try:
            is_there = finding_pages.act(store, now, number, form, OPERATOR)
        except WrongAct as wrong:
            raise click.ClickException(wrong.sentence) from None
        if not is_there:
            raise click.ClickException(_NONE.format(number))
        click.echo(f"Finding {number} is {form['act']}.")
