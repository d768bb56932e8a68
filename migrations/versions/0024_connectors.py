"""Connectors: secrets that processes call other systems with, sealed; and the calls that were made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.database import UtcDateTime
from migrations.adding import BIG_ID, JSON

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "connector_secret",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("about", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("updated_by_id", BIG_ID, nullable=True),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["brand_id"], ["place.id"], name="fk_connector_secret_brand_id"),
        sa.ForeignKeyConstraint(["updated_by_id"], ["person.id"], name="fk_connector_secret_updated_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_connector_secret"),
        sa.UniqueConstraint("brand_id", "name", name="uq_connector_secret_brand_id_name"),
        sa.UniqueConstraint("public_id", name="uq_connector_secret_public_id"),
    )
    op.create_table(
        "connector_call",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", BIG_ID, nullable=False),
        sa.Column("instance_id", BIG_ID, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request", JSON, nullable=True),
        sa.Column("job", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("ms", sa.Integer(), nullable=True),
        sa.Column("trouble", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_connector_call_ticket_id"),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name="fk_connector_call_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_connector_call"),
        sa.UniqueConstraint("instance_id", "ref", name="uq_connector_call_instance_id_ref"),
    )
    op.create_index("ix_connector_call_brand_id_at", "connector_call", ["brand_id", "at"])
