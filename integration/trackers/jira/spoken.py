"""What an operator says while choosing, held against the site and the register, in whose own words it goes on."""

from collections.abc import Sequence
from dataclasses import replace

from integration.contract import Connection, Misconfigured
from integration.trackers.jira import client, site_names
from integration.trackers.jira.choosing import EVERY, BoardLine, Wishes, refs_named
from integration.trackers.jira.chosen import Project
from integration.trackers.jira.field_parts import Part, check_part
from integration.trackers.jira.field_survey import Survey
from integration.trackers.jira.site_names import hint, plain
from mappings.model import Team


def check_wishes(
    connection: Connection, seen: Survey, chosen: Sequence[Project], wishes: Wishes, place: str = "--{}: "
) -> Wishes:
    """The wishes in the site's own words; what it lacks, and a field that cannot play its part, are refused.

    `place` says where a wish was said, by the name of its flag.
    """
    http, projects = client.open_client(connection), [project.id for project in chosen]
    named: tuple[tuple[str, Part, tuple[str, ...]], ...] = (
        (place.format("kr-field"), "key results", wishes.kr_fields),
        (place.format("points-field"), "points", wishes.points_fields),
        (place.format("team-field"), "teams", (wishes.team_field,) if wishes.team_field else ()),
    )
    for flag, part, names in named:
        for ref in refs_named(seen, names, flag):
            check_part(http, projects, flag, seen.raw(ref.id), part)
    found = [name for name, _ in wishes.statuses]
    statuses = site_names.statuses(http, place.format("status"), found, seen.named_in("status"))
    found = [name for name, _ in wishes.type_levels]
    types = site_names.types(http, place.format("type-level"), found, seen.named_in("issuetype"))
    return replace(
        wishes,
        statuses=tuple((name, means) for name, (_, means) in zip(statuses, wishes.statuses, strict=True)),
        type_levels=tuple((name, level) for name, (_, level) in zip(types, wishes.type_levels, strict=True)),
        kr_link_types=site_names.link_types(http, place.format("kr-link-type"), wishes.kr_link_types),
        dropped_resolutions=site_names.resolutions(
            http, place.format("dropped"), wishes.dropped_resolutions, seen.named_in("resolution")
        ),
    )


def checked_team(place: str, said: str, teams: Sequence[Team]) -> str:
    """The register's own spelling; a team that it lacks would be one of which no objective is told."""
    by_name = {plain(team.name): team.name for team in teams}
    if teams and plain(said) not in by_name:
        raise Misconfigured("unknown_team", f"{place}The register has no team {hint(said, by_name.values())}")
    return by_name.get(plain(said), said)


def boards_named(found: Sequence[BoardLine], names: Sequence[str]) -> tuple[BoardLine, ...]:
    """By name or id."""
    if EVERY in names:
        return tuple(found)
    known = {board.id for board in found} | {plain(board.name) for board in found}
    unknown = next((name for name in names if plain(name) not in known), None)
    if unknown is not None:
        shown = ", ".join(f"“{board.name}” ({board.id})" for board in found[: site_names.SHOWN]) or "none"
        more = f" and {len(found) - site_names.SHOWN} more" if len(found) > site_names.SHOWN else ""
        near = site_names.did_you_mean(unknown, [board.name for board in found])
        said = f"There is no board “{unknown}”.{near} Of the chosen projects there are: {shown}{more}."
        raise Misconfigured("unknown_board", said)
    wanted = {plain(name) for name in names}
    return tuple(board for board in found if board.id in wanted or plain(board.name) in wanted)
