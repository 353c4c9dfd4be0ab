"""What a person should look at. Each kind is a module of this folder that ends in one `RULE = Rule(...)`;
they are found by name, so that a new kind changes nothing else."""

import importlib
import pkgutil
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache

from mappings.model import Finding
from mappings.reach import EVERYTHING, Reach, within
from mappings.survey import Survey


class RestsOn(Enum):
    """What a finding speaks of, and so what must have been touched for it to change."""

    ITEM = auto()
    EPIC = auto()  # with the work below it
    SPRINT = auto()  # and its board
    BOARD = auto()  # subject `board/KR`
    KEY_RESULT = auto()  # and the work of its team
    TEAM = auto()
    BACKLOG = auto()  # all of it
    REGISTER = auto()  # on what people declare, and no work
    CLOCK = auto()  # on that and on the moment


# What people declare, and whose work it is, is not of one backlog but of all of them together.
OF_THE_COMPANY = frozenset({RestsOn.KEY_RESULT, RestsOn.TEAM, RestsOn.REGISTER, RestsOn.CLOCK})
OF_ONE_BACKLOG = frozenset(RestsOn) - OF_THE_COMPANY


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of finding: `find` looks at a survey; `asks` is one line on what to look at."""

    kind: str
    rests_on: RestsOn
    asks: str
    find: Callable[[Survey], Iterable[Finding]]


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, by kind."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(importlib.import_module(f"{__name__}.{name}").RULE for name in names)


def find_all(survey: Survey, rest_on: Container[RestsOn] = frozenset(RestsOn)) -> tuple[Finding, ...]:
    """Every finding within reach, by kind and subject; `untagged_backlog` stands in place of all orphans.

    `rest_on`: only the kinds that rest on one of these."""
    asked = (rule for rule in rules() if rule.rests_on in rest_on and _is_asked(rule, survey.reach))
    found = [finding for rule in asked for finding in rule.find(survey)]
    return tuple(sorted(found, key=lambda finding: (finding.kind, finding.subject)))


def is_within(survey: Survey, kind: str, subject: str) -> bool:
    """Whether the survey can tell if a finding is true: a kept one that it does not see is over then."""
    rule = next((each for each in rules() if each.kind == kind), None)
    if rule is None or survey.reach is EVERYTHING:
        return True
    return _is_asked(rule, survey.reach) and _is_touched(survey, rule.rests_on, subject)


def _is_asked(rule: Rule, reach: Reach) -> bool:
    return reach is EVERYTHING or rule.rests_on not in (RestsOn.REGISTER, RestsOn.BACKLOG)


def _is_touched(survey: Survey, rests_on: RestsOn, subject: str) -> bool:
    reach = survey.reach
    match rests_on:
        case RestsOn.ITEM:
            return within(subject, reach.items)
        case RestsOn.EPIC:
            return within(subject, reach.epics)
        case RestsOn.SPRINT:
            return within(subject, reach.sprints)
        case RestsOn.BOARD:
            return any(
                subject == f"{board}/{code}" for board in reach.boards or () for code in survey.register.key_results
            )
        case RestsOn.KEY_RESULT:
            return within(survey.register.team_of(subject), reach.teams)
        case RestsOn.TEAM:
            return within(subject, reach.teams)
    return True
