"""Accounts and tokens in the API, for admins and whoever looks after their own tokens."""

from dataclasses import asdict
from typing import Any

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from integration.store import accounts, logins, tokens
from integration.store.accounts import Account, WrongAccount
from integration.store.acts import note_act
from integration.store.tokens import WrongToken
from mappings.document import plain_values
from reports import access, account_acts
from reports.api_bodies import act, body, listed, sent, texts
from reports.api_routes import route, site, told, told_once
from reports.connect_pages import desk
from reports.finding_pages import LONGEST_REASON

Json = dict[str, Any]
_NAME = texts(accounts.LONGEST_NAME, minLength=1)
_REASON = texts(LONGEST_REASON)
_ADDED = body(("name", "role"), name=_NAME, role={"type": "string", "enum": list(accounts.ROLES)}, reason=_REASON)
_CHANGED = body(
    ("act",),
    act={"type": "string", "enum": [name for name in account_acts.ACTS if name != "added"]},
    role={
        "type": "string",
        "enum": list(accounts.ROLES),
        "description": "Of role; of team_role, where none is: gone.",
    },
    team=texts(500, description="Of team_role."),
    reason=_REASON,
)
_PASSWORD = body(
    ("password",),
    held=texts(500, description="The one that you have now, if any."),
    password=texts(accounts.LONGEST_PASSWORD, minLength=accounts.SHORTEST_PASSWORD, description="The new one."),
)
_TOKEN = body(
    ("name", "scopes", "days"),
    name=texts(tokens.LONGEST_NAME, minLength=1),
    scopes=listed({"type": "string", "enum": list(tokens.SCOPES)}, len(tokens.SCOPES)),
    days={"type": "integer", "minimum": 1, "maximum": tokens.MOST_DAYS},
)


@route("/accounts", "All accounts, with their roles", "accounts", role="admin", scope="admin")
def all_accounts() -> ResponseReturnValue:
    access.require("admin")
    with site().store.reading() as session:
        found = accounts.all_accounts(session)
    return told({"accounts": [_account(one) for one in found]}, "accounts")


def _account(one: Account) -> Json:
    return plain_values({**asdict(one), "team_roles": dict(one.team_roles)})


@act("/accounts", "Let somebody in: makes an account and a login link, which works once within a day", _ADDED,
     role="admin", scope="admin", answers={201: "The link, told this once."})  # fmt: skip
def add_account() -> ResponseReturnValue:
    """It takes an admin, and of a token the scope admin."""
    return _account_changed("added", sent(_ADDED), 201)


@act("/accounts/<name>/acts", "Change an account, switch it off or on, or make it a new login link", _CHANGED,
     role="admin", scope="admin", answers={200: "Done; a login link is told this once."})  # fmt: skip
def change_account(name: str) -> ResponseReturnValue:
    """It takes an admin, and of a token the scope admin."""
    given = sent(_CHANGED)
    return _account_changed(given["act"], {**given, "name": name}, 200)


def _account_changed(what: str, given: Json, status: int) -> Response:
    access.require("admin")
    try:
        token = account_acts.change(site().store, site().clock(), access.login().name, what, given)
    except WrongAccount as wrong:
        abort(422, str(wrong))
    root = (desk().public_url or request.host_url).rstrip("/")
    return told_once({"name": given["name"], "login_link": None if token is None else f"{root}/login/{token}"}, status)


# --- tokens


@route("/tokens", "Your own tokens, those that are over too; never what they are", "tokens")
def own_tokens() -> ResponseReturnValue:
    with site().store.reading() as session:
        found = tokens.tokens(session, access.login().account)
    return told({"tokens": [plain_values(asdict(one)) for one in found]}, "tokens")


@act("/tokens", "Make a token of your own", _TOKEN, role="viewer", scope="admin", answers={
    201: "The token, told this once.",
})  # fmt: skip
def make_token() -> ResponseReturnValue:
    """A token that makes another needs the scope admin, and gives it no scope that it lacks."""
    given, login, now = sent(_TOKEN), access.login(), site().clock()
    if login.scopes is not None and not set(given["scopes"]) <= set(login.scopes):
        abort(403, f"This token has the scopes {', '.join(login.scopes)}, and can give no others.")
    try:
        with site().store.writing() as session:
            made = tokens.make_token(session, login.account, given["name"], given["scopes"], given["days"], now)
            note_act(session, now, login.name, "token_made", given["name"].strip())
    except WrongToken as wrong:
        abort(422, str(wrong))
    return told_once({"token": made}, 201)


@act("/tokens/<token>/revoke", "End a token: your own, or as an admin any", role="viewer", answers={
    204: "It lets nobody in any more.",
})  # fmt: skip
def revoke_token(token: str) -> ResponseReturnValue:
    """`token` is its id. Somebody else's takes an admin, and of a token the scope admin."""
    login, now = access.login(), site().clock()
    is_anybodys = login.may("admin") and (login.scopes is None or "admin" in login.scopes)
    with site().store.writing() as session:
        if not tokens.revoke(session, token, now, None if is_anybodys else login.account):
            abort(404, "There is no such token, or it is over.")
        note_act(session, now, login.name, "token_revoked", token)
    return Response(status=204)


# --- logins and password


@route("/logins", "Where you are logged in", "logins")
def own_logins() -> ResponseReturnValue:
    now = site().clock()
    with site().store.reading() as session:
        found = logins.open_logins(session, access.login().account, now)
    return told({"logins": [plain_values(asdict(one)) for one in found]}, "logins")


@act("/logins/<login>/end", "End one of your logins", role="viewer", answers={204: "It is over."})
def end_login(login: str) -> ResponseReturnValue:
    """`login` is its id. This very login can be ended, too."""
    who, now = access.login(), site().clock()
    with site().store.writing() as session:
        if not logins.end_login(session, who.account, login, now):
            abort(404, "You have no such login, or it is over.")
        note_act(session, now, who.name, "login_ended", who.name)
    return Response(status=204)


@act("/password", "Change your own password", _PASSWORD, role="viewer", scope="admin", faults=(429,), answers={
    204: "It is changed, and your other logins are over.",
})  # fmt: skip
def change_password() -> ResponseReturnValue:
    """Of a token it takes the scope admin, and ends all logins. A wrong password counts as a failed login."""
    given, who, now = sent(_PASSWORD), access.login(), site().clock()
    address, here = request.remote_addr or "", "" if who.scopes is not None else access.login_hash()
    with site().store.reading() as session:
        if logins.is_too_often(session, address, who.name, now):
            abort(429, "Too many attempts failed. Wait a quarter of an hour.")
    words = given.get("held", ""), given["password"]
    try:
        account_acts.change_password(site().store, now, who.account, who.name, words, here)
    except WrongAccount as wrong:
        with site().store.writing() as session:
            logins.note_failed(session, address, who.name, now)
        abort(422, str(wrong))
    return Response(status=204)
