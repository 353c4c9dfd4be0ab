"""A key result's own movement, beside the effort it gets: current value, progress, distance to go, planned impact."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction

from mappings.exact import plain
from mappings.model import Exact, Item, KeyResult, KeyResultReading, Status
from mappings.reckoning import Reckoning
from mappings.tags import LiveTime, fold


def read_key_results(reckoning: Reckoning) -> tuple[KeyResultReading, ...]:
    """One reading for each KR of the register, in the order of the file."""
    impacts = planned_impacts(reckoning)
    plan = reckoning.register.plan
    return tuple(read_key_result(reckoning, kr, impacts.get(kr.code, {})) for kr in plan.key_results)


def read_key_result(reckoning: Reckoning, kr: KeyResult, impacts: Mapping[str, Exact]) -> KeyResultReading:
    """What a KR says of itself; `impacts` are those that its open epics state, by epic."""
    as_of = reckoning.as_of
    live = reckoning.register.is_live(kr.code, LiveTime(as_of, as_of))
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


def planned_impacts(reckoning: Reckoning) -> Mapping[str, Mapping[str, Exact]]:
    """By KR: the impact that each open epic with a link to it states for it."""
    found: dict[str, dict[str, Exact]] = defaultdict(dict)
    for epic in open_epics(reckoning):
        stated = {fold(code): value for code, value in reckoning.timeline.state(epic, reckoning.as_of).impact.items()}
        for link in reckoning.links[epic.key] if stated else ():
            if link.key_result is not None and fold(link.key_result) in stated:
                found[link.key_result][epic.key] = stated[fold(link.key_result)]
    return found


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
