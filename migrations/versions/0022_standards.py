"""Standards: what is asked for, its occurrences, what became of each step, launches, waivers and spot checks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.adding import BIG_ID, JSON, MOMENT

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

PLANNED = sa.text("state = 'planned'")


def upgrade() -> None:
    _standard()
    _standard_step()
    _standard_launch()
    _standard_occurrence()
    _standard_waiver()
    _standard_step_record()
    _spot_check()
    _spot_check_step()
    _step_confirmation()


def _standard() -> None:
    op.create_table(
        "standard",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("place_id", BIG_ID, nullable=False),
        sa.Column("type_key", sa.String(length=255), nullable=False),
        sa.Column("subject_kind", sa.String(length=16), nullable=False),
        sa.Column("conditions", JSON, nullable=False),
        sa.Column("trigger", sa.String(length=12), nullable=False),
        sa.Column("timing", JSON, nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("planned_until", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", BIG_ID, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name="fk_standard_place_id"),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name="fk_standard_created_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_standard"),
        sa.UniqueConstraint("brand_id", "type_key", "place_id", name="uq_standard_brand_id_type_key_place_id"),
        sa.UniqueConstraint("public_id", name="uq_standard_public_id"),
    )
    op.create_index("ix_standard_place_id", "standard", ["place_id"])


def _standard_step() -> None:
    op.create_table(
        "standard_step",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("standard_id", BIG_ID, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("names", JSON, nullable=False),
        sa.Column("mandatory", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("deadline", sa.String(length=64), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["standard_id"], ["standard.id"], name="fk_standard_step_standard_id"),
        sa.PrimaryKeyConstraint("id", name="pk_standard_step"),
        sa.UniqueConstraint("standard_id", "key", name="uq_standard_step_standard_id_key"),
    )


def _standard_launch() -> None:
    op.create_table(
        "standard_launch",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("standard_id", BIG_ID, nullable=False),
        sa.Column("place_id", BIG_ID, nullable=False),
        sa.Column("by_id", BIG_ID, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("started", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("after_subject_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["standard_id"], ["standard.id"], name="fk_standard_launch_standard_id"),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name="fk_standard_launch_place_id"),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name="fk_standard_launch_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_standard_launch"),
        sa.UniqueConstraint("public_id", name="uq_standard_launch_public_id"),
    )
    op.create_index("ix_standard_launch_brand_id", "standard_launch", ["brand_id"])
    op.create_index("ix_standard_launch_standard_id", "standard_launch", ["standard_id"])


def _standard_occurrence() -> None:
    op.create_table(
        "standard_occurrence",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("place_id", BIG_ID, nullable=False),
        sa.Column("standard_id", BIG_ID, nullable=False),
        sa.Column("subject_id", BIG_ID, nullable=False),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("ticket_id", BIG_ID, nullable=True),
        sa.Column("launch_id", BIG_ID, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name="fk_standard_occurrence_place_id"),
        sa.ForeignKeyConstraint(["standard_id"], ["standard.id"], name="fk_standard_occurrence_standard_id"),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_standard_occurrence_subject_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_standard_occurrence_ticket_id"),
        sa.ForeignKeyConstraint(["launch_id"], ["standard_launch.id"], name="fk_standard_occurrence_launch_id"),
        sa.PrimaryKeyConstraint("id", name="pk_standard_occurrence"),
        sa.UniqueConstraint("public_id", name="uq_standard_occurrence_public_id"),
        sa.UniqueConstraint("ticket_id", name="uq_standard_occurrence_ticket_id"),
        sa.UniqueConstraint(
            "standard_id", "subject_id", "period", name="uq_standard_occurrence_standard_id_subject_id_period"
        ),
    )
    op.create_index(
        "ix_standard_occurrence_due",
        "standard_occurrence",
        ["starts_at", "id"],
        sqlite_where=PLANNED,
        postgresql_where=PLANNED,
    )
    op.create_index("ix_standard_occurrence_launch_id", "standard_occurrence", ["launch_id"])
    op.create_index(
        "ix_standard_occurrence_state", "standard_occurrence", ["standard_id", "state", "starts_at", "place_id"]
    )
    op.create_index("ix_standard_occurrence_subject_id", "standard_occurrence", ["subject_id"])


def _standard_waiver() -> None:
    op.create_table(
        "standard_waiver",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("place_id", BIG_ID, nullable=False),
        sa.Column("standard_id", BIG_ID, nullable=False),
        sa.Column("step_id", BIG_ID, nullable=True),
        sa.Column("subject_id", BIG_ID, nullable=True),
        sa.Column("occurrence_id", BIG_ID, nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by_id", BIG_ID, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by_id", BIG_ID, nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name="fk_standard_waiver_place_id"),
        sa.ForeignKeyConstraint(["standard_id"], ["standard.id"], name="fk_standard_waiver_standard_id"),
        sa.ForeignKeyConstraint(["step_id"], ["standard_step.id"], name="fk_standard_waiver_step_id"),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_standard_waiver_subject_id"),
        sa.ForeignKeyConstraint(["occurrence_id"], ["standard_occurrence.id"], name="fk_standard_waiver_occurrence_id"),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name="fk_standard_waiver_asked_by_id"),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name="fk_standard_waiver_decided_by_id"),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name="fk_standard_waiver_ended_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_standard_waiver"),
        sa.UniqueConstraint("public_id", name="uq_standard_waiver_public_id"),
    )
    op.create_index("ix_standard_waiver_occurrence_id", "standard_waiver", ["occurrence_id"])
    op.create_index("ix_standard_waiver_place_id", "standard_waiver", ["place_id"])
    op.create_index("ix_standard_waiver_standard_id", "standard_waiver", ["standard_id"])
    op.create_index("ix_standard_waiver_state", "standard_waiver", ["state"])
    op.create_index("ix_standard_waiver_subject_id", "standard_waiver", ["subject_id"])


def _standard_step_record() -> None:
    op.create_table(
        "standard_step_record",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("place_id", BIG_ID, nullable=False),
        sa.Column("standard_id", BIG_ID, nullable=False),
        sa.Column("step_id", BIG_ID, nullable=False),
        sa.Column("occurrence_id", BIG_ID, nullable=False),
        sa.Column("subject_id", BIG_ID, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.Column("task_id", BIG_ID, nullable=True),
        sa.Column("waiver_id", BIG_ID, nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("valid_to", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name="fk_standard_step_record_place_id"),
        sa.ForeignKeyConstraint(["standard_id"], ["standard.id"], name="fk_standard_step_record_standard_id"),
        sa.ForeignKeyConstraint(["step_id"], ["standard_step.id"], name="fk_standard_step_record_step_id"),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["standard_occurrence.id"], name="fk_standard_step_record_occurrence_id"
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_standard_step_record_subject_id"),
        sa.ForeignKeyConstraint(["task_id"], ["user_task.id"], name="fk_standard_step_record_task_id"),
        sa.ForeignKeyConstraint(["waiver_id"], ["standard_waiver.id"], name="fk_standard_step_record_waiver_id"),
        sa.PrimaryKeyConstraint("id", name="pk_standard_step_record"),
    )
    op.create_index(
        "ix_standard_step_record_matrix",
        "standard_step_record",
        [
            "step_id",
            "place_id",
            "due_at",
            "valid_to",
            "valid_from",
            "done_at",
            "opened_at",
            "waiver_id",
            "occurrence_id",
            "subject_id",
        ],
    )
    op.create_index("ix_standard_step_record_due", "standard_step_record", ["standard_id", "due_at", "id"])
    op.create_index(
        "ix_standard_step_record_occurrence", "standard_step_record", ["occurrence_id", "step_id", "valid_to"]
    )
    op.create_index("ix_standard_step_record_subject_id", "standard_step_record", ["subject_id"])
    op.create_index("ix_standard_step_record_task_id", "standard_step_record", ["task_id"])


def _spot_check() -> None:
    op.create_table(
        "spot_check",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("place_id", BIG_ID, nullable=False),
        sa.Column("standard_id", BIG_ID, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=32), nullable=False),
        sa.Column("drawn_at", MOMENT, nullable=False),
        sa.Column("drawn_by_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name="fk_spot_check_place_id"),
        sa.ForeignKeyConstraint(["standard_id"], ["standard.id"], name="fk_spot_check_standard_id"),
        sa.ForeignKeyConstraint(["drawn_by_id"], ["person.id"], name="fk_spot_check_drawn_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_spot_check"),
        sa.UniqueConstraint("public_id", name="uq_spot_check_public_id"),
    )
    op.create_index("ix_spot_check_place_id", "spot_check", ["place_id"])
    op.create_index("ix_spot_check_standard_id", "spot_check", ["standard_id"])


def _spot_check_step() -> None:
    op.create_table(
        "spot_check_step",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("place_id", BIG_ID, nullable=False),
        sa.Column("check_id", BIG_ID, nullable=False),
        sa.Column("record_id", BIG_ID, nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("judged_at", MOMENT, nullable=True),
        sa.Column("judged_by_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name="fk_spot_check_step_place_id"),
        sa.ForeignKeyConstraint(["check_id"], ["spot_check.id"], name="fk_spot_check_step_check_id"),
        sa.ForeignKeyConstraint(["record_id"], ["standard_step_record.id"], name="fk_spot_check_step_record_id"),
        sa.ForeignKeyConstraint(["judged_by_id"], ["person.id"], name="fk_spot_check_step_judged_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_spot_check_step"),
        sa.UniqueConstraint("public_id", name="uq_spot_check_step_public_id"),
        sa.UniqueConstraint("check_id", "record_id", name="uq_spot_check_step_check_id_record_id"),
    )
    op.create_index("ix_spot_check_step_record_id", "spot_check_step", ["record_id"])
    op.create_index(
        "ix_spot_check_step_failed",
        "spot_check_step",
        ["judged_at", "record_id"],
        sqlite_where=sa.text("verdict = 'failed'"),
        postgresql_where=sa.text("verdict = 'failed'"),
    )


def _step_confirmation() -> None:
    op.create_table(
        "step_confirmation",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("task_id", BIG_ID, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["user_task.id"], name="fk_step_confirmation_task_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_step_confirmation_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_step_confirmation"),
        sa.UniqueConstraint("task_id", "person_id", name="uq_step_confirmation_task_id_person_id"),
    )
    op.create_index("ix_step_confirmation_task_id", "step_confirmation", ["task_id"])
