"""A team with more objectives in one cycle than it can pursue."""

from collections import defaultdict
from collections.abc import Iterable

from mappings.findings import RestsOn, Rule
from mappings.model import Finding, Severity
from mappings.survey import Survey

KIND = "too_many_objectives"


def find(survey: Survey) -> Iterable[Finding]:
    running = {cycle.id for cycle in survey.register.plan.cycles if survey.register.days.over(cycle.end) > survey.as_of}
    owned: dict[tuple[str, str], list[str]] = defaultdict(list)
    for objective in survey.register.plan.objectives:
        if objective.cycle in running:
            owned[objective.team, objective.cycle].append(objective.id)
    for (team, cycle), own in owned.items():
        if len(own) > survey.threshold(KIND, team):
            evidence = {"objectives": tuple(own)}
            yield Finding(KIND, f"{team}/{cycle}", Severity.MEDIUM, evidence, "Choose one to three; one is best.")


RULE = Rule(KIND, RestsOn.REGISTER, "Which teams pursue more than three objectives in a cycle?", find)
