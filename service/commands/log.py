"""`tieline log`: what people did in Tieline, with name, time and reason."""

import json
from dataclasses import asdict

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from integration.store import acts
from integration.store.engine import reading
from mappings.document import plain_values
from reports.foreign_text import on_one_line
from service.commands import TABLE_OR_JSON
from service.commands.deliveries import NUMBER
from service.installation import opened


@click.command()
@click.option("--actor", help="Only what this account did.")
@click.option("--most", type=click.IntRange(1, 10_000), default=50, show_default=True, help="So many at most.")
@click.option("--before", type=NUMBER, help="Only those before this number: to go on with an older page.")
@TABLE_OR_JSON
def log(actor: str | None, most: int, before: int | None, form: str) -> None:
    """List the acts, the latest first."""
    with reading(opened().engine) as session:
        found = acts.acts(session, before=before, actor=actor, most=most)
    if form == "json":
        for one in found:
            click.echo(json.dumps(plain_values(asdict(one))))
        return
    table = Table("number", "when", "who", "act", "about", "why", box=None)
    for one in found:
        cells = (str(one.id), f"{one.at:%Y-%m-%d %H:%M}", one.actor, one.act, one.subject or "", one.reason or "")
        table.add_row(*(escape(on_one_line(cell)) for cell in cells))
    Console(highlight=False).print(table if found else "Nothing was done yet.")
