"""`tieline doctor`: every step of each connection, looked at again."""

import sys

import click

from integration.doctor import examine
from integration.store import connections
from integration.store.engine import reading

SIGNS = {True: "✓", False: "✗", None: "!"}


@click.command()
@click.argument("names", nargs=-1, metavar="[CONNECTION…]")
def doctor(names: tuple[str, ...]) -> None:
    """Check the connections, all or those named: account, rights, projects, fields, webhook, news; say what to mend.

    Exit status 1 if something must be mended.
    """
    from service.installation import now, opened

    installation = opened()
    with reading(installation.engine) as session:
        known = names or connections.connection_names(session)
        found = [(name, connections.connection_named(session, installation.vault, name)) for name in known]
    is_well = True
    for name, connection in found:
        click.echo(name)
        if connection is None:
            click.echo(f"  {SIGNS[False]} There is no connection of that name.")
            is_well = False
            continue
        for check in examine(installation.engine, connection, now()):
            click.echo(f"  {SIGNS[check.is_good]} {check.step}: {check.sentence}")
            is_well = is_well and check.is_good is not False
    if not found:
        click.echo("Nothing is connected yet: run `tieline connect jira`.")
    sys.exit(0 if is_well else 1)
