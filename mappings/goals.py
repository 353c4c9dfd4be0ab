"""A sprint's goal as of a moment: its words judged, and the key results that they name."""

from datetime import datetime
from functools import lru_cache

from mappings.model import GoalReading, Sprint, SprintState
from mappings.tags import Register
from mappings.timeline import Timeline
from mappings.wording import GoalLabel, Verdict, judge_goal, judge_key_result, named_key_results

BLANK = GoalLabel.EMPTY


def goal_at(sprint: Sprint, moment: datetime) -> str | None:
    """The goal that held at `moment`."""
    text: str | None = None
    for goal in sprint.goals:
        if goal.at is None or goal.at <= moment:
            text = goal.text
    return text


def read_goal(timeline: Timeline, sprint: Sprint, as_of: datetime) -> GoalReading:
    """The goal at the sprint's closing, with the first one where that was another."""
    closing = timeline.closing(sprint, as_of)
    text = goal_at(sprint, closing)
    first: str | None = None
    if timeline.sprint_state(sprint, as_of) is not SprintState.FUTURE and sprint.start is not None:
        started_with = goal_at(sprint, sprint.start)
        first = started_with if (started_with or "") != (text or "") else None
    if text is None or not text.strip():
        return GoalReading(text, first, BLANK, 1.0)
    verdict = verdict_on_goal(text)
    confidence = verdict.confidence if verdict.label is not None else None
    named = named_in(text, timeline.register_at(closing))
    return GoalReading(text, first, verdict.label, confidence, verdict.reasons, named)


def named_in(text: str | None, register: Register) -> tuple[str, ...]:
    """Codes of the KRs whose code, alias, title or metric stands whole in the text."""
    return named_key_results(text or "", register.plan.key_results)


@lru_cache(maxsize=8192)
def verdict_on_goal(text: str) -> Verdict:
    return judge_goal(text)


@lru_cache(maxsize=8192)
def verdict_on_key_result(text: str) -> Verdict:
    return judge_key_result(text)
