"""A sprint's goal as of a moment, and the key results that its words name whole and caselessly."""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from mappings.model import GoalReading, KeyResult, Sprint, SprintState
from mappings.tags import Register, fold
from mappings.timeline import Timeline

BLANK = "empty_or_placeholder"


def goal_at(sprint: Sprint, moment: datetime) -> str | None:
    """The goal that held at `moment`."""
    text: str | None = None
    for goal in sprint.goals:
        if goal.at is None or goal.at <= moment:
            text = goal.text
    return text


def is_blank(text: str | None) -> bool:
    return text is None or not text.strip()


def read_goal(timeline: Timeline, sprint: Sprint, as_of: datetime) -> GoalReading:
    """The goal at the sprint's closing, with the first one where that was another."""
    closing = timeline.closing(sprint, as_of)
    text = goal_at(sprint, closing)
    first: str | None = None
    if timeline.sprint_state(sprint, as_of) is not SprintState.FUTURE and sprint.start is not None:
        started_with = goal_at(sprint, sprint.start)
        first = started_with if (started_with or "") != (text or "") else None
    named = named_in(text, timeline.register_at(closing))
    if is_blank(text):
        return GoalReading(text, first, BLANK, 1.0)
    return GoalReading(text, first, None, None, (), named)


def named_in(text: str | None, register: Register) -> tuple[str, ...]:
    """Codes of the KRs whose code, alias, title or metric stands whole in the text."""
    if text is None or is_blank(text):
        return ()
    folded = fold(text)
    return tuple(kr.code for kr in register.plan.key_results if any(_stands_in(name, folded) for name in _names(kr)))


def _names(kr: KeyResult) -> Iterable[str]:
    return (kr.code, *kr.aliases, kr.title, *([kr.metric] if kr.metric else []))


def _stands_in(name: str, folded: str) -> bool:
    wanted = fold(name)
    return bool(wanted) and wanted in folded and _whole(wanted).search(folded) is not None


@lru_cache(maxsize=4096)
def _whole(name: str) -> re.Pattern[str]:
    """The name between ends of words; KR-1 does not stand in KR-12 nor in KR-1.5, but in "KR-1." it does."""
    return re.compile(rf"(?<![\w-])(?<!\w[.]){re.escape(name)}(?![\w-])(?![.,]\d)")
