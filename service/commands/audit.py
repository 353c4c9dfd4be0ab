"""`tieline audit`: the epics that serve no key result, or say otherwise than their children, by what they cost."""

from datetime import datetime

import click

from integration.store.opened import Store
from reports import api_shapes, listings, moments
from reports.audit_lines import AuditLines, audit_lines, audit_lines_of
from reports.finding_views import OF_EPICS
from reports.terminal_findings import audit_tables
from service.commands import printing
from service.commands.printing import AS_OF, FAIL_ON, FORMAT


@click.command()
@click.option("--kind", type=click.Choice([*OF_EPICS, "untagged_backlog"]), help="Only findings of this kind.")
@AS_OF
@FORMAT
@FAIL_ON
def audit(kind: str | None, as_of: str | None, form: str, fail_on: str | None) -> None:
    """Show the epics that a team should look at, the costliest first, and a backlog without tags.

    Acknowledged and muted ones are shown with their state; only open ones count for --fail-on.
    """
    store, now = printing.the_store()
    lines = _lines(store, now, printing.moment_asked(store, as_of, now)).only(kind)
    if form == "table":
        printing.print_parts(lambda width: audit_tables(lines.views, lines.measure, lines.titles, width))
    elif form == "json":
        findings = [{**api_shapes.finding(one.finding), "title": one.about} for one in lines.views]
        printing.print_json({"measure": lines.measure, "findings": findings})
    else:
        printing.print_table(listings.epics_table(lines.views, lines.measure, lines.titles), form)
    printing.end(fail_on, [view.finding for view in lines.views])


def _lines(store: Store, now: datetime, as_of: datetime | None) -> AuditLines:
    if as_of is None:
        return audit_lines(store, now)
    found = [finding for then in moments.analyses_at(store, as_of, now) for finding in then.findings]
    return audit_lines_of(store, now, found)
