"""`tieline accounts` and `tieline tokens`: who may come in with which role, and the keys of programs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlmodel import Session

from integration.store import accounts as known
from integration.store import logins
from integration.store import tokens as keys
from integration.store.accounts import ROLES, TEAM_ROLES, Account, WrongAccount
from integration.store.acts import note_act
from integration.store.engine import reading, writing
from integration.store.tokens import SCOPES, WrongToken
from mappings.document import plain_values
from service.commands import OPERATOR, TABLE_OR_JSON
from service.commands.login_link import address_of
from service.installation import Installation, now, opened

REASON = click.option("--reason", help="Kept in the log.")


@click.group()
def accounts() -> None:
    """Decide who may come in, and with which role."""


@accounts.command("list")
@TABLE_OR_JSON
def list_(form: str) -> None:
    """List all accounts with their roles."""
    with reading(opened().engine) as session:
        found = known.all_accounts(session)
    if form == "json":
        for account in found:
            click.echo(json.dumps(plain_values(asdict(account))))
        return
    table = Table("name", "role", "for teams", "comes in by", "since", box=None)
    for account in found:
        table.add_row(*_cells(account))
    Console(highlight=False).print(table)


def _cells(account: Account) -> tuple[str, ...]:
    teams = ", ".join(f"{role} for {team}" for team, role in account.team_roles.items())
    way = "switched off" if account.disabled_at else "password" if account.has_password else "links"
    return escape(account.name), account.role, escape(teams), way, f"{account.created_at:%Y-%m-%d}"


@accounts.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="viewer", show_default=True, help="What it may do.")
@REASON
def add(name: str, role: str, reason: str | None) -> None:
    """Let somebody in: makes the account and prints a link that lets in once, within a day."""
    installation = opened()
    with _changing(installation, "account_added", f"{name}: {role}", reason) as (session, moment):
        account = known.add_account(session, name, role, moment)
        token = logins.make_login_link(session, moment, account.id)
    click.echo(f"{address_of(installation.settings)}/login/{token}")


@accounts.command()
@click.argument("name")
@REASON
def link(name: str, reason: str | None) -> None:
    """Print a new link for an account; those not used yet end."""
    installation = opened()
    with _changing(installation, "login_link_made", name, reason) as (session, moment):
        account = known.account_named(session, name)
        if account is None or account.disabled_at is not None:
            raise WrongAccount(f"There is no account {name} that may come in.")
        token = logins.make_login_link(session, moment, account.id)
    click.echo(f"{address_of(installation.settings)}/login/{token}")


@accounts.command()
@click.argument("name")
@click.argument("role", type=click.Choice([*ROLES, "none"]))
@click.option("--team", help="For this team and its sub-teams alone; none takes that away.")
@REASON
def role(name: str, role: str, team: str | None, reason: str | None) -> None:
    """Give an account another role, everywhere or for one team."""
    if role not in (ROLES if team is None else (*TEAM_ROLES, "none")):
        raise click.UsageError("Everywhere choose viewer, editor or admin; for a team editor, admin or none.")
    subject = f"{name}: {role}" if team is None else f"{name}: {role} for {team}"
    with _changing(opened(), "role_changed" if team is None else "team_role_changed", subject, reason) as (session, _):
        if team is None:
            known.set_role(session, name, role)
        else:
            known.set_team_role(session, name, team, None if role == "none" else role)


@accounts.command()
@click.argument("name")
@REASON
def disable(name: str, reason: str | None) -> None:
    """Let an account in no more: its logins, links and tokens end at once."""
    with _changing(opened(), "account_disabled", name, reason) as (session, moment):
        known.disable(session, name, moment)


@accounts.command()
@click.argument("name")
@REASON
def enable(name: str, reason: str | None) -> None:
    """Let an account in again, by a new link or its password."""
    with _changing(opened(), "account_enabled", name, reason) as (session, _):
        known.enable(session, name)


@click.group()
def tokens() -> None:
    """Make and end the keys with which programs use the API."""


@tokens.command("list")
@TABLE_OR_JSON
def list_tokens(form: str) -> None:
    """List all tokens, those that are over among them."""
    with reading(opened().engine) as session:
        found = keys.tokens(session)
    if form == "json":
        for token in found:
            click.echo(json.dumps(plain_values(asdict(token))))
        return
    table = Table("id", "whose", "name", "may", "holds until", "last used", box=None)
    for token in found:
        until = "revoked" if token.revoked_at else f"{token.expires_at:%Y-%m-%d}"
        used = f"{token.last_used_at:%Y-%m-%d}" if token.last_used_at else "never"
        table.add_row(token.id, escape(token.owner), escape(token.name), ", ".join(token.scopes), until, used)
    Console(highlight=False).print(table)


@tokens.command("make")
@click.argument("account")
@click.option("--name", required=True, help="By which you know it again.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(list(SCOPES)),
    default=["read"],
    show_default=True,
    help="What it may do; may be repeated.",
)
@click.option(
    "--days", type=click.IntRange(1, keys.MOST_DAYS), default=90, show_default=True, help="How long it holds."
)
def make_token(account: str, name: str, scopes: tuple[str, ...], days: int) -> None:
    """Print a new token of an account. It is not shown again."""
    with _changing(opened(), "token_made", f"{account}: {name}", None) as (session, moment):
        if account == known.ADMIN:
            known.first_admin(session, moment)  # a script may need a token before anybody was in
        owner = known.account_named(session, account)
        if owner is None:
            raise WrongAccount(f"There is no account {account}: `tieline accounts list` shows those that there are.")
        token = keys.make_token(session, owner.id, name, scopes, days, moment)
    click.echo(token)


@tokens.command("revoke")
@click.argument("token_id")
@REASON
def revoke_token(token_id: str, reason: str | None) -> None:
    """End a token, by the id that `tieline tokens list` shows."""
    with _changing(opened(), "token_revoked", token_id, reason) as (session, moment):
        if not keys.revoke(session, token_id, moment):
            raise WrongToken(f"There is no token {token_id} that still holds.")


@contextmanager
def _changing(
    installation: Installation, act: str, subject: str, reason: str | None
) -> Iterator[tuple[Session, datetime]]:
    """A change and its line in the log, kept together; what cannot be done is said in a sentence."""
    moment = now()
    try:
        with writing(installation.engine) as session:
            yield session, moment
            note_act(session, moment, OPERATOR, act, subject, reason)
    except (WrongAccount, WrongToken) as wrong:
        raise click.ClickException(str(wrong)) from None
