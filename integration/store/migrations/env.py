"""Alembic's way in: it runs on the connection that `migrate` hands over, for there is one way to open a database."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import DateTime, Text
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

import integration.store.check_in_tables
import integration.store.connecting_tables
import integration.store.mapping_tables
import integration.store.messages_tables
import integration.store.okr_tables
import integration.store.rule_tables
import integration.store.tables
import integration.store.trend_tables
import integration.store.write_back_tables
import webhooks.inbox

# imported so that all tables are known
TABLES = (
    integration.store.check_in_tables,
    integration.store.connecting_tables,
    integration.store.mapping_tables,
    integration.store.messages_tables,
    integration.store.okr_tables,
    integration.store.rule_tables,
    integration.store.tables,
    integration.store.trend_tables,
    integration.store.write_back_tables,
    webhooks.inbox,
)


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
    target_metadata=SQLModel.metadata,
    render_as_batch=True,  # SQLite can change a table only by copying it
    render_item=_plainly,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
