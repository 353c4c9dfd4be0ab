"""What the operator chose of a site: projects, boards with their teams, fields; kept as plain JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from integration.contract import Connection, Misconfigured
from integration.trackers.jira.fields import FieldMapping, mapping_from_json
from mappings.model import Board, Periods

NO_FIELDS = FieldMapping()


@dataclass(frozen=True, slots=True)
class Project:
    """Known by its id: the key may change."""

    id: str
    key: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class ChosenBoard:
    """A board and what Jira does not tell of it: its team and, where it has no sprints, its periods.

    `project` is the id of the project in which it is located, if it is in one.
    """

    id: str
    name: str
    team: str | None = None
    periods: Periods | None = None
    project: str | None = None

    def named(self, name: str) -> Board:
        """The board as the model has it, by the name that it bears now."""
        return Board(id=self.id, name=name, team=self.team, periods=self.periods)


@dataclass(frozen=True, slots=True)
class Chosen:
    projects: tuple[Project, ...]
    boards: tuple[ChosenBoard, ...] = ()
    fields: FieldMapping = NO_FIELDS

    @property
    def project_ids(self) -> tuple[str, ...]:
        return tuple(project.id for project in self.projects)

    @property
    def jql(self) -> str:
        return f"project in ({', '.join(self.project_ids)})"

    def board(self, board_id: str) -> ChosenBoard | None:
        return next((board for board in self.boards if board.id == board_id), None)

    def board_of_project(self, project_id: str) -> str | None:
        """The board that shows a project's items: the chosen one located there, if it is the only one."""
        found = [board.id for board in self.boards if board.project == project_id]
        return found[0] if len(found) == 1 else None

    def to_json(self) -> dict[str, object]:
        return {
            "projects": [{"id": project.id, "key": project.key, "name": project.name} for project in self.projects],
            "boards": [
                {
                    "id": board.id,
                    "name": board.name,
                    "team": board.team,
                    "periods": board.periods and board.periods.value,
                    "project": board.project,
                }
                for board in self.boards
            ],
            "fields": self.fields.to_json(),
        }


Earlier = tuple[tuple[datetime, Chosen], ...]


def chosen_of(connection: Connection) -> Chosen:
    """Read what was chosen; raise `Misconfigured` naming the setting."""
    mapping = connection.mapping
    projects = tuple(_project(one) for one in _objects(mapping, "projects"))
    if not projects:
        raise Misconfigured("no_projects", f"Connection {connection.id} names no project: run `tieline connect jira`.")
    fields = mapping.get("fields", {})
    if not isinstance(fields, Mapping):
        raise _wrong("fields", "must be an object")
    boards = tuple(_board(one) for one in _objects(mapping, "boards"))
    return Chosen(projects, boards, mapping_from_json(fields))


def earlier_choices(connection: Connection) -> Earlier:
    """What was chosen before, until when, where it may read an issue otherwise than the present choice; by time."""
    present = chosen_of(connection)
    found = ((one.until, chosen_of(replace(connection, mapping=one.mapping))) for one in connection.earlier)
    return tuple((until, chosen) for until, chosen in found if _reading(chosen) != _reading(present))


def _reading(chosen: Chosen) -> tuple[object, ...]:
    boards = {(board.id, board.team, board.periods, board.project) for board in chosen.boards}
    return (chosen.fields, boards)


def boards_before(earlier: Earlier, boards: Sequence[Board]) -> tuple[tuple[datetime, Board], ...]:
    """These boards as earlier mappings tell of them, where that is something else."""
    return tuple(
        (until, known.named(board.name))
        for until, chosen in earlier
        for board in boards
        if (known := chosen.board(board.id)) is not None and known.named(board.name) != board
    )


def _project(data: Mapping[str, object]) -> Project:
    project_id = _text(data, "id", "projects")
    if not (project_id.isascii() and project_id.isdecimal()):
        raise _wrong("projects", "has an id that is no number")
    return Project(id=project_id, key=_text(data, "key", "projects"), name=str(data.get("name") or ""))


def _board(data: Mapping[str, object]) -> ChosenBoard:
    team, periods, project = data.get("team"), data.get("periods"), data.get("project")
    if periods is not None and periods not in list(Periods):
        raise _wrong("boards", f"has periods that are none of {', '.join(Periods)}")
    return ChosenBoard(
        id=_text(data, "id", "boards"),
        name=_text(data, "name", "boards"),
        team=str(team) if team is not None else None,
        periods=Periods(str(periods)) if periods is not None else None,
        project=str(project) if project is not None else None,
    )


def _objects(mapping: Mapping[str, object], setting: str) -> Sequence[Mapping[str, object]]:
    found = mapping.get(setting) or ()
    if not isinstance(found, list | tuple) or not all(isinstance(one, Mapping) for one in found):
        raise _wrong(setting, "must be a list of objects")
    return found


def _text(data: Mapping[str, object], key: str, setting: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value:
        raise _wrong(setting, f"lacks {key}")
    return value


def _wrong(setting: str, what: str) -> Misconfigured:
    return Misconfigured("connection_mapping", f"The setting {setting} of the connection {what}.")
