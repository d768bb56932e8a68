"""Calendars, service policies and clocks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.adding import BIG_ID, JSON, MOMENT

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ticket", sa.Column("due_left", sa.Integer(), nullable=True))
    _calendars()
    _closures()
    _policies()
    _clocks()


def _calendars() -> None:
    op.create_table(
        "business_calendar",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("names", JSON, nullable=False),
        sa.Column("hours", JSON, nullable=False),
        sa.Column("holidays", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_business_calendar"),
        sa.UniqueConstraint("public_id", name="uq_business_calendar_public_id"),
    )
    op.create_index("ix_business_calendar_brand_id", "business_calendar", ["brand_id"])
    op.create_table(
        "calendar_day",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("calendar_id", BIG_ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hours", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["calendar_id"], ["business_calendar.id"], name="fk_calendar_day_calendar_id"),
        sa.PrimaryKeyConstraint("id", name="pk_calendar_day"),
        sa.UniqueConstraint("calendar_id", "day", name="uq_calendar_day_calendar_id_day"),
    )
    op.create_table(
        "place_calendar",
        sa.Column("place_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("calendar_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name="fk_place_calendar_place_id"),
        sa.ForeignKeyConstraint(["calendar_id"], ["business_calendar.id"], name="fk_place_calendar_calendar_id"),
        sa.PrimaryKeyConstraint("place_id", name="pk_place_calendar"),
    )
    op.create_index("ix_place_calendar_calendar_id", "place_calendar", ["calendar_id"])
    op.create_table(
        "public_holiday",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("region", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        sa.Column("names", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_public_holiday"),
        sa.UniqueConstraint("region", "day", name="uq_public_holiday_region_day"),
    )
    op.create_table(
        "service_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_service_version"),
    )
    op.execute("INSERT INTO service_version (id, version) VALUES (1, 1)")


def _closures() -> None:
    op.create_table(
        "closure",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("place_id", BIG_ID, nullable=False),
        sa.Column("starts", sa.String(length=16), nullable=False),
        sa.Column("ends", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name="fk_closure_place_id"),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name="fk_closure_created_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_closure"),
        sa.UniqueConstraint("public_id", name="uq_closure_public_id"),
    )
    op.create_index("ix_closure_place", "closure", ["place_id", "ends"])


def _policies() -> None:
    op.create_table(
        "service_policy",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("type_key", sa.String(length=255), nullable=False),
        sa.Column("priority", sa.String(length=8), nullable=False),
        sa.Column("response", sa.String(length=32), nullable=False),
        sa.Column("resolution", sa.String(length=32), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("warn_before", sa.String(length=32), nullable=False),
        sa.Column("escalate_after", sa.String(length=32), nullable=False),
        sa.Column("escalate_to", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_service_policy"),
        sa.UniqueConstraint("public_id", name="uq_service_policy_public_id"),
        sa.UniqueConstraint("brand_id", "type_key", "priority", name="uq_service_policy_brand_id_type_key_priority"),
    )


def _clocks() -> None:
    op.create_table(
        "service_clock",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("type_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("policy_id", sa.Integer(), nullable=True),
        sa.Column("span", sa.String(length=32), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("warn_before", sa.String(length=32), nullable=False),
        sa.Column("escalate_after", sa.String(length=32), nullable=False),
        sa.Column("escalate_to", sa.String(length=300), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("paused_since", MOMENT, nullable=True),
        sa.Column("left", sa.Integer(), nullable=True),
        sa.Column("warned_at", MOMENT, nullable=True),
        sa.Column("breached_at", MOMENT, nullable=True),
        sa.Column("escalated_at", MOMENT, nullable=True),
        sa.Column("stopped_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.String(length=8), nullable=True),
        sa.Column("judged_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_service_clock_ticket_id"),
        sa.PrimaryKeyConstraint("id", name="pk_service_clock"),
        sa.UniqueConstraint("ticket_id", "kind", name="uq_service_clock_ticket_id_kind"),
    )
    columns = ["brand_id", "kind", "judged_at", "outcome", "type_id"]
    op.create_index("ix_service_clock_judged", "service_clock", columns)
    op.create_index("ix_service_clock_place", "service_clock", ["place_id", "kind", "judged_at"])
    op.create_table(
        "service_pause",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("ticket_id", BIG_ID, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("why", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_service_pause_ticket_id"),
        sa.PrimaryKeyConstraint("id", name="pk_service_pause"),
    )
    op.create_index("ix_service_pause_ticket", "service_pause", ["ticket_id", "started_at"])
