"""Every table there is: whoever needs all of them imports this, so that the modules that declare them are loaded."""

from importlib import import_module

from sqlalchemy import Table
from sqlmodel import SQLModel

for _name in (
    *(
        "call_tables",
        "check_in_tables",
        "connecting_tables",
        "file_tables",
        "mapping_tables",
        "messages_tables",
        "okr_tables",
    ),
    *("pruning_tables", "rule_tables", "tables", "trend_tables", "write_back_tables"),
):
    import_module(f"integration.store.{_name}")
import_module("webhooks.inbox")

METADATA = SQLModel.metadata
EVERY_TABLE: tuple[Table, ...] = tuple(METADATA.sorted_tables)  # those that others refer to come first
