"""What both judges share: the text read in its language, the rules that hold, the words that weigh, and the reasons."""

from collections.abc import Sequence
from dataclasses import dataclass

from mappings.model import Span
from mappings.wording.evidence import Hit, hits, span
from mappings.wording.features import features, stem
from mappings.wording.languages import (
    JUDGED,
    NOT_KNOWN,
    Guess,
    guess_language,
    is_foreign_script,
    named,
)
from mappings.wording.lexicon import CHARS
from mappings.wording.model import Model, pull
from mappings.wording.patterns import compile_rows
from mappings.wording.small_words import FUNCTION_WORDS
from mappings.wording.text import Reading, Token, read

MOST_REASONS = 4
MOST_WORDS = 2
LEAD = compile_rows(
    "OTHER|NUM|COMMA|TO|FROM|PEOPLE*4 GOAL OTHER|NUM|GOAL|FROM|PEOPLE|STAFF|BY|BLANK*6 BE? COLON|COMMA|TO?"
    " / KEYRESULT COLON|COMMA|BREAK"
)
MARKS = frozenset(CHARS[tag] for tag in ("BREAK", "COMMA", "COLON", "QMARK"))
SMALL_WORDS = FUNCTION_WORDS["en"]
FEWEST_TELLING = 3  # words: fewer tell no language, and who says it is believed
WEIGHTY = 0.25  # a word that pulls less than this is no reason


@dataclass(frozen=True, slots=True)
class Read:
    reading: Reading
    hits: tuple[Hit, ...]
    features: tuple[str, ...]
    lang: str

    def holds(self, *names: str) -> bool:
        return any(hit.pattern.name in names for hit in self.hits)


def language_of(text: str, tokens: Sequence[Token], lang: str | None) -> Guess:
    """The language said, in which a text is judged; not for certain where its words look like another one."""
    guessed = guess_language(text, tokens)
    said = named(lang) if lang else None
    if said is None:
        return guessed
    words = [token.word for token in tokens if token.word]
    if said in JUDGED and words and is_foreign_script(words):
        return NOT_KNOWN
    return Guess(said, certain=guessed.lang == said or len(words) < FEWEST_TELLING)


def read_in(text: str, tokens: Sequence[Token], lang: str) -> Read:
    return weigh(without_lead(read(text, tokens, lang)), lang)


def without_lead(reading: Reading) -> Reading:
    """The text after "The goal of this sprint is to" and the like, which says nothing; all of it if nothing follows."""
    match = LEAD.match(reading.tags)
    end = match.end() if match else 0
    if any(tag not in MARKS for tag in reading.tags[end:]):
        return Reading(reading.text, reading.tokens[end:], reading.tags[end:])
    return reading


def weigh(reading: Reading, lang: str) -> Read:
    found = hits(reading)
    return Read(reading, found, tuple(features(reading, found, lang)), lang)


def reasons(seen: Read, model: Model, label: str) -> tuple[Span, ...]:
    """The rules that speak for the label, strongest first; words of the model where there are few."""
    speaking = [hit for hit in seen.hits if label in hit.pattern.labels]
    speaking.sort(key=lambda hit: (-pull(model, "p:" + hit.pattern.name, label), hit.start, hit.end))
    chosen: list[Span] = []
    for hit in speaking:
        _add(chosen, span(seen.reading, hit))
    del chosen[MOST_REASONS:]
    if len(chosen) < MOST_WORDS:
        chosen.extend(_words(seen, model, label, chosen)[: MOST_WORDS - len(chosen)])
    return tuple(sorted(chosen, key=lambda each: (each.start, each.end)))


def whole(reading: Reading, label: str) -> tuple[Span, ...]:
    """What to show where no word decided: nobody should be told a fault of it."""
    if not reading.tokens:
        return ()
    start, end = reading.tokens[0].start, reading.tokens[-1].end
    why = f"no single word decides: as a whole it is closest to texts judged {label.replace('_', ' ')}"
    return (Span(start, end, reading.text[start:end], why),)


def _add(chosen: list[Span], place: Span) -> None:
    """One reason a place: a wider one takes the place of what it holds, and each sentence is said once."""
    if any(place.why == other.why or _holds(other, place) for other in chosen):
        return
    held = [at for at, other in enumerate(chosen) if _holds(place, other)]
    for at in reversed(held):
        del chosen[at]
    chosen.insert(held[0] if held else len(chosen), place)


def _holds(wide: Span, narrow: Span) -> bool:
    return wide.start <= narrow.start and narrow.end <= wide.end


def _words(seen: Read, model: Model, label: str, taken: Sequence[Span]) -> list[Span]:
    found: dict[str, tuple[float, Span]] = {}
    readable = label.replace("_", " ")
    for token in seen.reading.tokens:
        if not token.word or any(each.start <= token.start < each.end for each in taken):
            continue
        weight = max(_pull_of(model, word, label) for word in token.word.split())
        if weight >= WEIGHTY and token.word not in found:
            text = seen.reading.text[token.start : token.end]
            why = f"a word that is mostly seen in texts judged {readable}"
            found[token.word] = (weight, Span(token.start, token.end, text, why))
    return [place for _, place in sorted(found.values(), key=lambda each: (-each[0], each[1].start))]


def _pull_of(model: Model, word: str, label: str) -> float:
    return 0.0 if word in SMALL_WORDS else pull(model, "w:" + stem(word), label)
