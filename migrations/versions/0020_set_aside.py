"""An incident that was set aside stays known until its process moves past it, and can be tried again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.database import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("incident", sa.Column("aside_at", UtcDateTime()))
