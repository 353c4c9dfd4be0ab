"""Who may come in: one admin by a link that works once, a login kept on the server, and a word against forged posts."""

import hashlib
import hmac
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Flask, abort, current_app, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from integration.store import accounts
from integration.store.accounts import Login
from integration.store.opened import Store

ATTEMPTS = 10  # to come in by a link, from one address within a minute
OPEN_ENDPOINTS = frozenset({"static", "access.log_in", "access.login_page", "healthz"})
_MINUTE = 60.0

pages = Blueprint("access", __name__)


@dataclass(frozen=True, slots=True)
class Access:
    """What the login needs to know: where its rows are, the clock, and whether people come by https."""

    store: Store
    clock: Callable[[], datetime]
    is_https: bool
    attempts: "Attempts"

    @property
    def cookie(self) -> str:
        # The prefix keeps other hosts of the same domain from setting it; browsers want it only with https.
        return "__Host-tieline" if self.is_https else "tieline"


class Attempts:
    """Counts attempts by address in the last minute: enough against noise, for a link's token cannot be guessed."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, limit: int = ATTEMPTS) -> None:
        self._clock = clock
        self._limit = limit
        self._made: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def is_too_many(self, address: str) -> bool:
        now = self._clock()
        with self._lock:
            self._forget(now)
            made = self._made.setdefault(address, deque(maxlen=self._limit + 1))
            made.append(now)
            return len(made) > self._limit

    def _forget(self, now: float) -> None:
        for address in [address for address, made in self._made.items() if made[-1] < now - _MINUTE]:
            del self._made[address]
        for made in self._made.values():
            while made and made[0] < now - _MINUTE:
                made.popleft()


def first_login_link(store: Store, address: str, now: datetime) -> str | None:
    """The link for the very first visitor; None where somebody has been in."""
    with store.reading() as session:
        if accounts.was_anybody_in(session):
            return None
    return login_link(store, address, now)


def login_link(store: Store, address: str, now: datetime) -> str:
    """A new link for the admin; it works once, for a day, and the earlier ones work no more."""
    with store.writing() as session:
        token = accounts.make_login_link(session, now)
    return f"{address.rstrip('/')}/login/{token}"


def guard_pages(app: Flask, access: Access) -> None:
    """Let nobody see anything without a login, and take no post without the word of that login."""
    app.extensions["tieline_access"] = access
    app.register_blueprint(pages)
    app.add_template_global(csrf_word)

    @app.before_request
    def _let_in() -> ResponseReturnValue | None:
        g.login = None
        if request.endpoint in OPEN_ENDPOINTS:
            return None
        g.login = _login(access)
        if g.login is None:
            return _not_let_in()
        if request.method not in ("GET", "HEAD", "OPTIONS") and not _has_word():
            abort(400, "This form is from an earlier login. Go back, load the page again and send it once more.")
        return None


@pages.get("/login")
def login_page() -> ResponseReturnValue:
    return render_template("login.html", title="Log in")


@pages.get("/login/<token>")
def log_in(token: str) -> ResponseReturnValue:
    """Spend the link. A HEAD only looks whether there is a page."""
    access = _access()
    if request.method == "HEAD":
        return "", 200
    if access.attempts.is_too_many(request.remote_addr or ""):
        abort(429, "Too many attempts to log in from here. Wait a minute.")
    with access.store.writing() as session:
        login = accounts.log_in(session, token, access.clock())
    if login is None:
        return render_template("login.html", title="Log in", is_spent=True), 401
    response = redirect("/", 303)
    lasts = int(accounts.LOGIN_LASTS.total_seconds())
    response.set_cookie(
        access.cookie, login, max_age=lasts, secure=access.is_https, httponly=True, samesite="Lax", path="/"
    )
    return response


@pages.post("/logout")
def log_out() -> ResponseReturnValue:
    access = _access()
    with access.store.writing() as session:
        accounts.log_out(session, _cookie(access), access.clock())
    response = redirect("/login", 303)
    response.delete_cookie(access.cookie, secure=access.is_https, httponly=True, samesite="Lax", path="/")
    return response


def csrf_word() -> str:
    """What a form of this login must send along; it says nothing about the login itself."""
    return _word(_cookie(_access()))


def login() -> Login:
    """Who is in?"""
    found: Login | None = g.login
    assert found is not None
    return found


def _login(access: Access) -> Login | None:
    now = access.clock()
    cookie = _cookie(access)
    if not cookie:
        return None
    with access.store.reading() as session:
        found = accounts.login_of(session, cookie, now)
    if found is not None and found.is_seen_late:
        with access.store.writing() as session:
            accounts.note_seen(session, cookie, now)
    return found


def _not_let_in() -> ResponseReturnValue:
    if request.path.startswith("/api/"):
        abort(401, "Log in first: `tieline login-link` prints a link.")
    if request.headers.get("HX-Request"):
        # A page that was left open: the whole of it goes to the login, not a part.
        return "", 401, {"HX-Redirect": "/login"}
    return redirect("/login", 303)


def _has_word() -> bool:
    sent = request.headers.get("X-CSRF-Token") or request.form.get("csrf", "")
    return hmac.compare_digest(sent.encode(), csrf_word().encode())


def _word(cookie: str) -> str:
    return hashlib.sha256(f"csrf:{cookie}".encode()).hexdigest() if cookie else ""


def _cookie(access: Access) -> str:
    return request.cookies.get(access.cookie, "")


def _access() -> Access:
    found: Access = current_app.extensions["tieline_access"]
    return found
