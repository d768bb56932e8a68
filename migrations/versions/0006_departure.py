"""Departures with their plans and what they changed; events that came."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.adding import BIG_ID, JSON, MOMENT

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _departure()
    _departure_change()
    _received_event()


def _departure() -> None:
    op.create_table(
        "departure",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("place_id", BIG_ID, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("by_id", BIG_ID, nullable=False),
        sa.Column("via", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("plan", JSON, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.Column("undone_by_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name="fk_departure_place_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_departure_person_id"),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name="fk_departure_by_id"),
        sa.ForeignKeyConstraint(["undone_by_id"], ["person.id"], name="fk_departure_undone_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_departure"),
        sa.UniqueConstraint("public_id", name="uq_departure_public_id"),
    )
    for column in ("brand_id", "place_id", "person_id"):
        op.create_index(f"ix_departure_{column}", "departure", [column])


def _departure_change() -> None:
    op.create_table(
        "departure_change",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("departure_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", BIG_ID, nullable=True),
        sa.Column("before", JSON, nullable=False),
        sa.Column("after", JSON, nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["departure_id"], ["departure.id"], name="fk_departure_change_departure_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_departure_change_ticket_id"),
        sa.PrimaryKeyConstraint("id", name="pk_departure_change"),
    )
    op.create_index("ix_departure_change_open", "departure_change", ["departure_id", "outcome", "id"])


def _received_event() -> None:
    op.create_table(
        "received_event",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=512), nullable=False),
        sa.Column("event_id", sa.String(length=255), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("answer", JSON, nullable=True),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_received_event"),
        sa.UniqueConstraint("brand_id", "source", "event_id", name="uq_received_event_brand_id_source_event_id"),
    )
    op.create_index("ix_received_event_received_at", "received_event", ["received_at"])
