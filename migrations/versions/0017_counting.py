"""What the dashboard counts by place and what was urged is read from an index alone."""

from __future__ import annotations

from alembic import op

from migrations.adding import index_where

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_ticket_brand_status", "ticket")
    op.create_index("ix_ticket_brand_status", "ticket", ["brand_id", "status", "id", "place_id"])
    op.drop_index("ix_ticket_urged", "ticket")
    urged = ["owner_id", "urged_at", "status", "brand_id", "place_id"]
    index_where("ix_ticket_urged", "ticket", urged, "urged_at IS NOT NULL")
