"""What an account sees of a Jira site, and how the operator's wishes become the choice that a connection keeps."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import orjson

from integration.connecting import Right, Sight
from integration.contract import Connection, Misconfigured, TrackerError
from integration.trackers.jira import client
from integration.trackers.jira.chosen import Chosen, ChosenBoard, Project
from integration.trackers.jira.discovery import suggest
from integration.trackers.jira.field_survey import Survey, survey
from integration.trackers.jira.fields import FieldMapping, FieldRef
from integration.trackers.jira.site_names import hint, plain
from integration.trackers.jira.values import tag_texts
from mappings.model import Periods, Status, Team

OTHERS = 3  # the rank of fields that could hold tags and are not named so
ADMINISTER = "ADMINISTER"
EVERY = "*"  # said for all projects or boards
MANY_PROJECTS = 20  # of more all boards are listed, rather than those of each
T = TypeVar("T")


# --- who we are -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Account:
    """Who our credentials are, as far as the operator must know; nothing of it is kept."""

    name: str
    time_zone: str | None


def who_am_i(connection: Connection) -> Account:
    account = client.myself(client.open_client(connection))
    zone = account.get("timeZone")
    return Account(str(account.get("displayName") or "unnamed"), zone if isinstance(zone, str) else None)


def through_gateway(connection: Connection, cloud_id: Callable[[], str]) -> tuple[Connection, Account]:
    """Who we are; where the site refuses the token, once more by Atlassian's gateway, which tokens with scopes need.

    Answer the connection as it goes there. `cloud_id` asks the site under which number the gateway knows it.
    """
    try:
        return connection, who_am_i(connection)
    except Misconfigured as refused:
        if refused.reason != "bad_credentials" or not _may_have_scopes(connection):
            raise
        try:
            known = {**connection.credentials, "cloud_id": cloud_id()}
            there = replace(connection, credentials=known)
            return there, who_am_i(there)
        except TrackerError:
            raise refused from None


def _may_have_scopes(connection: Connection) -> bool:
    known = connection.credentials
    return connection.base_url.endswith(".atlassian.net") and not {"cloud_id", "edition"} & known.keys()


def rights(connection: Connection) -> tuple[Right, ...]:
    """What we may do, and how to get what is missing."""
    held = client.my_permissions(client.open_client(connection), ("BROWSE_PROJECTS", ADMINISTER))
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
            ADMINISTER,
            held[ADMINISTER],
            is_needed=False,
            what_for="to register the webhook ourselves",
            how="Not needed for good: an administrator can create the webhook by hand, as we print it.",
        ),
    )


def sight(connection: Connection, now: datetime) -> Sight:
    """All that a person wants to know before going on."""
    account = who_am_i(connection)
    held = rights(connection)
    number = sum(1 for _ in client.projects(client.open_client(connection)))
    return Sight(account.name, account.time_zone, held, number, skew_of(connection, now))


def skew_of(connection: Connection, now: datetime) -> int | None:
    """By how many seconds the site's clock is ahead of ours; None where it does not tell the time."""
    told = client.server_info(client.open_client(connection)).get("serverTime")
    try:
        at = datetime.fromisoformat(str(told))
    except ValueError:
        return None
    return round((at.astimezone(UTC) - now).total_seconds()) if at.tzinfo else None


# --- projects and boards ----------------------------------------------------------------------


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


def projects_named(found: Sequence[Project], keys: Sequence[str]) -> tuple[Project, ...]:
    if EVERY in keys:
        return tuple(found)
    by_key = {project.key.upper(): project for project in found}
    asked = [key.strip().upper() for key in keys if key.strip()]
    unknown = [key for key in asked if key not in by_key]
    if unknown:
        raise Misconfigured("unknown_project", f"Jira shows us no project {hint(unknown[0], by_key)}")
    return tuple(by_key[key] for key in dict.fromkeys(asked))


def boards(connection: Connection, chosen: Sequence[Project]) -> tuple[BoardLine, ...]:
    """The boards on which these projects are seen, but for those that are located in others."""
    http, ids = client.open_client(connection), {project.id for project in chosen}
    found: dict[str, BoardLine] = {}
    for asked in (None,) if len(chosen) > MANY_PROJECTS else (project.id for project in chosen):
        for raw in client.boards(http, asked):
            if str(raw["id"]) in found:
                continue
            home = client.home_of(http, raw)
            if home in ids or (home is None and asked is not None):
                line = BoardLine(str(raw["id"]), str(raw.get("name") or raw["id"]), str(raw.get("type")), home)
                found[line.id] = line
    return tuple(sorted(found.values(), key=lambda board: (board.name.casefold(), int(board.id))))


def has_sprints(connection: Connection, board: BoardLine) -> bool:
    """Scrum boards have sprints, kanban boards none; boards of team-managed projects may have either."""
    if board.type != "simple":
        return board.type == "scrum"
    return next(iter(client.board_sprints(client.open_client(connection), board.id)), None) is not None


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
    periods: Periods | None = None,
    known: Sequence[ChosenBoard] = (),
) -> tuple[ChosenBoard, ...]:
    """`given`: teams by the name or id of a board, as the operator said; else a team is known by its name. `periods`
    where they were said, else those of `known`, which was chosen before."""
    by_name = {name.casefold(): team for name, team in given.items()}
    before = {board.id: board.periods for board in known}
    chosen = []
    for board in seen:
        team = by_name.get(board.name.casefold(), by_name.get(board.id)) or team_of_board(board.name, teams)
        wanted = periods or before.get(board.id) or Periods.TWO_WEEKS
        kept = None if has_sprints(connection, board) else wanted
        chosen.append(ChosenBoard(board.id, board.name, team, kept, board.project))
    return tuple(chosen)


# --- fields -----------------------------------------------------------------------------------


def look_at_fields(connection: Connection, chosen: Sequence[Project], seen: Sequence[BoardLine]) -> Survey:
    ids = [project.id for project in chosen]
    return survey(client.open_client(connection), ids, [board.id for board in seen])


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the operator said about fields; where nothing was said, the best candidates are taken."""

    kr_fields: tuple[str, ...] = ()
    kr_label_prefix: str | None = None
    kr_text_pattern: str | None = None
    kr_link_types: tuple[str, ...] = ()
    points_fields: tuple[str, ...] = ()
    team_field: str | None = None
    type_levels: tuple[tuple[str, int], ...] = ()  # by name or id of an issue type
    statuses: tuple[tuple[str, Status], ...] = ()  # by name or id
    dropped_resolutions: tuple[str, ...] = ()  # beside those of the default
    without: tuple[str, ...] = ()  # flags of fields that are to play no part

    @property
    def speaks_of_key_results(self) -> bool:
        return bool(self.kr_fields or self.kr_label_prefix or self.kr_link_types)


# What is left where a field is to play no part, by its flag.
_NOTHING: dict[str, tuple[str, Any]] = {
    "kr-field": ("kr_fields", ()),
    "points-field": ("points_fields", ()),
    "team-field": ("team_field", None),
}


def choose_fields(seen: Survey, wishes: Wishes, known: FieldMapping | None = None) -> FieldMapping:
    """What was said, else what was chosen before (`known`), else what is suggested.

    What names key results is said as a whole: a label prefix alone takes the place of the fields. Statuses, types and
    resolutions are added to those that were named before.
    """
    mapping = suggest(seen.found) if known is None else _still_there(seen, known)
    mapping = replace(mapping, **{_NOTHING[flag][0]: _NOTHING[flag][1] for flag in wishes.without})
    if wishes.speaks_of_key_results:
        mapping = replace(
            mapping,
            kr_fields=refs_named(seen, wishes.kr_fields),
            kr_label_prefix=wishes.kr_label_prefix,
            kr_link_types=wishes.kr_link_types,
        )
    if wishes.kr_text_pattern:
        mapping = replace(mapping, kr_text_pattern=checked_pattern(wishes.kr_text_pattern))
    if wishes.points_fields:
        points = refs_named(seen, wishes.points_fields)
        mapping = replace(mapping, points_fields=tuple(replace(ref, encoding="number") for ref in points))
    if wishes.team_field:
        mapping = replace(mapping, team_field=refs_named(seen, (wishes.team_field,))[0])
    return replace(
        mapping,
        type_levels=_added(mapping.type_levels, wishes.type_levels),
        status_overrides=_added(mapping.status_overrides, wishes.statuses),
        dropped_resolutions=tuple(dict.fromkeys((*mapping.dropped_resolutions, *wishes.dropped_resolutions))),
    )


def _still_there(seen: Survey, known: FieldMapping) -> FieldMapping:
    """The choice before, without fields that the site has no more; Jira's own fields as they are found now."""
    there = {str(field.get("id")) for field in seen.fields}
    found = suggest(seen.found)

    def kept(refs: Iterable[FieldRef]) -> tuple[FieldRef, ...]:
        return tuple(ref for ref in refs if ref.id in there)

    return replace(
        known,
        sprint_field=found.sprint_field,
        epic_link_field=found.epic_link_field,
        parent_link_field=found.parent_link_field,
        epic_name_field=found.epic_name_field,
        kr_fields=kept(known.kr_fields),
        points_fields=kept(known.points_fields),
        rule_fields=kept(known.rule_fields),
        team_field=next(iter(kept([known.team_field] if known.team_field else [])), None),
    )


def _added(before: tuple[tuple[str, T], ...], said: Sequence[tuple[str, T]]) -> tuple[tuple[str, T], ...]:
    by_name = {plain(name): (name, value) for name, value in before}
    return tuple((by_name | {plain(name): (name, value) for name, value in said}).values())


def tags_in(seen: Survey, ref: FieldRef, pattern: str | None) -> bool:
    """Whether any sampled issue bears a tag in that field, as the pattern finds it."""
    texts = (text for content in seen.contents for text in tag_texts(content.get(ref.id)))
    return any(pattern is None or re.search(pattern, text) for text in texts)


def checked_pattern(pattern: str | None) -> str | None:
    try:
        re.compile(pattern or "")
    except re.error as error:
        raise Misconfigured("bad_pattern", f"The pattern is no regular expression ({error}).") from None
    return pattern or None


def refs_named(seen: Survey, names: Iterable[str], place: str = "") -> tuple[FieldRef, ...]:
    found: list[FieldRef] = []
    for name in names:
        refs = seen.named(name)
        if not refs:
            likely = [candidate.field.name for candidate in seen.found.key_result if candidate.rank < OTHERS]
            known = hint(name, [*likely, *(str(field.get("name")) for field in seen.fields)])
            raise Misconfigured("unknown_field", f"{place}Jira has no field {known}")
        found += refs
    return tuple(dict.fromkeys(found))


def with_choice(connection: Connection, chosen: Chosen) -> Connection:
    """The mapping as it will be read back, so that two choices can be compared."""
    return replace(connection, mapping=orjson.loads(orjson.dumps(chosen.to_json())))
