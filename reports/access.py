"""Who may come in and do what: by a link that works once, a password, or for programs a token; logins kept on the
server, roles, and a word against forged posts."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from flask import Blueprint, Flask, abort, current_app, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from integration.store import accounts, logins, tokens
from integration.store.logins import Login
from integration.store.opened import Store

OPEN_ENDPOINTS = frozenset(
    {"static", "access.log_in", "access.login_page", "access.log_in_by_password", "healthz"}
    | {"badges.badge", "badges.widget", "badges.picture"}  # their token is what lets in
)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
METRICS = "metrics.read"
_NEEDED, _SCOPE = "_tieline_needed_role", "_tieline_needed_scope"

pages = Blueprint("access", __name__)
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


@dataclass(frozen=True, slots=True)
class Access:
    """What the login needs to know: where its rows are, the clock, and whether people come by https."""

    store: Store
    clock: Callable[[], datetime]
    is_https: bool

    @property
    def cookie(self) -> str:
        # The prefix keeps other hosts of the same domain from setting it; browsers want it only with https.
        return "__Host-tieline" if self.is_https else "tieline"


def needs(role: str, scope: str | None = None) -> Callable[[View], View]:
    """Mark a view with the role that it takes, everywhere or for some team, and with the scope that a token needs.

    Without this mark seeing takes a viewer, and any other method an editor; the scopes are read and act.
    """

    def mark(view: View) -> View:
        setattr(view, _NEEDED, role)
        setattr(view, _SCOPE, scope)
        return view

    return mark


def first_login_link(store: Store, address: str, now: datetime) -> str | None:
    """The link for the very first visitor; None where somebody has been in."""
    with store.reading() as session:
        if logins.was_anybody_in(session):
            return None
    return login_link(store, address, now)


def login_link(store: Store, address: str, now: datetime) -> str:
    """A new link for the admin; it works once, for a day, and the earlier ones work no more."""
    with store.writing() as session:
        token = logins.make_login_link(session, now)
    return f"{address.rstrip('/')}/login/{token}"


def guard_pages(app: Flask, access: Access) -> None:
    """Let nobody see anything without a login, do anything without the role it takes, or post without the word of
    their login."""
    app.extensions["tieline_access"] = access
    app.register_blueprint(pages)
    app.add_template_global(form_word, "csrf_word")

    @app.before_request
    def _let_in() -> ResponseReturnValue | None:
        g.login = None
        if request.endpoint in OPEN_ENDPOINTS:
            return None
        token = _bearer()
        g.login = _login(access) if token is None else _login_by_token(access, token)
        if g.login is None:
            return _not_let_in()
        if token is None and request.method not in SAFE_METHODS and not _has_word():
            abort(400, "This form is from an earlier login. Go back, load the page again and send it once more.")
        _check_scope(g.login)
        if not g.login.may_somewhere(_needed()):
            abort(403, f"This takes the role {_needed()}; you are {g.login.role}. An admin can change it.")
        return None


def require(role: str, teams: Collection[str] = ()) -> None:
    """Go on only if who is in may do what takes this role, everywhere or for one of these teams."""
    if not login().may(role, teams):
        whose = f" for {' or '.join(sorted(teams))}" if teams else ""
        abort(403, f"This takes the role {role}{whose}. An admin can give it.")


def _needed() -> str:
    view = current_app.view_functions.get(request.endpoint or "")
    default = "viewer" if request.method in SAFE_METHODS else "editor"
    needed: str = getattr(view, _NEEDED, default)
    return needed


def _check_scope(login: Login) -> None:
    """A token may do what its scopes name, and pages are for people."""
    if login.scopes is None:
        return
    view = current_app.view_functions.get(request.endpoint or "")
    by_method = "metrics" if request.endpoint == METRICS else ("read" if request.method in SAFE_METHODS else "act")
    scope = getattr(view, _SCOPE, None) or by_method
    if scope not in login.scopes:
        abort(403, f"This token lacks the scope {scope}.")


@pages.get("/login")
def login_page() -> ResponseReturnValue:
    return render_template("login.html", title="Log in")


@pages.get("/login/<token>")
def log_in(token: str) -> ResponseReturnValue:
    """Spend the link. A HEAD only looks whether there is a page. A link that holds lets in however many guesses failed:
    nobody guesses one, and strangers must not shut anybody out."""
    if request.method == "HEAD":
        return "", 200
    access = _access()
    with access.store.writing() as session:
        login = logins.log_in(session, token, access.clock())
    if login is not None:
        return _came_in(login)
    _refuse_who_tries_too_often(None)
    return _failed(None, is_spent=True)


@pages.post("/login")
def log_in_by_password() -> ResponseReturnValue:
    """No word is asked for, as there is no login yet; but another site must not log anybody in as somebody else."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(400, "Log in from this page, not from another site.")
    name, password = request.form.get("name", "").strip(), request.form.get("password", "")
    _refuse_who_tries_too_often(name)
    access = _access()
    with access.store.reading() as session:
        account = accounts.with_password(session, name, password)
    if account is None:
        return _failed(name, name=name, is_wrong=True)
    with access.store.writing() as session:
        login = logins.new_login(session, account, access.clock())
    return _came_in(login)


def _refuse_who_tries_too_often(name: str | None) -> None:
    access = _access()
    with access.store.reading() as session:
        is_too_often = logins.is_too_often(session, request.remote_addr or "", name, access.clock())
    if is_too_often:
        abort(429, "Too many attempts to log in failed. Wait a quarter of an hour, or ask an admin for a login link.")


def _failed(tried: str | None, **said: Any) -> ResponseReturnValue:
    access = _access()
    with access.store.writing() as session:
        logins.note_failed(session, request.remote_addr or "", tried, access.clock())
    return render_template("login.html", title="Log in", **said), 401


def _came_in(login: str) -> ResponseReturnValue:
    access = _access()
    response = redirect("/", 303)
    lasts = int(logins.LOGIN_LASTS.total_seconds())
    response.set_cookie(
        access.cookie, login, max_age=lasts, secure=access.is_https, httponly=True, samesite="Lax", path="/"
    )
    return response


@pages.post("/logout")
@needs("viewer")
def log_out() -> ResponseReturnValue:
    access = _access()
    with access.store.writing() as session:
        logins.log_out(session, _cookie(access), access.clock())
    response = redirect("/login", 303)
    response.delete_cookie(access.cookie, secure=access.is_https, httponly=True, samesite="Lax", path="/")
    return response


def csrf_word() -> str:
    """What a form of this login must send along; it says nothing about the login itself."""
    return _word(_cookie(_access()))


def form_word() -> str:
    """The same as forms show it: another one in each answer, so that the size of a compressed page tells nothing of
    it (see `compression`).
    """
    if "form_word" not in g:
        word = csrf_word().encode()
        mask = secrets.token_bytes(len(word))
        g.form_word = (mask + bytes(a ^ b for a, b in zip(mask, word, strict=True))).hex()
    return str(g.form_word)


def _unmasked(sent: str) -> bytes:
    """The word itself, sent as forms show it or as it is."""
    try:
        both = bytes.fromhex(sent)
    except ValueError:
        return sent.encode()
    half = len(both) // 2
    if half != len(csrf_word()):
        return sent.encode()
    return bytes(a ^ b for a, b in zip(both[:half], both[half:], strict=True))


def login() -> Login:
    """Who is in?"""
    found: Login | None = g.login
    assert found is not None
    return found


def login_hash() -> str:
    """What is kept of the login by which this page is asked for."""
    return logins.hash_of(_cookie(_access()))


def _login(access: Access) -> Login | None:
    now, cookie = access.clock(), _cookie(access)
    if not cookie:
        return None
    with access.store.reading() as session:
        found = logins.login_of(session, cookie, now)
    if found is not None and found.is_seen_late:
        with access.store.writing() as session:
            logins.note_seen(session, cookie, now)
    return found


def _bearer() -> str | None:
    """The token that a program sends; pages take none, so that no page is ever opened by it."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    is_for_programs = request.path.startswith("/api/") or request.endpoint == METRICS
    return token.strip() if is_for_programs and kind.lower() == "bearer" else None


def _login_by_token(access: Access, token: str) -> Login | None:
    now = access.clock()
    with access.store.reading() as session:
        found = tokens.login_by_token(session, token, now)
    if found is not None and found.is_seen_late:
        with access.store.writing() as session:
            tokens.note_used(session, token, now)
    return found


def _not_let_in() -> ResponseReturnValue:
    if request.path.startswith("/api/"):
        abort(401, "Send a token that holds: `Authorization: Bearer tl_…`. Your account page makes one.")
    if request.headers.get("HX-Request"):
        # A page that was left open: the whole of it goes to the login, not a part.
        return "", 401, {"HX-Redirect": "/login"}
    return redirect("/login", 303)


def _has_word() -> bool:
    sent = request.headers.get("X-CSRF-Token") or request.form.get("csrf", "")
    return hmac.compare_digest(_unmasked(sent), csrf_word().encode())


def _word(cookie: str) -> str:
    return hashlib.sha256(f"csrf:{cookie}".encode()).hexdigest() if cookie else ""


def _cookie(access: Access) -> str:
    return request.cookies.get(access.cookie, "")


def _access() -> Access:
    found: Access = current_app.extensions["tieline_access"]
    return found
