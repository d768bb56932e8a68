"""Offers, urges, copies, shares, deadlines; a ticket's family; type settings; the timeline is an outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.adding import BIG_ID, JSON, MOMENT, add_reference, index_where

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _ticket()
    _timeline()
    _deadlines()
    _copies()
    _shares()
    _settings()


def _ticket() -> None:
    op.add_column("ticket", sa.Column("response_due_at", MOMENT, nullable=True))
    op.add_column("ticket", sa.Column("dispatch_at", MOMENT, nullable=True))
    op.add_column("ticket", sa.Column("suspended_until", MOMENT, nullable=True))
    op.add_column("ticket", sa.Column("urges", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("ticket", sa.Column("urged_at", MOMENT, nullable=True))
    add_reference("ticket", "offered_to_id", "person")
    add_reference("ticket", "parent_id", "ticket")
    add_reference("ticket", "merged_into_id", "ticket")
    op.create_index("ix_ticket_parent", "ticket", ["parent_id"])
    op.create_index("ix_ticket_merged_into", "ticket", ["merged_into_id"])
    index_where("ix_ticket_dispatch", "ticket", ["brand_id", "dispatch_at", "id"], "dispatch_at IS NOT NULL")
    index_where("ix_ticket_offered", "ticket", ["offered_to_id"], "offered_to_id IS NOT NULL")
    index_where("ix_ticket_urged", "ticket", ["owner_id", "urged_at"], "urged_at IS NOT NULL")


def _timeline() -> None:
    op.add_column("timeline_event", sa.Column("pending", sa.Boolean(), nullable=False, server_default=sa.false()))
    index_where("ix_timeline_event_pending", "timeline_event", ["id"], "pending")


def _deadlines() -> None:
    op.create_table(
        "deadline",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("args", JSON, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_deadline_ticket_id"),
        sa.PrimaryKeyConstraint("id", name="pk_deadline"),
        sa.UniqueConstraint("ticket_id", "kind", "key", name="uq_deadline_ticket_id_kind_key"),
    )
    op.create_index("ix_deadline_due_at", "deadline", ["due_at"])


def _copies() -> None:
    op.create_table(
        "ticket_cc",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", BIG_ID, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("by_id", BIG_ID, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_ticket_cc_ticket_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_ticket_cc_person_id"),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name="fk_ticket_cc_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_cc"),
        sa.UniqueConstraint("ticket_id", "person_id", name="uq_ticket_cc_ticket_id_person_id"),
    )
    op.create_index("ix_ticket_cc_person", "ticket_cc", ["person_id", "ticket_id"])


def _shares() -> None:
    op.create_table(
        "task_share",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", BIG_ID, nullable=False),
        sa.Column("task_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("by_id", BIG_ID, nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_task_share_ticket_id"),
        sa.ForeignKeyConstraint(["task_id"], ["user_task.id"], name="fk_task_share_task_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_task_share_person_id"),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name="fk_task_share_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_task_share"),
        sa.UniqueConstraint("public_id", name="uq_task_share_public_id"),
    )
    op.create_index("ix_task_share_ticket_id", "task_share", ["ticket_id"])
    op.create_index("ix_task_share_task", "task_share", ["task_id"])
    op.create_index("ix_task_share_person", "task_share", ["person_id", "ticket_id"])
    index_where("ix_task_share_open", "task_share", ["person_id", "at"], "closed_at IS NULL")


def _settings() -> None:
    op.create_table(
        "type_setting",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("type_key", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(["updated_by_id"], ["person.id"], name="fk_type_setting_updated_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_type_setting"),
        sa.UniqueConstraint("brand_id", "type_key", "name", name="uq_type_setting_brand_id_type_key_name"),
    )
