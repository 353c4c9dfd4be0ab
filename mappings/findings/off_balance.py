"""A team's aligned work has lain off the split it declares for three sprints."""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from itertools import islice

from mappings.findings import RestsOn, Rule
from mappings.model import Exact, Finding, ReceiptLine, Severity, Split
from mappings.survey import LAST, Survey

KIND = "off_balance"
_PARTS = ("primary", "secondary", "exploration")


def find(survey: Survey) -> Iterable[Finding]:
    for team in survey.teams:
        if team.split is None:
            continue
        last = tuple(islice(survey.team_sprints(team.name), LAST))
        limit = survey.threshold(KIND, team.name)
        splits = [_split(survey, lines) for _, lines in last]
        if len(last) == LAST and all(split and _is_off(split, team.split, limit) for split in splits):
            evidence = {"sprints": tuple(sprint.id for sprint, _ in last)}
            yield Finding(KIND, team.name, Severity.MEDIUM, evidence, "Plan nearer to the split, or change it.")


def _split(survey: Survey, lines: Iterable[ReceiptLine]) -> dict[str, Exact]:
    """How the aligned work divides, in percent; empty where none of it is for an objective with a horizon."""
    amounts: dict[str, Exact] = defaultdict(int)
    for line in lines:
        for link in line.links:
            kr = survey.register.key_results.get(link.key_result) if link.key_result is not None else None
            horizon = survey.register.objectives[kr.objective].horizon if kr is not None else None
            if horizon is not None:
                amounts[horizon] += line.value * link.weight
    total = sum(amounts.values())
    return {part: Fraction(amounts[part] * 100) / total for part in _PARTS} if total else {}


def _is_off(split: dict[str, Exact], meant: Split, limit: Exact) -> bool:
    return any(abs(split[part] - getattr(meant, part)) > limit for part in _PARTS)


RULE = Rule(KIND, RestsOn.TEAM, "Does a team's work keep to the split that it declares?", find)
