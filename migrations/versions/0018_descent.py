"""Which instances were started by which is kept, so that they do not become more and more without end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.adding import BIG_ID, MOMENT

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "descent",
        sa.Column("instance_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("root_id", BIG_ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("instance_id", name="pk_descent"),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name="fk_descent_instance_id"),
        sa.ForeignKeyConstraint(["root_id"], ["process_instance.id"], name="fk_descent_root_id"),
    )
    op.create_index("ix_descent_root", "descent", ["root_id", "at"])


def downgrade() -> None:
    op.drop_index("ix_descent_root", "descent")
    op.drop_table("descent")
