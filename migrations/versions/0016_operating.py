"""Whoever runs an installation sees its processes and what is stuck: their pulses, open incidents, a permission."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.adding import JSON, MOMENT, index_where

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

PERMISSION = "installation.run"
role = sa.table("role", sa.column("id"), sa.column("key"), sa.column("scope"), sa.column("permissions", JSON))


def upgrade() -> None:
    op.create_table(
        "pulse",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("release", sa.String(32), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("beat_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pulse"),
    )
    index_where("ix_incident_open", "incident", ["id"], "resolved_at IS NULL")
    connection = op.get_bind()
    administrators = sa.select(role.c.id, role.c.permissions).where(
        role.c.key == "administrator", role.c.scope == "group"
    )
    for id, permissions in connection.execute(administrators).all():
        if PERMISSION not in permissions:
            values = {"permissions": [*permissions, PERMISSION]}
            connection.execute(sa.update(role).where(role.c.id == id).values(values))
