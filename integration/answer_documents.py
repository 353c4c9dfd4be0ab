"""Answers as they are kept: documents with receipts, summaries for lists, the versions they came from and until when
they hold. Pure: a reckoning in, documents out.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from integration.line_documents import fact_data, number_data
from integration.store.due import CORRECTED
from integration.store.kept import Decided
from integration.store.reads import EPICS, OUTSIDE
from mappings.analysis import completed_before, outside_beside, period_reports, sprint_report
from mappings.census import Fact
from mappings.corrections import corrected_figures
from mappings.document import (
    figure_document,
    goal_with_overrulings,
    link_document,
    moment_text,
    period_document,
    receipt_document,
    rollup_document,
    sprint_document,
)
from mappings.model import Figure, Measure, Plan, Rollup, Scope, Sprint, SprintReport, SprintState
from mappings.progress import LinkedEpic, linked_epics
from mappings.reach import EVERYTHING, Reach, within
from mappings.reckoning import Reckoning
from mappings.rollups import ALL_SORTS, BOARD, rollups

NO_MEASURE = ""
OF_BOARDS = frozenset({BOARD})
ABOVE_BOARDS = ALL_SORTS - OF_BOARDS  # these roll-ups are told of all connections together
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Versions:
    """What the answers come from: the plans and mappings with their ids, and the connection's pulse."""

    plans: tuple[tuple[int, datetime | None], ...]
    mappings: tuple[tuple[int, datetime | None], ...]
    pulse: int

    def at(self, moment: datetime) -> Document:
        return {"plan": _held(self.plans, moment), "mapping": _held(self.mappings, moment), "pulse": self.pulse}


def _held(versions: tuple[tuple[int, datetime | None], ...], moment: datetime) -> int | None:
    """The version that held at that moment, or the first one where it is older."""
    held = [version for version, since in versions if since is None or since <= moment]
    return next(iter([*reversed(held), *(version for version, _ in versions)]), None)


# --- figures of sprints


def measures(plan: Plan) -> tuple[Measure, ...]:
    """In which measures are figures kept? That of the settings, and points and count, which stand side by side."""
    return tuple(dict.fromkeys((plan.settings.measure, Measure.POINTS, Measure.COUNT)))


def sprint_answers(
    reckoning: Reckoning, figures: Collection[str], corrected: Collection[str], versions: Versions
) -> Iterator[Decided]:
    sprints = reckoning.timeline.sprints
    for measure in measures(reckoning.register.plan):
        for name in sorted(figures):
            if name in sprints:
                yield _sprint_answer(reckoning, sprints[name], measure, versions)
        for name in sorted({*figures, *corrected}):
            if name in sprints and _is_closed(reckoning, sprints[name]):
                yield _corrected_answer(reckoning, sprints[name], measure, versions)


def _is_closed(reckoning: Reckoning, sprint: Sprint) -> bool:
    return reckoning.timeline.sprint_state(sprint, reckoning.as_of) is SprintState.CLOSED


def _sprint_answer(reckoning: Reckoning, sprint: Sprint, measure: Measure, versions: Versions) -> Decided:
    report = sprint_report(reckoning, sprint, measure)
    is_closed = report.state is SprintState.CLOSED
    return Decided(
        kind="sprint",
        subject=sprint.id,
        measure=measure.value,
        document={**sprint_fully(report), "receipts": _receipts(report.scopes)},
        summary=_summary(sprint_fully(report)),
        versions=versions.at(reckoning.timeline.closing(sprint, reckoning.as_of)),
        holds_until=None if is_closed else _open_until(reckoning, sprint),
        closed=is_closed,
    )


def sprint_fully(report: SprintReport) -> Document:
    """The sprint as formats print it, and what a page says beside it."""
    sprint = report.sprint
    return {
        **sprint_document(report),
        "goal": goal_with_overrulings(report.goal),
        "start": _moment(sprint.start),
        "end": _moment(sprint.end),
        "completed": _moment(sprint.completed),
        "team": sprint.team,
        "late_close": report.late_close,
        "upper_bound": report.upper_bound,
        "outside_filter": report.outside_filter,
    }


def _corrected_answer(reckoning: Reckoning, sprint: Sprint, measure: Measure, versions: Versions) -> Decided:
    figures = corrected_figures(reckoning, sprint, measure)
    scopes = {scope.value: None if figure is None else figure_document(figure) for scope, figure in figures.items()}
    document = {"id": sprint.id, "measure": measure.value, "scopes": scopes}
    return Decided(
        kind=CORRECTED,
        subject=sprint.id,
        measure=measure.value,
        document={**document, "receipts": _receipts(figures)},
        summary=_summary(document),
        versions=versions.at(reckoning.as_of),
        holds_until=next_edge(reckoning.register.plan, reckoning.as_of),
    )


def _receipts(figures: Mapping[Scope, Figure | None]) -> Document:
    return {scope.value: receipt_document(figure) for scope, figure in figures.items() if figure is not None}


def _summary(document: Document) -> Document:
    """An answer with the numbers of items in place of their names."""
    scopes = {name: None if figure is None else _counted(figure) for name, figure in document["scopes"].items()}
    return {**document, "scopes": scopes}


def _counted(figure: Document) -> Document:
    return {**figure, "items": len(figure["items"]), "imputed": len(figure["imputed"])}


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment_text(moment)


# --- what rests on a whole connection


def standing_answers(reckoning: Reckoning, facts: Mapping[str, Fact], versions: Versions) -> Iterator[Decided]:
    yield from done_answers(reckoning, versions)
    yield from rollup_answers(reckoning, versions, OF_BOARDS)
    yield from link_answers(reckoning, facts, versions)
    yield from epic_answers(linked_epics(reckoning), versions.at(reckoning.as_of))


def done_answers(reckoning: Reckoning, versions: Versions, reach: Reach = EVERYTHING) -> Iterator[Decided]:
    """What was done in periods and outside sprints, by board."""
    now = versions.at(reckoning.as_of)
    until = next_day(reckoning.register.plan, reckoning.as_of)
    boards = tuple(board for board in reckoning.timeline.backlog.boards if within(board.id, reach.boards))
    for report in period_reports(reckoning, reckoning.measure, boards):
        document = period_document(report)
        is_closed = report.state is SprintState.CLOSED
        receipts = {"receipts": _receipts({Scope.COMPLETED: report.completed})}
        yield Decided(
            kind="period",
            subject=report.id,
            measure=report.measure.value,
            document={**document, **receipts},
            summary=_summary(document),
            versions=now,
            holds_until=None if is_closed else until,
            closed=is_closed,
        )
    yield from _outside_answers(reckoning, versions, until, reach)


def epic_answers(linked: Mapping[str, Iterable[LinkedEpic]], versions: Document) -> Iterator[Decided]:
    """By key result: the open epics that are linked to it, and the impacts that they state."""
    for code, epics in sorted(linked.items()):
        document = {"epics": {each.epic: [number_data(each.weight), _impact(each)] for each in epics}}
        yield Decided(EPICS, code, NO_MEASURE, document, {}, versions)


def _impact(epic: LinkedEpic) -> int | str | None:
    return None if epic.impact is None else number_data(epic.impact)


def _outside_answers(reckoning: Reckoning, versions: Versions, until: datetime, reach: Reach) -> Iterator[Decided]:
    """What stands beside a sprint: it rests on more items than the sprint's own figures, so it is kept apart."""
    for measure in measures(reckoning.register.plan):
        sprints = (each for each in reckoning.timeline.backlog.sprints if within(each.board, reach.boards))
        for sprint in sprints:
            figure = outside_beside(reckoning, sprint, measure)
            if figure is not None:
                yield _outside_answer(reckoning, sprint, figure, versions, until)


def _outside_answer(
    reckoning: Reckoning, sprint: Sprint, figure: Figure, versions: Versions, until: datetime
) -> Decided:
    document: Document = {
        "id": sprint.id,
        "board": sprint.board,
        "measure": figure.measure.value,
        "since": _moment(completed_before(reckoning, sprint)),
        "completed": _moment(sprint.completed),
        "scopes": {OUTSIDE: figure_document(figure)},
    }
    is_closed = _is_closed(reckoning, sprint)
    return Decided(
        kind=OUTSIDE,
        subject=sprint.id,
        measure=figure.measure.value,
        document={**document, "receipts": {OUTSIDE: receipt_document(figure)}},
        summary=_summary(document),
        versions=versions.at(reckoning.timeline.closing(sprint, reckoning.as_of)),
        holds_until=None if is_closed else until,
        closed=is_closed,
    )


def rollup_answers(
    reckoning: Reckoning, versions: Versions, sorts: Collection[str], reach: Reach = EVERYTHING
) -> Iterator[Decided]:
    """A roll-up names the sprints and periods that it adds, and their receipts are its own; work outside has one."""
    now = versions.at(reckoning.as_of)
    until = next_day(reckoning.register.plan, reckoning.as_of)
    found: dict[tuple[str, str], Rollup] = {}
    for measure in measures(reckoning.register.plan):
        for rollup in rollups(reckoning, measure, reach=reach, sorts=sorts):
            subject = rollup_name(rollup.by, rollup.subject, rollup.cycle, rollup.scope)
            found.setdefault((subject, rollup.measure.value), rollup)
    for (subject, measure_name), rollup in found.items():
        document: Document = dict(rollup_document(rollup))
        summary = _counted(document)
        receipts: Document = {}
        if rollup.outside is not None:
            summary["outside"] = _counted(document["outside"])
            receipts["outside_receipt"] = receipt_document(rollup.outside)
        yield Decided("rollup", subject, measure_name, {**document, **receipts}, summary, now, until)


def rollup_name(by: str, subject: str, cycle: str, scope: Scope = Scope.COMPLETED) -> str:
    return f"{by}/{subject}/{cycle}/{scope.value}"


def link_answers(
    reckoning: Reckoning, facts: Mapping[str, Fact], versions: Versions, reach: Reach = EVERYTHING
) -> Iterator[Decided]:
    """The links of each item, and beside them where else the item counts: a change is followed from there."""
    now = versions.at(reckoning.as_of)
    timeline = reckoning.timeline
    for key in (each for each in reckoning.links if within(each, reach.items)):
        item = timeline.items[key]
        lineage = timeline.lineage(item, reckoning.as_of)
        above = [each.key for each in lineage.items[1:]]
        summary: Document = {
            "above": above if lineage.unseen is None else [*above, lineage.unseen],
            "boards": sorted(reckoning.done.boards_of(item), key=str),
            "fact": fact_data(facts[key]) if key in facts else None,
        }
        document = {"links": [link_document(link) for link in reckoning.links[key]]}
        yield Decided("links", key, NO_MEASURE, document, summary, now)


# --- until when an answer holds


def _open_until(reckoning: Reckoning, sprint: Sprint) -> datetime:
    """An open sprint's figures move with the days that rules and key results have, and at its planned end."""
    day = next_day(reckoning.register.plan, reckoning.as_of)
    return min(day, sprint.end) if sprint.end is not None and sprint.end > reckoning.as_of else day


def next_day(plan: Plan, now: datetime) -> datetime:
    zone = ZoneInfo(plan.settings.time_zone)
    return _begin(now.astimezone(zone).date() + timedelta(days=1), zone)


def next_edge(plan: Plan, now: datetime) -> datetime | None:
    """When does the next rule, cycle or key result begin or end? None: none does."""
    zone = ZoneInfo(plan.settings.time_zone)
    begins = [rule.since for rule in plan.rules] + [kr.since for kr in plan.key_results]
    ends = [rule.until for rule in plan.rules] + [kr.until for kr in plan.key_results]
    begins += [cycle.start for cycle in plan.cycles]
    ends += [cycle.end for cycle in plan.cycles]
    days = {day for day in begins if day is not None}
    days |= {day + timedelta(days=1) for day in ends if day is not None and day < date.max}
    moments = (_begin(day, zone) for day in days)
    return min((moment for moment in moments if moment > now), default=None)


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
