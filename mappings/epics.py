"""How an epic stands to the key results: orphan, undeclared, dangling, exempt or undecided; shared by the findings."""

from collections.abc import Iterator, Mapping

from mappings.census import Census
from mappings.links import bears_tag, nearest_bearer
from mappings.model import Bucket, Exact, Item, Source
from mappings.survey import Survey
from mappings.work_below import Below

FEW = 20  # open counted items below which nothing is said of the whole backlog


def has_tag(survey: Survey, item: Item) -> bool:
    """Whether the item has a tag of its own, be it dead or an explicit "none"."""
    return bears_tag(survey.register, survey.timeline.state(item, survey.as_of).tags)


def is_milder(survey: Survey, epic: Item) -> bool:
    return has_tag(survey, epic) and survey.allotment(epic).is_none


def is_dangling(survey: Survey, epic: Item) -> bool:
    """Whether all of its tags are dead."""
    buckets = {link.bucket for link in survey.reckoning.links[epic.key]}
    return Bucket.DEAD_LINK in buckets and Bucket.ALIGNED not in buckets


def own_codes(survey: Survey, epic: Item) -> frozenset[str]:
    return frozenset(target for target, _ in survey.allotment(epic).parts if isinstance(target, str))


def undeclared(survey: Survey) -> Iterator[tuple[Item, Mapping[str, Exact]]]:
    """The epics without a tag of their own or a rule, at least half of whose work is tagged directly."""
    for epic in survey.epics:
        by_rule = any(link.source is Source.RULE for link in survey.reckoning.links[epic.key])
        if has_tag(survey, epic) or by_rule:
            continue
        served = survey.work.served_directly(epic)
        limit = survey.threshold("undeclared_epic", survey.timeline.team_of(epic, survey.as_of))
        if served and sum(served.values()) * 100 >= limit:
            yield epic, served


def unlinked(survey: Survey) -> Iterator[tuple[Item, Below]]:
    """The epics with no link, that are not exempt, undeclared, dangling, or undecided by an unseen ancestor."""
    declared_below = {epic.key for epic, _ in undeclared(survey)}
    for epic in survey.epics:
        buckets = {link.bucket for link in survey.reckoning.links[epic.key]}
        if buckets == {Bucket.UNALIGNED} and epic.key not in declared_below and not _is_undecided(survey, epic):
            yield epic, survey.work.below(epic.key)


def orphans(survey: Survey) -> Iterator[tuple[Item, Below]]:
    """The epics that serve no key result, where tags are in use at all."""
    return iter(()) if is_untagged_backlog(survey) else unlinked(survey)


def is_untagged_backlog(survey: Survey) -> bool:
    """At least 20 open counted items, of which hardly any has a tag, its own or inherited."""
    return is_untagged(survey.work.census, survey.threshold("untagged_backlog", None))


def is_untagged(census: Census, threshold: Exact) -> bool:
    return census.open_items >= FEW and census.tagged * 100 < census.open_items * threshold


def tagged_share(survey: Survey) -> tuple[int, int]:
    """How many open counted items have a tag, their own or inherited, and how many there are."""
    return survey.work.census.tagged, survey.work.census.open_items


def _is_undecided(survey: Survey, epic: Item) -> bool:
    lineage = survey.timeline.lineage(epic, survey.as_of)
    return lineage.unseen is not None and nearest_bearer(survey.register, lineage) is None
