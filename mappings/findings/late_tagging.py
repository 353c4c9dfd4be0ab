"""A closed sprint much of whose aligned work got its tags around or after its completion."""

from collections.abc import Iterable
from datetime import timedelta
from fractions import Fraction

from mappings.corrections import links_of_now
from mappings.findings import RestsOn, Rule
from mappings.links import links_of
from mappings.model import Bucket, Exact, Finding, Item, Link, Severity, Source, Sprint
from mappings.survey import Survey
from mappings.tags import Standpoint

KIND = "late_tagging"
_HOURS = timedelta(hours=24)


def find(survey: Survey) -> Iterable[Finding]:
    for sprint in survey.last_closed_sprints:
        aligned, late, items = _tagged_late(survey, sprint)
        if late * 100 > aligned * survey.threshold(KIND, survey.timeline.sprint_team(sprint)):
            evidence = {"share": Fraction(late) / aligned, "items": items}
            suggestion = "Tag before the work starts; the corrected figure stands beside the closed one."
            yield Finding(KIND, sprint.id, Severity.HIGH, evidence, suggestion)


def _tagged_late(survey: Survey, sprint: Sprint) -> tuple[Exact, Exact, tuple[str, ...]]:
    """The sprint's work aligned by the links of now, how much of it was tagged late, and where."""
    assert sprint.completed is not None
    before = sprint.completed - _HOURS
    aligned: Exact = 0
    late: Exact = 0
    items: list[str] = []
    for line in survey.final(sprint).receipt:
        item = survey.timeline.items[line.item]
        now = links_of_now(survey.reckoning, sprint, item)
        aligned += line.value * sum(link.weight for link in now if link.bucket is Bucket.ALIGNED)
        if item.created > before:
            continue
        new = _not_held(now, _links_then(survey, sprint, item))
        if new and line.value:
            items.append(line.item)
            late += line.value * new
    return aligned, late, tuple(items)


def _links_then(survey: Survey, sprint: Sprint, item: Item) -> tuple[Link, ...]:
    assert sprint.completed is not None
    moment = sprint.completed - _HOURS
    time = survey.timeline.live_time(sprint, survey.as_of)
    team = survey.timeline.team_of(item, moment, sprint)
    return links_of(survey.timeline, survey.register, item, Standpoint(moment, time, team))


def _not_held(now: Iterable[Link], then: Iterable[Link]) -> Exact:
    """The weight that tags give now to KRs beyond what these had then."""
    held: dict[str | None, Exact] = {}
    for link in then:
        held[link.key_result] = held.get(link.key_result, 0) + link.weight
    tags = (link for link in now if link.bucket is Bucket.ALIGNED and link.source is not Source.RULE)
    gains = (link.weight - held.get(link.key_result, 0) for link in tags)
    return sum((gain for gain in gains if gain > 0), 0)


RULE = Rule(KIND, RestsOn.SPRINT, "Did the last sprint's work get its tags only at the end?", find)
