"""The table of backlogs that came as files: what was imported last under each connection's name."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Text
from sqlmodel import Field, SQLModel

from integration.store.columns import Texts, UtcDateTime, Words

Document = dict[str, Any]  # JSON; checked before it is written


class ImportedFileRow(SQLModel, table=True):
    """A connection that is a file: nobody can be asked what is new, until somebody imports a newer one."""

    __tablename__ = "imported_files"

    connection: str = Field(sa_column=Column(Text(), primary_key=True))
    file: str = Field(sa_column=Column(Words(), nullable=False))  # its name, without its folder
    form: str = Field(sa_column=Column(Text(), nullable=False))  # backlog, jira_csv, jira_json
    is_sample: bool = False
    as_of: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))  # the moment that the file tells of
    imported_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    imported_by: str = Field(sa_column=Column(Words(), nullable=False))
    items: int
    imports: int  # how many there were under this name
    options: Document = Field(sa_column=Column(JSON(none_as_null=True), nullable=False))  # where its tags stand
    notes: tuple[str, ...] = Field(default=(), sa_column=Column(Texts(), nullable=False))  # what it could not tell
