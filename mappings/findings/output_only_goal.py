"""A sprint goal whose words name only deliverables or activities and state no outcome."""

from collections.abc import Iterable

from mappings.findings import RestsOn, Rule
from mappings.goals import read_goal, verdict_on_goal
from mappings.model import Figure, Finding, GoalReading, Severity, Sprint
from mappings.overruling import ACCEPT, as_reason, wording_for
from mappings.survey import Survey
from mappings.tags import LiveTime
from mappings.wording import GoalLabel, Verdict, rewrite_prompt

KIND = "output_only_goal"
SERVED = 20  # percent of the sprint's work that a live KR named in the goal must get


def find(survey: Survey) -> Iterable[Finding]:
    for sprint in survey.watched_sprints:
        goal = read_goal(survey.timeline, sprint, survey.as_of)
        if goal.text is None or goal.label != GoalLabel.OUTPUT_ONLY or not goal.is_checked:
            continue
        verdict = verdict_on_goal(goal.text)
        figure = survey.final(sprint)
        if not _is_flagged(survey, sprint, goal, verdict) or _is_served(
            survey, survey.timeline.live_time(sprint, survey.as_of), goal, figure
        ):
            continue
        is_mild = verdict.capability and goal.overruled is None
        reasons = goal.reasons if goal.overruled is None else as_reason(goal.overruled)
        evidence = {
            "words": tuple({"text": span.text, "why": span.why} for span in reasons),
            "missing": verdict.missing,
            "capability": is_mild,
        }
        served = [survey.register.key_results[code] for code, part in figure.shares if part.amount]
        severity = Severity.LOW if is_mild else Severity.MEDIUM
        yield Finding(KIND, sprint.id, severity, evidence, rewrite_prompt(goal.text, served))


def _is_flagged(survey: Survey, sprint: Sprint, goal: GoalReading, verdict: Verdict) -> bool:
    """A person's word is flagged as it stands; the judge's where it is sure, and the team does not accept it."""
    if goal.overruled is not None:
        return True
    if not verdict.flagged or not verdict.reasons:
        return False
    wanted = wording_for(survey.register, survey.timeline.sprint_team(sprint))
    return not (verdict.capability and wanted.capability == ACCEPT)


def _is_served(survey: Survey, time: LiveTime, goal: GoalReading, figure: Figure) -> bool:
    """Whether the goal names a live KR that at least a fifth of the sprint's work serves."""
    shares = {code: part.share or 0 for code, part in figure.shares}
    return any(survey.register.is_live(code, time) and shares.get(code, 0) * 100 >= SERVED for code in goal.key_results)


RULE = Rule(KIND, RestsOn.SPRINT, "Does the sprint goal say what will change, or only what will be delivered?", find)
