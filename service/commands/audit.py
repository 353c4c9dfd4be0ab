"""`tieline audit`: the epics that serve no key result, or say otherwise than their children, by what they cost; and
what is done about several of them."""

from dataclasses import replace

import click
from rich.text import Text

from reports import api_shapes, audit_acts, audit_views, listings
from reports.audit_lines import AuditLines, audit_lines
from reports.audit_views import AuditAsked
from reports.finding_pages import WrongAct
from reports.finding_views import OF_EPICS
from reports.terminal_findings import audit_tables
from service.commands import OPERATOR, printing
from service.commands.printing import AS_OF, CONNECTION, FAIL_ON, FORMAT
from service.commands.rules import effect_parts

_preview = click.option("--preview", is_flag=True, help="Only say which epics it would be, and what figures become.")
_reason = click.option("--reason", default="", help="Kept with the act; needed where it is done.")
_epics = click.argument("epics", metavar="CONNECTION/KEY...", nargs=-1, required=True)


@click.group(invoke_without_command=True)
@click.option("--kind", type=click.Choice([*OF_EPICS, "untagged_backlog"]), help="Only findings of this kind.")
@click.option("--team", default="", help="Only the epics of this team and its sub-teams.")
@CONNECTION
@AS_OF
@FORMAT
@FAIL_ON
@click.pass_context
def audit(
    context: click.Context,
    kind: str | None,
    team: str,
    connection: str | None,
    as_of: str | None,
    form: str,
    fail_on: str | None,
) -> None:
    """Show the epics that a team should look at, the costliest first, and a backlog without tags.

    Acknowledged and muted ones are shown with their state; only open ones count for --fail-on.
    """
    if context.invoked_subcommand is not None:
        return
    store, now = printing.the_store(as_of)
    lines = audit_lines(store, now).only(kind, connection)
    if team:
        _, rows = audit_views.all_rows(store, now, AuditAsked(team=team))
        lines = _named(lines, {(row.connection, row.key) for row in rows})
    awaited = printing.awaited(store) if form == "table" and not lines.views else ""
    if awaited:
        printing.print_parts(lambda _width: (Text(awaited),))
    elif form == "table":
        printing.print_parts(lambda width: audit_tables(lines.views, lines.measure, lines.titles, width))
    elif form == "json":
        findings = [{**api_shapes.finding(one.finding), "title": one.about} for one in lines.views]
        printing.print_json({"measure": lines.measure, "findings": findings})
    else:
        printing.print_table(listings.epics_table(lines.views, lines.measure, lines.titles), form)
    printing.end(fail_on, [view.finding for view in lines.views])


def _named(lines: AuditLines, epics: set[tuple[str, str]]) -> AuditLines:
    return replace(
        lines, views=tuple(one for one in lines.views if (one.finding.connection, one.finding.subject) in epics)
    )


@audit.command()
@_epics
@_reason
@click.option("--until", default="", metavar="DAY", help="The last day of the exemption; without it there is none.")
@_preview
def exempt(epics: tuple[str, ...], reason: str, until: str, preview: bool) -> None:
    """Declare the work below epics outside the OKRs: makes a rule for each."""
    _act("exempt", epics, {"reason": reason, "until": until}, preview=preview)


@audit.command()
@_epics
@_reason
@_preview
def acknowledge(epics: tuple[str, ...], reason: str, preview: bool) -> None:
    """Say that the findings of epics are seen, and why they may stay."""
    _act("acknowledged", epics, {"reason": reason}, preview=preview)


@audit.command()
@_epics
@_reason
@click.option("--until", default="", metavar="DAY", help="The last day of the mute, such as 2026-03-31.")
@_preview
def mute(epics: tuple[str, ...], reason: str, until: str, preview: bool) -> None:
    """Put the findings of epics aside until the end of a day."""
    _act("muted", epics, {"reason": reason, "until": until}, preview=preview)


def _act(act: str, epics: tuple[str, ...], form: dict[str, str], *, preview: bool) -> None:
    store, now = printing.the_store()
    try:
        page = audit_acts.chosen_page(store, now, act, epics, OPERATOR, lambda _teams: None)
        if preview:
            click.echo(f"It would be {', '.join(row.name for row in page.rows)}.")
            printing.print_parts(lambda _width: effect_parts(page.effects) if page.is_exempting else ())
            return
        number = audit_acts.do(store, now, page, form, OPERATOR)
    except WrongAct as wrong:
        raise click.ClickException(wrong.sentence) from None
    click.echo(f"{number} epic{'' if number == 1 else 's'} {'exempted' if act == 'exempt' else act}.")
