"""Baseline, target, unit, direction and deadline read out of the words of a goal or key result.

Reads decimal points and commas, thousands marks, k/M, percentages, money, durations and the usual ways to
write a change: "from 68 % to 85 %", "NPS +12 → +40", "reduce by half", "< 200 ms".
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from mappings.model import Exact

READ_AT_MOST = 4_000
AMOUNT = r"(?P<{0}sign>[+\-−])?(?P<{0}cash>[$€£]\s?)?(?P<{0}>\d[\d.,]*\d|\d)(?:\s?(?P<{0}scale>[kKmMbB]|million|billion|Mio\.?)(?![^\W\d_]))?"
UNIT = (
    r"(?:\s?(?P<{0}unit>%|percent(?:age points)?\b|per cent\b|Prozent\b|por ciento\b|por cento\b|pour cent\b|pp\b|points?\b"
    r"|€|\$|£|EUR\b|USD\b|GBP\b|euros?\b|dollars?\b"
    r"|ms\b|milliseconds?\b|seconds?\b|secs?\b|s\b|minutes?\b|mins?\b|min\b|hours?\b|hrs?\b|h\b|days?\b|weeks?\b|months?\b"
    r"|Sekunden?\b|Minuten\b|Stunden?\b|Tagen?\b|Tage?\b|Wochen?\b|segundos?\b|minutos?\b|horas?\b|d[ií]as?\b|secondes?\b|heures?\b|jours?\b"
    r"|users?\b|customers?\b|tickets?\b|stars?\b))?"
)


def _amount(name: str) -> str:
    return (AMOUNT + UNIT).format(name)


_ARROW = r"\s*(?:→|->|=>|⇒)\s*"
_TO = r"\s+(?:to|down to|up to|auf|bis|zu|a|hasta|à|até|para)\s+(?:under |less than |at least |over |more than |unter |über |menos de |moins de )?"
FROM_TO = re.compile(
    rf"\b(?:from|von|de|du|desde)\s+(?:an? |about |currently |the current )?{_amount('a')}(?:[^.;\n\d]{{0,30}}?){_TO}{_amount('b')}",
    re.IGNORECASE,
)
ARROW = re.compile(rf"(?<![\w.,]){_amount('a')}{_ARROW}{_amount('b')}", re.IGNORECASE)
PLAIN_TO = re.compile(rf"(?<![\w.,]){_amount('a')}{_TO}{_amount('b')}", re.IGNORECASE)
TO_FROM = re.compile(
    rf"\b(?:to|auf|a|à|para)\s+{_amount('b')}(?:[^.;\n\d]{{0,24}}?)[\s(,]+(?:from|up from|down from|von|desde|de)\s+(?:a current |current |the current )?{_amount('a')}",
    re.IGNORECASE,
)
BY = re.compile(rf"\b(?:by|um|en un|en|de|em)\s+(?:at least |about |mindestens )?{_amount('c')}", re.IGNORECASE)
BY_HALF = re.compile(
    r"\b(?:by half|in half|halve[sd]?|halving|um die hälfte|halbier\w*|a la mitad|de moitié|pela metade)\b", re.IGNORECASE
)
DOUBLE = re.compile(
    r"\b(?P<word>doubl(?:e|es|ed|ing)|triple[sd]?|verdoppel\w*|verdreifach\w*|duplicar|triplicar|dobrar|doubler|tripler)\b",
    re.IGNORECASE,
)
BELOW = re.compile(
    rf"(?:<=?|≤|\b(?:under|below|less than|fewer than|at most|no more than|within|unter|höchstens|weniger als|innerhalb von|menos de|por debajo de|moins de|sous|abaixo de))\s*{_amount('b')}",
    re.IGNORECASE,
)
ABOVE = re.compile(
    rf"(?:>=?|≥|\b(?:over|above|more than|at least|exceed(?:ing|s)?|minimum of|über|mindestens|mehr als|más de|al menos|plus de|au moins|mais de|pelo menos))\s*{_amount('b')}",
    re.IGNORECASE,
)
REACH = re.compile(rf"\b(?:to|of|at|reach|achieve|hit|get|auf|von|a|de|à|para)\s+(?:a |an )?{_amount('b')}", re.IGNORECASE)
ANY = re.compile(rf"(?<![\w.,#-]){_amount('b')}(?![\w-])", re.IGNORECASE)
DOWN_WORDS = re.compile(
    r"\b(?:reduc\w*|decreas\w*|cut\w*|lower\w*|shorten\w*|minimi[sz]\w*|eliminat\w*|drop\w*|fewer|less|halve\w*|down|senk\w*|reduzier\w*|verringer\w*|verkürz\w*|reducir|reduzca|disminu\w*|bajar|rédui\w*|diminu\w*|baiss\w*|reduz\w*)\b",
    re.IGNORECASE,
)
UP_WORDS = re.compile(
    r"\b(?:increas\w*|improv\w*|rais\w*|grow\w*|boost\w*|expand\w*|doubl\w*|tripl\w*|lift\w*|up|more|reach\w*|steiger\w*|erhöh\w*|verbesser\w*|aument\w*|increment\w*|mejor\w*|augment\w*|amélior\w*|melhor\w*)\b",
    re.IGNORECASE,
)
MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"]
DEADLINE = re.compile(
    r"\b(?:by|until|before|till|bis|antes de|hasta|avant|até|para|at the end of|by the end of|in|during|ende)\s+(?:the\s+)?(?:end\s+of\s+|ende\s+)?"
    r"(?P<when>Q[1-4](?:[\s/-]*(?:20)?\d\d)?|H[12](?:[\s/-]*20\d\d)?|20\d\d(?:-\d\d(?:-\d\d)?)?"
    rf"|(?:{'|'.join(MONTHS)})(?:\s+\d{{1,2}})?(?:,?\s+20\d\d)?|(?:the\s+)?(?:week|sprint|quarter|month|year)(?:\s+\d{{1,2}})?|friday|today|tomorrow|year[- ]end)\b"
    r"|\b(?P<end>end of (?:the )?(?:sprint|week|quarter|month|year|Q[1-4]))\b",
    re.IGNORECASE,
)
# What looks like a number and is none that counts: quarters, years, dates, versions, ticket keys.
NO_AMOUNT = re.compile(
    r"\b[QH][1-4]\b|\b20\d\d(?:-\d\d)*\b|\bv?\d+\.\d+\.\d+\b|\bv\d+(?:\.\d+)*\b|\b[A-Z][A-Z0-9]+-\d+\b|#\d+|\b(?:week|sprint|phase|version|day|step) \d+\b|\b\d{1,2}/\d{1,2}(?:/\d{2,4})?\b",
    re.IGNORECASE,
)
SCALES = {
    "k": 1_000,
    "m": 1_000_000,
    "b": 1_000_000_000,
    "million": 1_000_000,
    "billion": 1_000_000_000,
    "mio": 1_000_000,
}
UNITS = {
    **dict.fromkeys(("%", "percent", "per cent", "prozent", "por ciento", "por cento", "pour cent"), "%"),
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(
        ("s", "sec", "secs", "second", "seconds", "sekunde", "sekunden", "segundo", "segundos", "seconde", "secondes"),
        "s",
    ),
    **dict.fromkeys(("min", "mins", "minute", "minutes", "minuten", "minuto", "minutos"), "min"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "stunde", "stunden", "hora", "horas", "heure", "heures"), "h"),
    **dict.fromkeys(("day", "days", "tag", "tage", "tagen", "dia", "dias", "día", "días", "jour", "jours"), "days"),
    **dict.fromkeys(("week", "weeks", "woche", "wochen"), "weeks"),
    **dict.fromkeys(("month", "months"), "months"),
    **dict.fromkeys(("€", "eur", "euro", "euros"), "EUR"),
    **dict.fromkeys(("$", "usd", "dollar", "dollars"), "USD"),
    **dict.fromkeys(("£", "gbp"), "GBP"),
    **dict.fromkeys(("pp", "percentage points", "point", "points"), "points"),
}


@dataclass(frozen=True, slots=True)
class Numbers:
    """None is "not in the text". `change` is a change without levels ("by 30 %", "by half" is −50 %)."""

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
    seen = text[:READ_AT_MOST]
    deadline = DEADLINE.search(seen)
    when = " ".join((deadline["when"] or deadline["end"]).split()) if deadline else None
    # Same length, so that patterns with a look at the neighbours still see a blank there.
    plain = NO_AMOUNT.sub(lambda match: " " * len(match.group()), seen)
    if not any(char.isdigit() for char in plain):
        return _in_words(plain, when)
    for pattern in (FROM_TO, TO_FROM, ARROW):
        match = pattern.search(plain)
        if match:
            return _both(match, when)
    for read in (_level, _by):
        found = read(plain, when)
        if found:
            return found
    return _in_words(plain, when)


def _both(match: re.Match[str], when: str | None) -> Numbers:
    baseline, target = value_of(match, "a"), value_of(match, "b")
    unit = _unit(match, "b") or _unit(match, "a")
    if match["bscale"] and not match["ascale"] and baseline < target / 1000:
        baseline = _exact(Fraction(baseline) * SCALES[match["bscale"].lower().rstrip(".")])  # "from 2 to 4M"
    way = None if baseline == target else "up" if target > baseline else "down"
    return Numbers(baseline, target, unit, way, deadline=when)


def _by(plain: str, when: str | None) -> Numbers | None:
    match = BY.search(plain)
    if not match:
        return None
    way = _direction(plain)
    if way is None:
        return None
    size = abs(value_of(match, "c"))
    return Numbers(direction=way, change=-size if way == "down" else size, change_unit=_unit(match, "c"), deadline=when)


def _level(plain: str, when: str | None) -> Numbers | None:
    way = _direction(plain)
    by = BY.search(plain)
    tries: tuple[tuple[re.Pattern[str], str | None], ...] = ((BELOW, "down"), (ABOVE, "up"), (REACH, way), (ANY, way))
    for pattern, stated in tries:
        if by and way and pattern in (REACH, ANY):
            return None  # "by 30 %" is a change, no level
        match = pattern.search(plain)
        if match:
            return Numbers(None, value_of(match, "b"), _unit(match, "b"), stated, deadline=when)
    return None


def _in_words(plain: str, when: str | None) -> Numbers:
    change = _change_in_words(plain)
    return Numbers(direction=_direction(plain), change=change, change_unit="%" if change else None, deadline=when)


def _change_in_words(plain: str) -> Exact | None:
    if BY_HALF.search(plain):
        return -50
    double = DOUBLE.search(plain)
    if double:
        return 200 if double["word"].lower().startswith(("tr", "verdrei")) else 100
    return None


def _direction(plain: str) -> str | None:
    down, up = DOWN_WORDS.search(plain) or BY_HALF.search(plain), UP_WORDS.search(plain)
    if down and up:
        return "down" if down.start() < up.start() else "up"
    return "down" if down else "up" if up else None


def _unit(match: re.Match[str], name: str) -> str | None:
    cash = match[name + "cash"]
    typed = (match[name + "unit"] or cash or "").strip()
    return UNITS.get(typed.lower(), typed.lower()) or None


def value_of(match: re.Match[str], name: str) -> Exact:
    value = parse_number(match[name])
    if match[name + "scale"]:
        value *= SCALES[match[name + "scale"].lower().rstrip(".")]
    return _exact(-value if match[name + "sign"] in ("-", "−") else value)


def parse_number(typed: str) -> Fraction:
    """1,234.5 and 1.234,5 and 1,234 and 12,5: the last mark is the decimal one unless three digits follow it."""
    marks = [char for char in typed if char in ".,"]
    if not marks:
        return Fraction(typed)
    whole, _, tail = typed.rpartition(marks[-1])
    grouped = len(tail) == 3 and len(whole) <= 3 * len(marks) + 2 and whole.strip("0,.")
    if (len(set(marks)) == 1 and len(marks) > 1) or (len(marks) == 1 and grouped):
        return Fraction(re.sub(r"[.,]", "", typed))
    return Fraction(re.sub(r"[.,]", "", whole) + "." + tail)


def _exact(value: Fraction | int) -> Exact:
    value = Fraction(value)
    return value.numerator if value.denominator == 1 else value
