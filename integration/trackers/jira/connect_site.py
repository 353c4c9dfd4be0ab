"""The first steps to a Jira site: what stands at an address, and the ways to log in there."""

import re
from collections.abc import Mapping
from datetime import date
from urllib.parse import urlsplit

from integration.connecting import Entry, Site, Way
from integration.contract import Misconfigured, Permanent, Temporary, TrackerError
from integration.http import HTTPClient, Policy, open_session
from integration.trackers.jira import client, oauth
from integration.trackers.jira.answered import Json
from integration.trackers.jira.places import OWN_MACHINE

TOKEN_PAGE = "https://id.atlassian.com/manage-profile/security/api-tokens"  # noqa: S105 - an address
PERSONAL_TOKENS = "/secure/ViewProfile.jspa?selectedTab=com.atlassian.pats.pats-plugin:jira-user-personal-access-tokens"
OLDEST_DATA_CENTER = (9, 12)
API_TOKEN, SCOPED_TOKEN, OAUTH, PERSONAL_TOKEN = "api_token", "scoped_token", "oauth", "personal_token"
_PAGES = re.compile(r"/(?:browse|secure|projects|software|issues|rest|plugins|login\.jsp)(?:/|$)")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_CLOUD_ID = re.compile(r"[0-9a-fA-F-]{8,64}")
_PROBING = Policy(tries=2, first_pause=0.5)  # a person waits, and can try again
_EXPIRES = Entry("expires", "Day on which it expires", "The doctor warns two weeks before.", is_needed=False)


# --- the site ---------------------------------------------------------------------------------


def probe(url: str) -> Site:
    """Ask an address what it is, without credentials; the bare host last, as people paste pages that lie below it."""
    base_url = checked_url(url)
    parts = urlsplit(base_url)
    troubles: list[TrackerError] = []
    for address in dict.fromkeys((base_url, f"{parts.scheme}://{parts.netloc}")):
        try:
            for edition in (client.CLOUD, client.DATA_CENTER):
                info = _info(address, edition)
                if info is not None:
                    return _site(address, info)
        except TrackerError as error:
            troubles.append(error)
    raise _no_jira(base_url, troubles[0] if troubles else None)


def _info(address: str, edition: str) -> Json | None:
    """What the site says of itself, in the API of that edition; None where there is no such API."""
    try:
        info = client.server_info(HTTPClient(open_session(), address, dialect=edition, policy=_PROBING))
    except Permanent as error:
        if error.reason not in {"not_found", "malformed"}:
            raise
        return None
    return info if {"deploymentType", "versionNumbers", "version"} & info.keys() else None


def _no_jira(base_url: str, trouble: TrackerError | None) -> TrackerError:
    """Why nothing could be told, as somebody sees it who entered an address and no credentials yet."""
    host = urlsplit(base_url).hostname or ""
    if trouble is None:
        below = "enter its address as the browser shows it, with the path that it lies below, if any (often /jira)."
        return Misconfigured("no_jira", f"There is no Jira at {base_url}: {below}")
    said = trouble.sentence
    match trouble.reason:
        case "not_json":
            said = f"{base_url} answers with a web page where Jira's interface should be: {_LOGIN_PAGE}"
        case "redirected":
            said = f"{said} If that is a page to log in (single sign-on), it must let {base_url}/rest/ through."
        case "forbidden" | "bad_credentials":
            said = f"{base_url} refuses calls before anybody logged in: {_LOGIN_PAGE}"
        case "unreachable" if "." not in host and host not in OWN_MACHINE:
            said = f"{said} Did you mean https://{host}.atlassian.net?"
        case "connection_lost" if base_url.startswith("http:"):
            said = f"{said} Does it speak https?"
    return Temporary(trouble.reason, said) if isinstance(trouble, Temporary) else Misconfigured(trouble.reason, said)


_LOGIN_PAGE = (
    "a single sign-on, proxy or allow-list stands before it, or it is no Jira. Let this machine call /rest/ there, or "
    "enter Jira's own address, with the path that it lies below, if any."
)


def _site(address: str, info: Json) -> Site:
    is_cloud = info.get("deploymentType") == "Cloud"
    edition = client.CLOUD if is_cloud else client.DATA_CENTER
    version, title = str(info.get("version", "")), str(info.get("serverTitle") or "Jira")
    return site_of(address, edition, version, title)


def site_of(address: str, edition: str, version: str, title: str) -> Site:
    """The site with its name, and what speaks against it."""
    is_cloud = edition == client.CLOUD
    name = f"Jira {'Cloud' if is_cloud else 'Data Center'} {version}"
    is_too_old = not is_cloud and client.version_of({"version": version})[:2] < OLDEST_DATA_CENTER
    oldest = ".".join(map(str, OLDEST_DATA_CENTER))
    trouble = f"{title} is {name}; Tieline connects to Data Center {oldest} and newer: upgrade Jira."
    return Site(address, edition, version, title, name, trouble if is_too_old else None)


def checked_url(url: str) -> str:
    """The address of a site as its users know it, without what the browser adds behind it."""
    text = url.strip()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in {"http", "https"} or not host:
        shown = "https://your-site.atlassian.net, or https://jira.example.org/jira"
        raise Misconfigured("bad_address", f"The address must look like {shown}.")
    if parts.username or parts.password:
        raise Misconfigured("bad_address", "The address must not hold a name or password: they are asked for apart.")
    if parts.scheme == "http" and host not in OWN_MACHINE:
        raise Misconfigured("not_encrypted", "The address must begin with https://: a token would travel unencrypted.")
    path = _PAGES.split(parts.path)[0]  # a Data Center site may lie below a path of its own, often /jira
    if host.endswith(".atlassian.net"):
        path = ""
    return f"{parts.scheme}://{parts.netloc}{path}".rstrip("/")


def name_for(base_url: str) -> str:
    """A short name for the connection: acme for acme.atlassian.net."""
    host = urlsplit(base_url).hostname or ""
    first = host.split(".")[0].lower()
    return first if _NAME.fullmatch(first) and not first.isdecimal() and host not in OWN_MACHINE else "jira"


def token_page(site: Site) -> str:
    """Where the account's owner makes the token that we need."""
    return TOKEN_PAGE if site.edition == client.CLOUD else f"{site.base_url}{PERSONAL_TOKENS}"


# --- the credentials --------------------------------------------------------------------------


def ways(site: Site) -> tuple[Way, ...]:
    """The kinds of credentials that a site takes, the usual one first."""
    return _cloud_ways() if site.edition == client.CLOUD else (_personal_way(site),)


def _cloud_ways() -> tuple[Way, ...]:
    email = Entry("email", "E-mail of the account")
    token = Entry("token", "API token", "Stored encrypted, and never shown again.", is_secret=True)
    api = Way(
        API_TOKEN,
        "E-mail and API token",
        (
            "Log in to Atlassian as the account that Tieline is to use: what it may see is what is counted.",
            "Open the page of its API tokens, press “Create API token”, give it a name and a day on which it expires.",
            "Copy the token; Atlassian shows it this once.",
        ),
        (email, token, _EXPIRES),
        TOKEN_PAGE,
    )
    scoped = Way(
        SCOPED_TOKEN,
        "Token with scopes, or of a service account",
        (
            "Such tokens work through Atlassian's gateway only, which knows the site by its cloudId.",
            f"Scopes: {', '.join(oauth.READ_SCOPES)}.",
            "A service account is made in Atlassian Administration > Directory > Service accounts.",
            "It needs a role in each project, like a person.",
        ),
        (
            Entry("email", "E-mail of the account", "Left empty, the token alone is sent.", is_needed=False),
            token,
            Entry("cloud_id", "cloudId", "Left empty, the site is asked for it.", is_needed=False),
            _EXPIRES,
        ),
        TOKEN_PAGE,
    )
    return api, scoped, oauth.WAY


def _personal_way(site: Site) -> Way:
    return Way(
        PERSONAL_TOKEN,
        "Personal access token",
        (
            "Log in to Jira as the account that Tieline is to use: what it may see is what is counted.",
            "Press its picture at the top right, then Profile, then Personal Access Tokens, then Create token.",
            "Copy the token; Jira shows it this once.",
        ),
        (Entry("token", "Personal access token", "Stored encrypted, and never shown again.", is_secret=True), _EXPIRES),
        token_page(site),
    )


def credentials(site: Site, email: str, token: str, cloud_id: str | None = None) -> dict[str, str]:
    """Cloud: e-mail and API token, or a token alone through the gateway; Data Center: a personal access token alone."""
    if site.trouble:
        raise Misconfigured("too_old", site.trouble)
    if site.edition != client.CLOUD:
        if not token.strip():
            raise Misconfigured(
                "no_credentials", f"{site.name} needs a personal access token, made at {token_page(site)}."
            )
        return {"token": token.strip(), "edition": client.DATA_CENTER}
    if not token.strip() or ("@" not in email and not (cloud_id and not email.strip())):
        raise Misconfigured("no_credentials", f"Jira Cloud needs an e-mail and an API token, made at {TOKEN_PAGE}.")
    found = {"email": email.strip(), "token": token.strip()} if email.strip() else {"token": token.strip()}
    return {**found, "cloud_id": checked_cloud_id(cloud_id)} if cloud_id else found


def credentials_by(site: Site, way: str, entries: Mapping[str, str]) -> dict[str, str]:
    """The credentials of a form, by the way chosen there."""
    known = {name: text.strip() for name, text in entries.items()}
    if way not in {one.name for one in ways(site)}:
        raise Misconfigured("unknown_way", f"{site.name} takes no credentials of the kind “{way}”.")
    cloud_id = (known.get("cloud_id") or cloud_id_of(site.base_url)) if way == SCOPED_TOKEN else None
    found = credentials(site, known.get("email", ""), known.get("token", ""), cloud_id)
    expires = known.get("expires", "")
    return {**found, "expires": day(expires)} if expires else found


def day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Misconfigured("bad_day", "The day of expiry must be written as 2027-01-31.") from None


def checked_cloud_id(text: str) -> str:
    """It becomes part of an address."""
    if not _CLOUD_ID.fullmatch(text.strip()):
        raise Misconfigured("bad_cloud_id", "A cloudId looks like 35273b54-3f06-40d2-880f-dd28cf8daafa.")
    return text.strip()


def cloud_id_of(base_url: str) -> str:
    """The site tells it to anybody who asks; where it does not, the operator has to."""
    path = "/_edge/tenant_info"
    try:
        answer = HTTPClient(open_session(), base_url).json("GET", path)
    except TrackerError:
        answer = None
    found = answer.get("cloudId") if isinstance(answer, dict) else None
    if not isinstance(found, str):
        raise Misconfigured("no_cloud_id", f"The site does not tell its cloudId: open {base_url}{path} and copy it.")
    return checked_cloud_id(found)
