"""What the judge says of one text: a label, how sure it is, and the words that decided."""

from dataclasses import dataclass
from enum import StrEnum

from mappings.model import Span
from mappings.wording.numbers import Numbers


class GoalLabel(StrEnum):
    OUTCOME = "outcome"
    LEARNING = "learning"
    OUTPUT_ONLY = "output_only"
    EMPTY = "empty_or_placeholder"


class KeyResultLabel(StrEnum):
    OUTCOME = "outcome"
    OUTPUT = "output"
    ACTIVITY = "activity"
    VANITY = "vanity"
    FINANCIAL = "impact_financial"
    BINARY = "binary"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`label` is None where the language is not judged. `flagged`: a user would be shown a finding.
    `unclear`: a label is given, but the judge is not sure enough to show it as a finding."""

    label: str | None
    confidence: float  # probability that the label is right; 0.0 without a label
    flagged: bool
    unclear: bool
    lang: str | None  # None: not known
    reasons: tuple[Span, ...] = ()
    missing: tuple[str, ...] = ()
    capability: bool = False  # says what people will be able to do, not what will change
    vague: bool = False  # an outcome without a number
    timing: str | None = None  # key results: leading, lagging; None: cannot be told
    numbers: Numbers | None = None
    advice: str | None = None
    questions: tuple[str, ...] = ()


def not_judged(lang: str | None) -> Verdict:
    named = f' ("{lang}")' if lang else ""
    advice = f"The language of this text{named} is not judged: English, German, Spanish, French and Portuguese are."
    return Verdict(None, 0.0, flagged=False, unclear=False, lang=lang, advice=advice)
