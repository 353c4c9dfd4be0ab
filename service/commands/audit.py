"""`tieline audit`: the epics that serve no key result, or say otherwise than their children, by what they cost."""

import click

from reports import api_shapes, listings
from reports.audit_lines import audit_lines
from reports.finding_views import OF_EPICS
from reports.terminal_findings import audit_tables
from service.commands import printing
from service.commands.printing import AS_OF, CONNECTION, FAIL_ON, FORMAT


@click.command()
@click.option("--kind", type=click.Choice([*OF_EPICS, "untagged_backlog"]), help="Only findings of this kind.")
@CONNECTION
@AS_OF
@FORMAT
@FAIL_ON
def audit(kind: str | None, connection: str | None, as_of: str | None, form: str, fail_on: str | None) -> None:
    """Show the epics that a team should look at, the costliest first, and a backlog without tags.

    Acknowledged and muted ones are shown with their state; only open ones count for --fail-on.
    """
    lines = audit_lines(*printing.the_store(as_of)).only(kind, connection)
    if form == "table":
        printing.print_parts(lambda width: audit_tables(lines.views, lines.measure, lines.titles, width))
    elif form == "json":
        findings = [{**api_shapes.finding(one.finding), "title": one.about} for one in lines.views]
        printing.print_json({"measure": lines.measure, "findings": findings})
    else:
        printing.print_table(listings.epics_table(lines.views, lines.measure, lines.titles), form)
    printing.end(fail_on, [view.finding for view in lines.views])
