"""OAuth 2.0 (3LO) of Jira Cloud: consent, the site's cloudId, and access tokens that are renewed one at a time.

Each renewal makes the refresh token before it invalid: the new one is kept before anybody uses what came with it.
https://developer.atlassian.com/cloud/oauth/getting-started/refresh-tokens
"""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import requests

from integration.connecting import Consent, Entry, Site, Way
from integration.contract import KeptTokens, Misconfigured, Temporary, TokenBox, TrackerError
from integration.http import HTTPClient, open_session
from integration.trackers.jira.answered import Json

AUTHORIZE = "https://auth.atlassian.com/authorize"
GATEWAY = "https://api.atlassian.com"
CONSOLE = "https://developer.atlassian.com/console/myapps/"
CLASSIC_SCOPES = ("read:jira-work", "read:jira-user")
READ_SCOPES = (
    *CLASSIC_SCOPES,
    "read:board-scope:jira-software",
    "read:board-scope.admin:jira-software",
    "read:sprint:jira-software",
    "read:epic:jira-software",
    "read:project:jira",
    "read:issue-details:jira",
    "read:jql:jira",
)
SCOPES = (*READ_SCOPES, "manage:jira-webhook", "offline_access")
WRITE_SCOPE = "write:jira-work"
WRITES = "writes"  # the entry that asks for it
BEFORE_THE_END = timedelta(minutes=2)
LEASE = timedelta(seconds=90)  # longer than a renewal takes with all its timeouts
PATIENCE = 100.0  # seconds to wait for somebody else's renewal
_LOOK = 0.2

WAY = Way(
    "oauth",
    "OAuth 2.0, by an app of your own",
    (
        "Open the developer console of Atlassian, press Create > OAuth 2.0 integration, and give it a name.",
        "Permissions: add “Jira API” and tick the scopes named below; Authorization: enter the callback address shown.",
        "Settings: copy client id and secret. You are then sent to Atlassian to agree as the account that is to read.",
        f"Scopes: {', '.join(SCOPES)}; and {WRITE_SCOPE}, if Tieline shall write back.",
    ),
    (
        Entry("client_id", "Client id"),
        Entry("client_secret", "Client secret", "Stored encrypted, and never shown again.", is_secret=True),
        Entry(
            WRITES,
            "Write back, too",
            "Asks for the right to change work items. Nothing is written unless write-back is switched on as well.",
            is_needed=False,
            is_tick=True,
        ),
    ),
    CONSOLE,
    is_consent=True,
)


# --- consent ----------------------------------------------------------------------------------


def consent_address(entries: Mapping[str, str], callback: str, state: str) -> str:
    """Where a person agrees. Atlassian documents no PKCE: the state and the client secret protect the code."""
    if not entries.get("client_id", "").strip() or not entries.get("client_secret", "").strip():
        raise Misconfigured("no_credentials", f"OAuth needs the client id and secret of an app, made at {CONSOLE}.")
    asked = {
        "audience": "api.atlassian.com",
        "client_id": entries["client_id"].strip(),
        "scope": " ".join(asked_scopes(entries)),
        "redirect_uri": callback,
        "state": state,
        "response_type": "code",
        "prompt": "consent",
    }
    return f"{AUTHORIZE}?{urlencode(asked)}"


def asked_scopes(entries: Mapping[str, str]) -> tuple[str, ...]:
    return (*SCOPES, WRITE_SCOPE) if entries.get(WRITES) else SCOPES


def credentials(site: Site, entries: Mapping[str, str], callback: str, code: str, now: datetime) -> dict[str, str]:
    """Spend the code; answer what to keep, the tokens under names that the store keeps apart."""
    app = {"client_id": entries["client_id"].strip(), "client_secret": entries["client_secret"].strip()}
    asked = {"grant_type": "authorization_code", **app, "code": code, "redirect_uri": callback}
    tokens, scopes = _exchange(asked, now)
    found = {"kind": WAY.name, **app, "cloud_id": _cloud_id(site, tokens.access), "scopes": " ".join(scopes)}
    found |= {WRITES: "yes"} if WRITE_SCOPE in scopes else {}
    return {
        **found,
        "access_token": tokens.access,
        "refresh_token": tokens.refresh,
        "access_until": tokens.until.isoformat(),
    }


CONSENT = Consent(consent_address, credentials)


def _cloud_id(site: Site, access: str) -> str:
    """Of the sites that the person agreed to, the one at our address."""
    session = open_session()
    session.headers["Authorization"] = f"Bearer {access}"
    answer = HTTPClient(session, GATEWAY, secrets=(access,)).json("GET", "/oauth/token/accessible-resources")
    resources = [one for one in answer if isinstance(one, dict)] if isinstance(answer, list) else []
    by_url = {str(one.get("url", "")).rstrip("/"): str(one.get("id", "")) for one in resources}
    if site.base_url not in by_url:
        named = ", ".join(by_url) or "no site"
        raise Misconfigured("other_site", f"You agreed for {named}, not for {site.base_url}: choose that site there.")
    return by_url[site.base_url]


# --- tokens that are renewed ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Renewal:
    """How one connection comes to a valid access token; processes share the box and take turns by its lease."""

    box: TokenBox
    client_id: str
    client_secret: str
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep

    def __repr__(self) -> str:
        return "Renewal(…)"

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign a request, as `requests` asks for it."""
        request.headers["Authorization"] = f"Bearer {access_token(self)}"
        return request


def access_token(renewal: Renewal) -> str:
    """A token that still holds for a while; renew it, or wait until somebody else has."""
    owner = secrets.token_hex(8)
    waited = 0.0
    while True:
        kept = renewal.box.read()
        _refuse_withdrawn(kept)
        now = renewal.clock()
        if kept.until - now > BEFORE_THE_END:
            return kept.access
        if renewal.box.take(owner, now, now + LEASE):
            return _renewed(renewal, owner).access
        if waited >= PATIENCE:
            raise Temporary("token_is_being_renewed", "The access token is being renewed elsewhere; we go on then.")
        renewal.sleep(_LOOK)
        waited += _LOOK


def _renewed(renewal: Renewal, owner: str) -> KeptTokens:
    """The lease is ours: look once more, for it may have been renewed just before; keep, then use."""
    kept = renewal.box.read()
    now = renewal.clock()
    if kept.until - now > BEFORE_THE_END:
        renewal.box.release(owner)
        return kept
    app = {"client_id": renewal.client_id, "client_secret": renewal.client_secret}
    try:
        fresh, _ = _exchange({"grant_type": "refresh_token", **app, "refresh_token": kept.refresh}, now)
    except Misconfigured as error:
        renewal.box.refuse(owner, error.sentence, now)
        raise
    except TrackerError:
        renewal.box.release(owner)
        raise
    renewal.box.keep(owner, fresh, now)
    return fresh


def _refuse_withdrawn(kept: KeptTokens) -> None:
    if kept.refused is not None:
        raise Misconfigured("connect_again", kept.refused)


def _exchange(body: Json, now: datetime) -> tuple[KeptTokens, tuple[str, ...]]:
    """Answer the tokens, and the scopes that they have.

    One call, never repeated by itself: the refresh token may be spent though the answer was lost.

    Atlassian then still takes it for ten minutes, so the next try may.
    """
    hidden = tuple(str(body[name]) for name in ("client_secret", "refresh_token", "code") if name in body)
    client = HTTPClient(open_session(), "https://auth.atlassian.com", secrets=hidden)
    try:
        answer = client.json("POST", "/oauth/token", body=body)
    except TrackerError as error:
        if isinstance(error, Temporary):
            raise
        raise Misconfigured("connect_again", _WITHDRAWN) from None
    access, refresh = answer.get("access_token"), answer.get("refresh_token") or body.get("refresh_token")
    if not isinstance(access, str) or not isinstance(refresh, str):
        raise Misconfigured("no_refresh_token", "Atlassian gave no refresh token: add the scope offline_access.")
    tokens = KeptTokens(access, refresh, now + timedelta(seconds=int(answer.get("expires_in") or 3600)))
    return tokens, tuple(str(answer.get("scope") or "").split())


_WITHDRAWN = (
    "Atlassian does not renew our access any more: it was withdrawn, unused for 90 days, or a year old. "
    "Open Connections in Tieline and connect again."
)
