"""A sprint far better aligned than those before it: look whether the work changed, or only the tags."""

from collections.abc import Iterable
from fractions import Fraction

from mappings.findings import RestsOn, Rule
from mappings.model import Exact, Figure, Finding, Severity, Sprint, SprintState
from mappings.survey import Survey

KIND = "sudden_alignment"
_BEFORE = 5


def find(survey: Survey) -> Iterable[Finding]:
    for sprint in survey.watched_sprints:
        share = _aligned(survey.final(sprint))
        before = _before(survey, sprint)
        if share is None or len(before) < _BEFORE:
            continue
        mean = Fraction(sum(before)) / _BEFORE
        if share * 100 > survey.threshold(KIND, survey.timeline.sprint_team(sprint)) and share > 2 * mean:
            evidence = {"share": Fraction(share), "mean_before": mean}
            yield Finding(
                KIND, sprint.id, Severity.MEDIUM, evidence, "Look whether the work changed, or only the tags."
            )


def _before(survey: Survey, sprint: Sprint) -> list[Exact]:
    """The aligned shares of the last five sprints with work that the board closed before this one."""
    team = survey.timeline.sprint_team(sprint)
    closed = survey.timeline.closed_sprints(sprint.board, team, survey.as_of)
    if survey.timeline.sprint_state(sprint, survey.as_of) is SprintState.CLOSED:
        closed = closed[closed.index(sprint) + 1 :]
    shares = (_aligned(survey.final(each)) for each in closed)
    return [share for share in shares if share is not None][:_BEFORE]


def _aligned(figure: Figure) -> Exact | None:
    return sum((part.share or 0 for _, part in figure.shares), 0) if figure.total else None


RULE = Rule(KIND, RestsOn.SPRINT, "Is a sprint suddenly aligned as none before it?", find)
