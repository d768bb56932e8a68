"""Clients of other systems and their calls; looks at sensitive fields; erasures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.adding import BIG_ID, JSON, MOMENT, add_reference

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("is_client", sa.Boolean(), nullable=False, server_default=sa.false()))
    for table in ("person", "subject", "ticket"):
        op.add_column(table, sa.Column("erased_at", MOMENT, nullable=True))
    _clients()
    add_reference("api_token", "client_id", "api_client")
    op.create_index("ix_api_token_client_id", "api_token", ["client_id"])
    op.add_column("api_token", sa.Column("last_used_at", MOMENT, nullable=True))


def _clients() -> None:
    op.create_table(
        "api_client",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("place_id", BIG_ID, nullable=False),
        sa.Column("scopes", JSON, nullable=False),
        sa.Column("types", JSON, nullable=False),
        sa.Column("addresses", JSON, nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("disabled_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_api_client_person_id"),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name="fk_api_client_place_id"),
        sa.PrimaryKeyConstraint("id", name="pk_api_client"),
        sa.UniqueConstraint("public_id", name="uq_api_client_public_id"),
        sa.UniqueConstraint("person_id", name="uq_api_client_person_id"),
    )
    op.create_index("ix_api_client_brand_id", "api_client", ["brand_id"])
    op.create_table(
        "api_call",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("client_id", BIG_ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("called", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["api_client.id"], name="fk_api_call_client_id"),
        sa.PrimaryKeyConstraint("id", name="pk_api_call"),
    )
    op.create_index("ix_api_call_client", "api_call", ["client_id", "id"])
    op.create_index("ix_api_call_at", "api_call", ["at"])
