"""Pages about who may come in: one's own account with its logins and tokens; for admins all accounts and the log."""

import csv
import io
from dataclasses import dataclass

from flask import Blueprint, Response, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from integration.store import accounts, acts, logins, tokens
from integration.store.accounts import Account, WrongAccount
from integration.store.acts import LoggedAct, note_act
from integration.store.logins import OpenLogin
from integration.store.tokens import Token, WrongToken
from reports import access, account_acts
from reports.connect_pages import desk
from reports.finding_pages import LONGEST_REASON
from reports.foreign_text import for_csv
from reports.pages import download, now_of_answer, site
from reports.views import Ground, ground_of

blueprint = Blueprint("accounts", __name__)
SHOWN_ACTS = 100
MOST_ACTS = 100_000  # of a download
TOKEN_DAYS = (7, 30, 90, 180, 365)


@dataclass(frozen=True, slots=True)
class AccountPage:
    ground: Ground
    account: Account
    logins: tuple[OpenLogin, ...]
    tokens: tuple[Token, ...]
    here: str  # the hash of this very login


@dataclass(frozen=True, slots=True)
class AccountsPage:
    ground: Ground
    accounts: tuple[Account, ...]
    tokens: tuple[Token, ...]
    teams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LogPage:
    ground: Ground
    acts: tuple[LoggedAct, ...]
    actor: str | None
    older: int | None  # where an earlier page goes on


# --- one's own account


@blueprint.get("/account")
def own() -> ResponseReturnValue:
    return _own()


def _own(status: int = 200, **more: str | None) -> ResponseReturnValue:
    now, login = now_of_answer(), access.login()
    with site().store.reading() as session:
        account = accounts.account_named(session, login.name)
        assert account is not None
        page = AccountPage(
            ground_of(session, now),
            account,
            logins.open_logins(session, account.id, now),
            tokens.tokens(session, account.id),
            access.login_hash(),
        )
    return _page("account.html", page, status, scopes=tokens.SCOPES, days=TOKEN_DAYS, **more)


@blueprint.post("/account/password")
@access.needs("viewer")
def change_password() -> ResponseReturnValue:
    """Changing it ends all other logins: whoever had the old one is out."""
    form, login = request.form, access.login()
    words = form.get("held", ""), form.get("password", "")
    if words[1] != form.get("again", ""):
        return _own(422, wrong="The two new passwords differ.")
    here = access.login_hash()
    try:
        account_acts.change_password(site().store, now_of_answer(), login.account, login.name, words, here)
    except WrongAccount as wrong:
        return _own(422, wrong=str(wrong))
    return redirect("/account", 303)


@blueprint.post("/account/tokens")
@access.needs("viewer")
def make_token() -> ResponseReturnValue:
    """The token is shown this once."""
    now, login = now_of_answer(), access.login()
    form = request.form
    try:
        with site().store.writing() as session:
            days = int(form.get("days", "")) if form.get("days", "").isdecimal() else 0
            made = tokens.make_token(session, login.account, form.get("name", ""), form.getlist("scope"), days, now)
            note_act(session, now, login.name, "token_made", form.get("name", "").strip())
    except WrongToken as wrong:
        return _own(422, wrong=str(wrong))
    return _own(made=made)


@blueprint.post("/account/tokens/<token>/revoke")
@access.needs("viewer")
def revoke_own_token(token: str) -> ResponseReturnValue:
    return _revoked(token, "/account", access.login().account)


@blueprint.post("/account/logins/<login_hash>/end")
@access.needs("viewer")
def end_login(login_hash: str) -> ResponseReturnValue:
    now, login = now_of_answer(), access.login()
    with site().store.writing() as session:
        if logins.end_login(session, login.account, login_hash, now):
            note_act(session, now, login.name, "login_ended", login.name)
    return redirect("/account", 303)


def _revoked(token: str, back: str, account: int | None) -> ResponseReturnValue:
    now = now_of_answer()
    with site().store.writing() as session:
        if not tokens.revoke(session, token, now, account):
            abort(404, "There is no such token, or it is over.")
        note_act(session, now, access.login().name, "token_revoked", token)
    return redirect(back, 303)


# --- all accounts, for admins


@blueprint.get("/accounts")
@access.needs("admin")
def everybody() -> ResponseReturnValue:
    access.require("admin")
    return _everybody()


def _everybody(status: int = 200, **more: str | None) -> ResponseReturnValue:
    now = now_of_answer()
    with site().store.reading() as session:
        ground = ground_of(session, now)
        page = AccountsPage(ground, accounts.all_accounts(session), tokens.tokens(session), _teams(ground))
    return _page("accounts.html", page, status, roles=accounts.ROLES, team_roles=accounts.TEAM_ROLES, **more)


def _teams(ground: Ground) -> tuple[str, ...]:
    named = {objective.team for objective in ground.plan.objectives} | {team.name for team in ground.plan.teams}
    return tuple(sorted(named))


@blueprint.post("/accounts")
@access.needs("admin")
def change() -> ResponseReturnValue:
    """Add an account or change one, as the form's `act` says; each change is logged with its reason."""
    access.require("admin")
    form, now, actor = request.form, now_of_answer(), access.login().name
    given = {**form.to_dict(), "reason": form.get("reason", "").strip()[:LONGEST_REASON]}
    try:
        token = account_acts.change(site().store, now, actor, form.get("act", ""), given)
    except WrongAccount as wrong:
        return _everybody(422, wrong=str(wrong))
    if token is None:
        return redirect("/accounts", 303)
    root = (desk().public_url or request.host_url).rstrip("/")
    return _everybody(link=f"{root}/login/{token}", name=" ".join(form.get("name", "").split()))


@blueprint.post("/accounts/tokens/<token>/revoke")
@access.needs("admin")
def revoke_token(token: str) -> ResponseReturnValue:
    access.require("admin")
    return _revoked(token, "/accounts", None)


# --- what was done


@blueprint.get("/log")
@access.needs("admin")
def log() -> ResponseReturnValue:
    access.require("admin")
    actor, before = request.args.get("actor") or None, request.args.get("before", type=int)
    with site().store.reading() as session:
        found = acts.acts(session, before=before, actor=actor, most=SHOWN_ACTS + 1)
        ground = ground_of(session, now_of_answer())
    older = found[SHOWN_ACTS - 1].id if len(found) > SHOWN_ACTS else None
    return _page("log.html", LogPage(ground, found[:SHOWN_ACTS], actor, older))


@blueprint.get("/log.csv")
@access.needs("admin")
def log_csv() -> ResponseReturnValue:
    access.require("admin")
    with site().store.reading() as session:
        found = acts.acts(session, actor=request.args.get("actor") or None, most=MOST_ACTS)
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(("at", "actor", "act", "subject", "reason"))
    for one in found:
        words = (one.actor, one.act, one.subject or "", one.reason or "")
        rows.writerow((one.at.isoformat(), *map(for_csv, words)))
    return download(written.getvalue(), "log.csv")


def _page(template: str, page: object, status: int = 200, **more: object) -> Response:
    response = Response(render_template(template, page=page, **more), status=status, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    return response
