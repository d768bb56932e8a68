"""Saved views of lists, what a bulk action did, exports on their way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.adding import BIG_ID, JSON, MOMENT

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _saved_views()
    _bulk_runs()
    _exports()


def _saved_views() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("role_id", BIG_ID, nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", sa.String(length=2000), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_saved_view_person_id"),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name="fk_saved_view_role_id"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_view"),
        sa.UniqueConstraint("public_id", name="uq_saved_view_public_id"),
        sa.UniqueConstraint("person_id", "name", name="uq_saved_view_person_id_name"),
    )
    op.create_index("ix_saved_view_shared", "saved_view", ["brand_id", "shared"])
    op.create_table(
        "default_view",
        sa.Column("person_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("view_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_default_view_person_id"),
        sa.ForeignKeyConstraint(["view_id"], ["saved_view.id"], name="fk_default_view_view_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_default_view"),
    )
    op.create_index("ix_default_view_view_id", "default_view", ["view_id"])


def _bulk_runs() -> None:
    op.create_table(
        "bulk_run",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("verb", sa.String(length=24), nullable=False),
        sa.Column("rows", JSON, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_bulk_run_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_bulk_run"),
        sa.UniqueConstraint("person_id", "key", name="uq_bulk_run_person_id_key"),
    )
    op.create_index("ix_bulk_run_started_at", "bulk_run", ["started_at"])


def _exports() -> None:
    op.create_table(
        "export",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("format", sa.String(length=4), nullable=False),
        sa.Column("query", sa.String(length=2000), nullable=False),
        sa.Column("reader", JSON, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_export_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_export"),
        sa.UniqueConstraint("public_id", name="uq_export_public_id"),
    )
    op.create_index("ix_export_person", "export", ["person_id", "id"])
    op.create_index("ix_export_expires_at", "export", ["expires_at"])
