"""Which key results an item's work serves at a moment, and the sentence that says why.

Order: the item's own tags, what it inherits, the first matching rule, nothing (DOMAIN.md, "Links").
"""

from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from mappings.exact import plain
from mappings.model import Bucket, Exact, Inherit, Item, Link, Source
from mappings.rules import first_match
from mappings.tags import Allotment, DeadTag, Register, Standpoint, Target, identity
from mappings.timeline import Lineage, Timeline


class Borne(NamedTuple):
    """A target with its weight and the item that bears the tag."""

    target: Target
    weight: Exact
    bearer: Item


def links_of(timeline: Timeline, register: Register, item: Item, seen: Standpoint) -> tuple[Link, ...]:
    """The item's links by `register`; their weights sum to exactly 1."""
    inherit = register.plan.settings.inherit
    if inherit is Inherit.NEAREST:
        found = _at_once(timeline, register, item, seen)
        if found is not None:
            return found
    lineage = timeline.lineage(item, seen.moment)
    at = nearest_bearer(register, lineage)
    if at is not None:
        allotment = register.allot(lineage.states[at].tags, seen.time, seen.team)
        if not allotment.is_none and inherit is Inherit.MERGE:
            return _whole(item, [_tag_link(item, part) for part in _merged(register, lineage, seen)])
        if not allotment.is_none:
            return _by_tags(timeline, item, lineage.items[at], allotment)
    rule = first_match(register, lineage, seen.moment, only_exempt=at is not None)
    if rule is not None and rule.is_exempt:
        return (Link(item.key, None, Bucket.EXEMPT, 1, Source.RULE, rule.reason or "exempt by rule"),)
    if rule is not None:
        allotment = register.allot(rule.key_results, seen.time, seen.team)
        because = f": {rule.reason}" if rule.reason else ""
        return _whole(item, [_rule_link(item, *part, because) for part in allotment.parts])
    return (_unaligned(item, 1, _why_nothing(lineage, at)),)


def bears_tag(register: Register, tags: tuple[str, ...]) -> bool:
    return bool(tags) and bool(register.names(tags))


def nearest_bearer(register: Register, lineage: Lineage) -> int | None:
    """The place of the item itself if it has a tag, else of its nearest ancestor that may hand one down."""
    reach = 1 if register.plan.settings.inherit is Inherit.NONE else len(lineage.states)
    for at, state in enumerate(lineage.states[:reach]):
        if state.tags and register.names(state.tags):
            return at
    return None


def _at_once(timeline: Timeline, register: Register, item: Item, seen: Standpoint) -> tuple[Link, ...] | None:
    """The links by the nearest tags, where these are found without making up the lineage, as nearly always."""
    state = timeline.state(item, seen.moment)
    if state.tags and register.names(state.tags):
        return _by_nearest(timeline, register, item, item, state.tags, seen)
    settled = timeline.settled_above(item, state, seen.moment)
    if settled is not None:
        for bearer, then in zip(settled.items, settled.states, strict=True):
            if then.tags and register.names(then.tags):
                return _by_nearest(timeline, register, item, bearer, then.tags, seen)
    return None


def _by_nearest(
    timeline: Timeline, register: Register, item: Item, bearer: Item, tags: tuple[str, ...], seen: Standpoint
) -> tuple[Link, ...] | None:
    """None where the tags say nothing but "none": then a rule may exempt."""
    allotment = register.allot(tags, seen.time, seen.team)
    return None if allotment.is_none else _by_tags(timeline, item, bearer, allotment)


def _by_tags(timeline: Timeline, item: Item, bearer: Item, allotment: Allotment) -> tuple[Link, ...]:
    """The links that tags give, the item's own or those of its nearest ancestor with any."""
    # The same at most moments: what a bearer's tags come to is said once for each item.
    key = (item.key, bearer.key, allotment.parts)
    found = timeline.links_by_tags.get(key)
    if found is None:
        found = _whole(item, [_tag_link(item, part) for part in _of_bearer(allotment, bearer)])
        timeline.links_by_tags[key] = found
    return found


def _of_bearer(allotment: Allotment, bearer: Item) -> list[Borne]:
    return [Borne(target, weight, bearer) for target, weight in allotment.parts]


def _merged(register: Register, lineage: Lineage, seen: Standpoint) -> list[Borne]:
    """The union of all tags upward, equal shares whatever the weights, up to an explicit "none"."""
    union: dict[object, tuple[Target, Item]] = {}
    for bearer, state in zip(lineage.items, lineage.states, strict=True):
        tags = state.tags
        if not bears_tag(register, tags):
            continue
        targets, is_none = register.targets(tags, seen.time, seen.team)
        if is_none:
            break
        for target in targets:
            union.setdefault(identity(target), (target, bearer))
    return [Borne(target, plain(Fraction(1, len(union))), bearer) for target, bearer in union.values()]


def _whole(item: Item, links: list[Link]) -> tuple[Link, ...]:
    """The links that weigh anything, and an unaligned one for the rest."""
    if len(links) == 1 and links[0].weight == 1:  # as nearly always
        return tuple(links)
    rest = 1 - sum(link.weight for link in links)
    found = [link for link in links if link.weight]
    return tuple([*found, _unaligned(item, plain(rest), "weights under 100 %")] if rest else found)


def _tag_link(item: Item, part: Borne) -> Link:
    own = part.bearer is item
    source = Source.DIRECT if own else Source.INHERITED
    field = f', field "{part.bearer.tag_field}"' if part.bearer.tag_field else ""
    via = "direct" if own else f"inherited from {part.bearer.type} {part.bearer.key}"
    if isinstance(part.target, str):
        reason = f"{item.key} → {part.target} ({percent_text(part.weight)}), {via}{field}"
        return Link(item.key, part.target, Bucket.ALIGNED, part.weight, source, reason)
    return Link(item.key, None, Bucket.DEAD_LINK, part.weight, source, f"{via}{field}: {why_dead(part.target)}")


def _rule_link(item: Item, target: Target, weight: Exact, because: str) -> Link:
    if isinstance(target, str):
        reason = f"{item.key} → {target} ({percent_text(weight)}), by rule{because}"
        return Link(item.key, target, Bucket.ALIGNED, weight, Source.RULE, reason)
    return Link(item.key, None, Bucket.DEAD_LINK, weight, Source.RULE, f"by rule{because}: {why_dead(target)}")


def why_dead(tag: DeadTag) -> str:
    if tag.why == "unknown":
        return f'"{tag.name}" names no key result'
    if tag.why == "stale":
        return f'"{tag.name}" names a key result of another time'
    return f'"{tag.name}" may be {" or ".join(tag.candidates)}'


@lru_cache(maxsize=1024)
def percent_text(weight: Exact) -> str:
    """A weight as people write it: 50 %, 33.3 %."""
    tenths = round(weight * 1000)
    return f"{tenths // 10} %" if tenths % 10 == 0 else f"{tenths / 10} %"


def _unaligned(item: Item, weight: Exact, reason: str) -> Link:
    return Link(item.key, None, Bucket.UNALIGNED, weight, None, reason)


def _why_nothing(lineage: Lineage, none_at: int | None) -> str:
    if none_at is not None:
        return f"declared none: {lineage.items[none_at].key} says that it serves no key result"
    if lineage.unseen is not None:
        return f"no tag, no rule, and what is above it cannot be seen: {lineage.unseen}"
    return "no tag, no tagged ancestor, no rule"
