"""Keep trends: the shares of each sprint and period as plain numbers, taken from the answers that are there."""

import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    trends = op.create_table(
        "trends",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("board", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("total", sa.Float(), nullable=False),
        sa.Column("aligned", sa.Float(), nullable=True),
        sa.Column("exempt", sa.Float(), nullable=True),
        sa.Column("dead_link", sa.Float(), nullable=True),
        sa.Column("unaligned", sa.Float(), nullable=True),
        sa.Column("key_results", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "kind", "subject", "measure", "scope", name=op.f("pk_trends")),
    )
    with op.batch_alter_table("trends", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trends_measure_scope_at"), ["measure", "scope", "at"], unique=False)
    columns: list[sa.ColumnClause[Any]] = [
        sa.column(name) for name in ("connection", "kind", "subject", "measure", "summary")
    ]
    answers = sa.select(*columns).select_from(sa.table("answers")).where(sa.column("kind").in_(("sprint", "period")))
    for answer in op.get_bind().execute(answers).all():
        summary = json.loads(answer.summary) if isinstance(answer.summary, str) else answer.summary
        rows = _rows(summary)
        if rows:
            known = {"connection": answer.connection, "kind": answer.kind, "subject": answer.subject}
            op.bulk_insert(trends, [{**known, "measure": answer.measure, **row} for row in rows])


def _rows(summary: dict[str, Any]) -> list[dict[str, Any]]:
    at = _at(summary)
    figures = {scope: summary["scopes"].get(scope) for scope in ("completed", "final")}
    return [
        _row(summary, scope, figure, at) for scope, figure in figures.items() if figure is not None and at is not None
    ]


def _at(summary: dict[str, Any]) -> datetime | None:
    moment = summary.get("completed") or summary.get("end") or summary.get("start")
    if moment is None or "T" in moment:
        return None if moment is None else datetime.fromisoformat(moment)
    return datetime.fromisoformat(moment).replace(tzinfo=UTC) + timedelta(days=1) - timedelta(seconds=1)


def _row(summary: dict[str, Any], scope: str, figure: dict[str, Any], at: datetime | None) -> dict[str, Any]:
    shares = {part["key_result"]: part["share"] for part in figure["shares"] if part["share"]}
    parts = {name: figure[name]["share"] for name in ("exempt", "dead_link", "unaligned")}
    return {
        "scope": scope,
        "board": summary["board"],
        "team": summary.get("team"),
        "name": summary.get("name") or summary.get("start") or summary["id"],
        "at": at,
        "closed": summary["state"] == "closed",
        "items": figure["items"],
        "total": float(Fraction(figure["total"])),
        "aligned": None if None in parts.values() else sum(shares.values()),
        **parts,
        "key_results": shares,
    }
