"""Puts the company on a simulated site, with all its history up to the day on which the demo starts."""

from itertools import cycle

from simulator.company.epics import BACKLOG, EPICS, LEGACY, NEUTRAL, EpicPlan
from simulator.company.moments import CYCLE_STARTS, Calendar
from simulator.company.place import DAY, HOUR, MINUTE, PROJECT_OF, PROJECTS, Company
from simulator.company.plans import CHECKOUT, MERCHANT, ONBOARDING, PLATFORM
from simulator.company.tell import add_sprints, fill_next, fill_sprint, finish
from simulator.site import Site

ITEMS = 1500  # stories, tasks, bugs and sub-tasks that the robot's token may see
PLANS = {"Checkout": CHECKOUT, "Onboarding": ONBOARDING, "Platform": PLATFORM, "Merchant": MERCHANT}
OPERATIONS_SINCE = -84
_FILLING = ((3, "story"), (None, "story"), (5, "story"), (1, "task"), (2, "bug"), (None, "task"), (8, "story"))


def build(site: Site, calendar: Calendar) -> Company:
    """The whole company, the same for the same day."""
    company = Company(site, calendar)
    _found(company)
    for team, plans in PLANS.items():
        add_sprints(company, team)
        for number, plan in enumerate(plans, start=1):
            fill_sprint(company, team, number, plan)
        fill_next(company, team)
    _run_operations(company)
    _edit_afterwards(company)
    _add_work_outside(company)
    _add_backlog(company)
    site.rename_project_key(company.projects["CORE"], "PLAT")
    _move_two(company)
    _finish_epics(company)
    _fill_up(company)
    return company


def _found(company: Company) -> None:
    """Projects, boards and epics."""
    for key, name in PROJECTS.items():
        company.projects[key] = company.site.add_project(key, name, hidden=key == "SEC")
    for team in PLANS:
        company.boards[team] = company.site.add_board(f"{team} board", "scrum", company.projects[PROJECT_OF[team]])
    company.boards["Operations"] = company.site.add_board("Operations flow", "kanban", company.projects["OPS"])
    for epic in EPICS:
        _add_epic(company, epic)


def _add_epic(company: Company, plan: EpicPlan) -> None:
    at = company.calendar.at(-140 if plan.is_done else -96, 7) + len(company.epics) * MINUTE
    company.epics[plan.name] = company.site.create(
        company.projects[plan.project],
        "epic",
        plan.title,
        at,
        tags=plan.tags,
        labels=plan.labels,
        squad=plan.squad,
        hidden=plan.hidden,
    )


def _finish_epics(company: Company) -> None:
    """Last quarter's epics end with the quarter, the legacy long before."""
    for plan in EPICS:
        if plan.is_done:
            at = company.calendar.at(-90 if plan in LEGACY else CYCLE_STARTS, 12)
            finish(company, company.epics[plan.name], at)


def _run_operations(company: Company) -> None:
    """The board without sprints: every day until yesterday the same three things get done."""
    for day in range(OPERATIONS_SINCE, 0):
        epic = company.epics["dispute-desk" if day >= CYCLE_STARTS else "old-disputes"]
        dispute = company.add("Operations", "task", day - 6, points=2, parent=epic.id)
        letter = company.add("Operations", "story", day - 6, points=3, labels=("chargebacks",))
        support = company.add("Operations", "task", day - 6, points=1, labels=("support",))
        for hour, issue in ((11, dispute), (12, letter), (13, support)):
            company.site.edit(issue, company.calendar.at(day - 2, hour), status="doing")
            finish(company, issue, company.calendar.at(day, hour))


def _edit_afterwards(company: Company) -> None:
    """Edits after completion, which must not move a closed figure: Checkout's third sprint."""
    re_estimated = company.marks["Checkout 3: epic card-form"]
    company.site.edit(re_estimated, company.calendar.at(-20, 9), points=13.0)
    re_tagged = company.marks["Checkout 3: nothing"]
    company.site.edit(re_tagged, company.calendar.at(-20, 10), tags=("KR-12",))


def _add_work_outside(company: Company) -> None:
    """Work done in no sprint: below the legacy epics long ago, and this quarter."""
    for plan in LEGACY:
        team = PROJECTS[plan.project]
        for number in range(6):
            issue = company.add(team, "story", -130, points=3, parent=company.epics[plan.name].id, squad=plan.squad)
            finish(company, issue, company.calendar.at(-115 + number, 15))
    for team in PLANS:
        squad = "Ledger" if team == "Platform" else None
        for number in range(4):
            labels = ("support",) if number % 2 else ()
            issue = company.add(team, "bug", -40, points=1, labels=labels, squad=squad)
            finish(company, issue, company.calendar.at(-30 + number, 15))


def _add_backlog(company: Company) -> None:
    """Open work that was planted, below epics or with tags of its own."""
    for below in BACKLOG:
        parent = None if below.epic is None else company.epics[below.epic].id
        for _ in range(below.count):
            issue = company.add(
                PROJECTS[below.project],
                "story",
                -25,
                points=below.points,
                parent=parent,
                tags=below.tags,
                squad=below.squad,
                labels=below.labels,
            )
            if below.mark is not None:
                company.marks[below.mark] = issue


def _move_two(company: Company) -> None:
    """Two items that began at Operations and belong to Onboarding now: new keys, old ids."""
    for number in range(2):
        issue = company.add("Operations", "story", -30, points=2, parent=company.epics["first-sale"].id)
        company.site.move(issue, company.projects["ONB"], company.calendar.at(-9, 10) + number * HOUR)
        company.marks[f"moved-{number + 1}"] = issue


def _fill_up(company: Company) -> None:
    """Open work below the epics that serve a key result, evenly, until there are as many items as promised."""
    site = company.site
    missing = ITEMS - sum(issue.values.type != "epic" for issue in site.visible())
    epics = [plan for plan in NEUTRAL if plan.tags]
    for number, plan, (points, type_) in zip(range(missing), cycle(epics), cycle(_FILLING), strict=False):
        issue = company.add(
            PROJECTS[plan.project],
            type_,
            -60 + number % 40,
            points=points,
            parent=company.epics[plan.name].id,
            squad=plan.squad,
        )
        if number % 5 == 0:
            site.edit(issue, issue.created + 2 * DAY, points=3)
