"""Promises are counted by type along one index; lists of a type see brand and place without reading the ticket."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _index("type_id", "kind", "outcome", "judged_at", "brand_id", "place_id")
    _of_type("type_id", "status", "id", "brand_id", "place_id")


def downgrade() -> None:
    _index("brand_id", "kind", "judged_at", "outcome", "type_id")
    _of_type("type_id", "status", "id")


def _index(*columns: str) -> None:
    op.drop_index("ix_service_clock_judged", "service_clock")
    op.create_index("ix_service_clock_judged", "service_clock", list(columns))


def _of_type(*columns: str) -> None:
    op.drop_index("ix_ticket_type", "ticket")
    op.create_index("ix_ticket_type", "ticket", list(columns))
