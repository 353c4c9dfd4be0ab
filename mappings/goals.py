"""A sprint's goal as of a moment: its words judged, and the key results that they name."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from mappings.model import GoalReading, Overruling, Sprint, SprintState
from mappings.overruling import GOAL, Words, in_force, of_earlier_wordings, wording_for
from mappings.tags import Register
from mappings.timeline import Timeline
from mappings.wording import GoalLabel, Verdict, judge_goal, judge_key_result, named_key_results
from mappings.wording.references import folded

BLANK = GoalLabel.EMPTY
_folded = lru_cache(maxsize=65536)(folded)


def goal_at(sprint: Sprint, moment: datetime) -> str | None:
    """The goal that held at `moment`."""
    text: str | None = None
    for goal in sprint.goals:
        if goal.at is None or goal.at <= moment:
            text = goal.text
    return text


def read_goal(timeline: Timeline, sprint: Sprint, as_of: datetime) -> GoalReading:
    """The goal at the sprint's closing, with the first one where that was another."""
    if not sprint.goal_known:
        return GoalReading(None, None, None, None, is_known=False)
    closing = timeline.closing(sprint, as_of)
    text = goal_at(sprint, closing)
    first: str | None = None
    if timeline.sprint_state(sprint, as_of) is not SprintState.FUTURE and sprint.start is not None:
        started_with = goal_at(sprint, sprint.start)
        first = started_with if (started_with or "") != (text or "") else None
    now = timeline.register_at(as_of)
    team = timeline.sprint_team(sprint)
    said = overrulings_by(timeline.backlog.overrulings, as_of)
    words = Words(GOAL, sprint.id, text or "", tuple(now.teams_above(team)))
    named = named_in(text, timeline.register_at(closing))
    is_checked = wording_for(now, team).check is not False
    return replace(judged_goal(words, said, is_checked=is_checked), text=text, first=first, key_results=named)


def judged_goal(words: Words, overrulings: tuple[Overruling, ...], *, is_checked: bool) -> GoalReading:
    """The words judged, and what people say instead; a blank goal or placeholder is one however little is judged."""
    before = of_earlier_wordings(overrulings, words)
    if not words.text.strip():
        return GoalReading(words.text, None, BLANK, 1.0, is_checked=is_checked, overruled_before=before)
    verdict = verdict_on_goal(words.text)
    overruled = in_force(overrulings, words)
    unread = GoalReading(
        words.text, None, None, None, is_checked=is_checked, overruled=overruled, overruled_before=before
    )
    if verdict.label is None or not (is_checked or verdict.label == BLANK):
        return unread
    return replace(unread, verdict=verdict.label, confidence=verdict.confidence, reasons=verdict.reasons)


def overrulings_by(overrulings: tuple[Overruling, ...], moment: datetime) -> tuple[Overruling, ...]:
    """What people had said by `moment`."""
    return tuple(each for each in overrulings if each.at <= moment)


def named_in(text: str | None, register: Register) -> tuple[str, ...]:
    """Codes of the KRs whose code, alias, title or metric stands whole in the text."""
    if not text:
        return ()
    goal = _folded(text)
    # A quick look leaves few key results to be looked for word by word.
    places = {place for name, named in _places_by_name(register).items() if name in goal for place in named}
    return named_key_results(text, [register.plan.key_results[place] for place in sorted(places)])


@lru_cache(maxsize=16)
def _places_by_name(register: Register) -> Mapping[str, list[int]]:
    """The places in the register of the key results that have each code, title, metric or alias."""
    found: dict[str, list[int]] = defaultdict(list)
    for place, kr in enumerate(register.plan.key_results):
        for name in (kr.code, kr.title, kr.metric, *kr.aliases):
            if name:
                found[_folded(name)].append(place)
    return found


@lru_cache(maxsize=8192)
def verdict_on_goal(text: str) -> Verdict:
    return judge_goal(text)


@lru_cache(maxsize=8192)
def verdict_on_key_result(text: str) -> Verdict:
    return judge_key_result(text)
