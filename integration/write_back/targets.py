"""Which items a wish is about, by which names a key result is found again on each, and what the figures make of it.

Pure: a reckoning in, values out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from integration.contract import Misconfigured
from integration.write_back.wishes import SetKeyResults
from mappings.epics import unlinked
from mappings.measures import is_counted
from mappings.model import Bucket, Item, ItemState, Link
from mappings.progress import is_open
from mappings.reckoning import Reckoning
from mappings.survey import Survey

Names = tuple[tuple[str, ...], ...]  # of each key result, those that lead to it alone
_BUCKETS = {
    Bucket.EXEMPT: "exempt",
    Bucket.DEAD_LINK: "a dead link",
    Bucket.UNALIGNED: "unaligned",
}


def codes_of(reckoning: Reckoning, wanted: Sequence[str]) -> tuple[str, ...]:
    """The codes as the register writes them; raise where it knows one not."""
    known = {code.casefold(): code for code in reckoning.register.key_results}
    unknown = [code for code in wanted if code.casefold() not in known]
    if unknown:
        raise Misconfigured("write_back", f"The register has no key result “{unknown[0]}”: name it by its code.")
    return tuple(dict.fromkeys(known[code.casefold()] for code in wanted))


def items_of(reckoning: Reckoning, wish: SetKeyResults) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    """The items to tag, those that are named first, and the keys that nothing is known by."""
    by_key = {key.upper(): item for item in reckoning.timeline.items.values() for key in (*item.aliases, item.key)}
    named = [by_key[key.upper()] for key in wish.items if key.upper() in by_key]
    there = [item for item in named if reckoning.timeline.is_there(item, reckoning.as_of)]
    missing = tuple(key for key in wish.items if by_key.get(key.upper()) not in there)
    found = {item.key: item for item in there}
    if wish.children != "none":
        parents = frozenset(found)
        found |= {item.key: item for item in _below(reckoning, parents, only_open=wish.children == "open")}
    return tuple(found.values()), missing


def _below(reckoning: Reckoning, parents: frozenset[str], *, only_open: bool) -> Iterable[Item]:
    for key in sorted(reckoning.timeline.items):
        item = reckoning.timeline.items[key]
        if item.level < 0 or reckoning.timeline.state(item, reckoning.as_of).parent not in parents:
            continue
        if reckoning.timeline.is_there(item, reckoning.as_of) and not (only_open and not is_open(reckoning, item)):
            yield item


def orphans(reckoning: Reckoning) -> tuple[Item, ...]:
    """The open epics with no link that are not exempt, nor decided by somebody else; by key."""
    return tuple(sorted((epic for epic, _ in unlinked(Survey(reckoning))), key=lambda epic: epic.key))


# --- names ------------------------------------------------------------------------------------


def names_for(reckoning: Reckoning, codes: Sequence[str], item: Item) -> Names | str:
    """By which texts each key result is found again on this item; else the sentence that says why by none."""
    time = reckoning.timeline.live_time_outside(item, reckoning.as_of)
    team = reckoning.timeline.team_of(item, reckoning.as_of)
    found = []
    for code in codes:
        kr = reckoning.register.key_results[code]
        texts = dict.fromkeys(text.strip() for text in (code, *kr.aliases, kr.title) if text.strip())
        mine = tuple(text for text in texts if reckoning.register.targets((text,), time, team) == ((code,), False))
        if not mine:
            return f"{code} is not live for this item: its tag would be a dead link."
        found.append(mine)
    return tuple(found)


def would_differ(reckoning: Reckoning, codes: Sequence[str], item: Item, tags: tuple[str, ...]) -> str | None:
    """Why the tags that the item would bear are not those key results; None where they are."""
    time = reckoning.timeline.live_time_outside(item, reckoning.as_of)
    team = reckoning.timeline.team_of(item, reckoning.as_of)
    targets, _ = reckoning.register.targets(tags, time, team)
    if set(targets) == set(codes):
        return None
    return f"It would bear {', '.join(tags) or 'no tag'}, which is not {', '.join(codes)} alone: mend its other tags."


# --- what the figures make of it ----------------------------------------------------------------


def effect(before: Reckoning, tags: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """What moves if these items, by key, bore these tags from now on: sentences, the most items first."""
    backlog = before.timeline.backlog
    items = tuple(_tagged(item, tags[item.key], before.as_of) if item.key in tags else item for item in backlog.items)
    after = Reckoning(replace(backlog, items=items), before.as_of, before.measure)
    moves: Counter[tuple[str, str]] = Counter()
    for key, links in before.links.items():
        item = before.timeline.items[key]
        if is_open(before, item) and is_counted(before.timeline, before.register, item, before.as_of, before.measure):
            move = _served(links), _served(after.links[key])
            moves[move] += move[0] != move[1]
    ordered = sorted(((number, move) for move, number in moves.items() if number), key=lambda one: (-one[0], one[1]))
    return tuple(_sentence(number, *move) for number, move in ordered)


def _tagged(item: Item, tags: tuple[str, ...], now: datetime) -> Item:
    before = tuple(state for state in item.states if state.at < now)
    last = before[-1] if before else ItemState(now)
    return replace(item, states=(*before, last._replace(at=now, tags=tags)))


def _served(links: Iterable[Link]) -> str:
    names = (link.key_result or _BUCKETS.get(link.bucket, link.bucket.value) for link in links if link.weight)
    return " and ".join(sorted(dict.fromkeys(names)))


def _sentence(number: int, before: str, after: str) -> str:
    return f"{number} open item{'' if number == 1 else 's'} would move from {before} to {after}."
