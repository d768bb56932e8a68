"""Sessions, lockout and password rules; menus; imports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.adding import BIG_ID, JSON, MOMENT

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("must_change_password", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("place", sa.Column("closed_at", MOMENT, nullable=True))
    op.create_index("ix_audit_entry_brand_id_at", "audit_entry", ["brand_id", "id"])
    op.create_index("ix_audit_entry_actor_id", "audit_entry", ["actor_id", "id"])
    op.create_index("ix_audit_entry_action", "audit_entry", ["action", "id"])
    op.create_index("ix_membership_place_id", "membership", ["place_id"])
    op.create_index("ix_membership_role_id", "membership", ["role_id"])
    _sessions()
    _trials()
    _menus()
    _imports()


def _sessions() -> None:
    op.create_table(
        "person_session",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_person_session_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_person_session"),
        sa.UniqueConstraint("public_id", name="uq_person_session_public_id"),
        sa.UniqueConstraint("digest", name="uq_person_session_digest"),
    )
    op.create_index("ix_person_session_person_id", "person_session", ["person_id", "seen_at"])


def _trials() -> None:
    op.create_table(
        "sign_in_trial",
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("locked_until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("login", name="pk_sign_in_trial"),
    )
    op.create_index("ix_sign_in_trial_last_at", "sign_in_trial", ["last_at"])


def _menus() -> None:
    op.create_table(
        "menu",
        sa.Column("brand_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("items", JSON, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["place.id"], name="fk_menu_brand_id"),
        sa.PrimaryKeyConstraint("brand_id", name="pk_menu"),
    )


def _imports() -> None:
    op.create_table(
        "people_import",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("headers", JSON, nullable=False),
        sa.Column("rows", JSON, nullable=False),
        sa.Column("problems", JSON, nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("good_only", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_people_import_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_people_import"),
        sa.UniqueConstraint("public_id", name="uq_people_import_public_id"),
    )
    op.create_index("ix_people_import_person_id", "people_import", ["person_id"])
