"""A key result's own movement, beside the effort it gets: current value, progress, distance to go, planned impact."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from mappings.exact import plain
from mappings.model import Exact, Item, KeyResult, KeyResultReading, Status
from mappings.reach import within
from mappings.reckoning import Reckoning
from mappings.tags import LiveTime, Register, fold


@dataclass(frozen=True, slots=True)
class LinkedEpic:
    """An open epic that is linked to a KR: with what weight, and the impact that it states for it."""

    epic: str
    weight: Exact
    impact: Exact | None


def read_key_results(reckoning: Reckoning) -> tuple[KeyResultReading, ...]:
    """One reading for each KR of the register, in the order of the file."""
    linked = linked_epics(reckoning)
    impacts = {code: stated_impacts(epics) for code, epics in linked.items()}
    register = reckoning.register
    return tuple(
        read_key_result(register, kr, impacts.get(kr.code, {}), reckoning.as_of) for kr in register.plan.key_results
    )


def read_key_result(
    register: Register, kr: KeyResult, impacts: Mapping[str, Exact], as_of: datetime
) -> KeyResultReading:
    """What a KR says of itself; `impacts` are those that its open epics state, by epic."""
    live = register.is_live(kr.code, LiveTime(as_of, as_of))
    planned = plain(sum(impacts.values(), 0)) if impacts else None
    epics = tuple(sorted(impacts))
    if kr.kind == "binary":
        return KeyResultReading(kr.code, live, None, chance_at(kr, as_of), None, planned, epics)
    current = value_at(kr, as_of)
    return KeyResultReading(kr.code, live, current, progress(kr, current), to_go(kr, current), planned, epics)


def value_at(kr: KeyResult, moment: datetime) -> Exact | None:
    """The last value measured by `moment`."""
    return next((each.value for each in reversed(kr.values) if each.at <= moment), None)


def chance_at(kr: KeyResult, moment: datetime) -> Exact | None:
    """The stated probability of success of a binary KR: its last value by `moment`, else what the register says."""
    stated = value_at(kr, moment)
    return kr.confidence if stated is None else stated


def progress(kr: KeyResult, current: Exact | None) -> Exact | None:
    """(current - baseline) / (target - baseline); None where one is missing or there is no way to go."""
    if current is None or kr.baseline is None or kr.target is None or kr.target == kr.baseline:
        return None
    return plain(Fraction(current - kr.baseline) / (kr.target - kr.baseline))


def to_go(kr: KeyResult, current: Exact | None) -> Exact | None:
    """The distance from the current value (or the baseline) to the target, 0 once it is reached."""
    here = current if current is not None else kr.baseline
    if here is None or kr.target is None:
        return None
    way = direction(kr)
    if way is None:
        return kr.target - here if kr.target >= here else here - kr.target
    distance = plain((kr.target - here) * way)
    return max(0, distance)


def direction(kr: KeyResult) -> int | None:
    """1 where the metric should rise, -1 where it should fall; None where nothing tells."""
    if kr.baseline is not None and kr.target is not None and kr.baseline != kr.target:
        return 1 if kr.target > kr.baseline else -1
    return {"up": 1, "down": -1}.get(kr.direction or "")


def linked_epics(reckoning: Reckoning, names: Iterable[str] | None = None) -> Mapping[str, tuple[LinkedEpic, ...]]:
    """By KR: the open epics (or those of `names`) with a link to it, by key."""
    found: dict[str, list[LinkedEpic]] = defaultdict(list)
    for epic in (each for each in open_epics(reckoning) if within(each.key, names)):
        stated = {fold(code): value for code, value in reckoning.timeline.state(epic, reckoning.as_of).impact.items()}
        weights: dict[str, Exact] = defaultdict(int)
        for link in reckoning.links[epic.key]:
            if link.key_result is not None:
                weights[link.key_result] += link.weight
        for code, weight in weights.items():
            found[code].append(LinkedEpic(epic.key, plain(weight), stated.get(fold(code))))
    return {code: tuple(epics) for code, epics in found.items()}


def stated_impacts(epics: Iterable[LinkedEpic]) -> dict[str, Exact]:
    return {each.epic: each.impact for each in epics if each.impact is not None}


def open_epics(reckoning: Reckoning) -> tuple[Item, ...]:
    """The epics (level 1) that are there and neither done nor dropped, by key."""
    return tuple(
        item
        for key, item in sorted(reckoning.timeline.items.items())
        if item.level == 1 and reckoning.timeline.is_there(item, reckoning.as_of) and is_open(reckoning, item)
    )


def is_open(reckoning: Reckoning, item: Item) -> bool:
    status = reckoning.timeline.state(item, reckoning.as_of).status
    return status not in (Status.DONE, Status.DROPPED)
