"""The register's section `sources`: which teams keep their OKRs in a tracker, and where there."""

from typing import Annotated, Literal

from pydantic import Field

from integration.files.faults import Fault, shown
from integration.files.plan_models import Name, NameOrNone, Section
from integration.files.sections import Raw, elements
from integration.okr_sources.definition import GOALS, ISSUES, PARTS, Source
from mappings.tags import fold


class SourceFieldsIn(Section):
    """Which field of an issue says what: its name as Jira shows it, or its id."""

    metric: NameOrNone = None
    unit: NameOrNone = None
    direction: NameOrNone = None
    baseline: NameOrNone = None
    target: NameOrNone = None
    value: NameOrNone = None
    confidence: NameOrNone = None
    kind: NameOrNone = None
    owner: NameOrNone = None
    team: NameOrNone = None
    cycle: NameOrNone = None
    since: Annotated[NameOrNone, Field(alias="from")] = None
    until: NameOrNone = None
    aliases: NameOrNone = None


class SourceIn(Section):
    """Where teams keep their objectives and key results, if not in this file."""

    kind: Literal["jira-issues", "jira-goals"]
    connection: Name
    teams: Annotated[list[Name] | None, Field(description="Whose they are; without: those of all teams.")] = None
    project: Annotated[NameOrNone, Field(description="Key of the Jira project.")] = None
    jql: Annotated[NameOrNone, Field(description="In place of a project, or to narrow it down.")] = None
    key_results: Annotated[NameOrNone, Field(description="Name of the issue or goal type of key results.")] = None
    objectives: Annotated[NameOrNone, Field(description="Name of the issue or goal type of objectives.")] = None
    objective_link: Annotated[NameOrNone, Field(description="Link type to the objective; without: the parent.")] = None
    container: Annotated[NameOrNone, Field(description="cloudId of the site with the goals.")] = None
    search: Annotated[NameOrNone, Field(description="Which goals, in the words of their own search.")] = None
    fields: SourceFieldsIn = SourceFieldsIn()


_ONLY = {ISSUES: ("project", "jql", "objective_link"), GOALS: ("container", "search")}


def read_sources(raw: Raw) -> tuple[Source, ...]:
    """Read the section; two sources of one team, and objectives beside the source of their team, are faults."""
    found = elements(raw, "sources", SourceIn)
    sources = tuple((index, _source(one)) for index, one in found)
    for index, one in found:
        _fits_its_kind(raw, index, one)
    _one_each(raw, sources)
    _known_teams(raw, sources)
    return tuple(source for _, source in sources)


def refuse_objectives_beside(raw: Raw, sources: tuple[Source, ...]) -> None:
    """One register is the source of a team: this file, or another."""
    value = raw.data.get("objectives")
    for index, element in enumerate(value if isinstance(value, list) else ()):
        team = element.get("team") if isinstance(element, dict) else None
        source = next((one for one in sources if isinstance(team, str) and one.is_of(team)), None)
        if source is not None:
            sentence = (
                f"the OKRs of team {shown(team)} are kept in {source.place} (see sources); take this objective out, or "
                "the team out of that source"
            )
            raw.faults.append(Fault(("objectives", index, "team"), sentence))


def _source(one: SourceIn) -> Source:
    given = one.fields.model_dump(by_alias=True)
    return Source(
        kind=one.kind,
        connection=one.connection,
        teams=tuple(one.teams or ()),
        project=one.project,
        jql=one.jql,
        key_results=one.key_results,
        objectives=one.objectives,
        objective_link=one.objective_link,
        container=one.container,
        search=one.search,
        fields=tuple((part, given[part]) for part in PARTS if given[part] is not None),
    )


def _fits_its_kind(raw: Raw, index: int, one: SourceIn) -> None:
    at = ("sources", index)
    other = GOALS if one.kind == ISSUES else ISSUES
    for key in _ONLY[other]:
        if getattr(one, key) is not None:
            raw.faults.append(Fault((*at, key), f"is for {other} only; take it out"))
    if one.kind == ISSUES and one.project is None and one.jql is None:
        raw.faults.append(Fault(at, "says neither project nor jql; name where the key results are"))
    if one.kind == ISSUES and one.key_results is None:
        raw.faults.append(Fault((*at, "key_results"), "is missing; name the issue type of key results"))
    if one.kind == GOALS and one.fields.model_fields_set:
        raw.faults.append(
            Fault((*at, "fields"), f"is for {ISSUES} only: goals say these things themselves; take it out")
        )


def _one_each(raw: Raw, sources: tuple[tuple[int, Source], ...]) -> None:
    for number, (index, source) in enumerate(sources):
        for earlier, other in sources[:number]:
            if not source.teams or not other.teams:
                raw.faults.append(
                    Fault(("sources", index), f"sources[{earlier}] is for the same teams; say which teams")
                )
        for place, team in enumerate(source.teams):
            others = [f"sources[{earlier}]" for earlier, other in sources[:number] if other.teams and other.is_of(team)]
            twice = fold(team) in {fold(name) for name in source.teams[:place]}
            if others or twice:
                where = others[0] if others else "this source"
                sentence = f"team {shown(team)} has a source in {where} already; one register is the source of a team"
                raw.faults.append(Fault(("sources", index, "teams", place), sentence))


def _known_teams(raw: Raw, sources: tuple[tuple[int, Source], ...]) -> None:
    value = raw.data.get("teams")
    given = [one.get("name") for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    known = {fold(name) for name in given if isinstance(name, str)}
    for index, source in sources:
        for place, team in enumerate(source.teams):
            if known and fold(team) not in known:
                sentence = f"there is no team {shown(team)} among teams; add it or mend the name"
                raw.faults.append(Fault(("sources", index, "teams", place), sentence))
