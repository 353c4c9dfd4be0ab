"""The planted truths agree with themselves and with what Tieline makes of the company."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from integration.files.backlog_file import load
from mappings.analysis import analyse
from mappings.document import to_document
from mappings.findings import rules
from simulator.as_backlog import newcomer_as_backlog
from simulator.compare import figure_differences, finding_differences, last_whole_week
from simulator.truths import (
    AFTER_THE_EDIT,
    CHECKOUT_QUARTER,
    EDITED_ITEM,
    EDITED_TAG,
    FIGURES,
    FINDINGS,
    LAST_WEEK,
    NEWCOMER_FINDING,
    Reckoned,
)
from tests.simulator.companies import NOON, analysis_of, at_noon, company_at

EVERY_FIGURE = (*FIGURES, *LAST_WEEK, CHECKOUT_QUARTER, AFTER_THE_EDIT)


def name_of(figure: Reckoned) -> str:
    return f"{figure.team}-{figure.sprint}-{figure.scope}-{figure.measure}"


def found(entries: object, **wanted: object) -> dict[str, Any]:
    assert isinstance(entries, list)
    return next(entry for entry in entries if all(entry[name] == value for name, value in wanted.items()))


def test_two_findings_of_every_kind_are_planted() -> None:
    assert set(Counter(planted.kind for planted in FINDINGS).values()) == {2}


def test_every_kind_that_tieline_knows_is_planted() -> None:
    planted = {planted.kind for planted in FINDINGS}
    assert planted | {NEWCOMER_FINDING.kind} == {rule.kind for rule in rules()}


@pytest.mark.parametrize("figure", EVERY_FIGURE, ids=name_of)
def test_amounts_of_a_reckoned_figure_sum_to_its_total(figure: Reckoned) -> None:
    amounts = [*figure.shares.values(), figure.exempt, figure.dead_link, figure.unaligned]
    assert sum(map(Fraction, amounts)) == Fraction(figure.total)


@pytest.mark.parametrize("figure", EVERY_FIGURE, ids=name_of)
def test_percents_of_a_reckoned_figure_sum_to_a_hundred(figure: Reckoned) -> None:
    assert sum(figure.percents) == 100
    assert len(figure.percents) == len(figure.shares) + 3


@pytest.mark.parametrize("hour", [0, 23])
@pytest.mark.parametrize("day", range(7))
def test_exactly_the_planted_findings_are_reported_on_any_day_of_the_week(day: int, hour: int) -> None:
    now = datetime(2026, 12, 28, hour, 1, tzinfo=UTC) + timedelta(days=day)
    company = company_at(now)
    findings = analysis_of(company, now)["findings"]
    assert isinstance(findings, list)
    assert finding_differences(company, findings) == []


@pytest.mark.parametrize("figure", FIGURES, ids=name_of)
def test_sprint_figure_is_as_reckoned_by_hand(figure: Reckoned) -> None:
    company, analysis = at_noon(figure.measure)
    sprint = found(analysis["sprints"], id=str(company.sprint_id(figure.team, figure.sprint)))
    assert figure_differences(figure, sprint["scopes"][figure.scope]) == []


@pytest.mark.parametrize("figure", LAST_WEEK, ids=name_of)
def test_last_whole_week_of_the_board_without_sprints_is_as_reckoned_by_hand(figure: Reckoned) -> None:
    company, analysis = at_noon(figure.measure)
    period = found(analysis["periods"], id=last_whole_week(company))
    assert figure_differences(figure, period["scopes"]["completed"]) == []


def test_quarter_of_a_board_is_as_reckoned_by_hand() -> None:
    company, analysis = at_noon()
    rollup = found(analysis["rollups"], by="board", subject=str(company.boards["Checkout"].id), cycle="FY-Q4")
    assert figure_differences(CHECKOUT_QUARTER, rollup) == []


def test_tagging_the_chosen_item_gives_the_figure_reckoned_for_after_the_edit() -> None:
    company = company_at(NOON)
    company.site.edit(company.marks[EDITED_ITEM], NOON, tags=(EDITED_TAG,))
    sprint = found(analysis_of(company, NOON)["sprints"], id=str(company.sprint_id("Checkout", 6)))
    assert figure_differences(AFTER_THE_EDIT, sprint["scopes"]["final"]) == []


@pytest.mark.parametrize("tagged", [0, 1])
def test_newly_connected_site_shows_its_untagged_backlog_and_nothing_else(tagged: int) -> None:
    backlog = load(json.dumps(newcomer_as_backlog(NOON, tagged)).encode())
    findings = to_document(analyse(backlog))["findings"]
    assert isinstance(findings, list)
    told = [(finding["kind"], finding["subject"], finding["severity"]) for finding in findings]
    assert told == [(NEWCOMER_FINDING.kind, NEWCOMER_FINDING.subject, NEWCOMER_FINDING.severity)]


def test_company_has_the_promised_size() -> None:
    company, _ = at_noon()
    visible = company.site.visible()
    begun = [sprint for sprint in company.site.sprints.values() if sprint.state != "future"]
    assert sum(issue.values.type != "epic" for issue in visible) == 1500
    assert sum(issue.values.type == "epic" for issue in visible) == 40
    assert len(begun) == 24
    assert company.site.project_of_key("CORE") is company.projects["CORE"]


def test_every_history_of_the_company_runs_forward_and_ends_before_today() -> None:
    company, _ = at_noon()
    midnight = company.calendar.at(0, 0)
    for issue in company.site.issues.values():
        moments = [at for at, _ in issue.revisions]
        assert moments == sorted(moments)
        assert moments[0] == issue.created
        assert moments[-1] < midnight
