"""Keep raw answers by pages, what earlier field mappings read, how far reading again is, and what had to be guessed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in batch mode: SQLite would copy and drop the table, and the histories of all items with it.
    op.add_column("items", sa.Column("notes", sa.Text(), nullable=True))
    _make_pages()
    op.create_table(
        "earlier_items",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("tag_field", sa.Text(), nullable=True),
        sa.Column("states", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_earlier_items_item_id_items"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("item_id", "until", name=op.f("pk_earlier_items")),
    )
    op.create_table(
        "earlier_boards",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("periods", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "id", "until", name=op.f("pk_earlier_boards")),
    )
    op.create_table(
        "retranslations",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("fetched", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("why_fetched", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("connection", name=op.f("pk_retranslations")),
    )


def _make_pages() -> None:
    """Each answer that is kept becomes a page of one line."""
    op.create_table(
        "raw_pages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raw_pages")),
    )
    op.create_index(op.f("ix_raw_pages_fetched_at"), "raw_pages", ["fetched_at"], unique=False)
    op.execute(
        "CREATE TABLE raw_lines AS SELECT connection, tracker_id, "
        "row_number() OVER (ORDER BY connection, tracker_id) AS page FROM raw_answers"
    )
    op.execute(
        "INSERT INTO raw_pages (id, connection, fetched_at, asked, body) "
        "SELECT raw_lines.page, raw_answers.connection, raw_answers.fetched_at, '[]', raw_answers.body "
        "FROM raw_lines JOIN raw_answers ON raw_answers.connection = raw_lines.connection "
        "AND raw_answers.tracker_id = raw_lines.tracker_id"
    )
    op.drop_table("raw_answers")
    op.create_table(
        "raw_answers",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("tracker_id", sa.Text(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["page"], ["raw_pages.id"], name=op.f("fk_raw_answers_page_raw_pages"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("connection", "tracker_id", name=op.f("pk_raw_answers")),
    )
    op.create_index(op.f("ix_raw_answers_page"), "raw_answers", ["page"], unique=False)
    op.execute(
        "INSERT INTO raw_answers (connection, tracker_id, page, line) "
        "SELECT connection, tracker_id, page, 0 FROM raw_lines"
    )
    op.drop_table("raw_lines")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval('raw_pages_id_seq', greatest((SELECT max(id) FROM raw_pages), 1))")
