"""The life of a finding: seen again it is the same one; no longer true it resolves itself; come back it reopens."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from mappings.model import Finding


@dataclass(frozen=True, slots=True)
class Act:
    """What a person did about a finding: acknowledged it, or muted it `until` a moment."""

    kind: str  # acknowledged, muted
    by: str
    at: datetime
    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Spell:
    """One time that the finding was true; `resolved_at` None: it still is."""

    opened_at: datetime
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Life:
    """A finding with its history. `finding` is as last seen; `spells` in order of time, at least one."""

    finding: Finding
    spells: tuple[Spell, ...]
    acts: tuple[Act, ...] = ()

    @property
    def identity(self) -> tuple[str, str]:
        return (self.finding.kind, self.finding.subject)

    @property
    def is_open(self) -> bool:
        return self.spells[-1].resolved_at is None


def advance(known: Iterable[Life], seen: Iterable[Finding], now: datetime) -> tuple[Life, ...]:
    """All lives after a look at `now` that saw `seen`; those that did not change are the same values."""
    found = {(finding.kind, finding.subject): finding for finding in seen}
    lives = [_step(life, found.pop(life.identity, None), now) for life in known]
    return (*lives, *(Life(finding, (Spell(now),)) for finding in found.values()))


def state_at(life: Life, now: datetime) -> str:
    """open, acknowledged, muted or resolved. An acknowledgement holds for the spell in which it was given."""
    if not life.is_open:
        return "resolved"
    opened = life.spells[-1].opened_at
    for act in reversed(life.acts):
        if act.kind == "muted" and (act.until is None or act.until > now):
            return "muted"
        if act.kind == "acknowledged" and act.at >= opened:
            return "acknowledged"
    return "open"


def _step(life: Life, finding: Finding | None, now: datetime) -> Life:
    if finding is None:
        if not life.is_open:
            return life
        return replace(life, spells=(*life.spells[:-1], replace(life.spells[-1], resolved_at=now)))
    spells = life.spells if life.is_open else (*life.spells, Spell(now))
    if spells is life.spells and finding == life.finding:
        return life
    return replace(life, finding=finding, spells=spells)
