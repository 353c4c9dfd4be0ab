"""The findings that an audit of the backlog is made of, with the titles of the epics that they name."""

from dataclasses import dataclass, replace
from datetime import datetime

from integration.store import page_reads, reads
from integration.store.opened import Store
from reports.finding_pages import LIVING
from reports.finding_views import OF_EPICS, FindingView, finding_views
from reports.views import ground_of

KINDS = (*OF_EPICS, "untagged_backlog")


@dataclass(frozen=True, slots=True)
class AuditLines:
    """`titles` are those of epics that findings about a whole backlog name, by connection and key."""

    measure: str
    views: tuple[FindingView, ...]
    titles: dict[tuple[str, str], str]

    def only(self, kind: str | None, connection: str | None) -> "AuditLines":
        mine = (view for view in self.views if kind in (None, view.finding.kind))
        return replace(self, views=tuple(view for view in mine if connection in (None, view.finding.connection)))


def audit_lines(store: Store, now: datetime) -> AuditLines:
    """What holds now: open, acknowledged or muted."""
    titles: dict[tuple[str, str], str] = {}
    with store.reading() as session:
        chosen = [one for one in reads.open_findings(session, states=LIVING) if one.kind in KINDS]
        ground = ground_of(session, now)
        views = finding_views(session, chosen, ground)
        for one in chosen:
            if one.kind == "untagged_backlog":
                keys = [epic["epic"] for epic in one.evidence["epics"]]
                lines = page_reads.items_named(session, one.connection, keys)
                titles |= {(one.connection, key): line.title for key, line in lines.items()}
    return AuditLines(ground.measure, views, titles)
