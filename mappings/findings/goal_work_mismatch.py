"""A sprint goal that speaks of one key result while the work serves another."""

from collections.abc import Iterable
from fractions import Fraction

from mappings.findings import RestsOn, Rule
from mappings.goals import read_goal
from mappings.model import Finding, Severity
from mappings.survey import Survey

KIND = "goal_work_mismatch"
_HALF = Fraction(1, 2)


def find(survey: Survey) -> Iterable[Finding]:
    for sprint in survey.watched_sprints:
        named = read_goal(survey.timeline, sprint, survey.as_of).key_results
        figure = survey.final(sprint)
        if not named or not figure.total:
            continue
        shares = {code: part.share or 0 for code, part in figure.shares if part.amount}
        limit = survey.threshold(KIND, survey.timeline.sprint_team(sprint))
        starved = tuple(code for code in named if shares.get(code, 0) * 100 < limit)
        others = tuple(code for code in shares if code not in named)
        unnamed = others if sum(shares[code] for code in others) > _HALF else ()
        if starved or unnamed:
            evidence = {"starved": starved, "unnamed": unnamed}
            yield Finding(KIND, sprint.id, Severity.MEDIUM, evidence, "Change the goal or the plan.")


RULE = Rule(KIND, RestsOn.SPRINT, "Does the work serve the key results that the goal names?", find)
