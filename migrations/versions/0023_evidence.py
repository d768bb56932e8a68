"""Files know when their photo was taken, and the task that they are evidence of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.adding import add_reference

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stored_file", sa.Column("taken", sa.String(length=40), nullable=True))
    add_reference("stored_file", "task_id", "user_task")
