"""Tell of all connections together: findings about key results, teams and the register stand under no connection, and
everything is due once, for roll-ups and the epics of key results are kept in another way.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_OF_ALL = ""
_TOGETHER = (
    "binary_kr", "effort_without_movement", "no_baseline", "off_balance", "output_kr", "starved_kr", "too_many_krs",
    "too_many_objectives", "unmeasured_kr", "vanity_kr",
)  # fmt: skip
_FIRST = ("acknowledged", "muted", "open", "resolved")  # of one finding that several connections had: what people said

findings = sa.table(
    "findings",
    *(sa.column(name) for name in ("id", "connection", "kind", "subject", "state")),
)
events = sa.table("finding_events", sa.column("finding_id"))
answers = sa.table("answers", sa.column("kind"), sa.column("subject"))
connections = sa.table("connections", sa.column("id"))
plans = sa.table("plans", sa.column("connection"))
due = sa.table(
    "due",
    *(sa.column(name) for name in ("connection", "kind", "subject", "version")),
    sa.column("since", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    database = op.get_bind()
    alone = set(database.scalars(sa.select(plans.c.connection).where(plans.c.connection.is_not(None))))
    _gather_findings(database, alone)
    of_all = answers.c.subject.like("team/%") | answers.c.subject.like("company/%")
    op.execute(sa.delete(answers).where((answers.c.kind == "key_results") | ((answers.c.kind == "rollup") & of_all)))
    _make_everything_due(database)


def _make_everything_due(database: sa.Connection) -> None:
    names = list(database.scalars(sa.select(connections.c.id)))
    if names or database.scalar(sa.select(sa.func.count()).select_from(plans)):
        names.append(_OF_ALL)
    for name in names:
        op.execute(sa.delete(due).where(due.c.connection == name, due.c.kind == "everything"))
        # As old as anything: whatever is decided next has done it.
        values = {"connection": name, "kind": "everything", "subject": "*", "since": datetime.now(UTC), "version": 0}
        op.execute(sa.insert(due).values(**values))


def _gather_findings(database: sa.Connection, alone: set[str]) -> None:
    question = sa.select(findings).where(findings.c.kind.in_(_TOGETHER))
    found: dict[tuple[str, str], list[sa.Row[tuple[object, ...]]]] = {}
    for row in database.execute(question.order_by(findings.c.id)):
        if row.connection not in alone:
            found.setdefault((row.kind, row.subject), []).append(row)
    for rows in found.values():
        kept, *others = sorted(rows, key=lambda row: (_FIRST.index(row.state), row.id))
        for row in others:
            op.execute(sa.delete(events).where(events.c.finding_id == row.id))
            op.execute(sa.delete(findings).where(findings.c.id == row.id))
        op.execute(sa.update(findings).where(findings.c.id == kept.id).values(connection=_OF_ALL))
