"""The roll-ups of cycles as bars: what the company and each team completed, and what that served, of all connections
together."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from integration.store import kr_reads
from integration.store.reads import OUTSIDE
from mappings.model import Measure, Plan
from mappings.rollups import COMPANY, TEAM
from reports.addresses import rollup_receipt_address
from reports.figures import Bar, Document, bar_of
from reports.views import Ground


@dataclass(frozen=True, slots=True)
class RolledUp:
    """What somebody completed in a cycle; `outside`: beside it, what was done outside sprints."""

    cycle: str
    by: str  # company, team
    bar: Bar
    outside: Bar | None
    objectives: tuple[tuple[str, int], ...]  # title and percent


def rolled_measure(measure: str) -> str:
    """In which points of several boards are told."""
    return Measure.POINTS_NORMALISED.value if measure == Measure.POINTS.value else measure


def rolled_up(session: Any, ground: Ground, cycles: Iterable[str], measure: str) -> tuple[RolledUp, ...]:
    """By cycle: the company, then the teams in the order of the register; those without work are left out."""
    named = [(cycle, by, name) for cycle in cycles for by, name in _subjects(ground.plan)]
    told = kr_reads.rollups_together(session, named, rolled_measure(measure))
    return tuple(_rolled_up(ground, place, told[place]) for place in named if place in told)


def _subjects(plan: Plan) -> list[tuple[str, str]]:
    teams = dict.fromkeys([*(team.name for team in plan.teams), *(one.team for one in plan.objectives)])
    return [(COMPANY, COMPANY), *((TEAM, name) for name in teams)]


def _rolled_up(ground: Ground, place: tuple[str, str, str], told: Document) -> RolledUp:
    cycle, by, name = place
    titles = {one.id: one.title for one in ground.plan.objectives}
    label = "Company" if by == COMPANY else name
    outside = told["outside"]
    return RolledUp(
        cycle=cycle,
        by=by,
        bar=_bar(ground, told, place, "completed", told["measure"], label),
        outside=None
        if outside is None
        else _bar(ground, outside, place, OUTSIDE, told["measure"], f"{label}, outside sprints"),
        objectives=tuple(
            (titles.get(one["objective"], one["objective"]), one["percent"]) for one in told["objectives"]
        ),
    )


def _bar(ground: Ground, figure: Document, place: tuple[str, str, str], scope: str, measure: str, label: str) -> Bar:
    cycle, by, name = place
    key = f"{by}/{name}/{cycle}" + ("" if scope == "completed" else f"/{scope}")

    def address(part: str) -> str:
        return rollup_receipt_address(*place, scope, measure, part)

    return bar_of(figure, measure, ground.names, address, key=key, scope="completed", label=label)
