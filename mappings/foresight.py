"""What the figures become if other rules held from now on: asked before a rule is made, edited or ended."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from mappings.measures import is_counted
from mappings.model import AnyOf, Bucket, Condition, Figure, Item, Link, MappingRule, Plan, Scope, SprintState, When
from mappings.progress import is_open
from mappings.reckoning import Reckoning

_WORDS = {Bucket.EXEMPT: "exempt", Bucket.DEAD_LINK: "dead links", Bucket.UNALIGNED: "unaligned"}


@dataclass(frozen=True, slots=True)
class Edit:
    """Rules that would be made now, and one that would end; they take its place, or come before all others."""

    made: tuple[MappingRule, ...] = ()
    ended: MappingRule | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """Open counted items whose links would be others: what they serve before and after, in words."""

    before: str
    after: str
    items: tuple[str, ...]

    @property
    def sentence(self) -> str:
        number = len(self.items)
        return f"{number} open item{'' if number == 1 else 's'} would move from {self.before} to {self.after}."


@dataclass(frozen=True, slots=True)
class Change:
    """The `final` figure of an open sprint that would be another."""

    sprint: str
    name: str
    state: SprintState
    before: Figure
    after: Figure

    @property
    def parts(self) -> tuple[tuple[str, int, int], ...]:
        """What would move, in the order in which it is shown: name, and whole percents before and after."""
        before, after = _percents(self.before), _percents(self.after)
        names = dict.fromkeys((*before, *after))
        found = ((name, before.get(name, 0), after.get(name, 0)) for name in names)
        return tuple((name, old, new) for name, old, new in found if old != new)


def with_edit(plan: Plan, edit: Edit) -> Plan:
    """The plan with the edited rules; unchanged where the rule that would end is not in it."""
    rules = plan.rules
    if edit.ended is None:
        return replace(plan, rules=(*edit.made, *rules))
    if edit.ended not in rules:
        return plan
    at = rules.index(edit.ended)
    return replace(plan, rules=(*rules[:at], *edit.made, *rules[at + 1 :]))


def edited(before: Reckoning, edit: Edit) -> Reckoning:
    """The same backlog as of the same moment, with the edited rules from that moment on."""
    backlog, now = before.timeline.backlog, before.as_of
    held = tuple(plan for plan in backlog.plans if plan.since is None or plan.since <= now)
    after = replace(with_edit(before.register.plan, edit), since=now)
    return Reckoning(replace(backlog, plans=(*held, after)), now, before.measure)


def moves(before: Reckoning, after: Reckoning) -> tuple[Move, ...]:
    """Which open counted items would be linked otherwise? The most items first."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key, links in before.links.items():
        if _is_open_work(before, before.timeline.items[key]):
            move = _served(links), _served(after.links[key])
            if move[0] != move[1]:
                found[move].append(key)
    told = (Move(*move, tuple(sorted(keys))) for move, keys in found.items())
    return tuple(sorted(told, key=lambda move: (-len(move.items), move.before, move.after)))


def changes(before: Reckoning, after: Reckoning) -> tuple[Change, ...]:
    """Which figures of active and future sprints would be others? By state and start."""
    timeline, now = before.timeline, before.as_of
    found: list[Change] = []
    for sprint in timeline.backlog.sprints:
        state = timeline.sprint_state(sprint, now)
        if state is SprintState.CLOSED:
            continue
        old = before.sprints.figure(sprint, Scope.FINAL, before.measure)
        new = after.sprints.figure(after.timeline.sprints[sprint.id], Scope.FINAL, before.measure)
        if old is not None and new is not None and _told(old) != _told(new):
            found.append(Change(sprint.id, sprint.name, state, old, new))
    return tuple(sorted(found, key=lambda change: change.state is SprintState.FUTURE))


def keys_named(when: When) -> tuple[str, ...] | None:
    """The keys of which a rule looks at the items or what hangs below them; None: it may match anything."""
    if isinstance(when, Condition):
        return (when.value,) if when.kind in ("key", "ancestor") else None
    if not isinstance(when, AnyOf):
        return None
    parts = [keys_named(part) for part in when.conditions]
    return None if None in parts else tuple(dict.fromkeys(key for part in parts for key in part or ()))


def _is_open_work(reckoning: Reckoning, item: Item) -> bool:
    timeline, register = reckoning.timeline, reckoning.register
    return is_open(reckoning, item) and is_counted(timeline, register, item, reckoning.as_of, reckoning.measure)


def _served(links: Iterable[Link]) -> str:
    names = sorted({link.key_result or _WORDS[link.bucket] for link in links if link.weight})
    return " and ".join(names)


def _told(figure: Figure) -> object:
    return figure.shares, figure.exempt, figure.dead_link, figure.unaligned


def _percents(figure: Figure) -> dict[str, int]:
    parts = (*figure.shares, ("exempt", figure.exempt), ("dead links", figure.dead_link))
    return {name: part.percent or 0 for name, part in (*parts, ("unaligned", figure.unaligned))}
