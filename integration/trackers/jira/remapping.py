"""Changing what a connection's fields, statuses and boards mean, as its operator words it; nothing is saved here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from integration.contract import Connection, Misconfigured
from integration.trackers.jira import client, site_names
from integration.trackers.jira.answered import Json
from integration.trackers.jira.chosen import Chosen, ChosenBoard, chosen_of
from integration.trackers.jira.discovery import Discovery, discover, names_of, project_of
from integration.trackers.jira.field_parts import Part, check_part
from integration.trackers.jira.fields import FieldRef, mapping_from_json
from integration.trackers.jira.site import unknown_status
from mappings.model import Periods, Status

Pairs = Sequence[tuple[str, str]]
# What can be taken out again, by its flag.
SETTINGS = {
    "kr-field": "kr_fields",
    "kr-label-prefix": "kr_label_prefix",
    "kr-link-type": "kr_link_types",
    "kr-pattern": "kr_text_pattern",
    "points-field": "points_fields",
    "team-field": "team_field",
    "rule-field": "rule_fields",
    "status": "status_overrides",
    "board-status": "board_statuses",
    "type-level": "type_levels",
}


@dataclass(frozen=True, slots=True)
class Changes:
    """What is said replaces the setting whole; but of statuses, types and boards only those that are named change."""

    kr_fields: tuple[str, ...] = ()
    kr_label_prefix: str | None = None
    kr_link_types: tuple[str, ...] = ()
    kr_pattern: str | None = None
    points_fields: tuple[str, ...] = ()
    team_field: str | None = None
    rule_fields: tuple[str, ...] = ()
    statuses: Pairs = ()  # a status and what it means
    board_statuses: tuple[tuple[str, str, str], ...] = ()  # a board, a status and what it means there
    last_columns: tuple[str, ...] = ()  # boards of which the last column alone is done
    dropped: tuple[str, ...] = ()
    type_levels: Pairs = ()
    board_teams: Pairs = ()
    board_periods: Pairs = ()
    without: tuple[str, ...] = ()


def changed(connection: Connection, spoken: Changes, notes: Iterable[str] = ()) -> Chosen:
    """The choice with what was said; Jira is asked only for names that we do not know.

    `notes` are those on known items: a status that old items bear may be named though the site has it no more.
    """
    chosen = chosen_of(connection)
    said = _in_words_of_site(connection, chosen, spoken, notes)
    plain = chosen.fields.to_json() | {SETTINGS[name]: None for name in said.without}
    refs = _Finder(connection, chosen).find_all
    given: dict[str, object] = {
        "kr_fields": _plain(refs("kr-field", said.kr_fields)),
        "kr_label_prefix": said.kr_label_prefix,
        "kr_link_types": said.kr_link_types,
        "kr_text_pattern": said.kr_pattern,
        "points_fields": _plain(replace(ref, encoding="number") for ref in refs("points-field", said.points_fields)),
        "team_field": next(iter(_plain(refs("team-field", [said.team_field] if said.team_field else []))), None),
        "rule_fields": _plain(refs("rule-field", said.rule_fields)),
        "dropped_resolutions": said.dropped,
        "status_overrides": said.statuses and _with(plain["status_overrides"], said.statuses),
        "type_levels": said.type_levels
        and _with(plain["type_levels"], [(n, _level(of)) for n, of in said.type_levels]),
        "board_statuses": _board_statuses(connection, chosen, plain["board_statuses"], said),
    }
    mapping = mapping_from_json(plain | {name: value for name, value in given.items() if value})
    return replace(chosen, fields=mapping, boards=_boards(chosen, said))


def _in_words_of_site(connection: Connection, chosen: Chosen, said: Changes, notes: Iterable[str]) -> Changes:
    """Refuse what the site lacks; but what the mapping names already may be named again."""
    http, mapping = client.open_client(connection), chosen.fields
    old = [("", name) for note in notes if (name := unknown_status(note)) is not None]
    held = [("", name) for name, _ in mapping.status_overrides] + [("", name) for _, name, _ in mapping.board_statuses]
    named = [status for status, _ in said.statuses]
    statuses = site_names.statuses(http, "--status: ", named, [*old, *held])
    named = [status for _, status, _ in said.board_statuses]
    on_boards = site_names.statuses(http, "--board-status: ", named, [*old, *held])
    named = [kind for kind, _ in said.type_levels]
    types = site_names.types(http, "--type-level: ", named, [("", name) for name, _ in mapping.type_levels])
    dropped = [("", name) for name in mapping.dropped_resolutions]
    return replace(
        said,
        statuses=tuple((name, means) for name, (_, means) in zip(statuses, said.statuses, strict=True)),
        board_statuses=tuple(
            (board, name, means) for name, (board, _, means) in zip(on_boards, said.board_statuses, strict=True)
        ),
        type_levels=tuple((name, level) for name, (_, level) in zip(types, said.type_levels, strict=True)),
        kr_link_types=site_names.link_types(http, "--kr-link-type: ", said.kr_link_types),
        dropped=site_names.resolutions(http, "--dropped: ", said.dropped, dropped),
    )


# --- fields

_PARTS: dict[str, Part] = {
    "kr-field": "key results",
    "points-field": "points",
    "team-field": "teams",
    "rule-field": "rules",
}


@dataclass(slots=True)
class _Finder:
    """Finds a field by its id or name: among those that the mapping knows, else on the site, which is asked once."""

    connection: Connection
    chosen: Chosen
    told: list[Json] = field(default_factory=list)

    def find_all(self, flag: str, names: Iterable[str]) -> list[FieldRef]:
        """Of several fields of one name all: each project fills its own."""
        return list(dict.fromkeys(ref for name in names for ref in self._find(flag, name)))

    def _find(self, flag: str, name: str) -> list[FieldRef]:
        mapping = self.chosen.fields
        known = [*mapping.kr_fields, *mapping.rule_fields, *([mapping.team_field] if mapping.team_field else [])]
        return _named(mapping.points_fields if flag == "points-field" else known, name) or self._on_site(flag, name)

    def _on_site(self, flag: str, name: str) -> list[FieldRef]:
        http, projects = client.open_client(self.connection), self.chosen.project_ids
        here = {None, *projects}
        self.told = self.told or [raw for raw in client.fields(http) if project_of(raw.get("scope")) in here]
        found = _named(_by_part(self.told), name)
        if not found:
            known = site_names.hint(name, (str(raw.get("name")) for raw in self.told))
            raise Misconfigured("unknown_field", f"--{flag}: Jira has no field {known}")
        for ref in found:
            raw = next(raw for raw in self.told if str(raw.get("id")) == ref.id)
            check_part(http, projects, f"--{flag}: ", raw, _PARTS[flag])
        return found


def _named(refs: Iterable[FieldRef], name: str) -> list[FieldRef]:
    """Each field once, as it is known best."""
    wanted = name.casefold().strip()
    found = [ref for ref in refs if ref.id == name or wanted in map(str.casefold, ref.names)]
    return list({ref.id: ref for ref in reversed(found)}.values())[::-1]


def _by_part(told: Sequence[Json]) -> list[FieldRef]:
    """Those that could hold tags first: of these it is known how."""
    found: Discovery = discover(told)
    ranked = [candidate.field for candidate in (*found.key_result, *found.points, *found.team)]
    return ranked + [FieldRef(str(raw.get("id")), names_of(raw)) for raw in told]


def _plain(refs: Iterable[FieldRef]) -> list[dict[str, object]]:
    return [{"id": ref.id, "names": ref.names, "encoding": ref.encoding} for ref in refs]


# --- statuses and types


def _with(known: object, said: Sequence[tuple[str, object]]) -> list[tuple[str, object]]:
    """The known pairs with those that were said in the place of the ones of the same name."""
    pairs = {str(name).casefold(): (str(name), value) for name, value in (known if isinstance(known, tuple) else ())}
    return list((pairs | {name.casefold(): (name, value) for name, value in said}).values())


def _level(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise Misconfigured(
            "field_mapping", f"The level “{text}” must be a number: -1 sub-task, 0 story, 1 epic."
        ) from None


def _board_statuses(
    connection: Connection, chosen: Chosen, known: object, said: Changes
) -> list[tuple[str, str, object]]:
    if not (said.board_statuses or said.last_columns):
        return []
    new: list[tuple[str, str, object]] = [
        (_board(chosen, board).id, status, meaning) for board, status, meaning in said.board_statuses
    ]
    for name in said.last_columns:
        new += _by_last_column(connection, _board(chosen, name))
    found: dict[tuple[str, str], tuple[str, str, object]] = {}
    for board, status, meaning in [*(known if isinstance(known, tuple) else ()), *new]:
        found[board, status.casefold()] = (board, status, meaning)
    return list(found.values())


def _by_last_column(connection: Connection, board: ChosenBoard) -> list[tuple[str, str, object]]:
    """What is in the board's last column is done there, and nothing else is.

    https://developer.atlassian.com/cloud/jira/software/rest/api-group-board/#api-rest-agile-1-0-board-boardid-configuration-get
    """
    answer = client.board_configuration(client.open_client(connection), board.id) or {}
    columns = [column for column in (answer.get("columnConfig") or {}).get("columns") or () if column.get("statuses")]
    if not columns:
        raise Misconfigured("no_columns", f"Jira tells no columns of the board “{board.name}”: name its statuses.")
    *others, last = [[str(status["id"]) for status in column["statuses"]] for column in columns]
    first = others[0] if others else []
    before = [(id_, Status.TODO if id_ in first else Status.DOING) for column in others for id_ in column]
    return [(board.id, id_, meaning.value) for id_, meaning in (*before, *((id_, Status.DONE) for id_ in last))]


# --- boards


def _board(chosen: Chosen, name: str) -> ChosenBoard:
    wanted = name.casefold().strip()
    for board in chosen.boards:
        if board.id == name or board.name.casefold() == wanted:
            return board
    known = site_names.hint(name, (board.name for board in chosen.boards))
    raise Misconfigured("unknown_board", f"Among the chosen boards there is no {known}")


def _boards(chosen: Chosen, said: Changes) -> tuple[ChosenBoard, ...]:
    boards = {board.id: board for board in chosen.boards}
    for name, team in said.board_teams:
        id_ = _board(chosen, name).id
        boards[id_] = replace(boards[id_], team=team or None)
    for name, periods in said.board_periods:
        id_ = _board(chosen, name).id
        if periods not in list(Periods):
            raise Misconfigured("field_mapping", f"Periods must be one of {', '.join(Periods)}, not “{periods}”.")
        boards[id_] = replace(boards[id_], periods=Periods(periods))
    return tuple(boards.values())


# --- in words


def in_words(chosen: Chosen) -> list[tuple[str, str]]:
    """What each setting says, for people; what says nothing is left out."""
    fields = chosen.fields
    boards = {board.id: board.name for board in chosen.boards}
    said = [
        ("key results from", fields.tag_field or "nothing: every item is unaligned"),
        ("labels that begin with", fields.kr_label_prefix or ""),
        ("found within texts by", fields.kr_text_pattern or ""),
        ("points from", ", ".join(ref.name for ref in fields.points_fields) or "nothing"),
        ("teams from", fields.team_field.name if fields.team_field else ""),
        ("fields for rules", ", ".join(ref.name for ref in fields.rule_fields)),
        ("statuses", ", ".join(f"{name} is {meaning.value}" for name, meaning in fields.status_overrides)),
        (
            "statuses by board",
            ", ".join(
                f"{boards.get(on, on)}: {name} is {meaning.value}" for on, name, meaning in fields.board_statuses
            ),
        ),
        ("dropped", ", ".join(fields.dropped_resolutions)),
        ("levels", ", ".join(f"{name} is {level}" for name, level in fields.type_levels)),
        ("projects", ", ".join(project.key for project in chosen.projects)),
    ]
    said += [("board", f"{board.name} ({_about(board)})") for board in chosen.boards]
    return [(name, text) for name, text in said if text]


def _about(board: ChosenBoard) -> str:
    team = board.team or "team decided by each item"
    return team if board.periods is None else f"{team}, periods: {board.periods.value.replace('_', ' ')}"
