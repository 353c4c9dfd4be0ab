"""What an admin does about accounts, by page or by API: each change is kept with its line in the log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from integration.store import accounts, logins
from integration.store.accounts import Account, WrongAccount
from integration.store.acts import note_act
from integration.store.opened import Store

ACTS = {
    "added": "account_added",
    "link": "login_link_made",
    "role": "role_changed",
    "team_role": "team_role_changed",
    "disabled": "account_disabled",
    "enabled": "account_enabled",
}


def change(store: Store, now: datetime, actor: str, act: str, given: Mapping[str, str]) -> str | None:
    """Do it; gives the token of the login link that was made, if one was. `given`: name, role, team, reason."""
    name = " ".join(given.get("name", "").split())
    with store.writing() as session:
        token = _changed(session, act, name, given, now)
        note_act(session, now, actor, ACTS[act], _subject(act, name, given), given.get("reason") or None)
    return token


def change_password(
    store: Store, now: datetime, account: int, name: str, words: tuple[str, str], here: str = ""
) -> None:
    """Give an account another password. `words`: the one that it has, and the new one; `here`: the hash of the one
    login that goes on, for whoever had the old password is out."""
    held, password = words
    with store.reading() as session:
        known = accounts.account_named(session, name)
        is_theirs = accounts.with_password(session, name, held) is not None
    if known is not None and known.has_password and not is_theirs:
        raise WrongAccount("The password that you have now is another one.")
    hashed = accounts.hashed_password(password)
    with store.writing() as session:
        accounts.keep_password(session, account, hashed)
        logins.end_other_logins(session, account, here, now)
        note_act(session, now, name, "password_changed", name)


def _changed(session: Any, act: str, name: str, given: Mapping[str, str], now: datetime) -> str | None:
    match act:
        case "added":
            return _link(session, accounts.add_account(session, name, given.get("role", ""), now), now)
        case "link":
            known = accounts.account_named(session, name)
            if known is None or known.disabled_at is not None:
                raise WrongAccount(f"There is no account {name} that may come in.")
            return _link(session, known, now)
        case "role":
            accounts.set_role(session, name, given.get("role", ""))
        case "team_role":
            accounts.set_team_role(session, name, given.get("team", ""), given.get("role") or None)
        case "disabled":
            accounts.disable(session, name, now)
        case "enabled":
            accounts.enable(session, name)
        case _:
            raise WrongAccount("An account can be added, changed, switched off and on, and sent a link.")
    return None


def _link(session: Any, account: Account, now: datetime) -> str:
    return logins.make_login_link(session, now, account.id)


def _subject(act: str, name: str, given: Mapping[str, str]) -> str:
    if act == "team_role":
        return f"{name}: {given.get('role') or 'nothing more'} for {given.get('team', '').strip()}"
    return f"{name}: {given.get('role', '')}" if act in ("added", "role") else name
