"""What lists sort and filter by is indexed; listed field values; the search index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.adding import BIG_ID, index_where

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _lists()
    _field_values()
    _search()


def _lists() -> None:
    op.drop_index("ix_ticket_place", "ticket")
    op.drop_index("ix_ticket_type_id", "ticket")
    op.drop_index("ix_ticket_owner", "ticket")
    op.drop_index("ix_user_task_inbox", "user_task")
    index_where(
        "ix_user_task_inbox", "user_task", ["queue_key", "due_at", "id", "assignee_id", "priority"], "status = 'open'"
    )
    op.create_index("ix_ticket_owner", "ticket", ["owner_id", "status", "id", "priority"])
    op.create_index("ix_ticket_place", "ticket", ["place_id", "status", "type_id", "id"])
    op.create_index("ix_ticket_type", "ticket", ["type_id", "status", "id"])
    op.create_index("ix_ticket_due", "ticket", ["status", "due_at", "id", "brand_id", "place_id"])
    op.create_index("ix_ticket_priority", "ticket", ["status", "priority", "id"])
    op.create_index("ix_ticket_updated", "ticket", ["updated_at", "id"])
    op.create_index("ix_ticket_created", "ticket", ["created_at", "brand_id", "place_id"])
    index_where("ix_ticket_resolved", "ticket", ["resolved_at"], "resolved_at IS NOT NULL")
    index_where("ix_ticket_closed", "ticket", ["closed_at", "brand_id", "place_id"], "closed_at IS NOT NULL")


def _field_values() -> None:
    op.create_table(
        "field_value",
        sa.Column("ticket_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("number", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_field_value_ticket_id"),
        sa.PrimaryKeyConstraint("ticket_id", "name", "position", name="pk_field_value"),
    )
    op.create_index("ix_field_value_text", "field_value", ["name", "text", "ticket_id"])
    index_where("ix_field_value_number", "field_value", ["name", "number", "ticket_id"], "number IS NOT NULL")


def _search() -> None:
    op.create_table(
        "search_document",
        sa.Column("ticket_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("outside", sa.String(), nullable=False),
        sa.Column("inside", sa.String(), nullable=False),
        sa.Column("marks", sa.String(), nullable=False),
        sa.Column("reader", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_search_document_ticket_id"),
        sa.PrimaryKeyConstraint("ticket_id", name="pk_search_document"),
    )
    for statement in _INDEX[op.get_bind().dialect.name]:
        op.execute(statement)


_INDEX = {
    "sqlite": (
        """CREATE VIRTUAL TABLE IF NOT EXISTS ticket_search USING fts5
        (tokens, content='', columnsize=0, detail=none, tokenize="ascii tokenchars '_:'")""",
    ),
    "postgresql": (
        "CREATE TABLE IF NOT EXISTS ticket_search (ticket_id BIGINT PRIMARY KEY, tokens TSVECTOR NOT NULL)",
        "CREATE INDEX IF NOT EXISTS ix_ticket_search_tokens ON ticket_search USING gin (tokens)",
    ),
}
"""What no model describes: each database's own index of words."""
