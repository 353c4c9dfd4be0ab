"""The phrases that people have spoken of, as a page lists them: each holds for all goals or key results of a team."""

from dataclasses import dataclass, replace
from datetime import datetime

from integration.store.opened import Store
from integration.store.overrulings import all_overrulings, overrule
from mappings.model import Overruling
from mappings.overruling import current, is_same_text
from reports.overruling_acts import reason_of
from reports.wording_views import LABELS


@dataclass(frozen=True, slots=True)
class PhraseLine:
    """A phrase that holds now; `words` is what it says that such a text is."""

    rule: Overruling
    words: str


def phrases(store: Store, now: datetime) -> tuple[PhraseLine, ...]:
    """Those that hold, by what they are about, team and phrase."""
    with store.reading() as session:
        said = [one for _, one in all_overrulings(session) if one.is_phrase and one.at <= now]
    ordered = sorted(current(said), key=lambda one: (one.about, one.team or "", one.text.casefold()))
    return tuple(PhraseLine(one, LABELS[one.about].get(one.label or "", "")) for one in ordered)


def found(lines: tuple[PhraseLine, ...], about: str, team: str, text: str) -> Overruling | None:
    """The phrase rule that a form names; `team` is "" for everybody's."""
    asked = (line.rule for line in lines if line.rule.about == about and (line.rule.team or "") == team)
    return next((rule for rule in asked if is_same_text(rule.text, text)), None)


def take_back(store: Store, rule: Overruling, author: str, now: datetime, reason: str) -> None:
    """A phrase is followed by one without a label: nothing is erased."""
    told = reason_of(reason)
    with store.writing() as session:
        overrule(session, None, replace(rule, label=None, reason=told, author=author, at=now))
