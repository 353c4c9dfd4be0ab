"""Who may come in by OAuth 2.0 (3LO): apps, what people agreed to, and the tokens that follow from that.

Every renewal gives another refresh token; the one before is still taken for ten minutes.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

ACCESS_LASTS = timedelta(hours=1)
CODE_LASTS = timedelta(minutes=5)
REUSED_FOR = timedelta(minutes=10)
UNUSED_FOR = timedelta(days=90)
AT_MOST = timedelta(days=365)
UNKNOWN_REFRESH = "Unknown or invalid refresh token."


class GrantRefused(Exception):
    """The token service gives nothing: its status, its word for why, and its sentence."""

    def __init__(self, status: int, word: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.word = word
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class App:
    """An app of the developer console: where people come back to, and the scopes that are ticked there."""

    client_id: str
    client_secret: str = field(repr=False)
    callback: str
    scopes: frozenset[str]
    is_connect: bool = False  # these alone may ask for failed deliveries


@dataclass(slots=True)
class Grant:
    """What a person agreed to; `former` tells when each earlier refresh token was replaced."""

    app: App
    scopes: tuple[str, ...]
    since: datetime
    used: datetime
    refresh: str = ""
    former: dict[str, datetime] = field(default_factory=dict)
    is_revoked: bool = False


@dataclass(frozen=True, slots=True)
class Tokens:
    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    scopes: tuple[str, ...]


class Accounts:
    """The token service of one site; `agrees`: what the person answers who is asked for consent."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.apps: dict[str, App] = {}
        self.agrees = True
        self.exchanges = 0  # codes that were spent
        self.renewals = 0
        self._clock = clock
        self._codes: dict[str, tuple[Grant, str, datetime]] = {}
        self._access: dict[str, tuple[Grant, datetime]] = {}
        self._grants: list[Grant] = []

    def add_app(self, client_id: str, client_secret: str, callback: str, scopes: tuple[str, ...]) -> App:
        self.apps[client_id] = App(client_id, client_secret, callback, frozenset(scopes))
        return self.apps[client_id]

    def agree(self, app: App, scopes: tuple[str, ...]) -> str:
        """A person agrees; the code that the app may spend once."""
        now = self._clock()
        code = secrets.token_urlsafe(12)
        self._codes[code] = (Grant(app, scopes, now, now), app.callback, now + CODE_LASTS)
        return code

    def spend(self, client_id: str, client_secret: str, code: str, callback: str) -> Tokens:
        app = self._app(client_id, client_secret)
        grant, wanted, until = self._codes.pop(code, (None, "", self._clock()))
        if grant is None or grant.app != app or callback != wanted or self._clock() > until:
            raise GrantRefused(403, "invalid_grant", "Invalid authorization code")
        self.exchanges += 1
        self._grants.append(grant)
        return self._fresh(grant)

    def renew(self, client_id: str, client_secret: str, refresh: str) -> Tokens:
        app, now = self._app(client_id, client_secret), self._clock()
        grant = next((one for one in self._grants if refresh in (one.refresh, *one.former)), None)
        if grant is None or not refresh or grant.app.client_id != app.client_id or not _holds(grant, refresh, now):
            raise GrantRefused(403, "invalid_grant", UNKNOWN_REFRESH)
        self.renewals += 1
        return self._fresh(grant)

    def grant_of(self, access: str) -> Grant | None:
        """What an access token allows; None where it is over, unknown or withdrawn."""
        grant, until = self._access.get(access, (None, self._clock()))
        return None if grant is None or grant.is_revoked or self._clock() >= until else grant

    def revoke(self) -> None:
        """Everybody takes back what they agreed to."""
        for grant in self._grants:
            grant.is_revoked = True

    def end_access(self) -> None:
        """The access tokens end before their time; what was agreed to stays."""
        self._access.clear()

    def _app(self, client_id: str, client_secret: str) -> App:
        app = self.apps.get(client_id)
        if app is None or not hmac.compare_digest(app.client_secret.encode(), client_secret.encode()):
            raise GrantRefused(401, "access_denied", "Unauthorized")
        return app

    def _fresh(self, grant: Grant) -> Tokens:
        now = self._clock()
        access = secrets.token_urlsafe(24)
        self._access[access] = (grant, now + ACCESS_LASTS)
        if grant.refresh:
            grant.former[grant.refresh] = now
        grant.used = now
        grant.refresh = secrets.token_urlsafe(24) if "offline_access" in grant.scopes else ""
        return Tokens(access, grant.refresh or None, grant.scopes)


def _holds(grant: Grant, refresh: str, now: datetime) -> bool:
    if grant.is_revoked or now - grant.used > UNUSED_FOR or now - grant.since > AT_MOST:
        return False
    return refresh == grant.refresh or now - grant.former[refresh] <= REUSED_FOR
