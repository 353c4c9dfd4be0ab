"""A whole look at a Jira site for the operator's pages: what there is to choose from, and the mapping of a choice."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from integration.connecting import (
    BoardChoice,
    BoardOffer,
    Choice,
    FieldOffer,
    NameOffer,
    Offer,
    ProjectLine,
    Report,
    StatusOffer,
)
from integration.contract import Connection, Misconfigured
from integration.http import HTTPClient
from integration.trackers.jira import choosing, client, site_names
from integration.trackers.jira.choosing import BoardLine
from integration.trackers.jira.chosen import Chosen, ChosenBoard, Project, chosen_of
from integration.trackers.jira.discovery import Candidate, parent_link, suggest
from integration.trackers.jira.field_survey import Survey
from integration.trackers.jira.fields import DROPPED_RESOLUTIONS, FieldMapping, FieldRef, mapping_from_json
from integration.trackers.jira.levels import Above, above_epics
from integration.trackers.jira.site import is_dropped, link_words, status_fact
from mappings.model import Periods, Team

MOST_BOARDS = 2000


def project_lines(connection: Connection) -> tuple[ProjectLine, ...]:
    return tuple(ProjectLine(one.id, one.key, one.name) for one in choosing.projects(connection))


def look(connection: Connection, project_ids: Sequence[str], report: Report) -> Offer:
    """Ask for everything once; `report` hears how far we are, for a large site takes minutes."""
    report("projects", 0, None)
    wanted = set(project_ids)
    projects = tuple(one for one in choosing.projects(connection) if one.id in wanted)
    if not projects:
        raise Misconfigured("no_projects", "None of the chosen projects is open to the account any more.")
    report("boards", 0, None)
    lines = choosing.boards(connection, projects)[:MOST_BOARDS]
    boards = tuple(_boards(connection, lines, report))
    held = chosen_of(connection).fields if connection.mapping else FieldMapping()
    report("fields", 0, None)
    seen = choosing.look_at_fields(connection, projects, lines)
    report("statuses", 0, None)
    http = client.open_client(connection)
    ids = ", ".join(one.id for one in projects)
    keys = {one.id: one.key for one in projects}
    return Offer(
        projects=tuple(ProjectLine(one.id, one.key, one.name) for one in projects),
        boards=boards,
        key_results=_offers(seen, seen.found.key_result, keys, held.kr_fields),
        points=_offers(seen, seen.found.points, keys, held.points_fields),
        teams=_offers(seen, seen.found.team, keys, (held.team_field,) if held.team_field else ()),
        labels=seen.labels,
        links=_links(http, seen),
        statuses=_statuses(http, seen),
        resolutions=_resolutions(http, seen),
        types=_types(http, seen, above_epics(http, [one.id for one in projects], parent_link(seen.found))),
        items=client.approximate_count(http, f"project in ({ids})"),
        sampled=len(seen.contents),
        raw={"fields": _plain(suggest(seen.found)), "held": _plain(held)},
    )


def _plain(fields: FieldMapping) -> dict[str, object]:
    plain: dict[str, object] = orjson.loads(orjson.dumps(fields.to_json()))
    return plain


def _boards(connection: Connection, lines: Sequence[BoardLine], report: Report) -> Iterable[BoardOffer]:
    for number, line in enumerate(lines):
        report("boards", number, len(lines))
        yield BoardOffer(line.id, line.name, line.type, line.project, choosing.has_sprints(connection, line))


def _offers(
    seen: Survey, candidates: Sequence[Candidate], keys: Mapping[str, str], held: Iterable[FieldRef]
) -> tuple[FieldOffer, ...]:
    """A field of one team-managed project is named with its key. What was chosen before is offered in any case."""
    offered = {candidate.field.id for candidate in candidates}
    there = {str(field.get("id")) for field in seen.fields}
    before = [Candidate(ref, 1, "chosen before") for ref in held if ref.id in there - offered]
    found = []
    for candidate in (*candidates, *before):
        ref, sample = candidate.field, seen.samples.get(candidate.field.id)
        offer = FieldOffer(ref.id, ref.names, ref.encoding, candidate.rank, candidate.reason)
        if candidate.project is not None:
            offer = replace(offer, scope=keys[candidate.project])
        if sample is not None:
            offer = replace(offer, filled=sample.filled, of=sample.of, samples=sample.values)
        found.append(offer)
    # Of fields that look alike the one that people fill is the one that they use.
    return tuple(sorted(found, key=lambda offer: (offer.rank, offer.filled == 0)))


def _counted(seen: Survey, field: str) -> Counter[str]:
    named = (content.get(field) for content in seen.contents)
    return Counter(str(one["id"]) for one in named if isinstance(one, dict) and "id" in one)


def _links(http: HTTPClient, seen: Survey) -> tuple[NameOffer, ...]:
    used = Counter(
        str(link["type"]["name"])
        for content in seen.contents
        for link in content.get("issuelinks") or ()
        if isinstance(link, dict) and isinstance(link.get("type"), dict) and "name" in link["type"]
    )
    words = [link_words(raw) for raw in client.link_types(http)]
    return tuple(NameOffer(one[0], " / ".join(dict.fromkeys(one)), used[one[0]]) for one in words if one)


def _statuses(http: HTTPClient, seen: Survey) -> tuple[StatusOffer, ...]:
    """Those that the sampled issues are in come first: a site has hundreds of others."""
    used = _counted(seen, "status")
    facts = (status_fact(raw) for raw in client.statuses(http))
    found = [StatusOffer(id_, name, means, used[id_]) for id_, name, means in facts if id_ and name]
    return tuple(sorted(found, key=lambda one: (-one.items, one.name.casefold())))


def _resolutions(http: HTTPClient, seen: Survey) -> tuple[NameOffer, ...]:
    used = _counted(seen, "resolution")
    listed = [(str(raw.get("id")), str(raw.get("name"))) for raw in client.resolutions(http)]
    told = (content.get("resolution") for content in seen.contents)
    listed += [(str(one.get("id")), str(one.get("name"))) for one in told if isinstance(one, dict)]
    return tuple(NameOffer(id_, name, used[id_]) for id_, name in dict.fromkeys(listed))


def _types(http: HTTPClient, seen: Survey, above: Iterable[Above]) -> tuple[NameOffer, ...]:
    """By name, as settings name them: team-managed projects have a Story each."""
    told = [content.get("issuetype") for content in seen.contents]
    used = Counter(str(one["name"]) for one in told if isinstance(one, dict) and "name" in one)
    names = [str(raw.get("name")) for raw in site_names.listed_types(http)]
    hints = {one.name: f"{one.sentence}: choose “above epics” if it is one." for one in above}
    every = dict.fromkeys([*used, *names])
    found = [NameOffer(name, name, used[name], hints.get(name, "")) for name in every]
    return tuple(sorted(found, key=lambda one: (not one.hint, -one.items, one.name.casefold())))


# --- from the offer to a mapping --------------------------------------------------------------


def suggest_choice(offer: Offer, teams: Sequence[str]) -> Choice:
    """What is taken where the operator says nothing."""
    named = [Team(name) for name in teams]
    base = mapping_from_json(_fields_of(offer))
    there = {field.id for field in (*offer.key_results, *offer.points, *offer.teams)}
    return Choice(
        key_results=tuple(ref.id for ref in base.kr_fields if ref.id in there),
        points=tuple(ref.id for ref in base.points_fields if ref.id in there),
        team_field=base.team_field.id if base.team_field and base.team_field.id in there else None,
        boards=tuple(
            BoardChoice(
                board.id,
                choosing.team_of_board(board.name, named),
                None if board.has_sprints else Periods.TWO_WEEKS,
            )
            for board in offer.boards
        ),
        dropped=tuple(one.name for one in offer.resolutions if is_dropped_by_default(one.name)),
    )


def is_dropped_by_default(name: str) -> bool:
    """By the name alone, as the translation of issues compares it."""
    from integration.trackers.jira.history import Told
    from integration.trackers.jira.site import SiteFacts

    return is_dropped(Told(None, name), FieldMapping(), SiteFacts())


def mapping_of(offer: Offer, choice: Choice) -> dict[str, object]:
    """The connection's mapping, as plain JSON."""
    base, held = mapping_from_json(_fields_of(offer)), mapping_from_json(_fields_of(offer, "held"))
    boards_chosen = {one.id for one in choice.boards}
    names = {one.name for one in offer.resolutions}
    unknown = tuple(name for name in DROPPED_RESOLUTIONS if name not in names)  # still in old histories, perhaps
    fields = replace(
        base,
        kr_fields=_refs(offer.key_results, choice.key_results),
        kr_label_prefix=choice.label_prefix,
        kr_text_pattern=choosing.checked_pattern(choice.pattern),
        kr_link_types=choice.links,
        points_fields=_refs(offer.points, choice.points),
        team_field=next(iter(_refs(offer.teams, (choice.team_field,))), None) if choice.team_field else None,
        status_overrides=choice.statuses,
        dropped_resolutions=tuple(dict.fromkeys((*choice.dropped, *unknown))),
        type_levels=choice.levels,
        rule_fields=held.rule_fields,
        board_statuses=tuple(one for one in held.board_statuses if one[0] in boards_chosen),
    )
    boards = {board.id: board for board in offer.boards}
    chosen = Chosen(
        tuple(Project(one.id, one.key, one.name) for one in offer.projects),
        tuple(_chosen_board(boards[one.id], one) for one in choice.boards if one.id in boards),
        fields,
    )
    plain: dict[str, object] = orjson.loads(orjson.dumps(chosen.to_json()))
    return plain


def _fields_of(offer: Offer, part: str = "fields") -> Mapping[str, Any]:
    """What the look suggests, or what was `held` before."""
    fields = offer.raw.get(part)
    return fields if isinstance(fields, Mapping) else {}


def _chosen_board(board: BoardOffer, choice: BoardChoice) -> ChosenBoard:
    periods = None if board.has_sprints else choice.periods or Periods.TWO_WEEKS
    return ChosenBoard(board.id, board.name, choice.team, periods, board.project)


def _refs(offers: Sequence[FieldOffer], ids: Iterable[str]) -> tuple[FieldRef, ...]:
    by_id = {offer.id: offer for offer in offers}
    known = [by_id[id_] for id_ in dict.fromkeys(ids) if id_ in by_id]
    data = [{"id": one.id, "names": one.names, "encoding": one.encoding} for one in known]
    return mapping_from_json({"kr_fields": data}).kr_fields


def projects_of(connection: Connection) -> tuple[str, ...]:
    """The ids of the chosen projects."""
    return chosen_of(connection).project_ids


def reads_elsewhere(before: Mapping[str, object], after: Mapping[str, object]) -> bool:
    """Whether other projects or boards are chosen, or the same for another team or period."""
    return any(before.get(part) != after.get(part) for part in ("projects", "boards"))


def choice_of(connection: Connection) -> tuple[tuple[str, ...], Choice]:
    """What was chosen before: the projects, and the rest as a choice."""
    chosen = chosen_of(connection)
    fields = chosen.fields
    return chosen.project_ids, Choice(
        key_results=tuple(ref.id for ref in fields.kr_fields),
        label_prefix=fields.kr_label_prefix,
        pattern=fields.kr_text_pattern,
        links=fields.kr_link_types,
        points=tuple(ref.id for ref in fields.points_fields),
        team_field=fields.team_field.id if fields.team_field else None,
        boards=tuple(BoardChoice(board.id, board.team, board.periods) for board in chosen.boards),
        statuses=fields.status_overrides,
        dropped=fields.dropped_resolutions,
        levels=fields.type_levels,
    )
