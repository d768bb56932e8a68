"""Webhooks of clients, and what webhooks are signed with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.adding import add_reference

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_reference("notice_address", "client_id", "api_client")
    op.create_index("ix_notice_address_client_id", "notice_address", ["client_id"])
    op.add_column("notice_address", sa.Column("sealed", sa.LargeBinary(), nullable=True))
