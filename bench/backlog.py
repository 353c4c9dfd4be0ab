"""A backlog file of any size that looks like a company's: boards with sprints, epics with tags, stories that move.

The dice are seeded: the same size gives the same file.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
SPRINT = timedelta(days=14)
SPRINTS_A_BOARD = 26
ITEMS_A_BOARD = 2500
EPICS_A_BOARD = 75
CYCLES = 4
KEY_RESULTS_A_TEAM = 3
POINTS = (1, 2, 3, 3, 5, 5, 8, None)
TYPES = (("story", 0), ("story", 0), ("task", 0), ("bug", 0), ("sub-task", -1))

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Team:
    number: int

    @property
    def name(self) -> str:
        return f"Team {self.number}"

    @property
    def board(self) -> str:
        return f"B{self.number}"

    def sprint(self, number: int) -> str:
        return f"S{self.number}-{number}"

    def key_result(self, cycle: int, number: int) -> str:
        return f"T{self.number}-C{cycle}-KR{number}"

    def key(self, number: int) -> str:
        return f"T{self.number}-{number}"


def write_backlog(path: Path, items: int) -> None:
    """Write `items` work items; the items go out one by one, so that writing takes little memory."""
    teams = [Team(number) for number in range(1, max(1, items // ITEMS_A_BOARD) + 1)]
    dice = random.Random(items)
    head = {
        "format": "tieline-backlog/1",
        "now": stamp(NOW),
        "rules": [{"when": {"label": "support"}, "then": "exempt", "reason": "on-call"}],
        "teams": [{"name": team.name} for team in teams],
        "cycles": [cycle(number) for number in range(CYCLES)],
        "objectives": [objective(team, number) for team in teams for number in range(CYCLES)],
        "key_results": [key_result for team in teams for key_result in key_results(team)],
        "boards": [{"id": team.board, "name": team.name, "team": team.name} for team in teams],
        "sprints": [sprint(team, number) for team in teams for number in range(SPRINTS_A_BOARD)],
    }
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps(head)[:-1] + ', "items": [\n')
        written = (json.dumps(item) for team in teams for item in items_of(team, items // len(teams), dice))
        file.write(",\n".join(written))
        file.write("\n]}\n")


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def sprint_start(number: int) -> datetime:
    return NOW - SPRINT * (SPRINTS_A_BOARD - number) + timedelta(days=7)


def cycle(number: int) -> Json:
    first = NOW.date() - timedelta(days=91 * (CYCLES - number) - 21)
    return {"id": f"C{number}", "start": first.isoformat(), "end": (first + timedelta(days=90)).isoformat()}


def objective(team: Team, number: int) -> Json:
    title = f"{team.name} is trusted with more"
    return {"id": f"{team.name}/C{number}", "title": title, "team": team.name, "cycle": f"C{number}"}


def key_results(team: Team) -> Iterator[Json]:
    for number in range(CYCLES):
        for one in range(KEY_RESULTS_A_TEAM):
            code, owner = team.key_result(number, one), f"{team.name}/C{number}"
            values = [{"at": stamp(NOW - timedelta(days=9)), "value": 55}]
            metric = {"metric": "activation rate", "unit": "%", "baseline": 50, "target": 70, "values": values}
            yield {"code": code, "objective": owner, "title": f"Raise activation of {code}", **metric}


def sprint(team: Team, number: int) -> Json:
    start = sprint_start(number)
    is_open = number == SPRINTS_A_BOARD - 1
    dates = {"start": stamp(start), "end": stamp(start + SPRINT)}
    closing = {} if is_open else {"completed": stamp(start + SPRINT - timedelta(hours=1))}
    about = {"name": f"{team.name} sprint {number}", "state": "active" if is_open else "closed"}
    goal = f"More teams finish their first report ({team.key_result(CYCLES - 1, 0)})"
    return {"id": team.sprint(number), "board": team.board, "goal": goal, **about, **dates, **closing}


def items_of(team: Team, count: int, dice: random.Random) -> Iterator[Json]:
    stories: list[str] = []
    for number in range(min(EPICS_A_BOARD, count)):
        yield epic(team, number, dice)
    for number in range(EPICS_A_BOARD, count):
        kind, level = dice.choice(TYPES) if stories else TYPES[0]
        key = team.key(number)
        parent = dice.choice(stories[-50:]) if level < 0 else team.key(dice.randrange(EPICS_A_BOARD))
        if level == 0:
            stories.append(key)
        planned = dice.randrange(SPRINTS_A_BOARD)
        history = list(life(team, planned, parent, level, dice))
        yield work_item(key, kind, level, history)


def work_item(key: str, kind: str, level: int, history: list[Json]) -> Json:
    project = key.partition("-")[0]
    about = {"type": kind, "level": level, "project": project, "title": f"What {key} is about"}
    return {"key": key, **about, "created": history[0]["at"], "history_known": True, "history": history}


def epic(team: Team, number: int, dice: random.Random) -> Json:
    tagged = dice.random() < 0.8
    tags = [team.key_result(dice.randrange(CYCLES), dice.randrange(KEY_RESULTS_A_TEAM))] if tagged else []
    born = stamp(sprint_start(0) - timedelta(days=30))
    return work_item(team.key(number), "epic", 1, [{"at": born, "status": "doing", "tags": tags}])


def life(team: Team, planned: int, parent: str, level: int, dice: random.Random) -> Iterator[Json]:
    """Tell the life of one item: made, estimated, planned, begun, perhaps carried over, done."""
    start = sprint_start(planned)
    born = start - timedelta(days=dice.randint(3, 40), minutes=dice.randrange(600))
    labels = ["support"] if dice.random() < 0.08 else []
    yield {"at": stamp(born), "status": "todo", "parent": parent, "labels": labels}
    if level < 0:
        yield {"at": stamp(born + timedelta(days=1)), "time_spent": 3600 * dice.randrange(8)}
        return
    yield {"at": stamp(born + timedelta(days=1)), "points": dice.choice(POINTS)}
    if dice.random() < 0.15:
        tag = team.key_result(dice.randrange(CYCLES), dice.randrange(KEY_RESULTS_A_TEAM))
        yield {"at": stamp(born + timedelta(days=2)), "tags": [tag]}
    late = timedelta(days=dice.choice((-2, -1, -1, -1, 3)))
    yield {"at": stamp(start + late), "sprints": [team.sprint(planned)]}
    yield {"at": stamp(start + timedelta(days=4, minutes=dice.randrange(600))), "status": "doing"}
    if dice.random() < 0.2 and planned + 1 < SPRINTS_A_BOARD:
        moved = start + SPRINT - timedelta(hours=1)
        yield {"at": stamp(moved), "sprints": [team.sprint(planned + 1)]}
        start += SPRINT
    if dice.random() < 0.9:
        yield {"at": stamp(start + timedelta(days=9, minutes=dice.randrange(600))), "status": "done"}
