"""A look at a site for the operator who chooses: its fields ranked for each part, with samples of what they hold."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from integration.contract import TrackerError
from integration.http import HTTPClient
from integration.trackers.jira import client
from integration.trackers.jira.answered import Json
from integration.trackers.jira.discovery import Candidate, Discovery, discover, names_of, project_of
from integration.trackers.jira.fields import FieldRef
from integration.trackers.jira.values import tag_texts

SAMPLED = 100  # issues
SHOWN = 4  # values of a field
_ALSO = ("labels", "issuetype", "status", "resolution", "issuelinks")


@dataclass(frozen=True, slots=True)
class Sample:
    """How many of the sampled issues fill a field, and its commonest values."""

    filled: int
    of: int
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """`samples` are by field id. `labels` are the commonest labels: one may tie items to key results by a prefix."""

    found: Discovery
    samples: dict[str, Sample]
    labels: tuple[str, ...]
    fields: tuple[Json, ...]
    contents: tuple[Json, ...] = ()  # the fields of the sampled issues

    def named(self, name: str) -> tuple[FieldRef, ...]:
        """The fields of that id or name, whatever their rank: the operator knows better."""
        wanted = name.casefold().strip()
        every = (candidate.field for candidate in self.candidates)
        known = [ref for ref in every if ref.id == name or any(one.casefold().strip() == wanted for one in ref.names)]
        if known:
            return tuple(dict.fromkeys(known))
        return tuple(
            FieldRef(str(field["id"]), names_of(field))
            for field in self.fields
            if field.get("id") == name or wanted in (one.casefold().strip() for one in names_of(field))
        )

    def named_in(self, field: str) -> tuple[tuple[str, str], ...]:
        """Ids and names of what the sampled issues have in a field such as `status`."""
        held = (content.get(field) for content in self.contents)
        pairs = ((str(one.get("id")), str(one.get("name"))) for one in held if isinstance(one, dict))
        return tuple(dict.fromkeys(pairs))

    def raw(self, field_id: str) -> Json:
        """What Jira says of a field."""
        return next((field for field in self.fields if field.get("id") == field_id), {"id": field_id})

    def project_of(self, ref: FieldRef) -> str | None:
        """The id of the one project that has the field, if it is the field of one."""
        return project_of(self.raw(ref.id).get("scope"))

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Those of key results first: they know how their values are encoded."""
        return (*self.found.key_result, *self.found.points, *self.found.team)


def survey(http: HTTPClient, projects: Sequence[str], boards: Iterable[str]) -> Survey:
    """Look at the fields of a site and at issues of some projects that were changed lately."""
    fields = [field for field in client.fields(http) if not _is_of_others(field, projects)]
    found = discover(fields, estimation_fields(http, boards))
    candidates = (*found.key_result, *found.points, *found.team)
    wanted = sorted({candidate.field.id for candidate in candidates})
    issues = _lately_changed(http, projects, [*wanted, *_ALSO]) if projects else []
    contents = [issue["fields"] for issue in issues]
    labels = Counter(label for content in contents for label in tag_texts(content.get("labels")))
    return Survey(
        found=found,
        samples={id_: _sample(content.get(id_) for content in contents) for id_ in wanted},
        labels=tuple(label for label, _ in labels.most_common(SHOWN * 3)),
        fields=tuple(fields),
        contents=tuple(contents),
    )


def _is_of_others(field: Json, projects: Sequence[str]) -> bool:
    """Whether only another project has it, as team-managed ones have fields of their own."""
    project = project_of(field.get("scope"))
    return project is not None and project not in projects


def estimation_fields(http: HTTPClient, boards: Iterable[str]) -> tuple[str, ...]:
    """The fields in which the boards estimate: the surest sign of what the points are."""
    found = []
    for board_id in boards:
        try:
            configuration = client.board_configuration(http, board_id) or {}
        except TrackerError:
            continue  # Some credentials may see a board and not its configuration: the other signs must do.
        field = (configuration.get("estimation") or {}).get("field") or {}
        if field.get("fieldId"):
            found.append(str(field["fieldId"]))
    return tuple(dict.fromkeys(found))


def _lately_changed(http: HTTPClient, projects: Sequence[str], wanted: Sequence[str]) -> list[Json]:
    jql = f"project in ({', '.join(projects)}) ORDER BY updated DESC"
    issues, _ = client.search_page(http, jql, wanted, size=SAMPLED)
    return issues


def _sample(values: Iterable[object]) -> Sample:
    texts = [tag_texts(value) for value in values]
    common = Counter(text for some in texts for text in some)
    return Sample(sum(1 for some in texts if some), len(texts), tuple(text for text, _ in common.most_common(SHOWN)))
