"""A live metric key result that nobody has measured for a while."""

from collections.abc import Iterable
from datetime import timedelta
from fractions import Fraction

from mappings.exact import exact_text
from mappings.findings import RestsOn, Rule
from mappings.model import Exact, Finding, KeyResult, Severity
from mappings.survey import Survey

KIND = "unmeasured_kr"


def find(survey: Survey) -> Iterable[Finding]:
    for kr in survey.live_key_results:
        days = kr.cadence_days or survey.threshold(KIND, survey.register.team_of(kr.code))
        if kr.kind == "binary" or not _is_silent(survey, kr, days):
            continue
        last = max((value.at for value in kr.values if value.at <= survey.as_of), default=None)
        evidence = {"last_value": last.isoformat() if last is not None else None, "days": exact_text(days)}
        yield Finding(KIND, kr.code, Severity.MEDIUM, evidence, "Measure it, or say who will.")


def _is_silent(survey: Survey, kr: KeyResult, days: Exact) -> bool:
    """Neither its last value nor the beginning of its period lies within the last `days`."""
    began, _ = survey.register.period(kr.code)
    heard = max([began, *(value.at for value in kr.values if value.at <= survey.as_of)])
    return Fraction((survey.as_of - heard) // timedelta(microseconds=1)) > days * 86_400_000_000


RULE = Rule(KIND, RestsOn.CLOCK, "Which live key results has nobody measured?", find)
