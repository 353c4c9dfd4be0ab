"""What a person should look at. Each kind is a module of this folder that ends in one `RULE = Rule(...)`;
they are found by name, so that a new kind changes nothing else."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from mappings.model import Finding
from mappings.survey import Survey


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of finding: `find` looks at a survey; `asks` is one line on what to look at."""

    kind: str
    asks: str
    find: Callable[[Survey], Iterable[Finding]]


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, by kind."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(importlib.import_module(f"{__name__}.{name}").RULE for name in names)


def find_all(survey: Survey) -> tuple[Finding, ...]:
    """Every finding of every kind, by kind and subject; `untagged_backlog` stands in place of all orphans."""
    found = [finding for rule in rules() for finding in rule.find(survey)]
    return tuple(sorted(found, key=lambda finding: (finding.kind, finding.subject)))
