"""A key result's words as of a moment: what the judge reads in its title, and what people say instead."""

from collections.abc import Sequence
from dataclasses import dataclass

from mappings.goals import verdict_on_key_result
from mappings.model import KeyResult, Overruling, Span
from mappings.overruling import KEY_RESULT, Words, as_reason, in_force, of_earlier_wordings, wording_for
from mappings.tags import Register
from mappings.wording import KeyResultLabel, Verdict

FLAGGED = frozenset(
    {KeyResultLabel.OUTPUT, KeyResultLabel.ACTIVITY, KeyResultLabel.VANITY, KeyResultLabel.BINARY},
)


@dataclass(frozen=True, slots=True)
class KeyResultWords:
    """The verdict stays beside a person's word; nothing is flagged where the team has switched the check off."""

    verdict: Verdict
    is_checked: bool
    overruled: Overruling | None
    overruled_before: tuple[Overruling, ...]  # for an earlier title

    @property
    def label(self) -> str | None:
        return self.verdict.label if self.overruled is None else self.overruled.label

    @property
    def is_flagged(self) -> bool:
        if not self.is_checked:
            return False
        if self.overruled is not None:
            return self.overruled.label in FLAGGED
        return self.verdict.flagged and bool(self.verdict.reasons)

    @property
    def reasons(self) -> tuple[Span, ...]:
        return self.verdict.reasons if self.overruled is None else as_reason(self.overruled)

    @property
    def evidence(self) -> dict[str, object]:
        """What a finding about these words shows."""
        return {"label": self.label, "words": tuple({"text": span.text, "why": span.why} for span in self.reasons)}

    @property
    def advice(self) -> str | None:
        """The judge's advice is for its own verdict."""
        return self.verdict.advice if self.overruled is None else None


def read_key_result(register: Register, overrulings: Sequence[Overruling], kr: KeyResult) -> KeyResultWords:
    """`overrulings` are those of the moment that is asked for."""
    team = register.team_of(kr.code)
    words = Words(KEY_RESULT, kr.code, kr.title, tuple(register.teams_above(team)))
    return KeyResultWords(
        verdict=verdict_on_key_result(kr.title),
        is_checked=wording_for(register, team).check is not False,
        overruled=in_force(overrulings, words),
        overruled_before=of_earlier_wordings(overrulings, words),
    )
