"""Baseline, target, unit, direction and deadline read out of the words of a goal or key result.

Reads decimal points and commas, thousands marks, k and million, percentages, money, durations, and the usual ways to
write a change: "from 68 % to 85 %", "NPS +12 → +40", "reduce by half", "< 200 ms".
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from mappings.model import Exact
from mappings.wording.units import AMOUNT_UNITS, SCALES, UNITS

READ_AT_MOST = 4_000
NEAR = 30  # characters between the parts of one statement


def _amount(name: str) -> str:
    """One amount, with its sign, currency, scale and unit, as groups that begin with `name`."""
    return (
        rf"(?P<{name}sign>[+\-−])?(?P<{name}cash>[$€£]\s?)?(?P<{name}>\d[\d.,]*\d|\d)"
        rf"(?:\s?(?P<{name}scale>[kKmMbB]|million|billion|Mio\.?)(?![^\W\d_]))?"
        rf"(?:\s?(?P<{name}unit>{AMOUNT_UNITS}))?"
    )


def _words(*choices: str) -> str:
    return "(?:" + "|".join(choices) + ")"


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_A, _B, _C = _amount("a"), _amount("b"), _amount("c")
_LESS = _words(
    "under", "below", "less than", "fewer than", "at most", "no more than", "within", "unter", "höchstens", "maximal",
    "weniger als", "innerhalb von", "menos de", "por debajo de", "como máximo", "moins de", "sous", "abaixo de",
)  # fmt: skip
_MORE = _words(
    "over", "above", "more than", "at least", "exceed(?:ing|s)?", "minimum of", "über", "mindestens", "mehr als",
    "más de", "al menos", "por encima de", "plus de", "au moins", "mais de", "pelo menos", "acima de",
)  # fmt: skip
_TO = _words("to", "down to", "up to", "auf", "bis", "zu", "a", "hasta", "à", "até", "para")
_FROM = _words("from", "von", "de", "du", "desde")
_NOW = r"(?:an? |about |currently |the current |a current |current )?"
FROM_TO = _compiled(rf"\b{_FROM}\s+{_NOW}{_A}[^.;\n\d]{{0,{NEAR}}}?\s{_TO}\s+(?:{_LESS} |{_MORE} )?{_B}")
TO_FROM = _compiled(rf"\b{_TO}\s+{_B}[^.;\n\d]{{0,{NEAR}}}?[\s(,](?:up |down )?{_FROM}\s+{_NOW}{_A}")
ARROW = _compiled(rf"(?<![\w.,]){_A}\s*(?:→|->|=>|⇒)\s*[<>≤≥]?\s?{_B}")
BY = _compiled(rf"\b(?:by|um|en un|en|de|em)\s+(?:at least |about |mindestens )?{_C}")
BELOW = _compiled(rf"(?:<=?|≤|\b{_LESS})\s*{_B}")
ABOVE = _compiled(rf"(?:>=?|≥|\b{_MORE})\s*{_B}")
REACH = _compiled(rf"\b(?:to|of|at|reach|achieve|hit|get|auf|von|a|de|à|para)\s+(?:an? )?{_B}")
ANY = _compiled(rf"(?<![\w.,#-]){_B}(?![\w-])")
HALF = _compiled(
    r"\b(?:by half|in half|halve[sd]?|halving|um die hälfte|halbier\w*|a la mitad|de moitié|pela metade)\b"
)
MULTIPLE = _compiled(
    r"\b(?P<word>doubl(?:e|es|ed|ing)|triple[sd]?|verdoppel\w*|verdreifach\w*|duplicar|triplicar|dobrar|doubler|tripler)\b"
)
DOWN_WORDS = _compiled(
    r"\b(?:reduc\w*|decreas\w*|cut\w*|lower\w*|shorten\w*|minimi[sz]\w*|eliminat\w*|drop\w*|fewer|less|down"
    r"|senk\w*|reduzier\w*|verringer\w*|verkürz\w*|disminu\w*|bajar|rédui\w*|diminu\w*|baiss\w*|reduz\w*)\b"
)
UP_WORDS = _compiled(
    r"\b(?:increas\w*|improv\w*|rais\w*|grow\w*|boost\w*|expand\w*|doubl\w*|tripl\w*|lift\w*|up|more|reach\w*"
    r"|steiger\w*|erhöh\w*|verbesser\w*|aument\w*|increment\w*|mejor\w*|augment\w*|amélior\w*|melhor\w*)\b"
)
_MONTHS = _words(
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_END = r"(?:the\s+)?(?:end\s+of\s+)?(?:the\s+)?"
DEADLINE = _compiled(
    r"\b(?:by|until|before|till|bis|antes de|hasta|avant|até|at|in|during|ende)\s+"
    rf"(?P<when>{_END}(?:Q[1-4](?:[\s/-]*(?:20)?\d\d)?|H[12](?:[\s/-]*20\d\d)?|20\d\d(?:-\d\d(?:-\d\d)?)?"
    rf"|{_MONTHS}(?:\s+\d{{1,2}})?(?:,?\s+20\d\d)?|(?:week|sprint|quarter|month|year)(?:\s+\d{{1,2}})?"
    r"|friday|today|tomorrow|year[- ]end))\b"
)
DIGIT = re.compile(r"\d")
# What looks like an amount and is none: quarters, years, dates, versions, ticket keys.
NO_AMOUNT = _compiled(
    r"\b[QH][1-4]\b|\b20\d\d(?:-\d\d)*\b|\bv?\d+\.\d+\.\d+\b|\bv\d+(?:\.\d+)*\b|\b[A-Z][A-Z0-9]{0,9}-\d+\b|#\d+"
    r"|\bp(?:50|75|9\d)\b|\b24/7\b|\b(?:week|sprint|phase|version|day|step) \d+\b|\b\d{1,2}/\d{1,2}(?:/\d{2,4})?\b"
)


@dataclass(frozen=True, slots=True)
class Numbers:
    """None is "not in the text". `change` is a change without levels ("by 30 %"; "by half" is −50 %)."""

    baseline: Exact | None = None
    target: Exact | None = None
    unit: str | None = None
    direction: str | None = None  # up, down
    change: Exact | None = None
    change_unit: str | None = None
    deadline: str | None = None

    @property
    def has_level(self) -> bool:
        return self.target is not None or self.change is not None


def read_numbers(text: str) -> Numbers:
    """The first change or level that the text states."""
    seen = text.strip()[:READ_AT_MOST]
    found = DEADLINE.search(seen)
    when = " ".join(found["when"].split()) if found else None
    # Same length, so that the patterns that look at their neighbours still see a blank there.
    plain = NO_AMOUNT.sub(lambda match: " " * len(match.group()), seen) if DIGIT.search(seen) else seen
    has_digits = bool(DIGIT.search(plain))
    if has_digits:
        for pattern in (FROM_TO, TO_FROM, ARROW):
            match = pattern.search(plain)
            if match:
                return _both(match, when)
    direction = _direction(plain)
    change = _change(plain, when, direction if has_digits else None)
    level = _level(plain, when, direction) if has_digits and not change else None
    return change or level or Numbers(direction=direction, deadline=when)


def _both(match: re.Match[str], when: str | None) -> Numbers:
    baseline, target = _value(match, "a"), _value(match, "b")
    if match["bscale"] and not match["ascale"] and 0 < baseline * 1_000 <= target:
        baseline = _value(match, "a", scale=match["bscale"])  # "from 2 to 4M"
    direction = None if baseline == target else "up" if target > baseline else "down"
    return Numbers(baseline, target, _unit(match, "b") or _unit(match, "a"), direction, deadline=when)


def _change(plain: str, when: str | None, direction: str | None) -> Numbers | None:
    """A change without levels: "halve", "double", and with a direction "by 30 %"."""
    if HALF.search(plain):
        return Numbers(direction="down", change=-50, change_unit="%", deadline=when)
    multiple = MULTIPLE.search(plain)
    if multiple:
        thrice = multiple["word"].lower().startswith(("tri", "verdrei"))
        return Numbers(direction="up", change=200 if thrice else 100, change_unit="%", deadline=when)
    by = BY.search(plain) if direction else None
    if not by:
        return None
    size = _value(by, "c")
    change = -size if (direction == "down") == (size > 0) else size
    return Numbers(direction=direction, change=change, change_unit=_unit(by, "c"), deadline=when)


def _level(plain: str, when: str | None, direction: str | None) -> Numbers | None:
    for pattern, stated in ((BELOW, "down"), (ABOVE, "up"), (REACH, direction), (ANY, direction)):
        match = pattern.search(plain)
        if match:
            return Numbers(None, _value(match, "b"), _unit(match, "b"), stated, deadline=when)
    return None


def _direction(plain: str) -> str | None:
    down, up = DOWN_WORDS.search(plain), UP_WORDS.search(plain)
    if down and up:
        return "down" if down.start() < up.start() else "up"
    return "down" if down else "up" if up else None


def _unit(match: re.Match[str], name: str) -> str | None:
    typed = (match[name + "unit"] or match[name + "cash"] or "").strip().lower()
    return UNITS.get(typed, typed) or None


def _value(match: re.Match[str], name: str, scale: str | None = None) -> Exact:
    value = parse_number(match[name])
    scaled = scale or match[name + "scale"]
    if scaled:
        value *= SCALES[scaled.lower().rstrip(".")]
    signed = -value if match[name + "sign"] in {"-", "−"} else value
    return signed.numerator if signed.denominator == 1 else signed


def parse_number(typed: str) -> Fraction:
    """1,234.5 and 1.234,5 and 1,234 and 12,5: the last mark is decimal unless repeated or before three digits."""
    marks = [char for char in typed if char in ".,"]
    if not marks:
        return Fraction(typed)
    whole, _, tail = typed.rpartition(marks[-1])
    repeated = len(marks) > 1 and len(set(marks)) == 1
    grouped = len(marks) == 1 and len(tail) == 3 and whole.strip("0") != ""
    if repeated or grouped:
        return Fraction(re.sub(r"[.,]", "", typed))
    return Fraction(re.sub(r"[.,]", "", whole) + "." + tail)
