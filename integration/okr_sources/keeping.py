"""The part of the register that a source gave, kept as versions of the plan; what is unchanged gives none.

The first part of a source holds as far back as the register said nothing of its teams, as the first version of a
register does. A later one holds from the last change that the tracker tells of, if that lies after the look before;
else from the look.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from integration.okr_sources.building import Part, composed
from integration.okr_sources.definition import Source
from integration.store.plan_documents import plan_document
from integration.store.plans import PlanVersion, keep_version, plan_versions
from mappings.model import Plan


@dataclass(frozen=True, slots=True)
class Moments:
    now: datetime
    before: datetime | None  # the good look before, None the first
    changed_at: datetime | None  # the last change that the tracker tells of


def keep_part(session: Session, source: Source, part: Part, moments: Moments, reason: str) -> bool:
    """Write the part into the version that holds, and into those that hold later; say whether it was another."""
    versions = plan_versions(session)
    author = f"OKR source: {source.place}"
    if not versions:
        keep_version(session, composed(Plan(), source, part), None, moments.now, author=author, reason=reason)
        return True
    since = _since(versions, source, moments)
    changed = False
    for moment, plan in _held_from(versions, since):
        wanted = composed(plan, source, part)
        if plan_document(wanted) == plan_document(plan):
            continue
        keep_version(session, replace(wanted, since=None), moment, moments.now, author=author, reason=reason)
        changed = True
    return changed


def _since(versions: Sequence[PlanVersion], source: Source, moments: Moments) -> datetime | None:
    """From when the part holds; None: from always."""
    if moments.before is None:
        return _silent_since(versions, source, moments.now)
    latest = max((version.plan.since for version in versions if version.plan.since is not None), default=None)
    changed = moments.changed_at
    if changed is None or not moments.before < changed <= moments.now or (latest is not None and changed <= latest):
        return moments.now
    return changed


def _silent_since(versions: Sequence[PlanVersion], source: Source, now: datetime) -> datetime | None:
    """Since when no version has said anything of these teams; now, where the one that holds does."""
    speaking = [any(source.is_of(one.team) for one in version.plan.objectives) for version in versions]
    if not any(speaking):
        return None
    after = len(speaking) - speaking[::-1].index(True)
    return versions[after].plan.since if after < len(versions) else now


def _held_from(versions: Sequence[PlanVersion], since: datetime | None) -> list[tuple[datetime | None, Plan]]:
    """The plan that holds at `since`, and each that holds later, with its moment; the first holds from always."""
    first = replace(versions[0].plan, since=None)
    plans = [(first.since, first), *((version.plan.since, version.plan) for version in versions[1:])]
    if since is None:
        return [(versions[0].plan.since, first), *plans[1:]]
    held = next(plan for moment, plan in reversed(plans) if moment is None or moment <= since)
    return [(since, held), *((moment, plan) for moment, plan in plans if moment is not None and moment > since)]
