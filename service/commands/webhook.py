"""`tieline webhook`: is it proven? Give it a new secret, end the old one, or have a delivery sent."""

import sys
import time
from datetime import datetime, timedelta

import click
from sqlalchemy import Engine

from integration import connect, connect_steps, keeping
from integration.contract import FILE, Connection, TrackerError, is_a_file
from integration.secrets import Vault
from integration.store import connections, webhook_states
from integration.store.engine import reading
from integration.store.webhook_states import WebhookState

LOOK_EVERY = 2.0  # seconds
EXIT_FAILED, EXIT_UNPROVEN = 1, 3


@click.command()
@click.argument("name", metavar="CONNECTION")
@click.option("--new-secret", is_flag=True, help="Register it anew with another secret; the one before still counts.")
@click.option("--drop-old-secret", is_flag=True, help="Take the newest secret alone: once it is pasted.")
@click.option("--prove", is_flag=True, help="Have a delivery sent, by a change that nobody sees (Jira Cloud).")
@click.option("--wait", type=float, default=0, metavar="MINUTES", help="Wait so long for the first delivery.")
def webhook(name: str, new_secret: bool, drop_old_secret: bool, prove: bool, wait: float) -> None:
    """Say whether the webhook of a connection is proven by a delivery, and change its secret.

    Exit status 3 while it is not proven.
    """
    from service.installation import now, opened

    installation = opened()
    engine, vault = installation.engine, installation.vault
    with reading(engine) as session:
        known = connections.connection_named(session, vault, name)
        address = connections.callback_url(session, name).partition("/hooks/")[0]
    if known is None:
        raise click.ClickException(f"There is no connection {name}.")
    if known.tracker == FILE:
        raise click.ClickException(is_a_file(name).sentence)
    public_url = installation.settings.hooks_url or installation.settings.public_url or address
    try:
        if new_secret:
            _make_anew(engine, vault, known, public_url, now())
        if drop_old_secret:
            connect_steps.drop_old_secret(engine, name, now())
            click.echo("Only the newest secret is taken from now on.")
        if prove:
            click.echo(connect.prove_by_writing(engine, vault, known))
    except TrackerError as error:
        click.echo(f"Error: {error.sentence}", err=True)
        sys.exit(EXIT_FAILED)
    state = _awaited(engine, name, timedelta(minutes=wait))
    click.echo(_words(known, state))
    sys.exit(0 if state is not None and state.is_proven else EXIT_UNPROVEN)


def _make_anew(engine: Engine, vault: Vault, known: Connection, public_url: str, now: datetime) -> None:
    result = connect_steps.make_webhook_anew(engine, vault, known.id, public_url, now)
    if result is None or result.registered is not None:
        click.echo("Registered with a new secret, and read back.")
        return
    click.echo(f"It could not be registered. {result.problem}")
    click.echo("Paste this by hand; what is secret in it is shown this once:")
    for line in result.instructions:
        click.echo(f"  {line}")


def _awaited(engine: Engine, name: str, patience: timedelta) -> WebhookState | None:
    """The state, once it is proven or nobody waits any longer."""
    from service.installation import now

    until = now() + patience
    while True:
        keeping.note_proofs(engine)
        with reading(engine) as session:
            state = webhook_states.webhook_state(session, name)
        if state is None or state.is_proven or now() >= until:
            return state
        time.sleep(LOOK_EVERY)


def _words(known: Connection, state: WebhookState | None) -> str:
    if state is None:
        return "There is no webhook: Tieline asks every five minutes what changed."
    if state.proven_at is not None:
        return f"Proven {state.proven_at:%Y-%m-%d %H:%M} UTC."
    if state.is_by_hand and state.has_old_secret:
        return "Not proven: the secret before is still taken. When the new one is pasted: --drop-old-secret."
    how = connect.steps_of(known.tracker).how_to_cause_a_delivery
    return f"{'To be pasted by hand' if state.is_by_hand else 'Registered'}, and nothing has arrived yet. {how}"
