"""Judge a key result or objective by its words alone: outcome, output, activity, vanity, money or yes/no."""

from mappings.wording.languages import JUDGED
from mappings.wording.model import confidence, load, probabilities
from mappings.wording.numbers import Numbers, read_numbers
from mappings.wording.reading import Read, language_of, read_in, reasons, whole
from mappings.wording.text import tokenise
from mappings.wording.verdict import KeyResultLabel, Verdict, not_judged

FLAGGED = frozenset({KeyResultLabel.OUTPUT, KeyResultLabel.ACTIVITY, KeyResultLabel.VANITY, KeyResultLabel.BINARY})
ADVICE: dict[str, str] = {
    KeyResultLabel.OUTCOME: "",
    KeyResultLabel.OUTPUT: "It names a thing to deliver. Ask what will be different once it exists, and measure that.",
    KeyResultLabel.ACTIVITY: "It names an effort. Ask what the effort is to change, and measure that.",
    KeyResultLabel.VANITY: "It counts attention or a growing total. The share of people who do something says more.",
    KeyResultLabel.FINANCIAL: "It is a result of the business. Name the change in behaviour that is to bring it about.",
    KeyResultLabel.BINARY: "It can only be true or false. State the probability of success, and update it as you go.",
}
NO_NUMBER = "It names a change without a baseline and a target."
LEADING_BY_LABEL = {
    KeyResultLabel.OUTPUT: "leading",
    KeyResultLabel.ACTIVITY: "leading",
    KeyResultLabel.FINANCIAL: "lagging",
    KeyResultLabel.BINARY: "lagging",
}
# Known only when people have made up their minds; usage, time and service quality move earlier.
_LAGGING_WORDS = """
    churn retention nps satisfaction csat turnover attrition renewals renew loyalty enps kündigungsrate bindung
    zufriedenheit retención satisfacción rétention retenção satisfação"""
LAGGING_WORDS = frozenset(_LAGGING_WORDS.split())
LEADING_PATTERNS = ("active_use", "adoption", "time_level", "people_level", "metric")


def judge_key_result(text: str, lang: str | None = None) -> Verdict:
    """Judge one key result or objective; without `lang` the language is guessed."""
    tokens = tokenise(text)
    spoken, certain = language_of(text, tokens, lang)
    if spoken not in JUDGED:
        return not_judged(spoken)
    seen = read_in(text, tokens, spoken)
    model = load("key_results")
    odds = probabilities(model, seen.features)
    best = max(range(len(odds)), key=odds.__getitem__)
    label, sure = model.labels[best], confidence(model, odds[best])
    decided = reasons(seen, model, label)
    unclear = sure < model.unclear_below or not certain or not decided
    numbers = read_numbers(text)
    return Verdict(
        label,
        sure,
        flagged=label in FLAGGED and not unclear,
        unclear=unclear,
        lang=spoken,
        reasons=decided or whole(seen.reading, label),
        missing=missing(numbers) if label not in (KeyResultLabel.BINARY, KeyResultLabel.OUTPUT) else (),
        capability=label == KeyResultLabel.OUTPUT and seen.holds("capability"),
        vague=label == KeyResultLabel.OUTCOME and not numbers.has_level,
        timing=timing(seen, label),
        numbers=numbers,
        advice=_advice(label, numbers),
    )


def missing(numbers: Numbers) -> tuple[str, ...]:
    there = (("baseline", numbers.baseline), ("target", numbers.target if numbers.change is None else numbers.change))
    return tuple(name for name, value in there if value is None)


def timing(seen: Read, label: str) -> str | None:
    """Leading: it moves while the work goes on. Lagging: it is known only afterwards. None: the words do not tell."""
    if label in LEADING_BY_LABEL:
        return LEADING_BY_LABEL[KeyResultLabel(label)]
    words = {word for token in seen.reading.tokens for word in token.word.split()}
    if words & LAGGING_WORDS:
        return "lagging"
    return "leading" if seen.holds(*LEADING_PATTERNS) else None


def _advice(label: str, numbers: Numbers) -> str | None:
    if label == KeyResultLabel.OUTCOME and not numbers.has_level:
        return NO_NUMBER
    return ADVICE[label] or None
