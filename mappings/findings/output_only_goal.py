"""A sprint goal whose words name only deliverables or activities and state no outcome."""

from collections.abc import Iterable

from mappings.findings import Rule
from mappings.goals import read_goal, verdict_on_goal
from mappings.model import Figure, Finding, GoalReading, Severity
from mappings.survey import Survey
from mappings.tags import LiveTime
from mappings.wording import GoalLabel, rewrite_prompt

KIND = "output_only_goal"
SERVED = 20  # percent of the sprint's work that a live KR named in the goal must get


def find(survey: Survey) -> Iterable[Finding]:
    for sprint in survey.watched_sprints:
        goal = read_goal(survey.timeline, sprint, survey.as_of)
        if goal.text is None or goal.verdict != GoalLabel.OUTPUT_ONLY:
            continue
        verdict = verdict_on_goal(goal.text)
        figure = survey.final(sprint)
        if (
            not verdict.flagged
            or not verdict.reasons
            or _is_served(survey, survey.timeline.live_time(sprint, survey.as_of), goal, figure)
        ):
            continue
        evidence = {
            "words": tuple({"text": span.text, "why": span.why} for span in goal.reasons),
            "missing": verdict.missing,
            "capability": verdict.capability,
        }
        served = [survey.register.key_results[code] for code, part in figure.shares if part.amount]
        severity = Severity.LOW if verdict.capability else Severity.MEDIUM
        yield Finding(KIND, sprint.id, severity, evidence, rewrite_prompt(goal.text, served))


def _is_served(survey: Survey, time: LiveTime, goal: GoalReading, figure: Figure) -> bool:
    """Whether the goal names a live KR that at least a fifth of the sprint's work serves."""
    shares = {code: part.share or 0 for code, part in figure.shares}
    return any(survey.register.is_live(code, time) and shares.get(code, 0) * 100 >= SERVED for code in goal.key_results)


RULE = Rule(KIND, "Does the sprint goal say what will change, or only what will be delivered?", find)
