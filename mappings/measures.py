"""What counts as work at a moment, and how much of it an item is (DOMAIN.md, "What is counted")."""

from datetime import datetime

from mappings.exact import plain
from mappings.model import Exact, Item, Measure
from mappings.tags import Register
from mappings.timeline import Timeline


def is_counted(timeline: Timeline, register: Register, item: Item, moment: datetime, measure: Measure) -> bool:
    """Whether an item that is there is counted work: level 0, a sub-task that stands for itself,
    or (setting `count_subtasks`, in points and count) a sub-task instead of its parent."""
    if item.level > 0 or not register.is_work(item):
        return False
    by_subtask = register.plan.settings.count_subtasks and measure in (Measure.POINTS, Measure.COUNT)
    if item.level < 0:
        return by_subtask or timeline.story_of(item, moment) is None
    return not by_subtask or not any(register.is_work(below) for below in timeline.subtasks(item, moment))


def estimate(timeline: Timeline, item: Item, moment: datetime, measure: Measure) -> Exact | None:
    """The item's measure at `moment`: points, seconds or 1; None where it is not estimated.

    The times of sub-tasks roll up into their item of level 0; `time_spent` is all that was ever logged.
    """
    state = timeline.state(item, moment)
    if measure is Measure.COUNT:
        return 1
    if measure is Measure.POINTS:
        return state.points
    subtasks = timeline.subtasks(item, moment) if item.level == 0 else ()
    if measure is Measure.TIME_SPENT:
        return plain(state.time_spent + sum((timeline.state(below, moment).time_spent for below in subtasks), 0))
    estimates = [timeline.state(each, moment).original_estimate for each in (item, *subtasks)]
    known = [value for value in estimates if value is not None]
    return plain(sum(known, 0)) if known else None


def logged(timeline: Timeline, item: Item, start: datetime, moment: datetime) -> Exact:
    """Seconds logged on the item and its sub-tasks from `start` to `moment`, never under 0."""
    subtasks = timeline.subtasks(item, moment) if item.level == 0 else ()
    total: Exact = 0
    for each in (item, *subtasks):
        before = timeline.state(each, start).time_spent if each.created <= start else 0
        total += timeline.state(each, moment).time_spent - before
    return max(plain(total), 0)
