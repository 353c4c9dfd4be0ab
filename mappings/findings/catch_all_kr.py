"""One key result takes nearly all aligned work of a board, sprint after sprint, though the team has others."""

from collections.abc import Iterable
from fractions import Fraction

from mappings.findings import RestsOn, Rule
from mappings.model import Exact, Finding, Severity, Sprint
from mappings.survey import LAST, Survey

KIND = "catch_all_kr"


def find(survey: Survey) -> Iterable[Finding]:
    seen: set[str] = set()
    for board, closed in survey.closed_by_board:
        last = closed[:LAST]
        if len(last) < LAST or _choices(survey, survey.timeline.sprint_team(last[0])) < 2:
            continue
        limit = survey.threshold(KIND, survey.timeline.sprint_team(last[0]))
        shares = [_shares_of_aligned(survey, sprint) for sprint in last]
        for code in shares[0]:
            taken = tuple(Fraction(each.get(code, 0)) for each in shares)
            subject = f"{board}/{code}"
            if min(taken) * 100 > limit and subject not in seen:
                seen.add(subject)
                evidence = {"shares": taken, "sprints": tuple(sprint.id for sprint in last)}
                suggestion = "Look whether the work really serves it, or whether it is the tag that is easiest to give."
                yield Finding(KIND, subject, Severity.MEDIUM, evidence, suggestion)


def _shares_of_aligned(survey: Survey, sprint: Sprint) -> dict[str, Exact]:
    shares = survey.final(sprint).shares
    aligned = sum((part.amount for _, part in shares), 0)
    return {code: Fraction(part.amount) / aligned for code, part in shares} if aligned else {}


def _choices(survey: Survey, team: str | None) -> int:
    """How many live KRs the team, those above it and those below it own; without a team, anybody."""
    if team is None:
        return len(survey.live_key_results)
    family = {*survey.register.teams_above(team), *survey.register.subteams(team)}
    return sum(1 for kr in survey.live_key_results if survey.register.team_of(kr.code) in family)


RULE = Rule(KIND, RestsOn.BOARD, "Does one key result take all aligned work of a board?", find)
