"""An active or next sprint without a goal."""

from collections.abc import Iterable

from mappings.findings import RestsOn, Rule
from mappings.goals import BLANK, read_goal
from mappings.model import Finding, Severity
from mappings.survey import Survey

KIND = "missing_goal"
SURE = 0.95  # a placeholder is told by what is written, never guessed


def find(survey: Survey) -> Iterable[Finding]:
    for sprint in (*survey.active_sprints, *survey.next_sprints):
        goal = read_goal(survey.timeline, sprint, survey.as_of)
        is_sure = goal.overruled is not None or (goal.confidence or 0) >= SURE
        if goal.label == BLANK and is_sure and not goal.key_results:
            suggestion = "Say what should be different for somebody when the sprint is over."
            yield Finding(KIND, sprint.id, Severity.HIGH, {}, suggestion)


RULE = Rule(KIND, RestsOn.SPRINT, "Which sprint runs or starts next without a goal?", find)
