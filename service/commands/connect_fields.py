"""Which fields of a site play which part, and what its statuses and types mean; by flags, or asked one by one."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from rich.markup import escape
from rich.table import Table

from integration import not_work
from integration.contract import Misconfigured
from integration.store.engine import reading
from integration.trackers.jira import choosing, client, levels, site_names, spoken
from integration.trackers.jira.choosing import Wishes
from integration.trackers.jira.chosen import Project
from integration.trackers.jira.discovery import parent_link
from integration.trackers.jira.field_survey import Survey
from integration.trackers.jira.fields import FieldMapping, FieldRef
from integration.trackers.jira.site import link_words, status_fact
from integration.trackers.jira.values import label_tag
from mappings.model import Status
from service.commands.connect_desk import NOTHING, SHOWN, Ground, asked, listed, note, say, shortened, until_right
from service.commands.connect_flags import status_said

Check = Callable[[Wishes], Wishes]
MEANINGS = {Status.TODO: "to do", Status.DOING: "in progress", Status.DONE: "done", Status.DROPPED: "dropped"}
YES = frozenset({"y", "yes"})
DELIVERED = "done"  # the resolution that says so on every site


def choose(ground: Ground, projects: Sequence[Project], survey: Survey) -> FieldMapping:
    said = spoken.check_wishes(ground.connection, survey, projects, ground.answers.wishes)
    known = ground.known.fields if ground.known is not None else None
    base = choosing.choose_fields(survey, said, known)
    if ground.answers.is_guided:

        def checked(wishes: Wishes) -> Wishes:
            return spoken.check_wishes(ground.connection, survey, projects, wishes, place="")

        said = _key_results_asked(ground, projects, survey, base, said, checked)
        said = _parts_asked(ground, survey, base, said, checked)
        said = _statuses_asked(ground, survey, said, checked)
    said = _levels(ground, projects, survey, said, known)
    fields = choosing.choose_fields(survey, said, known)
    _tell(ground, projects, survey, fields)
    return fields


# --- what names key results -------------------------------------------------------------------


def _key_results_asked(
    ground: Ground, projects: Sequence[Project], survey: Survey, base: FieldMapping, said: Wishes, checked: Check
) -> Wishes:
    if said.speaks_of_key_results:
        return said
    _show_candidates(ground, projects, survey)
    default = _labels(survey, base.kr_fields)

    def fields_asked() -> Wishes:
        answer = asked("Which field names the key result? Several by commas", default or NOTHING)
        if answer == default:
            return said
        names = listed(answer)
        return checked(replace(said, kr_fields=names, without=() if names else ("kr-field",)))

    said = until_right(ground.desk, fields_asked, is_asked=True)
    after = choosing.choose_fields(survey, said, base)
    if not after.kr_fields:
        return _elsewhere_asked(ground, survey, after, said, checked)
    if any(ref.encoding == "text" for ref in after.kr_fields) and not said.kr_text_pattern:
        question = r"A pattern that finds them within the texts, such as KR-\d+; nothing: each text is a name"
        default = after.kr_text_pattern or ""

        def pattern_asked() -> Wishes:
            return replace(said, kr_text_pattern=choosing.checked_pattern(asked(question, default)))

        said = until_right(ground.desk, pattern_asked, is_asked=True)
    return said


def _elsewhere_asked(ground: Ground, survey: Survey, base: FieldMapping, said: Wishes, checked: Check) -> Wishes:
    """No field: labels that begin alike, or links to issues that are key results."""
    if survey.labels:
        ground.desk.console.print(f"Frequent labels: {escape(', '.join(survey.labels))}")
        answer = asked("With what do labels begin that name key results? Nothing: none do", base.kr_label_prefix or "")
        if listed(answer):
            return replace(said, kr_label_prefix=answer)
    http = client.open_client(ground.connection)
    types = [words[0] for words in map(link_words, client.link_types(http)) if words]
    if not types:
        return said
    ground.desk.console.print(f"Types of links: {escape(shortened(types))}")

    def links_asked() -> Wishes:
        question = "Which of them leads to key results that are kept as work items? Nothing: none"
        return checked(replace(said, kr_link_types=listed(asked(question, ", ".join(base.kr_link_types)))))

    return until_right(ground.desk, links_asked, is_asked=True)


def _show_candidates(ground: Ground, projects: Sequence[Project], survey: Survey) -> None:
    table = Table("field", "filled", "examples", "why", box=None)
    # Of fields that look alike the one that people fill is the one that they use.
    candidates = sorted(survey.found.key_result, key=lambda one: (one.rank, not _filled(survey, one.field)))
    for candidate in candidates[:SHOWN]:
        sample = survey.samples.get(candidate.field.id)
        filled = f"{sample.filled} of {sample.of}" if sample else ""
        examples = ", ".join(value[:40] for value in sample.values) if sample else ""
        table.add_row(escape(_described(survey, projects, candidate.field)), filled, escape(examples), candidate.reason)
    ground.desk.console.print(table)
    if len(candidates) > SHOWN:
        note(ground.desk, f"{len(candidates) - SHOWN:,} more fields could hold tags; any is taken by its name or id.")


def _filled(survey: Survey, ref: FieldRef) -> int:
    sample = survey.samples.get(ref.id)
    return sample.filled if sample is not None else 0


def _described(survey: Survey, projects: Sequence[Project], ref: FieldRef) -> str:
    """The name with the id, and the one project that has it: several fields may bear one name."""
    only_in = survey.project_of(ref)
    key = next((project.key for project in projects if project.id == only_in), None)
    return f"{ref.name} ({ref.id}{f', only in project {key}' if key else ''})"


def _labels(survey: Survey, refs: Iterable[FieldRef]) -> str:
    """What to say for these fields: the name; the id where others bear that name, too, or it holds a comma."""
    found = [ref.id if "," in ref.name or len(survey.named(ref.name)) > 1 else ref.name for ref in refs]
    return ", ".join(found)


# --- estimates, teams -------------------------------------------------------------------------


def _parts_asked(ground: Ground, survey: Survey, base: FieldMapping, said: Wishes, checked: Check) -> Wishes:
    if not said.points_fields:
        default = _labels(survey, base.points_fields)

        def points_asked(said: Wishes = said) -> Wishes:
            answer = asked("Which field has the estimates? Several by commas", default or NOTHING)
            names = listed(answer) if answer != default else ()
            without = said.without if names or answer == default else (*said.without, "points-field")
            return checked(replace(said, points_fields=names, without=without))

        said = until_right(ground.desk, points_asked, is_asked=True)
    if said.team_field or not survey.found.team:
        return said
    default = _labels(survey, (base.team_field,) if base.team_field else ())
    shown = shortened([candidate.field.name for candidate in survey.found.team])
    ground.desk.console.print(f"Fields that could tell a team: {escape(shown)}")

    def team_asked(said: Wishes = said) -> Wishes:
        answer = asked("Which one, where boards are shared by teams? none: the board tells it", default or NOTHING)
        names = listed(answer) if answer != default else ()
        without = said.without if names or answer == default else (*said.without, "team-field")
        return checked(replace(said, team_field=names[0] if names else None, without=without))

    return until_right(ground.desk, team_asked, is_asked=True)


# --- statuses, resolutions, types -------------------------------------------------------------


def _statuses_asked(ground: Ground, survey: Survey, said: Wishes, checked: Check) -> Wishes:
    desk, http = ground.desk, client.open_client(ground.connection)
    if not said.statuses:
        used = {id_ for id_, _ in survey.named_in("status")}
        facts = [(name, means) for id_, name, means in map(status_fact, client.statuses(http)) if id_ in used and name]
        meant = ", ".join(f"{name}: {MEANINGS[means] if means else 'unknown'}" for name, means in facts)
        desk.console.print(f"Statuses in the sample, as Jira sees them: {escape(meant or 'none')}")

        def statuses_asked() -> Wishes:
            answer = asked("Which mean something else? Such as Deployed=done, by commas; nothing: none")
            return checked(replace(said, statuses=tuple(status_said(text) for text in listed(answer))))

        said = until_right(desk, statuses_asked, is_asked=True)
    if said.dropped_resolutions:
        return said
    names = [str(raw.get("name")) for raw in client.resolutions(http)]
    if not names:
        return said
    usual = choosing.choose_fields(survey, said, ground.known.fields if ground.known else None).dropped_resolutions
    dropped = [name for name in names if site_names.plain(name) in map(site_names.plain, usual)]
    desk.console.print(f"Done without anything delivered: {escape(', '.join(dropped) or 'no resolution')}")
    others = shortened([name for name in names if name not in dropped and site_names.plain(name) != DELIVERED])

    def dropped_asked(said: Wishes = said) -> Wishes:
        answer = asked(f"Which others? Of {escape(others)}; nothing: none") if others else ""
        return checked(replace(said, dropped_resolutions=listed(answer)))

    return until_right(desk, dropped_asked, is_asked=True)


def _levels(
    ground: Ground, projects: Sequence[Project], survey: Survey, said: Wishes, known: FieldMapping | None
) -> Wishes:
    """Types that look like a level above epics: asked about, or told with how to set it."""
    http = client.open_client(ground.connection)
    found = levels.above_epics(http, [project.id for project in projects], parent_link(survey.found))
    decided = (*said.type_levels, *(known.type_levels if known is not None else ()))
    for one in levels.undecided(found, decided):
        if not ground.answers.is_guided:
            note(ground.desk, f"{one.sentence}: if it is one, --type-level “{one.name}={levels.ABOVE_EPICS}”.")
            continue
        answer = asked(f"{escape(one.sentence)}. Shall it be one?", "yes")
        level = levels.ABOVE_EPICS if answer.casefold() in YES else 0
        said = replace(said, type_levels=(*said.type_levels, (one.name, level)))
    return said


def types_of(ground: Ground, survey: Survey) -> tuple[str, ...]:
    told = [str(raw.get("name")) for raw in site_names.listed_types(client.open_client(ground.connection))]
    return tuple(dict.fromkeys([*told, *(name for _, name in survey.named_in("issuetype"))]))


def no_work(ground: Ground, types: Sequence[str]) -> tuple[str, ...] | None:
    """The types that are no work; None where nothing was said of them."""
    desk, said = ground.desk, ground.answers.no_work
    with reading(desk.engine) as session:
        held = not_work.held(session, desk.clock())
    if said:
        if not held.has_register:
            raise Misconfigured(
                "no_register", "--no-work is kept in the register: apply one first (`tieline okrs apply`)."
            )
        return _types_named("--no-work: ", said, types)
    if not (ground.answers.is_guided and held.has_register and types):
        return None
    desk.console.print(f"Types: {escape(shortened(list(types)))}")
    default = ", ".join(name for name in held.types if name in types)

    def attempt() -> tuple[str, ...]:
        question = "Which are no work, such as test cases and risks? Several by commas"
        return _types_named("", listed(asked(question, default or NOTHING)), types)

    return until_right(desk, attempt, is_asked=True)


def _types_named(place: str, said: Sequence[str], types: Sequence[str]) -> tuple[str, ...]:
    known = [("", name) for name in types]
    return tuple(site_names.found_among(place, "issue type", name, known) for name in said)


# --- what it comes to -------------------------------------------------------------------------


def _tell(ground: Ground, projects: Sequence[Project], survey: Survey, fields: FieldMapping) -> None:
    desk = ground.desk
    sources = [_source(survey, projects, ref) for ref in fields.kr_fields]
    sources += [f"labels “{fields.kr_label_prefix}…”"] if fields.kr_label_prefix is not None else []
    sources += [f"link “{name}”" for name in fields.kr_link_types]
    told = ", ".join(sources) or "nothing yet; every item will be unaligned"
    say(desk, f"Key results from: {escape(told)}.")
    for warning in _empty(survey, fields):
        note(desk, warning)
    points = ", ".join(_source(survey, projects, ref) for ref in fields.points_fields)
    say(desk, f"Estimates from: {escape(points or 'nothing')}.")
    if fields.team_field is not None:
        say(desk, f"Teams from: {escape(_source(survey, projects, fields.team_field))}.")
    if fields.sprint_field is None:
        note(desk, "Jira lists no sprint field: no sprint is seen.")


def _source(survey: Survey, projects: Sequence[Project], ref: FieldRef) -> str:
    return _described(survey, projects, ref) if len(survey.named(ref.name)) > 1 else ref.name


def _empty(survey: Survey, fields: FieldMapping) -> list[str]:
    """What was chosen and is found nowhere in the sample: a slip, or not used yet."""
    of = f"of the {len(survey.contents)} items looked at"
    prefix, pattern, found = fields.kr_label_prefix, fields.kr_text_pattern, []
    labels = [label for content in survey.contents for label in content.get("labels") or ()]
    if survey.contents and prefix is not None and not any(label_tag(str(label), prefix) for label in labels):
        found.append(f"No label {of} begins with “{prefix}”.")
    for ref in fields.kr_fields if survey.contents else ():
        if ref.id in survey.samples and not choosing.tags_in(survey, ref, pattern):
            by = f" that “{pattern}” finds" if pattern else ""
            found.append(f"“{ref.name}” holds nothing{by} in any {of}.")
    return found
