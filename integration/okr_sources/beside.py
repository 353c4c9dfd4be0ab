"""A register's file beside what teams keep in a tracker: the file says the rest, and neither overwrites the other."""

from collections.abc import Sequence
from dataclasses import replace

from integration.files.faults import Refused, shown
from integration.okr_sources.definition import Source, source_of_team
from mappings.model import Plan
from mappings.tags import fold


def beside_sources(plan: Plan, held: Plan, sources: Sequence[Source]) -> Plan:
    """The file's plan with what holds of the teams that have another source; refused where the two name one code."""
    if not sources:
        return plan
    kept = tuple(one for one in held.objectives if source_of_team(sources, one.team) is not None)
    ids = {one.id for one in kept}
    key_results = tuple(one for one in held.key_results if one.objective in ids)
    named = {fold(name) for one in plan.objectives for name in (one.id,)} | {fold(kr.code) for kr in plan.key_results}
    twice = [name for name in (*sorted(ids), *(kr.code for kr in key_results)) if fold(name) in named]
    if twice:
        sentence = "is the code of something that a team keeps in its tracker; give it another"
        raise Refused(tuple(f"{shown(name)} {sentence}" for name in twice))
    own = {cycle.id for cycle in plan.cycles}
    needed = {one.cycle for one in kept}
    cycles = tuple(cycle for cycle in held.cycles if cycle.id in needed and cycle.id not in own)
    return replace(
        plan,
        cycles=(*plan.cycles, *cycles),
        objectives=(*plan.objectives, *kept),
        key_results=(*plan.key_results, *key_results),
    )
