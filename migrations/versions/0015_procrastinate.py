"""Jobs of an installation on PostgreSQL are Procrastinate's: its tables, and what they have no place for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.adding import BIG_ID, MOMENT
from migrations.procrastinate import bring_up

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job_key",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_job_key"),
    )
    op.create_index("ix_job_key_at", "job_key", ["at"])
    op.create_table(
        "job_error",
        sa.Column("job_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("job_id", name="pk_job_error"),
    )
    op.create_index("ix_job_error_at", "job_error", ["at"])
    connection = op.get_bind()
    bring_up(connection)
    if connection.dialect.name == "postgresql":
        op.execute("CREATE INDEX IF NOT EXISTS ix_procrastinate_jobs_key ON procrastinate_jobs ((args ->> 'key'))")
