"""Judge a sprint goal by its words alone: outcome, learning, output only, or no goal at all."""

import re
from collections.abc import Collection, Iterable, Sequence

from mappings.model import Span
from mappings.wording.languages import JUDGED
from mappings.wording.lexicon import CHARS
from mappings.wording.model import Model, confidence, load, probabilities
from mappings.wording.numbers import read_numbers
from mappings.wording.reading import Read, language_of, read_in, reasons, weigh, whole
from mappings.wording.text import Reading, Token, tokenise
from mappings.wording.verdict import GoalLabel, Verdict, not_judged

QUESTIONS: dict[str, tuple[str, ...]] = {
    GoalLabel.OUTPUT_ONLY: (
        "What will change for users if we deliver this?",
        "How would we notice that it worked?",
        "How might we say this without naming the feature?",
    ),
    GoalLabel.EMPTY: ("Why is this sprint worth doing?", "What will change for users if it goes well?"),
    GoalLabel.LEARNING: ("What will we do differently, depending on the answer?",),
    GoalLabel.OUTCOME: (),
}
MILD = "It says what people will be able to do, not what will change."
ADVICE: dict[str, str] = {
    GoalLabel.OUTPUT_ONLY: "It names only what will be delivered. Add what is to change for whom, and by how much.",
    GoalLabel.EMPTY: "It states no goal yet.",
    GoalLabel.LEARNING: "It sets out to learn something. Say which decision the answer will serve.",
}
VAGUE = "It names a change without saying by how much."
# Brackets, rows of dots or underscores that stand for what somebody is to fill in.
TEMPLATE = re.compile(
    r"\A\W{0,5}(?:\[[^\]]{2,}\]|<[^>]{2,}>|\{[^}]{2,}\}|\((?=[^)]*\b(?:goal|defin|fill|complet|tbd|here)\w*)[^)]{2,}\))\W{0,5}\Z",
    re.IGNORECASE,
)
_FILL_IN = (
    "outcome|impact|customer|event happens|benefit|user|goal|metric|capability|capabilities|feature|objective|audience|"
    "persona|group|role"
)
# Not at the beginning, where brackets mark a kind ("[feature] …"), nor in a path or a type ("/{user}", "List<User>").
BLANKS = re.compile(
    rf"_{{3,}}|\.{{5,}}|(?<!\w)<(?:{_FILL_IN})s?>|"
    rf"(?<!\A)(?<![/\w])[<\[{{](?:[a-z]+[ _-]){{0,3}}(?:{_FILL_IN})s?[>\]}}](?!\()",
    re.IGNORECASE,
)
NO_CONTENT = frozenset(
    CHARS[tag]
    for tag in (
        "BREAK",
        "COMMA",
        "COLON",
        "QMARK",
        "LINK",
        "ID",
        "AND",
        "NUM",
        "PERCENT",
        "FROM",
        "TO",
        "BE",
        "BLANK",
        "GOAL",
        "KEYRESULT",
        "UNIT",
        "LEVEL",
        "DURATION",
        "WH",
    )
)
_SMALL_WORDS = """
    the a an of for this our in on is are we to it as with by at all see above below okr date dates nr no number name
    january february march april may june july august september october november december jan feb mar apr jun jul aug
    sep oct nov dec mon tue wed thu fri sat sun monday tuesday wednesday thursday friday der die das für dieses diesen
    unser el la los de del este para nuestro le les du ce cet notre o os do deste nosso um uma same last here"""
SMALL_WORDS = frozenset(_SMALL_WORDS.split())
BLANK_WORDS = frozenset({"tbd", "tba", "tbc", "todo", "n", "a", "na", "none", "goal", "sprint"})
MISSING = ("who", "which behaviour", "which metric", "by how much")
_WHO = frozenset({CHARS["PEOPLE"]})
_BEHAVIOUR = frozenset(CHARS[tag] for tag in ("FEEL", "UP", "DOWN", "MORE", "INSTEAD", "ADOPT"))
_METRIC = frozenset(CHARS[tag] for tag in ("METRIC", "QUALITY", "TIME", "MONEY"))
SURE = 0.97
NO_GOAL = "states no goal: blank, a placeholder, or only ids and dates"
LONGEST_TEMPLATE = 600  # characters
CLAUSE_STARTS = frozenset(
    CHARS[tag]
    for tag in ("DELIVER", "FINISH", "WORK", "UP", "DOWN", "ENABLE", "LEARN", "FINDOUT", "DECIDE", "VALIDATE", "DO")
)
# What a clause must have to speak for an outcome or a question; without it the whole text has said all.
TELLING = frozenset(
    CHARS[tag]
    for tag in (
        *("METRIC", "TIME", "QUALITY", "SMOOTH", "FEEL", "EFFECT", "MORE", "MUCH", "INSTEAD", "WITHOUT", "UP", "DOWN"),
        *("ADOPT", "BEST", "KEYRESULT", "PERCENT", "DURATION", "TIMES", "LEVEL", "SOTHAT", "BELIEVE"),
        *("LEARN", "FINDOUT", "DECIDE", "VALIDATE", "WHETHER", "IF", "WH", "DOUBT", "SPIKE", "RESEARCH", "QMARK"),
    )
)
# What something is for begins a clause, and so does how it is reached: "… by implementing …".
JOINTS = frozenset(CHARS[tag] for tag in ("COMMA", "AND", "COLON", "BY"))
BREAKS = frozenset((CHARS["BREAK"], CHARS["SOTHAT"]))
# What states something, however little, is no blank: a word of change, words beside a key result, or in another
# language words that no placeholder has.
STATES = frozenset({"t:KEYRESULT", "t:UP", "t:DOWN", "t:MORE", "t:MUCH", "content:1", "content:2"})
CLEAR_CLAUSE = 0.6  # of several clauses one is always a little likelier than the others: that is no statement
SHORTEST_CLAUSE = 3  # tokens
MOST_CLAUSES = 40


def judge_goal(text: str, lang: str | None = None) -> Verdict:
    """Judge one goal; without `lang` the language is guessed, and other languages than five are not judged."""
    tokens = tokenise(text)
    spoken, certain = language_of(text, tokens, lang)
    if is_blank_word(tokens) or is_template(text):
        return _empty(text, spoken)
    if spoken not in JUDGED:
        return not_judged(spoken)
    seen = read_in(text, tokens, spoken)
    if is_placeholder(seen):
        return _empty(text, spoken)
    model = load("goals")
    odds = goal_odds(model, seen)
    best = max(range(len(odds)), key=odds.__getitem__)
    return _verdict(seen, model, model.labels[best], confidence(model, odds[best]), certain)


def _verdict(seen: Read, model: Model, label: str, sure: float, certain: bool) -> Verdict:
    decided = reasons(seen, model, label)
    unclear = sure < model.unclear_below or not certain or not decided
    numbers = read_numbers(seen.reading.text)
    capability = label == GoalLabel.OUTPUT_ONLY and seen.holds("capability")
    vague = label == GoalLabel.OUTCOME and not numbers.has_level
    return Verdict(
        label,
        sure,
        flagged=label == GoalLabel.OUTPUT_ONLY and not unclear,
        unclear=unclear,
        lang=seen.lang,
        reasons=decided or whole(seen.reading, label),
        missing=_missing(seen, numbers.has_level) if label != GoalLabel.LEARNING else (),
        capability=capability,
        vague=vague,
        numbers=numbers,
        advice=MILD if capability else VAGUE if vague else ADVICE.get(label),
        questions=QUESTIONS[label],
    )


def _empty(text: str, lang: str | None) -> Verdict:
    bare = text.strip()[:LONGEST_TEMPLATE]
    start = len(text) - len(text.lstrip())
    label = GoalLabel.EMPTY
    return Verdict(
        label,
        SURE,
        flagged=False,
        unclear=False,
        lang=lang,
        reasons=(Span(start, start + len(bare), bare, NO_GOAL),) if bare else (),
        missing=MISSING,
        advice=ADVICE[label],
        questions=QUESTIONS[label],
    )


def _missing(seen: Read, has_level: bool) -> tuple[str, ...]:
    tags = frozenset(seen.reading.tags)
    there = (tags & _WHO, tags & _BEHAVIOUR, tags & _METRIC, has_level)
    return tuple(name for name, present in zip(MISSING, there, strict=True) if not present)


def is_blank_word(tokens: Sequence[Token]) -> bool:
    """TBD, n/a, TODO: placeholders in any language."""
    return all(token.word in BLANK_WORDS for token in tokens if token.word)


def is_template(text: str) -> bool:
    """Brackets around the whole, or places to fill in."""
    bare = text.strip()
    return len(bare) <= LONGEST_TEMPLATE and bool(TEMPLATE.match(bare) or BLANKS.search(bare))


def is_placeholder(seen: Read) -> bool:
    """Nothing is left once ids, dates, numbers and the words about goals are taken away."""
    return all(token.tag in NO_CONTENT or token.word in SMALL_WORDS for token in seen.reading.tokens)


def goal_odds(model: Model, seen: Read) -> list[float]:
    parts = clauses(seen.reading)
    if not parts:
        return stated_odds(model, seen.features)
    return mixed_odds(model, seen.features, [weigh(part, seen.lang).features for part in parts])


def stated_odds(model: Model, features: Collection[str]) -> list[float]:
    """The probabilities of a text; one that states something is not empty."""
    odds = probabilities(model, features)
    if STATES.isdisjoint(features):
        return odds
    odds[model.labels.index(GoalLabel.EMPTY)] = 0.0
    total = sum(odds)
    return [odd / total for odd in odds]


def mixed_odds(model: Model, whole: Collection[str], parts: Iterable[Iterable[str]]) -> list[float]:
    """The probabilities of the whole text; one clause with an outcome or a question speaks for all of it."""
    odds = stated_odds(model, whole)
    each = [probabilities(model, part) for part in parts]
    for label in (GoalLabel.OUTCOME, GoalLabel.LEARNING):
        at = model.labels.index(label)
        best = max(part[at] for part in each)
        if best >= CLEAR_CLAUSE:
            odds[at] = max(odds[at], odds[at] + model.clause_share * (best - odds[at]))
    total = sum(odds)
    return [odd / total for odd in odds]


def clauses(reading: Reading) -> list[Reading]:
    """Sentences, lines, purposes, means, and what follows a comma or "and" with a verb of its own: those that may say
    more than a task.

    None for a text of one clause, that is judged as a whole."""
    tokens, tags = reading.tokens, reading.tags
    parts = []
    begin = 0
    for at, tag in enumerate(tags):
        if tag in BREAKS or (tag in JOINTS and tags[at + 1 : at + 2] in CLAUSE_STARTS):
            parts.append((begin, at))
            begin = at + 1
    parts.append((begin, len(tags)))
    kept = [(start, end) for start, end in parts if end - start >= SHORTEST_CLAUSE][:MOST_CLAUSES]
    if len(kept) < 2:
        return []
    kept = [(start, end) for start, end in kept if not TELLING.isdisjoint(tags[start:end])]
    return [Reading(reading.text, tokens[start:end], tags[start:end]) for start, end in kept]
