"""Signals are waited for beside messages; start events have timers whose turns are counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kind = sa.Column("kind", sa.String(length=16), nullable=False, server_default="message")
    op.add_column("message_subscription", kind)
    op.add_column("timer", sa.Column("counted_from", sa.DateTime(timezone=True), nullable=True))
    op.add_column("timer", sa.Column("turns_left", sa.Integer(), nullable=True))
