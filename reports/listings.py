"""The tables that people take away: every row, exact numbers, and what a page shows only the first of."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from integration.store import reads
from integration.store.opened import Store
from mappings.exact import exact_number
from reports import sheets
from reports.addresses import safe_link
from reports.finding_pages import states_of
from reports.finding_teams import of_team
from reports.finding_views import OF_EPICS, FindingView, finding_views
from reports.sheets import Row, Table
from reports.views import ground_of

EPIC_COLUMNS = sheets.columns(
    connection="text", finding="text", epic="text", title="text", severity="text", state="text", measure="text",
    left="exact", in_all="exact", open_items="whole", days_old="whole", share_of_running_sprints="share",
    suggestion="text", address="text",
)  # fmt: skip
FINDING_COLUMNS = sheets.columns(
    id="whole", connection="text", finding="text", subject="text", name="text", severity="text", state="text",
    opened="moment", suggestion="text", evidence="data", reason="text", by="text", address="text",
)  # fmt: skip


def findings_csv(
    store: Store, now: datetime, kind: str | None, state: str, team: str = "", connection: str = ""
) -> str:
    return sheets.written(findings_table(store, now, kind, states_of(state), team, connection), "csv").decode()


def findings_table(
    store: Store, now: datetime, kind: str | None, states: tuple[str, ...], team: str = "", connection: str = ""
) -> Table:
    """All of them, where the page shows the first ones of each kind."""
    with store.reading() as session:
        ground = ground_of(session, now)
        every = reads.open_findings(session, connection=connection or None, kind=kind, states=states)
        found = of_team(session, ground, every, team)
        views = finding_views(session, found, ground)
    return table_of_findings(views)


def table_of_findings(views: Iterable[FindingView]) -> Table:
    return Table("findings", FINDING_COLUMNS, map(_finding_row, views))


def epics_table(views: Iterable[FindingView], measure: str, titles: dict[tuple[str, str], str]) -> Table:
    """Those of findings about epics, and the epics that a finding about an untagged backlog names all together;
    `titles` are of these, by connection and key."""
    return Table("epics", EPIC_COLUMNS, _epic_rows(tuple(views), measure, titles))


def _epic_rows(views: tuple[FindingView, ...], measure: str, titles: dict[tuple[str, str], str]) -> Iterator[Row]:
    for view in views:
        if view.finding.kind in OF_EPICS:
            yield _epic_row(view, measure)
    for view in views:
        if view.finding.kind == "untagged_backlog":
            yield from _untagged_rows(view, measure, titles)


def _epic_row(view: FindingView, measure: str) -> Row:
    finding, item = view.finding, view.item
    evidence = finding.evidence
    return (
        finding.connection,
        finding.kind,
        finding.subject,
        item.title if item is not None else None,
        finding.severity,
        finding.state,
        measure,
        exact_number(evidence["remaining"]),
        exact_number(evidence["total"]),
        evidence["open_items"],
        evidence.get("age_days"),
        evidence["active_sprint_share"],
        finding.suggestion,
        safe_link(item.url) if item is not None else None,
    )


def _untagged_rows(view: FindingView, measure: str, titles: dict[tuple[str, str], str]) -> Iterator[Row]:
    finding = view.finding
    for epic in finding.evidence["epics"]:
        title = titles.get((finding.connection, epic["epic"]))
        place = (finding.connection, finding.kind, epic["epic"], title, finding.severity, finding.state, measure)
        left, share = exact_number(epic["remaining"]), epic["active_sprint_share"]
        yield (*place, left, None, epic["open_items"], None, share, finding.suggestion, None)


def _finding_row(view: FindingView) -> Row:
    finding = view.finding
    return (
        finding.id,
        finding.connection,
        finding.kind,
        finding.subject,
        view.about or (view.subject if view.subject != finding.subject else None),
        finding.severity,
        finding.state,
        finding.opened_at,
        finding.suggestion,
        finding.evidence,
        finding.reason,
        finding.actor,
        view.href,
    )
