"""Findings as people read them: what each kind says, where its subject is, and its evidence in words."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from integration.store.page_reads import items_named, names_of_sprints
from integration.store.reads import ItemLine, KeptFinding, boards
from integration.store.together import parted
from mappings.exact import exact_number
from mappings.model import Measure
from mappings.tags import fold
from reports import finding_titles
from reports.addresses import (
    board_address,
    key_result_address,
    safe_link,
    sprint_address,
    wording_address,
)
from reports.figure_words import amount_words
from reports.views import Ground

TITLES = finding_titles.TITLES
OF_SPRINTS = frozenset(
    {"missing_goal", "goal_work_mismatch", "unestimated_work", "late_tagging", "sudden_alignment"}
    | {"scattered_sprint", "output_only_goal"}
)
OF_EPICS = ("orphan_epic", "dangling_epic", "contradicting_epic", "undeclared_epic", "hidden_epic")
OF_ITEMS = frozenset({*OF_EPICS, "unknown_tag", "ambiguous_tag", "stale_tag", "over_allocated"})
OF_BOARDS = "catch_all_kr"  # of a key result on a board
OF_TAGS = frozenset({"unknown_tag", "ambiguous_tag", "stale_tag"})  # whose evidence names the tags
MOST_AT_ONCE = 200  # findings of one act
TagsOfKind = dict[str, list[tuple[str, KeptFinding]]]  # by folded tag: as it is written, and the finding
OF_WORDS = frozenset({"output_kr", "vanity_kr", "binary_kr"})  # of key results
SEVERITIES = {"high": "Look at these first", "medium": "Worth a look", "low": "For completeness"}
_SHARES = frozenset({"share", "mean_before", "active_sprint_share", "tagged"})
_HIDDEN = frozenset({"epics", "capability"})
_SHOWN = 8  # of a list
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT")
_WORDS = {
    "age_days": "days old",
    "open_items": "open items",
    "items": "items",
    "total": "in all",
    "remaining": "left",
    "active_sprint_share": "of the running sprints",
    "tags": "tags",
    "share": "share",
    "mean_before": "mean before",
    "to_go_then": "to go then",
    "to_go_now": "to go now",
    "last_value": "last value",
    "key_results": "key results",
    "starved": "named, but little work",
    "unnamed": "work for others",
    "own": "its own",
    "children": "its children's",
}
_ONE = {"open_items": "open item", "age_days": "day old", "days": "day"}


@dataclass(frozen=True, slots=True)
class FindingView:
    finding: KeptFinding
    title: str
    subject: str  # with its name, where it has one
    href: str | None  # of the subject
    is_outside: bool  # the address is the tracker's
    evidence: tuple[tuple[str, str], ...]  # what, and its words
    about: str  # the title of the item or key result
    item: ItemLine | None
    place: str = ""  # its connection, where there are several

    @property
    def words(self) -> str:
        """What it is about, in a line."""
        return " ".join(filter(None, (self.subject, self.place and f"on {self.place}", self.about)))


@dataclass(frozen=True, slots=True)
class _Known:
    """What subjects are called, by connection and id or key."""

    ground: Ground
    sprints: Mapping[tuple[str, str], str]
    boards: Mapping[tuple[str, str], str]
    items: Mapping[tuple[str, str], ItemLine]


@dataclass(frozen=True, slots=True)
class KindGroup:
    """Findings of one kind: what to do is said once where it is the same for all."""

    kind: str
    title: str
    suggestion: str
    number: int
    views: tuple[FindingView, ...]  # the first ones; none where they stand by tag
    tags: tuple["TagGroup", ...] = ()


@dataclass(frozen=True, slots=True)
class TagGroup:
    """Findings of one tag text: one mistyped tag on forty items is one thing to look at."""

    tag: str
    numbers: tuple[int, ...]  # of all of them, as far as one act goes
    number: int
    views: tuple[FindingView, ...]  # the first ones


def by_kind(
    views: Iterable[FindingView], numbers: Mapping[str, int], tags: Mapping[str, TagsOfKind] = MappingProxyType({})
) -> tuple[KindGroup, ...]:
    """`tags`: of the kinds that stand by tag, the findings of each tag."""
    groups: dict[str, list[FindingView]] = {}
    for view in views:
        groups.setdefault(view.finding.kind, []).append(view)
    return tuple(_group(kind, tuple(found), numbers[kind], tags.get(kind, {})) for kind, found in groups.items())


def _group(kind: str, views: tuple[FindingView, ...], number: int, tags: TagsOfKind) -> KindGroup:
    suggestions = {view.finding.suggestion for view in views}
    suggestion = suggestions.pop() if len(suggestions) == 1 else ""
    if not tags:
        return KindGroup(kind, views[0].title, suggestion, number, views)
    shown = {view.finding.id: view for view in views}
    by_tag = tuple(_tag_group(findings, shown) for findings in tags.values())
    ordered = sorted(by_tag, key=lambda group: (-group.number, group.tag.casefold()))
    return KindGroup(kind, views[0].title, suggestion, number, (), tuple(ordered))


def _tag_group(findings: Sequence[tuple[str, KeptFinding]], shown: Mapping[int, FindingView]) -> TagGroup:
    numbers = tuple(finding.id for _, finding in findings)
    views = tuple(shown[number] for number in numbers if number in shown)
    written = Counter(tag for tag, _ in findings)
    return TagGroup(max(written, key=lambda tag: (written[tag], tag)), numbers[:MOST_AT_ONCE], len(numbers), views)


def by_tag(findings: Iterable[KeptFinding]) -> dict[str, TagsOfKind]:
    """Of each kind about tags: the findings by their tags, however these are written."""
    found: dict[str, TagsOfKind] = {}
    for finding in findings:
        if finding.kind in OF_TAGS:
            for tag in finding.evidence["tags"]:
                found.setdefault(finding.kind, {}).setdefault(fold(tag), []).append((tag, finding))
    return found


def finding_views(session: Any, findings: Iterable[KeptFinding], ground: Ground) -> tuple[FindingView, ...]:
    """The findings with the names of their subjects: one statement for sprints, and one a connection for items."""
    found = tuple(findings)
    named = {one.subject for one in found if one.kind in OF_SPRINTS}
    for one in found:
        named.update(name for told in one.evidence.get("sprints", ()) for name in (told, parted(told)[1]))
    sprints = names_of_sprints(session, frozenset(named))
    named_boards = boards(session) if any(one.kind == OF_BOARDS for one in found) else ()
    items: dict[tuple[str, str], ItemLine] = {}
    for connection in sorted({one.connection for one in found}):
        keys = {one.subject for one in found if one.connection == connection and one.kind in OF_ITEMS}
        if keys:
            items |= {(connection, key): line for key, line in items_named(session, connection, keys).items()}
    known = _Known(ground, sprints, {(one.connection, one.id): one.name for one in named_boards}, items)
    views = (_view(one, known) for one in found)
    if len(ground.connections) < 2:
        return tuple(views)
    return tuple(replace(view, place=view.finding.connection) for view in views)


def _view(finding: KeptFinding, known: _Known) -> FindingView:
    subject, about, href = _subject(finding, known)
    item = known.items.get((finding.connection, finding.subject)) if finding.kind in OF_ITEMS else None
    evidence = dict(finding.evidence)
    if "sprints" in evidence:
        evidence["sprints"] = [_sprint(known.sprints, finding.connection, one) for one in evidence["sprints"]]
    return FindingView(
        finding=finding,
        title=TITLES.get(finding.kind, finding.kind.replace("_", " ").capitalize()),
        subject=subject,
        href=href,
        is_outside=item is not None,
        evidence=tuple(_evidence(evidence, known.ground.measure)),
        about=about,
        item=item,
    )


def _subject(finding: KeptFinding, known: _Known) -> tuple[str, str, str | None]:
    """What people call it, what it is about, and where it is."""
    kind, place, plan = finding.kind, (finding.connection, finding.subject), known.ground.plan
    if kind in OF_SPRINTS:
        return known.sprints.get(place, finding.subject), "", sprint_address(*place)
    if kind in OF_ITEMS:
        item = known.items.get(place)
        return finding.subject, item.title if item else "", safe_link(item.url) if item else None
    if kind == "untagged_backlog":
        return "the epics, the costliest first", "", "/epics"
    if kind == OF_BOARDS:
        return _on_board(finding, known)
    if kind == "too_many_krs":
        return finding.subject, next((one.title for one in plan.objectives if one.id == finding.subject), ""), None
    if kind == "too_many_objectives":
        team, _, cycle = finding.subject.rpartition("/")
        return f"{team} in {cycle}", "", f"/key-results?{urlencode({'cycle': cycle})}"
    kr = known.ground.names.get(finding.subject)
    if kr is None:
        return finding.subject, "", None
    return kr.code, kr.title, wording_address(kr.code) if kind in OF_WORDS else key_result_address(kr.code)


def _on_board(finding: KeptFinding, known: _Known) -> tuple[str, str, str | None]:
    """Its subject is the board, a slash and the key result; either name may hold a slash itself."""
    for code, kr in known.ground.names.items():
        board = finding.subject.removesuffix(f"/{code}")
        name = known.boards.get((finding.connection, board))
        if board != finding.subject and name is not None:
            return code, f"{kr.title}, on {name}", board_address(finding.connection, board)
    return finding.subject, "", None


def _sprint(names: Mapping[tuple[str, str], str], connection: str, told: str) -> str:
    """What is told of all connections together names a sprint with its own, where there are several."""
    if connection:
        return names.get((connection, told), told)
    if parted(told) in names:
        return f"{names[parted(told)]} ({parted(told)[0]})"
    return next((name for (_, own), name in names.items() if own == told), told)


def _evidence(evidence: Mapping[str, Any], measure: str) -> Iterable[tuple[str, str]]:
    for name, value in evidence.items():
        if name not in _HIDDEN and value not in (None, [], {}, ""):
            what = _ONE[name] if name in _ONE and value == 1 else _WORDS.get(name, name.replace("_", " "))
            yield what, _words(name, value, measure)


def _words(name: str, value: Any, measure: str) -> str:
    if isinstance(value, Mapping) and "text" in value:
        return f"“{value['text']}” {value.get('why') or ''}".strip()
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_words(name, one, measure)}" for key, one in value.items())
    if isinstance(value, list):
        shown = ", ".join(_words(name, one, measure) for one in value[:_SHOWN])
        return shown if len(value) <= _SHOWN else f"{shown} and {len(value) - _SHOWN} more"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name in ("total", "remaining") and isinstance(value, str):
        return amount_words(exact_number(value), Measure(measure))
    if isinstance(value, float) or name in _SHARES:
        return f"{float(value) * 100:.3g} %"
    text = str(value)
    return text[:10] if _MOMENT.match(text) else text
