"""Two small, newly connected sites whose backlogs bear hardly any tag: they show `untagged_backlog`, which
stands in place of all orphans and so cannot be planted in the company that has two of those."""

from simulator.company.moments import Calendar
from simulator.company.place import DAY, MINUTE
from simulator.company.titles import Titles
from simulator.site import Site

OPEN = 25
EPICS = ("A shop window for farms", "Boxes that arrive on time", "Paying by invoice")


def build(site: Site, calendar: Calendar, tagged: int) -> None:
    """Three epics with 25 open stories, of which `tagged` (0 or 1) bear a tag; one running sprint."""
    project = site.add_project("FARM", "Farm shop")
    board = site.add_board("Farm shop board", "scrum", project)
    start = calendar.at(-4, 9)
    sprint = site.add_sprint(
        board, "Farm shop 1", start - 3 * DAY, goal="Customers get their boxes on the day they chose"
    )
    site.change_sprint(sprint.id, start, state="active", start=start, end=start + 14 * DAY)
    titles = Titles()
    epics = [site.create(project, "epic", title, calendar.at(-40, 9)) for title in EPICS]
    for number in range(OPEN):
        story = site.create(
            project,
            "story",
            titles.next("Checkout", "story"),
            calendar.at(-30, 9) + number * MINUTE,
            points=3,
            parent=epics[number % len(epics)].id,
            tags=("KR-1",) if number < tagged else (),
        )
        if number >= OPEN - 4:
            site.edit(story, start - DAY, sprints=(sprint.id,))


def register(calendar: Calendar) -> dict[str, object]:
    """One key result, measured and moving."""
    values = [(-20, 70), (-2, 74)]
    return {
        "teams": [{"name": "Farm shop"}],
        "cycles": [
            {"id": "FY-Q4", "start": calendar.day(-46).isoformat(), "end": calendar.day(44).isoformat()},
        ],
        "objectives": [
            {"id": "O-1", "title": "Boxes can be relied on", "team": "Farm shop", "cycle": "FY-Q4"},
        ],
        "key_results": [
            {
                "code": "KR-1",
                "objective": "O-1",
                "title": "Boxes delivered on the chosen day rise from 70 % to 90 %",
                "metric": "punctual boxes",
                "unit": "%",
                "baseline": 70,
                "target": 90,
                "values": [{"at": calendar.at(day, 6).isoformat(), "value": value} for day, value in values],
            }
        ],
    }
