"""The units and scales that amounts are written with, in five languages."""

SCALES: dict[str, int] = {
    "k": 1_000,
    "m": 1_000_000,
    "b": 1_000_000_000,
    "million": 1_000_000,
    "billion": 1_000_000_000,
    "mio": 1_000_000,
}
_SPELLINGS: dict[str, tuple[str, ...]] = {
    "%": ("%", "percent", "per cent", "prozent", "por ciento", "por cento", "pour cent"),
    "points": ("percentage points", "pp", "points", "point"),
    "ms": ("ms", "milliseconds", "millisecond"),
    "s": ("seconds", "second", "secs", "sec", "s", "sekunden", "sekunde", "segundos", "segundo", "secondes", "seconde"),
    "min": ("minutes", "minute", "mins", "min", "minuten", "minutos", "minuto"),
    "h": ("hours", "hour", "hrs", "hr", "h", "stunden", "stunde", "horas", "hora", "heures", "heure"),
    "days": ("days", "day", "tagen", "tage", "tag", "días", "día", "dias", "dia", "jours", "jour"),
    "weeks": ("weeks", "week", "wochen", "woche", "semanas", "semana", "semaines", "semaine"),
    "months": ("months", "month"),
    "EUR": ("€", "eur", "euros", "euro"),
    "USD": ("$", "usd", "dollars", "dollar"),
    "GBP": ("£", "gbp"),
    "users": ("users", "user"),
    "customers": ("customers", "customer"),
    "tickets": ("tickets", "ticket"),
    "stars": ("stars", "star"),
}
UNITS: dict[str, str] = {spelling: unit for unit, spellings in _SPELLINGS.items() for spelling in spellings}
_SIGNS = ("%", "€", "$", "£")
# Longest first, so that "percentage points" is not read as "percent"; words end where the letters end.
AMOUNT_UNITS = "|".join(
    [
        "%",
        "€",
        r"\$",
        "£",
        *(rf"{word}(?![^\W\d_])" for word in sorted(UNITS, key=len, reverse=True) if word not in _SIGNS),
    ]
)
