"""A draft of a goal or key result, read as it would be if it were one of a team's: with the team's settings, the
phrases that people have spoken of, and the key results that it refers to. Nothing of it is kept.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from integration.store import page_reads
from integration.store.opened import Store
from integration.store.overrulings import all_overrulings
from mappings.document import plain_data
from mappings.key_result_words import FLAGGED
from mappings.model import KeyResult, Overruling, Plan, Wording
from mappings.overruling import ACCEPT, GOAL, KEY_RESULT, Words, in_force, wording_for
from mappings.tags import LiveTime, Register
from mappings.wording import GoalLabel, Verdict, goal_references, judge_goal, judge_key_result, rewrite_prompt

JUDGES = {GOAL: judge_goal, KEY_RESULT: judge_key_result}
NO_SUBJECT = ""  # a draft belongs to no sprint and no key result yet
SCHEMA = {
    "type": "object",
    "properties": {
        "kind": {"type": "string", "enum": [GOAL, KEY_RESULT], "default": GOAL},
        "text": {"type": "string"},
        "lang": {"type": ["string", "null"], "description": "en, de, es, fr or pt; guessed without it."},
        "team": {
            "type": ["string", "null"],
            "description": "Whose settings and phrases hold; without it those of the installation.",
        },
    },
    "required": ["text"],
}


class WrongDraft(Exception):
    """Says what is wrong with the draft as it was sent."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where drafts are written: the register of now, and the phrases that people have spoken of."""

    plan: Plan
    phrases: tuple[Overruling, ...] = ()
    now: datetime | None = None

    @property
    def teams(self) -> tuple[str, ...]:
        """Those that the register or a phrase speaks of; a board may have others."""
        named = [team.name for team in self.plan.teams] + [one.team for one in self.plan.objectives]
        return tuple(sorted({team for team in [*named, *(one.team for one in self.phrases)] if team}))


@dataclass(frozen=True, slots=True)
class Draft:
    about: str
    text: str
    lang: str | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True)
class ReadDraft:
    """`refers` are the live key results that a goal names, or says in other words."""

    draft: Draft
    verdict: Verdict
    wanted: Wording
    phrase: Overruling | None  # that speaks for this text
    refers: tuple[KeyResult, ...]

    @property
    def is_checked(self) -> bool:
        return self.wanted.check is not False

    @property
    def is_accepted(self) -> bool:
        """Says what people will be able to do, which the team accepts."""
        return self.verdict.capability and self.draft.about == GOAL and self.wanted.capability == ACCEPT

    @property
    def is_flagged(self) -> bool:
        """Whether a finding would be raised if it were kept so."""
        if not self.is_checked:
            return False
        if self.phrase is not None:
            return self.phrase.label in (FLAGGED | {GoalLabel.OUTPUT_ONLY})
        return self.verdict.flagged and not self.is_accepted

    @property
    def rewrite(self) -> str:
        is_output = self.verdict.label == GoalLabel.OUTPUT_ONLY
        if not (self.is_checked and is_output and self.phrase is None):
            return ""
        return rewrite_prompt(self.draft.text, self.refers)


def desk_of(store: Store, now: datetime) -> Desk:
    with store.reading() as session:
        plan = page_reads.plan_of_now(session, now)
        phrases = tuple(one for _, one in all_overrulings(session) if one.is_phrase and one.at <= now)
    return Desk(plan, phrases, now)


def read_draft(desk: Desk, draft: Draft) -> ReadDraft:
    register = Register(desk.plan)
    words = Words(draft.about, NO_SUBJECT, draft.text, tuple(register.teams_above(draft.team)))
    return ReadDraft(
        draft,
        verdict=JUDGES[draft.about](draft.text, draft.lang),
        wanted=wording_for(register, draft.team),
        phrase=in_force(desk.phrases, words),
        refers=_referred(register, desk, draft),
    )


def _referred(register: Register, desk: Desk, draft: Draft) -> tuple[KeyResult, ...]:
    if draft.about != GOAL or desk.now is None:
        return ()
    today = LiveTime(desk.now, desk.now)
    live = [one for one in desk.plan.key_results if register.is_live(one.code, today)]
    return tuple(register.key_results[code] for code in goal_references(draft.text, live))


def judged(sent: object, desk: Desk) -> dict[str, object]:
    """The verdict of a draft as the API answers it."""
    read = read_draft(desk, _draft(sent))
    plain = plain_data(asdict(read.verdict))
    assert isinstance(plain, dict)
    said = read.phrase
    return {
        "kind": read.draft.about,
        **plain,
        "confidence": read.verdict.confidence if read.verdict.label is not None else None,
        "flagged": read.is_flagged,
        "team": read.draft.team,
        "is_checked": read.is_checked,
        "is_accepted": read.is_accepted,
        "overruled": None if said is None else {"phrase": said.text, "label": said.label, "reason": said.reason},
        "key_results": [one.code for one in read.refers],
        "suggestion": read.rewrite or None,
    }


def _draft(sent: object) -> Draft:
    if not isinstance(sent, Mapping):
        raise WrongDraft('Send a JSON object such as {"kind": "goal", "text": "…"}.')
    kind, text = sent.get("kind", GOAL), sent.get("text")
    if not isinstance(kind, str) or kind not in JUDGES:
        raise WrongDraft("kind must be goal or key_result.")
    if not isinstance(text, str):
        raise WrongDraft("text is missing, or no text.")
    lang, team = (_text_or_none(sent, name) for name in ("lang", "team"))
    return Draft(kind, text, lang, team)


def _text_or_none(sent: Mapping[object, object], name: str) -> str | None:
    found = sent.get(name)
    if found is not None and not isinstance(found, str):
        raise WrongDraft(f"{name} must be a text, or be left out.")
    return found
