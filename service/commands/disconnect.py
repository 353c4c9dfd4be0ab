"""`tieline disconnect`: forgets a connection with all that was ever read of it."""

import sys

import click

from integration.contract import FILE
from integration.imports.removing import forget
from integration.store import connections
from integration.store.engine import reading
from integration.store.removal import is_anything_left
from service.commands import OPERATOR
from service.installation import now, opened

EXIT_NOTHING = 1


@click.command()
@click.argument("name")
@click.option("--reason", required=True, help="Kept in the log.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def disconnect(name: str, reason: str, yes: bool) -> None:
    """Forget a connection with its boards, items, figures, findings and deliveries, closed figures among them.

    The register, the accounts and the log stay. The tracker's webhook is to be deleted there: until then its
    deliveries are refused. With a file goes what it brought: its own OKRs and their check-ins.
    """
    installation = opened()
    with reading(installation.engine) as session:
        is_there = is_anything_left(session, name)
        is_file = connections.tracker_of(session, name) == FILE
    if not is_there:
        click.echo(f"There is no connection {name}.", err=True)
        sys.exit(EXIT_NOTHING)
    if not yes:
        click.confirm(f"Forget {name} and all that was read of it? Nothing brings its closed figures back", abort=True)
    forget(installation.engine, name, now(), actor=OPERATOR, reason=reason)
    click.echo(f"{name} is forgotten." + ("" if is_file else " Delete its webhook in the tracker as well."))
