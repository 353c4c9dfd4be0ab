"""OAuth 2.0 (3LO) of Jira Cloud: consent, and the site's cloudId.

https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/
"""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from integration.connecting import Consent, Entry, Site, Way
from integration.contract import Misconfigured
from integration.http import HTTPClient, open_session
from integration.trackers.jira.oauth_tokens import exchange
from integration.trackers.jira.places import places_of

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


def consent_address(site: Site, entries: Mapping[str, str], callback: str, state: str) -> str:
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
    return f"{places_of(site.base_url).accounts}/authorize?{urlencode(asked)}"


def asked_scopes(entries: Mapping[str, str]) -> tuple[str, ...]:
    return (*SCOPES, WRITE_SCOPE) if entries.get(WRITES) else SCOPES


def credentials(site: Site, entries: Mapping[str, str], callback: str, code: str, now: datetime) -> dict[str, str]:
    """Spend the code; answer what to keep, the tokens under names that the store keeps apart."""
    app = {"client_id": entries["client_id"].strip(), "client_secret": entries["client_secret"].strip()}
    asked = {"grant_type": "authorization_code", **app, "code": code, "redirect_uri": callback}
    tokens, scopes = exchange(places_of(site.base_url), asked, now)
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
    gateway = HTTPClient(session, places_of(site.base_url).gateway, secrets=(access,))
    answer = gateway.json("GET", "/oauth/token/accessible-resources")
    resources = [one for one in answer if isinstance(one, dict)] if isinstance(answer, list) else []
    by_url = {str(one.get("url", "")).rstrip("/"): str(one.get("id", "")) for one in resources}
    if site.base_url not in by_url:
        named = ", ".join(by_url) or "no site"
        raise Misconfigured("other_site", f"You agreed for {named}, not for {site.base_url}: choose that site there.")
    return by_url[site.base_url]
