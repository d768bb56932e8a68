"""Assignment rules, rotations, skills, absences and delegated tasks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.adding import BIG_ID, JSON, MOMENT, index_where

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user_task", sa.Column("delegated_by_id", sa.Integer(), nullable=True))
    index_where("ix_ticket_dispatch_due", "ticket", ["due_at", "id"], "dispatch_at IS NOT NULL")
    _rules()
    _people()


def _rules() -> None:
    op.create_table(
        "assignment_rule",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("type_key", sa.String(length=255), nullable=False),
        sa.Column("element", sa.String(length=255), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("args", JSON, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(["updated_by_id"], ["person.id"], name="fk_assignment_rule_updated_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_assignment_rule"),
        sa.UniqueConstraint("public_id", name="uq_assignment_rule_public_id"),
    )
    op.create_index("ix_assignment_rule_order", "assignment_rule", ["brand_id", "type_key", "element", "position"])
    op.create_table(
        "rule_book",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rule_book"),
    )
    op.create_table(
        "rotation",
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_rotation"),
    )


def _people() -> None:
    op.create_table(
        "person_skill",
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("skill", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_person_skill_person_id"),
        sa.PrimaryKeyConstraint("person_id", "skill", name="pk_person_skill"),
    )
    op.create_table(
        "absence",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("from_at", MOMENT, nullable=False),
        sa.Column("until_at", MOMENT, nullable=False),
        sa.Column("substitute_id", BIG_ID, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("pass_on", sa.Boolean(), nullable=False),
        sa.Column("by_id", BIG_ID, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_absence_person_id"),
        sa.ForeignKeyConstraint(["substitute_id"], ["person.id"], name="fk_absence_substitute_id"),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name="fk_absence_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_absence"),
        sa.UniqueConstraint("public_id", name="uq_absence_public_id"),
    )
    op.create_index("ix_absence_person", "absence", ["person_id", "until_at"])
    op.create_index("ix_absence_substitute_id", "absence", ["substitute_id"])
