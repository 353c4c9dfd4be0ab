"""What of a site is read and what it means: projects, boards, teams, fields, statuses; by flags, or asked one by one.

Where a connection is chosen anew, what was chosen before stands where nothing else is said.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.markup import escape
from rich.table import Table

from integration import connect as steps
from integration.contract import Connection
from integration.trackers.jira import choosing, spoken
from integration.trackers.jira.choosing import EVERY, BoardLine
from integration.trackers.jira.chosen import Chosen, ChosenBoard, Project
from service.commands import connect_fields
from service.commands.connect_desk import Desk, Ground, asked, listed, note, say, shortened, until_right
from service.commands.connect_flags import Answers

MOST_TEAMS_ASKED = 20  # of more boards the teams are told by flags, or on the page


@dataclass(frozen=True, slots=True)
class Choices:
    """The connection with what was chosen, and the types that are no work; None: nothing was said of these."""

    connection: Connection
    no_work: tuple[str, ...] | None = None
    types: tuple[str, ...] = ()


def choose(desk: Desk, answers: Answers, connection: Connection, known: Chosen | None) -> Choices:
    ground = Ground(desk, answers, connection, known, steps.teams_of_register(desk.engine, desk.clock()))
    projects = _projects(ground)
    lines = _boards(ground, projects)
    boards = _with_teams(ground, lines)
    with desk.console.status("Looking at fields and samples…"):
        survey = choosing.look_at_fields(connection, projects, lines)
    fields = connect_fields.choose(ground, projects, survey)
    types = connect_fields.types_of(ground, survey)
    no_work = connect_fields.no_work(ground, types)
    return Choices(choosing.with_choice(connection, Chosen(projects, boards, fields)), no_work, types)


# --- projects and boards ----------------------------------------------------------------------


def _projects(ground: Ground) -> tuple[Project, ...]:
    desk, answers = ground.desk, ground.answers
    found = choosing.projects(ground.connection)
    earlier = _earlier(ground, found)
    if answers.projects:
        chosen = choosing.projects_named(found, answers.projects)
    elif answers.is_guided:
        shown = shortened([f"{project.key} ({project.name})" for project in found])
        desk.console.print(f"Projects: {escape(shown)}")
        default = ", ".join(project.key for project in earlier) or EVERY
        question = "Which ones? Keys by commas, or * for all"
        chosen = until_right(
            desk, lambda: choosing.projects_named(found, listed(asked(question, default)) or (EVERY,)), is_asked=True
        )
    else:
        chosen = earlier or found
    keys = shortened([project.key for project in chosen])
    say(desk, f"{len(chosen):,} of {len(found):,} projects: {escape(keys)}.")
    return chosen


def _earlier(ground: Ground, found: Sequence[Project]) -> tuple[Project, ...]:
    if ground.known is None:
        return ()
    by_id = {project.id: project for project in found}
    gone = [project.key for project in ground.known.projects if project.id not in by_id]
    if gone:
        note(ground.desk, f"Jira shows us no project {', '.join(gone)} any more: left out.")
    return tuple(by_id[id_] for id_ in ground.known.project_ids if id_ in by_id)


def _boards(ground: Ground, projects: Sequence[Project]) -> tuple[BoardLine, ...]:
    desk, answers = ground.desk, ground.answers
    with desk.console.status("Looking for boards…"):
        found = choosing.boards(ground.connection, projects)
    if not found:
        spoken.boards_named(found, [*answers.boards, *answers.board_teams])
        note(desk, "No board shows these projects: their items are counted, but no sprint is seen.")
        return ()
    known = ground.known.boards if ground.known is not None else ()
    earlier = [board.id for board in known if any(line.id == board.id for line in found)]
    if answers.boards:
        found = spoken.boards_named(found, answers.boards)
    elif answers.is_guided:
        desk.console.print(f"Boards: {escape(shortened([f'{board.name} ({board.id})' for board in found]))}")
        question, default = "Which ones? Names or ids by commas, or * for all", ", ".join(earlier) or EVERY
        every = found
        found = until_right(
            desk, lambda: spoken.boards_named(every, listed(asked(question, default)) or (EVERY,)), is_asked=True
        )
    elif earlier and len(earlier) < len(found):
        others = len(found) - len(earlier)
        note(desk, f"{others} more {'boards show' if others > 1 else 'board shows'} these projects: --boards '*'.")
        found = spoken.boards_named(found, earlier)
    spoken.boards_named(found, tuple(answers.board_teams))
    return found


def _with_teams(ground: Ground, lines: Sequence[BoardLine]) -> tuple[ChosenBoard, ...]:
    desk, answers, known = ground.desk, ground.answers, ground.known
    earlier = known.boards if known is not None else ()
    given = {board.id: board.team for board in earlier if board.team}
    given |= {
        name: spoken.checked_team("--board-team: ", team, ground.teams) for name, team in answers.board_teams.items()
    }
    boards = choosing.choose_boards(
        ground.connection, lines, ground.teams, given=given, periods=answers.periods, known=earlier
    )
    without = [board for board in boards if board.team is None]
    if answers.is_guided and ground.teams and without and len(without) <= MOST_TEAMS_ASKED:
        names = shortened([team.name for team in ground.teams])
        desk.console.print(f"Teams of the register: {escape(names)}. Nothing: the items of the board tell their team.")
        said = {board.id: _team_asked(ground, board) for board in without}
        boards = tuple(replace(board, team=said.get(board.id, board.team)) for board in boards)
    table = Table("board", "sprints", "team", box=None)
    for board in boards:
        rhythm = "sprints" if board.periods is None else f"none; periods: {board.periods.replace('_', ' ')}"
        table.add_row(escape(board.name), rhythm, escape(board.team or "decided by each item"))
    desk.console.print(table)
    return boards


def _team_asked(ground: Ground, board: ChosenBoard) -> str | None:
    def attempt() -> str | None:
        said = asked(f"Team of “{escape(board.name)}”")
        return spoken.checked_team("", said, ground.teams) if listed(said) else None

    return until_right(ground.desk, attempt, is_asked=True)
