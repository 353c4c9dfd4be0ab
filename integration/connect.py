"""The steps by which a site is connected, as plain functions for the terminal and the pages alike.

Nothing is saved before `save`; each step raises a `TrackerError` whose sentence says what to mend.
"""

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit

import orjson
from sqlalchemy import Engine

from integration.contract import Connection, Misconfigured, Permanent, TrackerError
from integration.http import HTTPClient, open_session
from integration.secrets import Vault
from integration.store import connections, plans, reads
from integration.store.connections import Webhook
from integration.store.engine import reading, writing
from integration.trackers.jira import client, webhook
from integration.trackers.jira.answered import Json
from integration.trackers.jira.chosen import Chosen, ChosenBoard, Project
from integration.trackers.jira.discovery import suggest
from integration.trackers.jira.field_survey import Survey, survey
from integration.trackers.jira.fields import FieldMapping, FieldRef
from integration.trackers.jira.webhook import Registered, Wanted, instructions, register
from mappings.model import Periods, Team
from webhooks.contract import Key

TOKEN_PAGE = "https://id.atlassian.com/manage-profile/security/api-tokens"  # noqa: S105 - an address
PERSONAL_TOKENS = "/secure/ViewProfile.jspa?selectedTab=com.atlassian.pats.pats-plugin:jira-user-personal-access-tokens"
OLDEST_DATA_CENTER = (9, 12)
_PAGES = re.compile(r"/(?:browse|secure|projects|software|issues|rest|plugins|login\.jsp)(?:/|$)")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


# --- 1. the site ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SiteInfo:
    base_url: str
    edition: str  # cloud, data_center
    version: str
    title: str

    @property
    def is_cloud(self) -> bool:
        return self.edition == client.CLOUD

    @property
    def name(self) -> str:
        return f"Jira {'Cloud' if self.is_cloud else 'Data Center'} {self.version}"

    @property
    def is_supported(self) -> bool:
        return self.is_cloud or client.version_of({"version": self.version})[:2] >= OLDEST_DATA_CENTER

    @property
    def token_page(self) -> str:
        """Where the account's owner makes the token that we need."""
        return TOKEN_PAGE if self.is_cloud else f"{self.base_url}{PERSONAL_TOKENS}"


def probe(url: str) -> SiteInfo:
    """Ask an address what it is, without credentials; the bare host last, as people paste pages that lie below it."""
    base_url = checked_url(url)
    parts = urlsplit(base_url)
    for address in dict.fromkeys((base_url, f"{parts.scheme}://{parts.netloc}")):
        for edition in (client.CLOUD, client.DATA_CENTER):
            info = _info(address, edition)
            if info is not None:
                told = client.CLOUD if info.get("deploymentType") == "Cloud" else client.DATA_CENTER
                return SiteInfo(address, told, str(info.get("version", "")), str(info.get("serverTitle") or "Jira"))
    raise Misconfigured("no_jira", f"There is no Jira at {base_url}: enter its address as the browser shows it.")


def _info(address: str, edition: str) -> Json | None:
    """What the site says of itself, in the API of that edition; None where there is no such API."""
    try:
        return client.server_info(HTTPClient(open_session(), address, dialect=edition))
    except Permanent as error:
        if error.reason != "not_found":
            raise
        return None


def checked_url(url: str) -> str:
    """The address of a site as its users know it, without what the browser adds behind it."""
    text = url.strip()
    parts = urlsplit(text if "://" in text else f"https://{text}")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        shown = "https://your-site.atlassian.net, or https://jira.example.org/jira"
        raise Misconfigured("bad_address", f"The address must look like {shown}.")
    if parts.username or parts.password:
        raise Misconfigured("bad_address", "The address must not hold a name or password: they are asked for apart.")
    if parts.scheme == "http" and parts.hostname not in _OWN_MACHINE:
        raise Misconfigured("not_encrypted", "The address must begin with https://: a token would travel unencrypted.")
    path = _PAGES.split(parts.path)[0]  # a Data Center site may lie below a path of its own, often /jira
    if parts.hostname.endswith(".atlassian.net"):
        path = ""
    return f"{parts.scheme}://{parts.netloc}{path}".rstrip("/")


def name_for(base_url: str) -> str:
    """A short name for the connection: acme for acme.atlassian.net."""
    host = urlsplit(base_url).hostname or ""
    first = host.split(".")[0].lower()
    return first if _NAME.fullmatch(first) and not first.isdecimal() and host not in _OWN_MACHINE else "jira"


def checked_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise Misconfigured("bad_name", "The connection's name takes small letters, digits and hyphens, 40 at most.")
    return name


# --- 2. the credentials -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Account:
    """Who our credentials are, as far as the operator must know; nothing of it is kept."""

    name: str
    time_zone: str | None


@dataclass(frozen=True, slots=True)
class Right:
    name: str
    is_held: bool
    is_needed: bool
    what_for: str
    how: str


def credentials(site: SiteInfo, email: str, token: str, cloud_id: str | None = None) -> dict[str, str]:
    """Cloud: e-mail and API token; Data Center: a personal access token alone."""
    if not site.is_cloud:
        if not site.is_supported:
            oldest = ".".join(map(str, OLDEST_DATA_CENTER))
            raise Misconfigured(
                "too_old", f"{site.title} is {site.name}; Tieline connects to Data Center {oldest} and newer."
            )
        if not token.strip():
            raise Misconfigured(
                "no_credentials", f"{site.name} needs a personal access token, made at {site.token_page}."
            )
        return {"token": token.strip(), "edition": client.DATA_CENTER}
    if "@" not in email or not token.strip():
        raise Misconfigured("no_credentials", f"Jira Cloud needs an e-mail and an API token, made at {TOKEN_PAGE}.")
    found = {"email": email.strip(), "token": token.strip()}
    return {**found, "cloud_id": cloud_id} if cloud_id else found


def who_am_i(connection: Connection) -> Account:
    account = client.myself(client.open_client(connection))
    zone = account.get("timeZone")
    return Account(str(account.get("displayName") or "unnamed"), zone if isinstance(zone, str) else None)


def rights(connection: Connection) -> tuple[Right, ...]:
    """What we may do, and how to get what is missing."""
    held = client.my_permissions(client.open_client(connection), ("BROWSE_PROJECTS", "ADMINISTER"))
    return (
        Right(
            "BROWSE_PROJECTS",
            held["BROWSE_PROJECTS"],
            is_needed=True,
            what_for="to see work items",
            how="A Jira administrator gives the account the permission “Browse Projects” in each project's permission "
            "scheme (Project settings > Permissions), for instance through a role.",
        ),
        Right(
            "ADMINISTER",
            held["ADMINISTER"],
            is_needed=False,
            what_for="to register the webhook ourselves",
            how="Not needed for good: an administrator can create the webhook by hand, as we print it.",
        ),
    )


# --- 3. projects, boards, fields --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BoardLine:
    id: str
    name: str
    type: str  # scrum, kanban, simple
    project: str | None  # id of the project it is located in


def projects(connection: Connection) -> tuple[Project, ...]:
    """The live projects that we may browse, by key."""
    found = [
        Project(str(raw["id"]), str(raw["key"]), str(raw.get("name") or ""))
        for raw in client.projects(client.open_client(connection))
        if raw.get("id") and raw.get("key")
    ]
    if not found:
        raise Misconfigured("no_projects", "Jira shows no project to this account: give it “Browse Projects” in some.")
    return tuple(sorted(found, key=lambda project: project.key))


def projects_named(found: Sequence[Project], keys: Iterable[str]) -> tuple[Project, ...]:
    by_key = {project.key.upper(): project for project in found}
    asked = [key.strip().upper() for key in keys if key.strip()]
    unknown = [key for key in asked if key not in by_key]
    if unknown:
        raise Misconfigured("unknown_project", f"There is no project {unknown[0]}; Jira shows {', '.join(by_key)}.")
    return tuple(by_key[key] for key in dict.fromkeys(asked))


def boards(connection: Connection, chosen: Sequence[Project]) -> tuple[BoardLine, ...]:
    """The boards on which these projects are seen, but for those that are located in others."""
    http, ids = client.open_client(connection), {project.id for project in chosen}
    found: dict[str, BoardLine] = {}
    for project in chosen:
        for raw in client.boards(http, project.id):
            home = client.home_of(http, raw)
            if home is None or home in ids:
                line = BoardLine(str(raw["id"]), str(raw.get("name") or raw["id"]), str(raw.get("type")), home)
                found.setdefault(line.id, line)
    return tuple(sorted(found.values(), key=lambda board: (board.name.casefold(), int(board.id))))


def has_sprints(connection: Connection, board: BoardLine) -> bool:
    """Scrum boards have sprints, kanban boards none; boards of team-managed projects may have either."""
    if board.type != "simple":
        return board.type == "scrum"
    return next(iter(client.board_sprints(client.open_client(connection), board.id)), None) is not None


def look_at_fields(connection: Connection, chosen: Sequence[Project], seen: Sequence[BoardLine]) -> Survey:
    ids = [project.id for project in chosen]
    return survey(client.open_client(connection), ids, [board.id for board in seen])


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the operator said about fields; where nothing was said, the best candidates are taken."""

    kr_fields: tuple[str, ...] = ()
    kr_label_prefix: str | None = None
    kr_link_types: tuple[str, ...] = ()
    points_field: str | None = None
    team_field: str | None = None
    type_levels: tuple[tuple[str, int], ...] = ()  # by name or id of an issue type


def choose_fields(seen: Survey, wishes: Wishes) -> FieldMapping:
    mapping = suggest(seen.found)
    if wishes.kr_fields:
        mapping = replace(mapping, kr_fields=_refs(seen, wishes.kr_fields))
    elif wishes.kr_label_prefix or wishes.kr_link_types:
        mapping = replace(mapping, kr_fields=())
    if wishes.points_field:
        mapping = replace(mapping, points_fields=_refs(seen, (wishes.points_field,)))
    if wishes.team_field:
        mapping = replace(mapping, team_field=_refs(seen, (wishes.team_field,))[0])
    return replace(
        mapping,
        kr_label_prefix=wishes.kr_label_prefix,
        kr_link_types=wishes.kr_link_types,
        type_levels=wishes.type_levels,
    )


def _refs(seen: Survey, names: Iterable[str]) -> tuple[FieldRef, ...]:
    found: list[FieldRef] = []
    for name in names:
        refs = seen.named(name)
        if not refs:
            known = ", ".join(f"“{candidate.field.name}”" for candidate in seen.found.key_result[:8])
            raise Misconfigured("unknown_field", f"Jira has no field “{name}”. It could be one of: {known or 'none'}.")
        found += refs
    return tuple(dict.fromkeys(found))


def team_of_board(name: str, teams: Sequence[Team]) -> str | None:
    """The register's team whose name stands whole in the board's name; the longest of several."""
    found = [team.name for team in teams if re.search(rf"(?<!\w){re.escape(team.name)}(?!\w)", name, re.IGNORECASE)]
    longest = max((len(team) for team in found), default=0)
    best = [team for team in found if len(team) == longest]
    return best[0] if len(best) == 1 else None


def choose_boards(
    connection: Connection,
    seen: Iterable[BoardLine],
    teams: Sequence[Team],
    *,
    given: dict[str, str],
    periods: Periods = Periods.TWO_WEEKS,
) -> tuple[ChosenBoard, ...]:
    """`given`: teams by the name or id of a board, as the operator said; else a team is known by its name."""
    by_name = {name.casefold(): team for name, team in given.items()}
    chosen = []
    for board in seen:
        team = by_name.get(board.name.casefold(), by_name.get(board.id)) or team_of_board(board.name, teams)
        kept = None if has_sprints(connection, board) else periods
        chosen.append(ChosenBoard(board.id, board.name, team, kept, board.project))
    return tuple(chosen)


def teams_of_register(engine: Engine, now: datetime) -> tuple[Team, ...]:
    with reading(engine) as session:
        return plans.plan_in_force(session, now).teams


def with_choice(connection: Connection, chosen: Chosen) -> Connection:
    """The mapping as it will be read back, so that two choices can be compared."""
    return replace(connection, mapping=orjson.loads(orjson.dumps(chosen.to_json())))


def check_name(engine: Engine, vault: Vault, connection: Connection) -> None:
    """A name belongs to one site: another one under it would be taken for the same items."""
    with reading(engine) as session:
        known = connections.connection_named(session, vault, connection.id)
    if known is not None and (known.tracker, known.base_url) != (connection.tracker, connection.base_url):
        raise Misconfigured(
            "name_taken", f"The name {connection.id} belongs to {known.base_url}; give this site another one by --name."
        )


def is_other_choice(engine: Engine, vault: Vault, connection: Connection) -> bool:
    """Whether the connection is there with another choice: then its backfill begins anew."""
    with reading(engine) as session:
        known = connections.connection_named(session, vault, connection.id)
    return known is not None and dict(known.mapping) != dict(connection.mapping)


# --- 4. saving and the webhook ----------------------------------------------------------------


def hears_already(engine: Engine, vault: Vault, connection: Connection, public_url: str) -> bool:
    """Whether deliveries to that address have arrived: then the webhook may stay as it is."""
    with reading(engine) as session:
        key = connections.door_key(session, vault, connection.tracker, connection.id)
        health = next((one for one in reads.connections(session) if one.id == connection.id), None)
    if key is None or health is None or health.last_delivery_at is None:
        return False
    return key.callback_url == callback(connection, public_url)


def save(
    engine: Engine,
    vault: Vault,
    connection: Connection,
    now: datetime,
    public_url: str | None,
    *,
    is_signed: bool = True,
    wants_new_secret: bool = False,
) -> Wanted | None:
    """Keep the connection; where Tieline has an address, with a fresh secret: answer the webhook to register.

    The secret is known to the door before Jira hears of it; the one before stays valid until the next change.
    `is_signed` False: the site cannot sign, so the end of the path is the proof; of paths only one is valid at a time.
    """
    address = callback(connection, public_url) if public_url else ""
    with writing(engine) as session:
        known = connections.door_key(session, vault, connection.tracker, connection.id)
        if known is not None and not public_url:
            connections.keep_connection(session, vault, connection, now)
            return None
        proof = _proof(known, is_signed, wants_new_secret)
        kept = Webhook(
            secret=proof.secret if known is None and is_signed else None,
            path_token=proof.token if proof.token or (known is not None and known.token) else None,
            unsigned=not is_signed,
            callback_url=address,
        )
        connections.keep_connection(session, vault, connection, now, webhook=kept)
        if not is_signed:
            connections.forget_secrets(session, connection.id)
        elif known is not None:
            connections.rotate_webhook_secret(session, vault, connection.id, proof.secret)
    if not public_url:
        return None
    chosen = connection.mapping.get("projects")
    ids = tuple(str(project["id"]) for project in chosen) if isinstance(chosen, list) else ()
    return Wanted(f"Tieline {connection.id}", address, ids, proof.secret, proof.token)


@dataclass(frozen=True, slots=True)
class _Proof:
    """What a delivery will bear: a signature made with the secret, or the token at the end of its path."""

    secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


def _proof(known: Key | None, is_signed: bool, wants_new_secret: bool) -> _Proof:
    if is_signed:
        return _Proof(secret=secrets.token_urlsafe(32))
    if known is not None and known.unsigned and known.token and not wants_new_secret:
        return _Proof(token=known.token)  # no delivery is refused until Jira has heard of another
    return _Proof(token=secrets.token_urlsafe(32))


def can_sign(connection: Connection) -> bool:
    """Whether the site can sign its deliveries: Data Center can from version 10 on."""
    return webhook.can_sign(client.open_client(connection))


def callback(connection: Connection, public_url: str) -> str:
    parts = urlsplit(public_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Misconfigured(
            "bad_public_url", "The public address of Tieline must look like https://tieline.example.org."
        )
    return f"{public_url.rstrip('/')}/hooks/{connection.tracker}/{connection.id}"


@dataclass(frozen=True, slots=True)
class WebhookResult:
    """Registered and read back; or why not, with what a person does instead."""

    registered: Registered | None
    problem: str | None = None
    instructions: tuple[str, ...] = ()


def register_webhook(connection: Connection, wanted: Wanted) -> WebhookResult:
    try:
        return WebhookResult(register(client.open_client(connection), wanted))
    except TrackerError as error:
        return WebhookResult(None, error.sentence, tuple(instructions(connection.base_url, wanted)))
