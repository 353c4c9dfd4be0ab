"""Alembic's way in: it runs on the connection that `migrate` hands over, for there is one way to open a database."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import DateTime, Text
from sqlalchemy.types import TypeDecorator

from integration.store.every_table import METADATA


def _plainly(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our column types as what they are to the database: a migration must not change when they do."""
    if kind == "type" and isinstance(item, TypeDecorator):
        if isinstance(item.impl, DateTime):
            return "sa.DateTime(timezone=True)"
        if isinstance(item.impl, Text):
            return "sa.Text()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite can change a table only by copying it
    render_item=_plainly,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
