"""The wording of a goal or key result as a page shows it: what the judge reads, why, and what people say instead.

It speaks of words, not of people: below the judge's confidence it says "unclear", and a person's word comes first.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mappings.goals import judged_goal, verdict_on_goal
from mappings.key_result_words import read_key_result
from mappings.model import KeyResult, Overruling, Plan, Span, Wording
from mappings.overruling import ACCEPT, GOAL, KEY_RESULT, Words, wording_for
from mappings.tags import Register
from mappings.wording import GoalLabel, KeyResultLabel, Verdict, goal_references, named_key_results, rewrite_prompt
from mappings.wording.suggestion import measured
from reports.drafts import ReadDraft

GOAL_LABELS = {
    GoalLabel.OUTCOME.value: "an outcome",
    GoalLabel.LEARNING.value: "something to learn",
    GoalLabel.OUTPUT_ONLY.value: "output only",
    GoalLabel.EMPTY.value: "no goal yet",
}
KEY_RESULT_LABELS = {
    KeyResultLabel.OUTCOME.value: "an outcome",
    KeyResultLabel.OUTPUT.value: "an output",
    KeyResultLabel.ACTIVITY.value: "an activity",
    KeyResultLabel.VANITY.value: "a count that says little",
    KeyResultLabel.FINANCIAL.value: "a result in money",
    KeyResultLabel.BINARY.value: "true or false only",
}
LABELS = {GOAL: GOAL_LABELS, KEY_RESULT: KEY_RESULT_LABELS}
SWITCHED_OFF = "Not judged here: the wording check is switched off for this team."
MOST_MEANT = 3
SUREST = 99  # percent: words alone are never quite certain
GOOD = frozenset({GoalLabel.OUTCOME, GoalLabel.LEARNING})


@dataclass(frozen=True, slots=True)
class Said:
    """A person's word: `words` is the label as people read it."""

    words: str
    overruling: Overruling


@dataclass(frozen=True, slots=True)
class WordingView:
    """`verdict` is the sentence of what the words alone read as; the rest says why, and what could be done."""

    about: str
    subject: str
    text: str
    team: str | None
    verdict: str
    reasons: tuple[Span, ...]
    missing: tuple[str, ...]
    advice: str
    questions: tuple[str, ...]
    rewrite: str
    said: Said | None
    said_before: tuple[Said, ...]  # for an earlier wording
    refers: tuple[str, ...]  # key results that a goal seems to speak of without naming them
    choices: tuple[tuple[str, str], ...]  # what it can be overruled to: label and words; none: nothing to overrule


def goal_view(
    plan: Plan,
    team: str | None,
    words: tuple[str, str],
    overrulings: tuple[Overruling, ...],
    served: Iterable[str] = (),
) -> WordingView:
    """`words` are the sprint's id and its goal's text; `served` are the codes that its work serves, most first."""
    register = Register(plan)
    wanted = wording_for(register, team)
    asked = Words(GOAL, *words, tuple(register.teams_above(team)))
    goal = judged_goal(asked, overrulings, is_checked=wanted.check is not False)
    verdict = verdict_on_goal(asked.text)
    rewrite = ""
    if goal.label == GoalLabel.OUTPUT_ONLY and goal.is_checked:
        served_krs = [register.key_results[code] for code in served if code in register.key_results]
        rewrite = rewrite_prompt(asked.text, served_krs)
    read = _Read(verdict, goal.is_checked, goal.overruled, goal.overruled_before, wanted)
    return replace(_view(asked, team, read, rewrite), refers=_meant(asked.text, plan.key_results))


def _meant(text: str, key_results: tuple[KeyResult, ...]) -> tuple[str, ...]:
    """The key results that a goal says in other words; what it names is shown beside the figures, and counted."""
    named = frozenset(named_key_results(text, key_results))
    meant = [code for code in goal_references(text, key_results) if code not in named]
    return tuple(measured(each) for each in key_results if each.code in meant)[:MOST_MEANT]


def key_result_view(plan: Plan, kr: KeyResult, overrulings: tuple[Overruling, ...]) -> WordingView:
    register = Register(plan)
    team = register.team_of(kr.code)
    words = read_key_result(register, overrulings, kr)
    read = _Read(words.verdict, words.is_checked, words.overruled, words.overruled_before, wording_for(register, team))
    return _view(Words(KEY_RESULT, kr.code, kr.title), team, read, "")


def draft_view(read: ReadDraft) -> WordingView:
    """A text that belongs to no sprint and no key result yet: there is nothing to overrule."""
    draft = read.draft
    shown = _Read(read.verdict, read.is_checked, read.phrase, (), read.wanted)
    view = _view(Words(draft.about, "", draft.text), draft.team, shown, read.rewrite)
    return replace(view, refers=tuple(map(measured, read.refers)), choices=())


@dataclass(frozen=True, slots=True)
class _Read:
    verdict: Verdict
    is_checked: bool
    overruled: Overruling | None
    before: tuple[Overruling, ...]
    wanted: Wording


def _view(words: Words, team: str | None, read: _Read, rewrite: str) -> WordingView:
    verdict, about = read.verdict, words.about
    helps = read.is_checked and read.overruled is None
    holds = read.overruled.label if read.overruled is not None else verdict.label
    is_there = bool(words.text.strip())
    return WordingView(
        about=about,
        subject=words.subject,
        text=words.text,
        team=team,
        verdict=_verdict_words(about, read) if is_there else "",
        reasons=verdict.reasons if read.is_checked else (),
        missing=verdict.missing if helps and verdict.label not in GOOD else (),
        advice=_advice(read) if helps else "",
        questions=verdict.questions if helps else (),
        rewrite=rewrite,
        said=None if read.overruled is None else _said(read.overruled),
        said_before=tuple(_said(one) for one in read.before),
        refers=(),
        choices=tuple((label, words) for label, words in LABELS[about].items() if label != holds) if is_there else (),
    )


def _verdict_words(about: str, read: _Read) -> str:
    verdict = read.verdict
    if not read.is_checked:
        return SWITCHED_OFF
    if verdict.label is None:
        return verdict.advice or ""
    named = LABELS[about][verdict.label]
    sure = f"{min(verdict.confidence * 100, SUREST):.0f} % sure"
    if verdict.unclear:
        return f"Unclear: by its words it may be {named} ({sure})."
    return f"Its words read as {named} ({sure})."


def _advice(read: _Read) -> str:
    verdict = read.verdict
    if verdict.label is None:
        return ""
    if verdict.capability and read.wanted.capability == ACCEPT:
        return "It says what people will be able to do, which this team accepts as a goal."
    return verdict.advice or ""


def _said(overruling: Overruling) -> Said:
    return Said(LABELS[overruling.about].get(overruling.label or "", "as its words read"), overruling)
