"""Notices, people's channels and choices, urges."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.adding import BIG_ID, JSON, MOMENT, index_where

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _notices()
    _addresses()
    _deliveries()
    _choices()
    _urges()


def _refers(table: str, column: str, to: str, *, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}", ondelete=ondelete)


def _notices() -> None:
    op.create_table(
        "notice",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("ticket_id", BIG_ID, nullable=False),
        sa.Column("event_id", BIG_ID, nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("params", JSON, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        _refers("notice", "person_id", "person"),
        _refers("notice", "ticket_id", "ticket"),
        _refers("notice", "event_id", "timeline_event"),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
        sa.UniqueConstraint("event_id", "person_id", name="uq_notice_event_id_person_id"),
    )
    op.create_index("ix_notice_person", "notice", ["person_id", "id"])
    op.create_index("ix_notice_ticket", "notice", ["ticket_id", "person_id"])
    index_where("ix_notice_unread", "notice", ["person_id", "id"], "read_at IS NULL")


def _addresses() -> None:
    op.create_table(
        "notice_address",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("person_id", BIG_ID, nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("hint", sa.String(), nullable=False),
        sa.Column("topics", JSON, nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", BIG_ID, nullable=False),
        _refers("notice_address", "person_id", "person"),
        _refers("notice_address", "created_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_notice_address"),
        sa.UniqueConstraint("public_id", name="uq_notice_address_public_id"),
    )
    op.create_index("ix_notice_address_brand_id", "notice_address", ["brand_id"])
    op.create_index("ix_notice_address_person_id", "notice_address", ["person_id"])


def _deliveries() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("event_id", BIG_ID, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=True),
        sa.Column("address_id", BIG_ID, nullable=True),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("params", JSON, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        _refers("delivery", "event_id", "timeline_event"),
        _refers("delivery", "person_id", "person"),
        _refers("delivery", "address_id", "notice_address", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.UniqueConstraint("key", name="uq_delivery_key"),
    )
    op.create_index("ix_delivery_failed", "delivery", ["status", "brand_id", "id"])


def _choices() -> None:
    op.create_table(
        "notice_choice",
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("topic", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        _refers("notice_choice", "person_id", "person"),
        sa.PrimaryKeyConstraint("person_id", "topic", "channel", name="pk_notice_choice"),
    )


def _urges() -> None:
    op.create_table(
        "urge",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", BIG_ID, nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=True),
        sa.Column("by_id", BIG_ID, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("merged", sa.Boolean(), nullable=False),
        sa.Column("climbs", sa.Integer(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by_id", BIG_ID, nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("expected_at", MOMENT, nullable=True),
        _refers("urge", "ticket_id", "ticket"),
        _refers("urge", "owner_id", "person"),
        _refers("urge", "by_id", "person"),
        _refers("urge", "answered_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_urge"),
        sa.UniqueConstraint("public_id", name="uq_urge_public_id"),
    )
    op.create_index("ix_urge_ticket", "urge", ["ticket_id", "id"])
    op.create_index("ix_urge_brand", "urge", ["brand_id", "at"])
