"""What the register declares of a source: whose OKRs are kept where, and which fields there say what."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from mappings.tags import fold

ISSUES, GOALS = "jira-issues", "jira-goals"
PARTS = (
    "metric", "unit", "direction", "baseline", "target", "value", "confidence", "kind", "owner", "team", "cycle",
    "from", "until", "aliases",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """The OKRs of some teams (none named: of all) are kept in a tracker; `fields` pairs a part with a field's name."""

    kind: str
    connection: str
    teams: tuple[str, ...] = ()
    project: str | None = None
    jql: str | None = None
    key_results: str | None = None  # name of the type of issue or goal
    objectives: str | None = None
    objective_link: str | None = None  # name of the link type that leads to the objective; without: the parent
    container: str | None = None  # cloudId of the site whose goals these are; without: the connection's
    search: str | None = None  # of goals
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def place(self) -> str:
        """Such as "Jira project OKR of acme"."""
        if self.kind == GOALS:
            return f"Atlassian Goals of {self.connection}"
        return f"Jira {f'project {self.project}' if self.project else 'search'} of {self.connection}"

    def field(self, part: str) -> str | None:
        return dict(self.fields).get(part)

    def is_of(self, team: str) -> bool:
        return not self.teams or fold(team) in {fold(name) for name in self.teams}

    def to_json(self) -> dict[str, object]:
        return {**asdict(self), "teams": list(self.teams), "fields": dict(self.fields)}


def source_of(data: Mapping[str, object]) -> Source:
    """Read what `to_json` gave."""
    texts = {name: value for name, value in data.items() if name not in ("teams", "fields")}
    teams, fields = data["teams"], data["fields"]
    assert isinstance(teams, list)
    assert isinstance(fields, dict)
    return Source(**texts, teams=tuple(teams), fields=tuple(fields.items()))  # type: ignore[arg-type]  # written by us


def source_of_team(sources: Iterable[Source], team: str) -> Source | None:
    return next((source for source in sources if source.is_of(team)), None)
