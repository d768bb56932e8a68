"""Jobs that are not over are counted without reading those that are: on PostgreSQL an index of only them."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE INDEX IF NOT EXISTS ix_procrastinate_jobs_not_over ON procrastinate_jobs (task_name, status, id)"
            " WHERE status IN ('todo', 'doing', 'failed', 'aborted')"
        )
