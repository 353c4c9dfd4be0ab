"""`tieline disconnect`: forgets a connection with all that was ever read of it."""

import sys

import click

from integration.store.engine import reading
from integration.store.removal import is_anything_left, remove_connection
from service.installation import now, opened

EXIT_NOTHING = 1


@click.command()
@click.argument("name")
@click.option("--reason", required=True, help="Kept in the log.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def disconnect(name: str, reason: str, yes: bool) -> None:
    """Forget a connection with its boards, items, figures, findings and deliveries, closed figures among them.

    The register, the accounts and the log stay. The tracker's webhook is to be deleted there: until then its
    deliveries are refused.
    """
    installation = opened()
    with reading(installation.engine) as session:
        is_there = is_anything_left(session, name)
    if not is_there:
        click.echo(f"There is no connection {name}.", err=True)
        sys.exit(EXIT_NOTHING)
    if not yes:
        click.confirm(f"Forget {name} and all that was read of it? Nothing brings its closed figures back", abort=True)
    remove_connection(installation.engine, name, now(), actor="operator", reason=reason)
    click.echo(f"{name} is forgotten. Delete its webhook in the tracker as well.")
